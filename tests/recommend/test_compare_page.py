"""The page of all levels: a table that says of each cell what it rests on."""

import re

import pytest
from django.test import Client
from django.utils.html import escape, strip_tags

from recommend import content
from recommend.engine import Level
from recommend.templatetags.citations import with_sources
from tests.support.reading import grade


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
    columns = re.findall(r'<th role="columnheader" scope="col">(.*?)</th>', table)
    assert [strip_tags(name) for name in columns[1:]] == [
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
            assert bool(re.search("source|standard", refs)) == (not cell.silent), place
            assert ("sources disagree" in refs) == bool(cell.contradictions), place
            assert ("general practice, not in the sources" in refs) == (cell.standard == "std"), place
            if cell.standard and cell.standard != "std":
                assert f"standard, {cell.standard}" in refs, place
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


def test_compare_page_names_no_answer_and_needs_no_database(html):
    assert "data-level" not in html
    assert 'data-page="info"' in html


def test_the_table_reads_at_grade_8_or_lower(table):
    text = re.sub(r'<span class="refs">.*?</td>', "</td>", table, flags=re.DOTALL)
    assert grade(strip_tags(re.sub(r"</(td|th|b)>", ".\n", text))) <= 8
