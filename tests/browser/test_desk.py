"""The desk in a real browser: nothing for axe to find, the strict CSP unbroken, and a morning of three people."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from recommend.desk import workflow
from recommend.desk.models import AccessEvent, Case
from recommend.desk.submissions.erase import erase
from tests.browser.pictures import take_picture
from tests.browser.states import open_all, press, press_enter
from tests.support.browser import (
    DESKTOP,
    NARROW,
    PHONE,
    end_fades,
    sign_in_browser,
    wider_than_the_window,
)
from tests.support.cases import called, case_like, case_url, new_case, user
from tests.support.people import ALICE, BOB, CHARLIE, DANA

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/staff/desk/case/"


@dataclass(frozen=True)
class State:
    """One page of the desk in one state: what is done to get there from the case or the list that is opened."""

    name: str
    path: Callable[[dict[str, Case]], str]
    after: Callable[[Page, dict[str, Case]], None] | None = None

    def __str__(self) -> str:
        return self.name


def some_cases() -> dict[str, Case]:
    """An urgent one that is late, one in work, one that is stale, one that is done, one that its person deleted."""
    ann, bo = user("ann"), user("bo")
    urgent = case_like(DANA, timedelta(hours=2))
    calm = case_like(BOB, timedelta(hours=30))
    worked = called(case_like(CHARLIE, assignee=bo), bo)
    stale = case_like(BOB, assignee=ann, status="assessed", chosen="php", stale_because="rules")
    done = case_like(ALICE, status="closed")
    erased = case_like()
    erase(erased.submission)
    return {"urgent": urgent, "calm": calm, "worked": worked, "stale": stale, "done": done, "erased": erased}


def search(page: Page, cases: dict[str, Case]) -> None:
    page.fill("[name=text]", "robin")
    press(page, ".search button")
    expect(page.locator("table.cases tbody tr")).to_have_count(len(cases) - 1)


def half_filled(page: Page, cases: dict[str, Case]) -> None:
    open_all(page)
    page.select_option("[name=how]", "call")
    page.check("[name=level][value=php]")
    page.fill("[name=note]", "Typed.")
    press(page, "[name=save]")
    expect(page.locator("#errors")).to_be_focused()
    assert page.title().startswith("Error:")
    assert page.input_value("[name=note]") == "Typed."
    page.click("#errors a >> nth=0")
    assert page.evaluate("document.activeElement.name") == "attempt"


def somebody_else_first(page: Page, cases: dict[str, Case]) -> None:
    called(Case.objects.get(pk=cases["calm"].pk), user("bo"))
    page.fill("[name=note]", "Typed.")
    press(page, "[name=save]")
    expect(page.locator("#conflict-title")).to_be_visible()
    assert page.input_value("[name=note]") == "Typed."


def choose(page: Page, cases: dict[str, Case], *names: str) -> None:
    for name in names:
        page.check(f"tr:has-text('{cases[name].reference}') input.action-select")


def ask(action: str) -> Callable[[Page, dict[str, Case]], None]:
    def asked(page: Page, cases: dict[str, Case]) -> None:
        choose(page, cases, "urgent", "calm")
        page.select_option("[name=action]", action)
        press(page, "button[name=index]")
        expect(page.locator("form.confirm")).to_be_visible()

    return asked


def not_all(page: Page, cases: dict[str, Case]) -> None:
    ask("assign_to_me")(page, cases)
    called(Case.objects.get(pk=cases["calm"].pk), user("bo"))
    press(page, "form.confirm button")
    expect(page.locator("h1")).to_have_text("Not all of it could be done")


def reveal(page: Page, cases: dict[str, Case]) -> None:
    press(page, "[name=reveal]")
    expect(page.get_by_text("I work nights.")).to_be_visible()


STATES = [
    State("first-page", lambda cases: "/staff/"),
    State("list", lambda cases: LIST),
    State("list-done", lambda cases: f"{LIST}?list=done"),
    State("search", lambda cases: "/staff/", search),
    *(
        State(f"case-{name}", lambda cases, name=name: case_url(cases[name]))
        for name in ("urgent", "worked", "stale", "done", "erased")
    ),
    State("case-revealed", lambda cases: case_url(cases["urgent"]), reveal),
    State("case-errors", lambda cases: case_url(cases["calm"]), half_filled),
    State("case-conflict", lambda cases: case_url(cases["calm"]), somebody_else_first),
    *(State(f"confirm-{action}", lambda cases: LIST, ask(action)) for action in ("mark_contacted", "close")),
    State("not-all", lambda cases: LIST, not_all),
]


MAIN = ("first-page", "list", "case-urgent", "case-errors", "case-conflict", "confirm-mark_contacted")
IN_TURN = [state if str(state) in MAIN else pytest.param(state, marks=pytest.mark.slow) for state in STATES]


@pytest.mark.some(3)
@pytest.mark.parametrize("state", IN_TURN, ids=str)
def test_desk_page_passes_the_look(state, new_context, live_server, axe):
    cases = some_cases()
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    page.goto(live_server.url + state.path(cases))
    if state.after:
        state.after(page, cases)
    assert page.locator("h1").count() == 1
    open_all(page)  # axe skips closed ones
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for look, size in (("desktop", DESKTOP), ("phone", PHONE)):
            page.set_viewport_size(size)
            end_fades(page)
            if (look, scheme) in (("desktop", "light"), ("phone", "light"), ("desktop", "dark")):
                axe(page)
            take_picture(page, "desk", f"{state}-{look}-{scheme}")
    assert not wider_than_the_window(page)


def test_the_enter_key_saves_and_reveals_nothing(new_context, live_server):
    case = new_case(BOB)
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    page.goto(live_server.url + case_url(case))
    page.get_by_label("Assign to me").check()
    press_enter(page)
    expect(page.locator(".messagelist")).to_contain_text("saved")
    expect(page.get_by_text("I work nights.")).to_have_count(0)
    assert not AccessEvent.objects.filter(verb="reveal").exists()


@pytest.mark.some(1)
@pytest.mark.parametrize("path", ["change", "print"])
def test_case_page_with_long_typed_words_fits_the_narrowest_phone(path, new_context, live_server):
    case = new_case(
        BOB, {"email": f"{'e' * 60}@{'d' * 60}.example", "safe_times": "s" * 200, "note": "n" * 900}
    )
    workflow.note_attempt(case, user("ann"), "call", "reached", note="w" * 2000)
    workflow.record_disposition(case, user("ann"), "inpatient", "other", "t" * 2000)
    workflow.add_note(case, user("ann"), "https://example.org/" + "u" * 2000)
    context = new_context(viewport=NARROW)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    page.goto(live_server.url + case_url(case).replace("change", path))
    open_all(page)
    assert not wider_than_the_window(page)
    if path == "change":
        press(page, "[name=reveal]")
        expect(page.get_by_text("n" * 900)).to_be_visible()
        assert not wider_than_the_window(page)


@pytest.mark.slow
def test_desk_three_people_work_through_a_morning(new_context, live_server):
    """Two coordinators and a lead: the urgent case is taken, called and disposed; nobody overwrites anybody."""
    urgent = case_like(DANA, timedelta(minutes=40))
    calm = [case_like(BOB, timedelta(hours=hours)) for hours in (5, 3)]

    def at_desk(name: str, role: str = "coordinator") -> Page:
        context = new_context(viewport=DESKTOP)
        sign_in_browser(context, live_server.url, role, name)
        page = context.new_page()
        page.goto(f"{live_server.url}/staff/")
        return page

    ann, bo, lead = at_desk("ann"), at_desk("bo"), at_desk("lea", "clinical lead")

    # The urgent one stands first, and is late. Both open it; Ann takes it.
    first = ann.locator("table.cases tbody tr").first
    expect(first).to_contain_text("Late: not acknowledged for 40 minutes")
    press(ann, "table.cases tbody tr a >> nth=0")
    press(bo, "table.cases tbody tr a >> nth=0")
    ann.get_by_label("Assign to me").check()
    press(ann, "[name=save]")
    expect(ann.locator(".messagelist")).to_contain_text("saved")

    # Bo saves after her: he is told, and what he typed is still there. He leaves it to her, for the next one.
    open_all(bo)
    bo.get_by_label("Assign to me").check()
    bo.fill("[name=note]", "I would have called.")
    press(bo, "[name=save]")
    conflict = bo.locator(".conflict")
    expect(conflict.get_by_role("row").filter(has_text="Assigned to")).to_have_text(
        re.compile("nobody.*ann.*You", re.DOTALL)
    )
    assert bo.input_value("[name=note]") == "I would have called."
    assert Case.objects.get(pk=urgent.pk).assignee.username == "ann"

    # Ann reads what the person wrote, calls, and chooses another level than the recommended one.
    press(ann, "[name=reveal]")
    expect(ann.get_by_text("I work nights.")).to_be_visible()
    ann.get_by_text("Log a contact").first.click()
    ann.select_option("[name=how]", "call")
    ann.select_option("[name=attempt]", "reached")
    ann.get_by_text("Level of care (team)").first.click()
    ann.check("[name=level][value=php]")
    press(ann, "[name=save]")
    expect(ann.locator("#errors")).to_contain_text("Choose a reason")
    ann.select_option("[name=reason]", "more_known")
    ann.fill("[name=text]", "The plan was from last year; the sister stays with her.")
    press(ann, "[name=next]")
    expect(ann.locator("h1")).to_have_text(f"Case {calm[0].reference}")

    # Bo chooses both calm ones from a list that Ann has changed meanwhile.
    bo.goto(f"{live_server.url}{LIST}?list=todo")
    bo.check("#action-toggle")
    bo.select_option("[name=action]", "assign_to_me")
    ann.get_by_label("Assign to me").check()
    press(ann, "[name=save]")
    press(bo, "button[name=index]")
    expect(bo.locator("form.confirm")).to_contain_text("Changed since you chose it")
    press(bo, "form.confirm button")
    expect(bo.locator("#content")).to_contain_text(f"{calm[0].reference} Acknowledged")
    whose = [Case.objects.get(pk=case.pk).assignee.username for case in calm]
    assert whose == ["ann", "bo"]

    # The lead looks at what was decided otherwise, and who has read it, and takes the list home.
    lead.goto(f"{live_server.url}{LIST}?attention=differs")
    press(lead, "#result_list tbody a")
    expect(lead.locator(".case .say")).to_contain_text("The plan was from last year")
    expect(lead.locator("#history")).to_contain_text("recommended was Inpatient evaluation")
    lead.get_by_text("Recently viewed by").click()
    expect(lead.locator("#history details")).to_contain_text("Revealed free text")
    lead.goto(f"{live_server.url}{LIST}?attention=differs")
    lead.check("#action-toggle")
    lead.select_option("[name=action]", "export_csv")
    press(lead, "button[name=index]")
    with lead.expect_download() as download:
        lead.get_by_role("button", name="Download").click()
    assert urgent.reference in download.value.path().read_text(encoding="utf-8-sig")

    out = io.StringIO()
    call_command("verify_audit", stdout=out, stderr=out)
