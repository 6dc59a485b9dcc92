"""Every page in every state that a person can meet, and how to get there without clicking through the whole way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from intake.models import Draft
from recommend.desk.submissions import submit
from tests.support.people import (
    ALICE,
    BOB,
    CHARLIE,
    CONTACT,
    DANA,
    ERIN,
    SECTIONS,
    WELL,
    Answers,
    checked_draft_for,
    draft_for,
    well_before,
)
from tests.support.walker import section_url

CONTINUE = "[data-form=main] .actions .button"


def press(page: Page, what: str) -> None:
    """Press what leads to another page, and wait for it: a click alone returns while the page is still coming."""
    with page.expect_navigation():
        page.click(what)


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press_continue(page: Page) -> None:
    press(page, CONTINUE)


def choose(page: Page, answers: Answers) -> None:
    """Fill in the main form, as far as it asks for these answers."""
    form = page.locator("[data-form=main]")
    for name, answer in answers.items():
        controls = form.locator(f"[name={name}]:not([type=hidden])")
        if not controls.count():
            continue
        if controls.first.get_attribute("type") not in ("radio", "checkbox"):
            controls.fill(answer)
            continue
        for value in [answer] if isinstance(answer, str) else answer:
            form.locator(f"[name={name}][value='{value}']").check()


def choosing(**answers: Any) -> Callable[[Page], None]:
    def choose_and_continue(page: Page) -> None:
        choose(page, answers)
        press_continue(page)

    return choose_and_continue


def change_behind(page: Page) -> None:
    """In another tab, while the check page is open."""
    draft = Draft.objects.get()
    draft.answers |= {"home": ["strain"], "people": "unreliable"}
    draft.save()
    press_continue(page)


def let_it_end(page: Page) -> None:
    """In another tab, or by the clock."""
    Draft.objects.all().delete()
    press_continue(page)


def open_it_later(page: Page) -> None:
    """A phone that had put the page away loads it again."""
    Draft.objects.all().delete()
    page.reload()


def open_all(page: Page) -> None:
    """Open every fold of a page."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


def change_what_was_sent(page: Page) -> None:
    open_all(page)
    press(page, "form[action='/result/change/'] button")


def look_at_it_again(page: Page) -> None:
    change_what_was_sent(page)
    press(page, ".notice a[href='/result/sent/']")


def without_cookies(page: Page) -> None:
    page.context.clear_cookies()
    press_continue(page)


def broken_database(patch: pytest.MonkeyPatch) -> None:
    def refuse(request: object, lock: bool = False, typed: bool = False) -> None:
        raise OperationalError

    patch.setattr("intake.drafts.get", refuse)


def broken_code(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("intake.sections.questions_page", None)


def broken_engine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("recommend.result.snapshot.rate", None)


def bring(context: BrowserContext, home: str, token: str) -> None:
    """Give the browser the cookie of a draft, as the site does."""
    cookie = {"name": settings.DRAFT_COOKIE_NAME, "value": token, "url": home}
    context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])


@dataclass(frozen=True)
class State:
    """One page in one state.

    Args:
        page: what it says of itself in `data-page`.
        answers: those of the draft; None: there is no draft.
        draft: further fields of the draft; `checked` means "the answers are confirmed".
        sent: the answers were sent to the team.
        after: what the person does on the page.
        fault: what is broken.
        main: represents others of its kind, and is checked in every look.
    """

    name: str
    page: str
    path: str
    answers: Answers | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    sent: bool = False
    after: Callable[[Page], None] | None = None
    fault: Callable[[pytest.MonkeyPatch], None] | None = None
    main: bool = False

    def __str__(self) -> str:
        return self.name

    def open(self, context: BrowserContext, home: str, patch: pytest.MonkeyPatch) -> Page:
        """The page in this state, in a tab of its own."""
        if self.answers is not None:
            bring(context, home, self.token())
        if self.fault:
            self.fault(patch)
        page = context.new_page()
        page.goto(home + self.path)
        if self.after:
            self.after(page)
        assert page.locator("body").get_attribute("data-page") == self.page
        return page

    def token(self) -> str:
        client = Client()
        fields = {name: value for name, value in self.draft.items() if name != "checked"}
        make = checked_draft_for if self.sent or self.draft.get("checked") else draft_for
        draft = make(client, self.answers, **fields)
        if self.sent:
            submit.submit(draft, {"email": ""} | CONTACT)
        return client.cookies[settings.DRAFT_COOKIE_NAME].value


def empty(section: str) -> State:
    """A page of questions as it is first seen."""
    answers = well_before(section) or None
    return State(section, "section", section_url(section), answers, main=section in ("about", "safety"))


def with_errors(section: str) -> State:
    answers = well_before(section) or None
    return State(
        f"{section}-errors",
        "section",
        section_url(section),
        answers,
        after=press_continue,
        main=section == "about",
    )


def result(name: str, answers: Answers, **rest: Any) -> State:
    draft = {"checked": True}
    return State(
        f"result-{name}", "result", "/result/", answers | {"share": "only_me"}, draft, main=True, **rest
    )


