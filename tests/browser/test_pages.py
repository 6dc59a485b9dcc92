"""Every page in every state: nothing for axe to find, nothing cut off, errors that lead to their controls."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from tests.browser.pictures import take_picture
from tests.browser.states import STATES, State
from tests.support.browser import DESKTOP, NARROW, PHONE, wider_than_the_window

pytestmark = pytest.mark.django_db(transaction=True)

IN_TURN = [state if state.main else pytest.param(state, marks=pytest.mark.slow) for state in STATES]
"""Every state; `make test` looks at the main ones only."""


@pytest.fixture
def open_state(new_context, live_server, monkeypatch):
    def open_it(state: State, **options: object) -> Page:
        return state.open(new_context(viewport=PHONE, **options), live_server.url, monkeypatch)

    return open_it


@pytest.mark.some(8)
@pytest.mark.parametrize("state", IN_TURN, ids=str)
def test_patient_page_passes_the_look(state, open_state, axe):
    """One visit for all that only needs to look: to open a page costs more than to look at it."""
    page = open_state(state)
    take_picture(page, "phone-first-screen", state.name, full_page=False)
    take_picture(page, "phone-light-as-it-comes", state.name)
    page.evaluate(
        "document.querySelectorAll('details').forEach(each => each.open = true)"
    )  # axe skips closed ones
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for look, size in (("phone", PHONE), ("desktop", DESKTOP)):
            page.set_viewport_size(size)
            if state.main or (look, scheme) == ("phone", "light"):
                axe(page)
            take_picture(page, f"{look}-{scheme}", state.name)
    page.set_viewport_size(NARROW)
    assert not wider_than_the_window(page)
    assert page.locator("a").first.inner_text() == "Leave this site"
    assert page.locator("h1").count() == 1
    if state.name.endswith("-errors"):
        errors_lead_to_their_controls(page)


@pytest.mark.some(5)
@pytest.mark.parametrize("state", IN_TURN, ids=str)
def test_a_page_in_spanish_fits_a_narrow_phone(state, open_state, axe):
    """Its words are longer than the English ones."""
    page = open_state(state, locale="es-MX")
    assert page.locator("html").get_attribute("lang") == "es"
    page.set_viewport_size(NARROW)
    take_picture(
        page, "spanish-narrow", state.name
    )  # the longest pages, opened, are more than a picture holds
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert not wider_than_the_window(page)
    assert page.locator("a").first.inner_text() == "Salir de este sitio"
    if state.main:
        axe(page)


def errors_lead_to_their_controls(page: Page) -> None:
    """The summary has the focus when the page has come; each link in it moves the focus to its control, in view."""
    assert page.title().startswith("Error:")
    expect(page.locator("#error-summary")).to_be_focused()
    links = page.locator("#error-summary a")
    assert links.count()
    for index in range(links.count()):
        target = links.nth(index).get_attribute("href")[1:]
        links.nth(index).click()
        assert page.evaluate("document.activeElement.id") == target
        assert is_in_view(page, target)


def is_in_view(page: Page, id: str) -> bool:
    """Whether nothing that stays at the top of the window covers the control."""
    return page.evaluate(
        """id => {
            const box = document.getElementById(id).getBoundingClientRect();
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return !!hit && (hit.id === id || hit.contains(document.getElementById(id)));
        }""",
        id,
    )


def test_look_finds_planted_mistakes(open_state):
    """The checks of this file see what they are for."""
    page = open_state(STATES[0])
    page.set_viewport_size(NARROW)
    page.evaluate("document.body.append(document.createElement('hr'))")
    page.evaluate("document.querySelector('hr').style.width = '400px'")
    assert wider_than_the_window(page)


def named(name: str) -> State:
    return next(state for state in STATES if state.name == name)


def test_the_widest_codes_fit_the_narrowest_phone(open_state):
    """Each is drawn at random: most fit in any case."""
    page = open_state(named("result-erin-sent"))
    page.set_viewport_size(NARROW)
    page.evaluate(
        "document.querySelectorAll('.reference').forEach(e => e.textContent = e.textContent.replace(/\\w/g, 'W'))"
    )
    assert "WWWW-WWWW-WWWW-WWWW" in page.locator(".reference").all_inner_texts()
    assert not wider_than_the_window(page)


def picture(control: Locator) -> bytes:
    control.evaluate("element => element.scrollIntoView({block: 'center'})")
    return control.page.screenshot(clip=control.bounding_box())


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["about-answered", "schedule-answered"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chosen_option_in_forced_colors_looks_chosen(name, scheme, open_state):
    page = open_state(named(name), forced_colors="active", color_scheme=scheme)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    for kind in ("radio", "checkbox"):
        chosen = page.locator(f"[data-form=main] [type={kind}]:checked").first
        if not chosen.count():
            continue
        other = page.locator(f"[data-form=main] [type={kind}]:not(:checked)").first
        assert picture(chosen) != picture(other)
        border = "element => getComputedStyle(element.closest('label')).outlineStyle"
        assert chosen.evaluate(border) == "solid"
        assert other.evaluate(border) == "none"


def test_focus_and_buttons_in_forced_colors_are_visible(open_state):
    page = open_state(named("safety"), forced_colors="active")
    page.keyboard.press("Tab")
    style = page.evaluate(
        "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert style == ["solid", "3px"]
    button = page.locator("[data-form=main] button")
    assert button.evaluate("element => getComputedStyle(element).borderStyle") == "solid"


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["start", "safety", "contact-errors", "result-dana-inpatient", "check"])
def test_wider_text_spacing_cuts_nothing_off(name, open_state):
    """WCAG 1.4.12, at phone width."""
    page = open_state(named(name))
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
          word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
        document.adoptedStyleSheets = [sheet]; }"""
    )
    assert not wider_than_the_window(page)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('a, button, label, legend, p, h1, h2, dt, dd')]
            .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden')
            .filter(e => !e.matches('.away, .skip')).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert cut == []


def test_screenshots_are_not_part_of_the_project_but_for_a_few_small_ones():
    assert "/screenshots/" in Path(settings.BASE_DIR / ".gitignore").read_text().splitlines()
    pictures = list((settings.BASE_DIR / "docs" / "screenshots").iterdir())
    pages = [settings.BASE_DIR / "README.md", settings.BASE_DIR / "docs" / "desk.md"]
    shown = "".join(page.read_text() for page in pages)
    assert len(pictures) <= 5
    for picture in pictures:
        assert picture.stat().st_size <= 150_000
        assert f"screenshots/{picture.name}" in shown
