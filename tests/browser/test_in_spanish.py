"""The whole way in Spanish: narrow phone, keyboard alone, no scripts, two browsers, down to deleting it."""

import pytest
from playwright.sync_api import BrowserContext, Page

from intake.models import Draft
from recommend.desk.models import Case
from tests.support.browser import PAPERS, by_keyboard, enter_on, kind, pages_of, path
from tests.support.languages import english_in
from tests.support.people import ALICE, CONTACT

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("Salir de este sitio", "Ir al contenido")
ANSWERS = ALICE.answers | CONTACT | {"share": "send"}


@pytest.fixture
def phone(new_context):
    """Every page that it opens is looked at."""

    def open_phone() -> Page:
        context: BrowserContext = new_context(
            java_script_enabled=False, viewport={"width": 320, "height": 640}, locale="es-US"
        )
        return context.new_page()

    return open_phone


def looked_at(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "es"
    assert english_in(page.content(), "es") == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def answer(page: Page, until: str) -> None:
    for _ in range(20):
        looked_at(page)
        if until in (path(page), kind(page)):
            return
        by_keyboard(page, ANSWERS, WORDS)
    raise AssertionError(f"no way to {until}")


@pytest.mark.slow
def test_spanish_journey_save_return_print_and_delete_works(neutral_site, phone, live_server):
    first = phone()
    first.goto(live_server.url)
    answer(first, until="/answers/5/")
    enter_on(first, "[name=save]")
    looked_at(first)
    enter_on(first, "[data-form=main] .button")
    looked_at(first)
    code = first.locator(".code").inner_text()
    enter_on(first, "[name=stop]")
    looked_at(first)
    enter_on(first, ".leave")
    assert first.title() == "An encyclopedia"

    second = phone()
    second.goto(live_server.url)
    enter_on(second, "a[href='/come-back/']")
    looked_at(second)
    by_keyboard(second, {"code": code}, WORDS)
    assert path(second) == "/answers/5/"
    answer(second, until="result")
    assert second.locator("[data-level]").get_attribute("data-level") == ALICE.level
    enter_on(second, "a[href='/result/sheet/']")
    looked_at(second)
    for paper, size in PAPERS.items():
        assert pages_of(second.pdf(format=paper, tagged=True)) == [size]

    enter_on(second, "footer a[href='/delete/']")
    looked_at(second)
    enter_on(second, "[name=here]")
    looked_at(second)
    assert Case.objects.get().erased_at
    assert not Draft.objects.exists()