TOOK_BACK = {"crisis_shown": ["suicide"], "crisis_given": [["suicidal_now", "yes"]]}
SEND = WELL | {"share": "send"}
MANY_UNKNOWN = WELL | {
    "wish_dead": "skip",
    "suicidal_now": "no",
    "nervous": "unsure",
    "other_symptoms": "unsure",
    "functioning": "unsure",
    "substance_use": "skip",
    "withdrawal": "unsure",
    "people": "unsure",
    "home": ["unsafe"],
    "nights": "unsure",
    "weekly_hours": "unsure",
}

STATES = [
    State("start", "start", "/", main=True),
    *(empty(section) for section in SECTIONS),
    *(with_errors(section) for section in SECTIONS),
    State("about-answered", "section", "/answers/1/", WELL | {"emergency": ["drunk_high"]}),
    State("safety-helper", "section", "/answers/2/", well_before("safety") | {"who": "with_help"}),
    State("safety-answered", "section", "/answers/2/", DANA.answers),
    State(
        "safety-opened",
        "section",
        "/answers/2/",
        well_before("harm") | {"past_attempt": "yes", "suicidal_week": "yes"},
    ),
    State(
        "harm-opened", "section", "/answers/2-2/", well_before("mind") | {"harm_others": "urges"}, main=True
    ),
    State("health-opened", "section", "/answers/5/", well_before("support") | {"also": ["stopped"]}),
    State("gone", "gone", "/answers/3/", WELL, after=let_it_end),
    State("about-after-all-is-over", "section", "/answers/3/", WELL, after=open_it_later),
    State("schedule-answered", "section", "/answers/8/", WELL),
    State("crisis", "crisis", "/help-now/", main=True),
    State("crisis-britain", "crisis", "/help-now/", {"place": "gb"}),
    State("crisis-elsewhere", "crisis", "/help-now/", {"place": "other"}),
    State("check", "check", "/answers/check/", WELL),
    State("check-changed-meanwhile", "check", "/answers/check/", WELL, after=change_behind),
    State("check-crisis-changed", "check", "/answers/check/", WELL, TOOK_BACK),
    State(
        "check-crisis-changed-errors",
        "check",
        "/answers/check/",
        WELL,
        TOOK_BACK,
        after=press_continue,
        main=True,
    ),
    State("share", "share", "/answers/sharing/", WELL, {"checked": True}, main=True),
    State("share-errors", "share", "/answers/sharing/", WELL, {"checked": True}, after=press_continue),
    State("contact", "contact", "/contact/", SEND | {"home": ["unsafe"]}, {"checked": True}),
    State("contact-errors", "contact", "/contact/", SEND, {"checked": True}, after=press_continue, main=True),
    result("alice-outpatient", ALICE.answers),
    result("bob-iop", BOB.answers),
    result("charlie-php", CHARLIE.answers),
    result("dana-inpatient", DANA.answers),
    result("many-unknown", MANY_UNKNOWN),
    State("result-erin-sent", "result", "/result/", ERIN.answers | {"share": "send"}, sent=True),
    State(
        "check-changing",
        "check",
        "/result/",
        ERIN.answers | {"share": "send"},
        sent=True,
        after=change_what_was_sent,
    ),
    State(
        "result-changing",
        "result",
        "/result/",
        ERIN.answers | {"share": "send"},
        sent=True,
        after=look_at_it_again,
    ),
    State(
        "result-person-must-look",
        "result",
        "/result/",
        WELL | {"share": "only_me"},
        {"checked": True},
        fault=broken_engine,
    ),
    State("save", "info", "/save/", WELL),
    State("stopped", "info", "/stopped-for-now/"),
    *(
        State(f"help-{number}", "stop", f"/where-to-get-help/{number}/", main=number == 1)
        for number in (1, 2, 3)
    ),
    State("save-code", "info", "/save/", WELL, after=press_continue),
    State("come-back", "info", "/come-back/"),
    State("come-back-errors", "info", "/come-back/", after=press_continue),
    State("delete", "info", "/delete/"),
    State("delete-errors", "info", "/delete/", after=press_continue),
    State("deleted", "info", "/delete/", WELL, after=press_continue),
    State("openings-gone", "info", "/openings/no-such-link/"),
    State("levels-of-care", "info", "/levels-of-care/"),
    State("privacy", "info", "/privacy/"),
    State("accessibility", "info", "/accessibility/"),
    State("staying-private", "info", "/staying-private/"),
    State("safety-plan", "info", "/plan/"),
    State("where-sources-disagree", "info", "/where-sources-disagree/"),
    State("about-this-guide", "info", "/about/"),
    State("proof", "info", "/proof/"),
    State("try-it", "info", "/try-it/"),
    State("try-it-answered", "info", "/try-it/", after=choosing(**CHARLIE.answers)),
    State("try-it-danger", "info", "/try-it/", after=choosing(**DANA.answers)),
    State("try-it-errors", "info", "/try-it/", after=choosing(emergency=["none", "drunk_high"])),
    State("stop-other", "stop", "/answers/1/", after=choosing(who="other"), main=True),
    State("stop-13-17", "stop", "/answers/1/", after=choosing(age="13_17")),
    State("stop-under-13", "stop", "/answers/1/", after=choosing(age="under_13")),
    State("error-404", "error", "/no-such-page/", main=True),
    State("error-csrf", "error", "/answers/1/", after=without_cookies),
    State("error-500", "error", "/answers/1/", fault=broken_code),
    State("error-503", "error", "/answers/1/", fault=broken_database),
]
