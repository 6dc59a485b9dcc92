"""The sheet for the first call on paper: one page, tagged, and something to see on it."""

import re

import pypdfium2
import pytest
from django.conf import settings
from django.test import Client

from recommend.desk.submissions import submit
from tests.browser.pictures import keep_paper, take_picture
from tests.browser.states import bring
from tests.support.browser import PAPERS, pages_of
from tests.support.people import ALICE, BOB, CHARLIE, CONTACT, WELL, checked_draft_for
from tests.support.programs import make_program
from tests.support.results import WORST

pytestmark = pytest.mark.django_db(transaction=True)


EVERY_TIME = [f"{day}_{part}" for day in ("mon", "wed", "fri", "sun") for part in ("morning", "evening")]
LONGEST = BOB.answers | {
    "other_symptoms": "moderate",
    "functioning": "extremely",
    "substance_use": "problems",
    "people": "none",
    "home": ["strain", "unsafe"],
    "trend": "much_worse",
    "crises": "several",
    "recent_treatment": ["weekly", "iop_now"],
    "treatment_fit": "not_enough",
    "how_long": "longer",
    "withdrawal": "craving",
    "free_times": [*EVERY_TIME, "tue_afternoon", "varies"],
}
"""A day program for many reasons, with an unsafe home and free times of which no two days are alike."""

CASES = {
    "outpatient": ALICE.answers,
    "iop": BOB.answers,
    "php": CHARLIE.answers,
    "inpatient-longest": WORST,
    "longest": LONGEST,
    "elsewhere": WELL | {"place": "other"},
}


@pytest.fixture
def open_sheet(new_context, live_server, settings):
    def open_it(answers, sent=True, **options):
        settings.CLINIC_PHONE, settings.CLINIC_HOURS = "(617) 555-0100", "Monday to Friday, 9 to 5"
        client = Client()
        draft = checked_draft_for(client, answers | {"share": "send" if sent else "only_me"})
        if sent:
            submit.submit(draft, {"email": ""} | CONTACT)
        context = new_context(**options)
        bring(context, live_server.url, client.cookies[settings.DRAFT_COOKIE_NAME].value)
        page = context.new_page()
        page.goto(f"{live_server.url}/result/sheet/")
        assert page.locator("body").get_attribute("data-page") == "sheet"
        return page

    return open_it


@pytest.mark.some(3)
@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
@pytest.mark.parametrize("case", CASES)
def test_sheet_is_one_tagged_page_of_letter_or_a4(case, language, open_sheet):
    for level in ("outpatient", "iop", "php", "inpatient"):
        for number in range(4):
            make_program(name=f"The program with quite a long name, number {number}, {level}", level=level)
    page = open_sheet(CASES[case], locale=language)
    for paper, size in PAPERS.items():
        pdf = page.pdf(format=paper, tagged=True)
        keep_paper(pdf, f"sheet-{case}-{language}-{paper}")
        assert pages_of(pdf) == [size]
        assert b"/StructTreeRoot" in pdf
        assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", pdf)
        look_at(pdf)


def look_at(pdf: bytes, down_to: float = 0.75) -> None:
    """Draw the page as a printer would: there is ink on it, down to its end, and none of it is in colour."""
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(rev_byteorder=True)
    dots = bytes(bitmap.buffer)
    lines = [
        dots[at : at + 3 * bitmap.width] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride)
    ]
    with_ink = [number for number, line in enumerate(lines) if min(line) < 128]
    assert bitmap.height * down_to < with_ink[-1] < bitmap.height * 0.97
    assert 0.01 < sum(dot < 128 for dot in dots) / len(dots) < 0.3
    assert all(line[0::3] == line[1::3] == line[2::3] for line in lines)


def test_sheet_with_a_second_page_is_noticed(open_sheet):
    page = open_sheet(ALICE.answers)
    page.evaluate(
        "document.querySelector('.ask').append(...[...Array(30)].map(() => document.createElement('li')))"
    )
    assert len(pages_of(page.pdf(format="A4", tagged=True))) == 2


@pytest.mark.some(1)
@pytest.mark.parametrize("case", ["inpatient-longest", "longest"])
def test_sheet_on_screen_passes_the_look(case, open_sheet, axe):
    page = open_sheet(CASES[case], viewport={"width": 320, "height": 640})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        axe(page)
        take_picture(page, "paper", f"sheet-{case}-{scheme}")
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    small = """() => [...document.querySelectorAll('.sheet a')].filter(a => a.getBoundingClientRect().height < 24)
        .map(a => a.outerHTML)"""
    assert page.evaluate(small) == []


def test_only_what_belongs_on_paper_is_printed(open_sheet):
    page = open_sheet(ALICE.answers)
    page.emulate_media(media="print")
    shown = page.evaluate("document.body.innerText")
    assert "Questions to ask" in shown
    for not_there in ("Leave this site", "Print this page", "Privacy"):
        assert not_there not in shown
