"""Helpers for tests with a real browser: window sizes, keyboard, printed pages, sign-in. Only for tests/browser."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import Error as BetweenPages

from intake.models import SHARED_LIFE, Draft
from tests.browser.states import press_enter
from tests.support.people import Answers, age_by
from tests.support.staff import sign_in

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}


def wider_than_the_window(page: Page) -> bool:
    return page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")


def end_fades(page: Page) -> None:
    """Finish all CSS animations of a page, so that tests see the final colors."""
    page.evaluate("document.getAnimations().forEach(each => each.finish())")


def kind(page: Page) -> str:
    return page.locator("body").get_attribute("data-page")


def path(page: Page) -> str:
    return urlsplit(page.url).path


FOCUSED = """() => {
    const e = document.activeElement;
    const group = e.type === 'radio' ? [...document.getElementsByName(e.name)] : [];
    return {tag: e.tagName, type: e.type || '', name: e.name || '', value: e.value || '', text: e.innerText || '',
        checked: !!e.checked, place: group.indexOf(e), values: group.map(r => r.value),
        seen: e.checkVisibility() && getComputedStyle(e).outlineStyle !== 'none'};
}"""


def by_keyboard(
    page: Page, answers: Answers, words: tuple[str, str] = ("Leave this site", "Skip to content")
) -> None:
    """Answer one page with the keyboard: Tab to move, Space and arrows to choose, Enter on the button to send.

    Args:
        page: the page, just loaded.
        answers: the answers, keyed by question id; other questions are left unanswered.
        words: the texts of the first two links: the one that leaves the site, and the one that skips to the content.
    """
    leave, skip = words
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["text"] == leave
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert focused["text"] == skip
    assert focused["seen"]
    page.keyboard.press("Enter")
    for _ in range(100):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["seen"], focused
        if focused["tag"] == "BUTTON":
            press_enter(page)
            return
        answer = answers.get(focused["name"])
        if focused["type"] == "radio" and answer and not focused["checked"]:
            page.keyboard.press("Space")
            for _ in range(focused["values"].index(answer) - focused["place"]):
                page.keyboard.press("ArrowDown")
            assert page.evaluate(FOCUSED)["value"] == answer
        elif focused["type"] == "checkbox" and focused["value"] in (answer or ()):
            page.keyboard.press("Space")
            assert page.evaluate(FOCUSED)["checked"]
        elif (
            focused["tag"] in ("INPUT", "TEXTAREA")
            and answer
            and focused["type"] not in ("radio", "checkbox")
        ):
            page.keyboard.type(answer)
    raise AssertionError("no button within reach")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that matches a CSS selector has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is out of reach")


def enter_on(page: Page, selector: str) -> None:
    tab_to(page, selector)
    press_enter(page)


def go_back(page: Page) -> None:
    """Go one page back in the history, if there is one, by a script.

    Playwright's ``go_back`` sometimes fails if the browser's back-forward cache is on.
    """
    page.evaluate("() => { window.isLeft = true; setTimeout(() => history.back()); }")
    for _ in range(20):
        page.wait_for_timeout(100)
        with suppress(BetweenPages):
            if not page.evaluate("!!window.isLeft"):
                break
    page.wait_for_load_state()


PAPERS = {"Letter": (612, 792), "A4": (596, 843)}


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Return the width and height of each page of a PDF in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type /Page\b", pdf))
    return [(round(float(width)), round(float(height))) for width, height in boxes]


DIALOG = "#time-ends"


def minutes_before_the_end(draft: Draft, minutes: float) -> None:
    age_by(draft, seconds=(SHARED_LIFE - timedelta(minutes=minutes)).total_seconds())


def sign_in_browser(
    context: BrowserContext, home: str, role: str = "coordinator", name: str | None = None
) -> Any:
    """Sign a browser in as staff and return the user; see ``tests.support.staff.sign_in``.

    Args:
        context: the browser's context.
        home: the URL of the live server.
        role: the role of the user.
        name: the user name; by default that of the role.
    """
    client = Client()
    user = sign_in(client, role, name)
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
    }
    context.add_cookies([cookie | {"url": home, "httpOnly": True, "sameSite": "Strict"}])
    return user


def look(page: Page, axe: Callable[[Page], object]) -> None:
    """Nothing for axe to find, light and dark, and nothing cut off on the narrowest phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        end_fades(page)
        axe(page)
    page.set_viewport_size(NARROW)
    assert not wider_than_the_window(page)
    page.set_viewport_size(DESKTOP)
