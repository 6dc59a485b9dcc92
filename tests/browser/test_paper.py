"""A case on paper: Letter and A4, tagged, no colour, and nothing of the screen around it."""

import re

import pypdfium2
import pytest

from tests.browser.pictures import keep_paper, take_picture
from tests.browser.states import press
from tests.support.browser import PAPERS, pages_of, sign_in_browser
from tests.support.cases import new_case
from tests.support.people import ALICE, BOB, Person
from tests.support.results import WORST

pytestmark = pytest.mark.django_db(transaction=True)

CASES = {"least": ALICE, "usual": BOB, "most": Person("most", "inpatient", [], differs=WORST)}


@pytest.fixture
def open_paper(new_context, live_server):
    def open_it(person, **options):
        case = new_case(person)
        context = new_context(**options)
        sign_in_browser(context, live_server.url)
        page = context.new_page()
        page.goto(f"{live_server.url}/staff/desk/case/{case.pk}/print/")
        return page, case

    return open_it


@pytest.mark.parametrize("name", CASES)
def test_printed_result_is_short_tagged_and_without_color(name, open_paper):
    page, _ = open_paper(CASES[name], color_scheme="dark")
    for paper, size in PAPERS.items():
        pdf = page.pdf(format=paper, tagged=True)
        keep_paper(pdf, f"case-{name}-{paper}")
        sizes = pages_of(pdf)
        assert set(sizes) == {size}
        assert 1 < len(sizes) <= 5
        assert b"/StructTreeRoot" in pdf
        assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", pdf)
        for sheet in pypdfium2.PdfDocument(pdf):
            assert_black_on_white(sheet.render(rev_byteorder=True))


def assert_black_on_white(bitmap):
    dots = bytes(bitmap.buffer)
    for at in range(0, bitmap.stride * bitmap.height, bitmap.stride):
        line = dots[at : at + 3 * bitmap.width]
        assert line[0::3] == line[1::3] == line[2::3]
    assert 0.003 < sum(dot < 128 for dot in dots) / len(dots) < 0.3


def test_printed_result_has_what_belongs_on_paper(open_paper):
    page, case = open_paper(BOB)
    page.emulate_media(media="print")
    shown = page.evaluate("document.body.innerText")
    for words in (
        case.reference,
        "by coordinator",
        "Robin Example",
        "after 6 pm",
        "Areas",
    ):
        assert words in shown
    for not_there in ("I work nights.", "Log out", "Back to the case", "Sheet to print", "Update this case"):
        assert not_there not in shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_styles_change_nothing_on_screen(scheme, open_paper, axe):
    page, _ = open_paper(CASES["most"], color_scheme=scheme, viewport={"width": 390, "height": 844})
    axe(page)
    take_picture(page, "paper", f"case-{scheme}")
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_other_pages_print_well(width, open_paper, live_server, new_context, axe):
    """The question before an export, and the log: nothing that axe finds."""
    page, case = open_paper(BOB, viewport={"width": width, "height": 844})
    page.goto(f"{live_server.url}/staff/desk/case/?list=all")
    page.check(f"[name=_selected_action][value='{case.pk}']")
    page.select_option("[name=action]", "export_csv")
    press(page, "button[name=index]")
    axe(page)
    take_picture(page, "paper", f"export-{width}")
    context = new_context(viewport={"width": width, "height": 844})
    sign_in_browser(context, live_server.url, "clinical lead")
    log = context.new_page()
    log.goto(f"{live_server.url}/staff/desk/accessevent/")
    axe(log)
    take_picture(log, "paper", f"log-{width}")
    log.fill("[name=from]", "2026-01-01")
    press(log, ".days input[type=submit]")
    assert "from=2026-01-01" in log.url
    axe(log)
