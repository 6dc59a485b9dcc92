"""A case on paper: Letter and A4, tagged, no colour, and nothing of the screen around it."""

import re

import pypdfium2
import pytest

from intake.models import Submission
from recommend.desk import workflow
from recommend.desk.models import Case
from tests.browser.pictures import keep_paper, take_picture
from tests.browser.states import press
from tests.support.browser import PAPERS, pages_of, sign_in_browser
from tests.support.cases import new_case, user
from tests.support.people import ALICE, BOB, Person
from tests.support.results import WORST

pytestmark = pytest.mark.django_db(transaction=True)

CASES = {"least": ALICE, "usual": BOB, "most": Person("most", "inpatient", [], differs=WORST)}
LONG = {"name": "Wolfeschlegelsteinhausen " * 4, "safe_times": "not at work, " * 15, "access_needs": "slowly, " * 24,
        "leave_message": "no", "language": "Vietnamese and some English"}  # fmt: skip


def long_case() -> Case:
    """The most that a sheet can have: every danger, much unknown, long words of the person, many attempts."""
    unknown = {"suicidal_now": "skip", "nervous": "unsure", "functioning": "unsure", "people": "unsure",
               "substance_use": "skip", "home": ["unsafe"]}  # fmt: skip
    case = new_case(Person("longest", "inpatient", [], differs=WORST | unknown), LONG)
    Submission.objects.update(language="es")
    for how in ("call", "text", "email") * 3:
        workflow.note_attempt(case, user("a.long.sign-in.name@clinic.example"), how, "wrong", confirmed=True)
    return case


@pytest.fixture
def open_paper(new_context, live_server):
    def open_it(person, **options):
        case = new_case(person) if person else long_case()
        context = new_context(**options)
        sign_in_browser(context, live_server.url)
        page = context.new_page()
        page.goto(f"{live_server.url}/staff/desk/case/{case.pk}/print/")
        return page, case

    return open_it


@pytest.mark.some(1)
@pytest.mark.parametrize("name", [*CASES, "longest"])
def test_call_sheet_is_one_page_tagged_and_without_color(name, open_paper):
    page, _ = open_paper(CASES.get(name), color_scheme="dark")
    for paper, size in PAPERS.items():
        pdf = page.pdf(format=paper, tagged=True)
        keep_paper(pdf, f"case-{name}-{paper}")
        assert pages_of(pdf) == [size]
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


def test_call_sheet_has_who_why_what_to_say_what_was_tried_and_what_is_next(open_paper):
    page, case = open_paper(None)
    page.emulate_media(media="print")
    shown = " ".join(page.evaluate("document.body.innerText").split())
    for words in (case.reference, "by coordinator", "Wolfeschlegelsteinhausen", "(617) 555-0100", "No messages",
                  "not at work", "danger of suicide", "Next: Review, ", "First questions:",
                  "What to ask (no clinical lead",
                  "Of concern, in their answers", "Called: Wrong number or address", "6 earlier, in the case",
                  "This call", "No answer Left a message Reached Wrong number"):  # fmt: skip
        assert words in shown, words
    for not_there in ("I work nights.", "Log out", "Back to the case", "Call sheet to print", "What to do"):
        assert not_there not in shown, not_there


def test_call_sheet_leaves_room_to_write(open_paper):
    page, _ = open_paper(None, viewport={"width": 794, "height": 1123})
    page.emulate_media(media="print")
    assert page.locator(".paper .lines").bounding_box()["height"] > 100


@pytest.mark.some(1)
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
