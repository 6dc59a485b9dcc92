"""The page of all levels: a table that says of each cell what it rests on."""

import re

import pytest
from django.test import Client
from django.utils.html import escape, strip_tags

from recommend import content
from recommend.desk.submissions import submit
from recommend.engine import Level
from recommend.templatetags.citations import with_sources
from tests.support.database import gone
from tests.support.people import BOB, CHARLIE, CONTACT, DANA, WELL, checked_draft_for, draft_for
from tests.support.reading import grade
from tests.support.results import UNSURE


@pytest.fixture(scope="module")
def html() -> str:
    response = Client().get("/levels-of-care/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(scope="module")
def table(html: str) -> str:
    return html.partition("<table")[2].partition("</table>")[0]


@pytest.fixture(scope="module")
def rows(table: str) -> list[str]:
    return re.findall(r'<tr role="row">(.*?)</tr>', table.partition("<tbody")[2], re.DOTALL)


def cells(row: str) -> list[str]:
    return re.findall(r'<td role="cell".*?>(.*?)</td>', row, re.DOTALL)


def test_compare_page_table_has_caption_and_headers(table, rows):
    assert "<caption" in table
    columns = re.findall(r'<th role="columnheader" scope="col"[^>]*>(.*?)</th>', table, re.DOTALL)
    assert [strip_tags(name).strip() for name in columns[1:]] == [
        str(level.short) for level in content.continuum().levels
    ]
    named = [re.findall(r'<th role="rowheader" scope="row">(.*?)</th>', row) for row in rows]
    assert named == [[escape(str(row.name))] for row in content.continuum().rows]


def test_every_row_has_one_cell_for_each_level_that_names_its_level(rows):
    shorts = [str(level.short) for level in content.continuum().levels]
    for row in rows:
        assert re.findall(r'<b class="level" aria-hidden="true">(.*?)</b>', row) == shorts


def test_every_cell_says_what_it_rests_on_or_that_nothing_says_it(rows):
    for row, html in zip(content.continuum().rows, rows, strict=True):
        for level, shown in zip(Level, cells(html), strict=True):
            cell = row.cells[level.id]
            assert escape(str(cell.text)) in shown
            refs = " ".join(strip_tags(shown.partition('class="refs"')[2]).split())
            place = f"{row.id}, {level.id}"
            assert bool(re.search("source|standard|practice", refs)) == (not cell.silent), place
            assert ("the documents disagree" in refs) == ("≠" in refs) == bool(cell.contradictions), place
            practice = cell.standard == "std"
            assert ("usual clinical practice, not in the documents" in refs) == ("*" in refs) == practice, (
                place
            )
            if cell.standard and not practice:
                number = list(content.sources().documents).index(cell.standard) + 1
                assert f"standard {number}" in refs, place
            assert bool(re.search(r"sources? \d", refs)) == bool(cell.facts), place


def test_the_number_of_a_source_is_the_number_of_its_document_in_the_list(html):
    titles = [document.title for document in content.sources().documents.values()]
    listed = re.findall(r"<li>(.*?)</li>", html.partition("<ol>")[2].partition("</ol>")[0], re.DOTALL)
    assert len(listed) == len(titles)
    for line in with_sources(content.continuum(), content.sources()):
        for each in line.cells:
            for cited in each.cited:
                assert cited.document.title == titles[cited.number - 1]
                assert escape(cited.document.title) in listed[cited.number - 1]


def test_each_cell_cites_the_sections_of_its_own_facts_once():
    facts = content.sources().facts
    for line in with_sources(content.continuum(), content.sources()):
        for each in line.cells:
            expected = {(facts[id].document.id, str(facts[id].section)) for id in each.cell.facts}
            found = [(cited.document.id, str(section)) for cited in each.cited for section in cited.sections]
            assert len(found) == len(set(found))
            assert set(found) == expected
            assert [cited.number for cited in each.cited] == sorted(cited.number for cited in each.cited)


def test_disagreements_say_who_says_what_and_what_is_done(html):
    shown = {
        id for row in content.continuum().rows for cell in row.cells.values() for id in cell.contradictions
    }
    assert shown
    for id in shown:
        contradiction = content.sources().contradictions[id]
        assert escape(str(contradiction.resolution)) in html
        assert all(escape(str(value.says)) in html for value in contradiction.values)


def test_no_price_no_rate_of_success_no_inline_style(html):
    text = strip_tags(html)
    assert not re.search(r"\$\s?\d|\d\s?%", text)
    assert "style=" not in html
    assert "<script" not in html


MILD = WELL | {"other_symptoms": "mild"}
SUGGESTED = [(MILD, "outpatient"), *((person.answers, person.level) for person in (BOB, CHARLIE, DANA))]


@pytest.mark.django_db
@pytest.mark.parametrize(("answers", "level"), SUGGESTED, ids=[level for _answers, level in SUGGESTED])
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "kept"])
def test_the_level_on_the_persons_result_is_marked_and_shown_first(answers, level, is_sent):
    client = Client()
    draft = checked_draft_for(client, answers | {"share": "send" if is_sent else "only_me"})
    if is_sent:
        submit.submit(draft, CONTACT | {"email": ""})
    html = client.get("/levels-of-care/").content.decode()
    heads = re.findall(r'<th role="columnheader" scope="col"[^>]*class="([^"]+)"', html)
    marked = [level.id for level, classes in zip(Level, heads, strict=True) if "own-level" in classes]
    assert marked == [level]
    assert html.count("(on your result)") == 1
    assert f"<b>Your result: {content.continuum().level(level).short}</b>" in html
    assert len(re.findall(r"<td[^>]*own-level", html)) == len(content.continuum().rows)
    (pair,) = re.findall(r"<input[^>]* checked>\s*<span>(.*?)</span>", html)
    assert str(content.continuum().level(level).short) in pair


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [WELL, UNSURE], ids=["no need", "little is known"])
def test_no_level_is_marked_where_the_result_suggests_none(client, answers):
    checked_draft_for(client, answers | {"share": "only_me"})
    assert "data-level" in client.get("/result/").content.decode()
    assert "own-level" not in client.get("/levels-of-care/").content.decode()


@pytest.mark.django_db
def test_no_level_is_marked_before_there_is_a_result(client):
    draft_for(client, DANA.answers)
    assert "own-level" not in client.get("/levels-of-care/").content.decode()


@pytest.mark.django_db
def test_without_a_database_no_level_is_marked(client):
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    assert "own-level" in client.get("/levels-of-care/").content.decode()
    with gone():
        assert "own-level" not in client.get("/levels-of-care/").content.decode()


def test_compare_page_names_no_answer_and_needs_no_database(html):
    assert "data-level" not in html
    assert 'data-page="info"' in html


def test_the_table_reads_at_grade_8_or_lower(table):
    text = re.sub(r'<span class="refs">.*?</td>', "</td>", table, flags=re.DOTALL)
    assert grade(strip_tags(re.sub(r"</(td|th|b)>", ".\n", text))) <= 8
