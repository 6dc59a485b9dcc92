"""The page of a case: what it shows, what it keeps behind a click, what it saves, and two people on one case."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.models import Submission
from recommend import content
from recommend.desk import next_steps, workflow
from recommend.desk.models import Case, CaseChange, CaseStatus, ContactAttempt, Disposition, Note
from recommend.desk.pages import case_page
from recommend.desk.submissions.erase import erase
from tests.support.cases import at_desk, called, case_like, case_url, may_only_look, new_case, user
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CONTACT, DANA
from tests.support.submissions import WELL_IN_2026_1, send_again, send_answers, stored_under

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


@pytest.fixture
def bo(db) -> Client:
    return at_desk("bo")


HARBOR = {"elsewhere": "Harbor", "starts_on": f"{timezone.localdate() + timedelta(days=1)}"}
"""A place outside the list, with its start."""


def html_of(client: Client, case: Case) -> str:
    response = client.get(case_url(case))
    assert response.status_code == 200
    return response.content.decode()


def as_shown(html: str) -> dict[str, str]:
    """The hidden fields of the form, as a browser sends them back."""
    found = re.findall(r'<input type="hidden" name="(version|since)" value="(\d+)"', html)
    assert len(found) == 2
    return dict(found)


def save(client: Client, case: Case, button: str = "save", seen: dict[str, str] | None = None, **fields: str):
    return client.post(case_url(case), {**(seen or as_shown(html_of(client, case))), **fields, button: "1"})


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# ---- what it shows


def test_case_page_shows_recommendation_reasons_questions_and_contact(ann):
    html = html_of(ann, new_case(BOB))
    for words in ("Recommended", "weekly-not-enough", "Which answers the level depends on", "Areas", "Robin Example",
                  "(617) 555-0100", "after 6 pm", "Only a first name and a number", "Sent by the person"):  # fmt: skip
        assert words in html


def test_why_it_is_a_crisis_and_what_was_shown_is_told_in_words(ann):
    worse = {
        "self_care": "stopped",
        "home": ["unsafe"],
        "past_attempt": "yes",
        "last_attempt": "past_3_months",
    }
    html = html_of(ann, new_case(replace(DANA, differs=DANA.differs | worse)))
    facts = dict(re.findall(r"<dt>([^<]*)</dt>\s*<dd[^>]*>([^<]*)</dd>", html))
    (why,) = re.findall(r"<strong>Now</strong>([^<]*)</span>", html)
    assert "danger of suicide" in why
    assert "basic needs not met" in why
    assert "help where home is not safe" in facts["Shown to the person"]
    for words in (why, facts["Shown to the person"]):
        assert "_" not in words


FIRST_QUESTIONS = (
    "First questions: Guns or pills in reach? Pregnant? Children in the home? Last drink or pill?"
)
SOMEONE_ELSE = "Someone else may be in danger: who?"


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({}, []),
        (BOB.differs, []),
        (DANA.differs, [FIRST_QUESTIONS]),
        ({"harm_others": "urges", "guns": "no"}, [SOMEONE_ELSE, FIRST_QUESTIONS]),
        ({"harm_others": "may_act", "guns": "reach"}, [SOMEONE_ELSE, FIRST_QUESTIONS]),
        ({"emergency": ["about_to_others"], "guns": "skip"}, [SOMEONE_ELSE, FIRST_QUESTIONS]),
    ],
)
def test_what_the_team_must_ask_first_stands_at_the_top(ann, differs, said):
    html = html_of(ann, new_case(replace(ALICE, differs=differs)))
    assert [
        " ".join(words.split()) for words in re.findall(r'<p class="do">(.*?)</p>', html, re.DOTALL)
    ] == said


def test_every_answer_to_a_list_question_is_shown(ann):
    html = html_of(
        ann,
        new_case(replace(ALICE, differs={"home": ["strain", "no_home"], "also": ["sedatives", "overdose"]})),
    )
    answers = html.partition(">Answers</h2>")[2]
    for question, option in (
        ("home", "strain"),
        ("home", "no_home"),
        ("also", "sedatives"),
        ("also", "overdose"),
    ):
        wording = content.questionnaire("2026.2").wordings[question]
        assert f"<span>{wording.options[option]['en']}</span>" in answers


def test_a_case_of_an_older_version_shows_what_was_shown_then(ann):
    answers = WELL_IN_2026_1 | {"home": "unsafe", "recent_treatment": "iop_not_enough"}
    case = stored_under("2026.1", answers)
    html = html_of(ann, case)
    assert "Rule set 2026.1, questions 2026.1." in html
    asked = content.questionnaire("2026.1").wordings
    for question in ("home", "recent_treatment"):
        assert f"<span>{asked[question].options[answers[question]]['en']}</span>" in html
    assert "help where home is not safe" in html


def test_the_title_holds_nothing_but_the_reference(ann):
    case = new_case(DANA)
    [title] = re.findall(r"<title>(.*?)</title>", html_of(ann, case), re.DOTALL)
    assert title.strip() == f"Case {case.reference} | carenav desk"


def test_free_text_of_the_person_needs_a_click_and_what_was_typed_stays(ann):
    case = new_case()
    html = html_of(ann, case)
    assert CONTACT["note"] not in html
    assert "Show what the person wrote" in html
    response = save(ann, case, "reveal", note="half a thought", how="call")
    html = response.content.decode()
    assert response.status_code == 200
    assert CONTACT["note"] in html
    assert "half a thought" in html
    assert '<option value="call" selected>' in html
    assert 'class="errorlist"' not in html
    assert not Note.objects.exists()
    assert now(case).version == 1


def test_case_page_for_read_only_users_has_no_form_and_no_reveal(ann):
    case = new_case()
    may_only_look(user("ann"))
    html = html_of(ann, case)
    assert 'id="case-form"' not in html
    assert CONTACT["note"] not in html
    for button in ("save", "reveal"):
        assert save(ann, case, button, seen={"version": "1", "since": "0"}).status_code == 403


def test_case_page_without_permission_is_refused(ann):
    case = new_case()
    user("ann").groups.clear()
    assert ann.get(case_url(case)).status_code == 403
    assert ann.get("/staff/desk/case/").status_code == 403
    assert ann.post("/staff/desk/case/search/", {"text": case.reference}).status_code == 403
    assert case.reference not in ann.get("/staff/").content.decode()


def test_case_page_shows_answers_in_both_languages(ann, monkeypatch):
    case = new_case(BOB)
    type(case.submission).objects.update(language="es")
    wording = content.questionnaire(case.submission.questionnaire).wordings["home"]
    monkeypatch.setitem(wording.text, "es", "¿Cómo es donde vive?")
    html = html_of(ann, case)
    assert (
        f'<span lang="es">¿Cómo es donde vive?</span> <span class="gloss">{LocalizedText(wording.text)["en"]}'
        in html
    )


def test_case_page_shows_changed_crisis_answers(ann):
    case = new_case(ALICE, crisis_given=[["suicidal_now", "yes"]], crisis_change="mistake")
    html = html_of(ann, case)
    assert "A crisis answer was given and changed" in html
    assert "I picked it by mistake" in html


@pytest.mark.parametrize(
    ("contact", "found"),
    [
        ({}, True),
        ({"phone": "1 617 555 0100"}, True),
        ({"phone": "", "reach_by": "email", "email": "Robin@Example.com"}, True),
        ({"phone": "617 555 0199"}, False),
    ],
)
def test_case_with_the_same_phone_or_email_is_shown_as_duplicate(ann, contact, found):
    earlier = new_case(contact={"email": "robin@example.com"})
    erase(new_case().submission)
    html = html_of(ann, new_case(contact=contact))
    assert ("Possible duplicate" in html) == (earlier.reference in html) == found


def test_case_without_phone_and_email_has_no_duplicates(ann):
    bare = {"phone": "", "reach_by": "i_will_call"}
    new_case(contact=bare)
    assert "Possible duplicate" not in html_of(ann, new_case(contact=bare))


def test_where_the_engine_failed_a_person_must_look(ann, monkeypatch):
    monkeypatch.setattr("recommend.result.snapshot.rate", None)
    html = html_of(ann, new_case(BOB))
    assert "Needs review" in html
    assert "no recommendation, needs review" in html


def test_an_unknown_case_leads_back_to_the_desk(ann):
    assert ann.get("/staff/desk/case/99/change/")["Location"] == "/staff/"


def test_admin_history_address_redirects_to_the_case_history(ann):
    case = new_case()
    assert ann.get(f"/staff/desk/case/{case.pk}/history/")["Location"] == f"{case_url(case)}#history"


def test_case_page_lists_readers_of_every_kind(ann, bo):
    case = new_case()
    bo.get(case_url(case).replace("change", "print"))
    bo.post(case_url(case), {"version": "1", "since": "0", "how": "call"})  # shown again with a mistake
    bo.post(case_url(case), {"version": "1", "since": "0", "reveal": "1"})
    bo.get("/staff/")
    looked = html_of(ann, case).partition("Recently viewed by")[2]
    assert re.findall(r"<b>bo</b> ([^<]*)</li>", looked) == [
        "Revealed free text", "Updated a case", "Printed a case",
    ]  # fmt: skip


# ---- what it saves


def test_one_save_can_hold_every_step_of_a_case(ann):
    case = new_case(BOB)
    response = save(ann, case, who="take", how="call", attempt="reached", attempt_note="Wants evenings.",
                    level="php", reason="more_known", text="Worse than written.", note="Sister drives.")  # fmt: skip
    assert response["Location"] == case_url(case)
    after = now(case)
    assert (after.status, after.chosen, after.assignee) == ("assessed", "php", user("ann"))
    html = html_of(ann, case)
    for words in ("Called: Reached", "Wants evenings.", "Worse than written.", "Sister drives.",
                  "Level chosen: PHP, recommended was IOP (What we learned in the talk)", "Status: New to In contact",
                  f"{case.reference}: saved."):  # fmt: skip
        assert words in html
    response = save(ann, case, status="placed", **HARBOR)
    assert now(case).status == "placed"


def test_a_tick_for_reached_logs_a_call_with_all_that_was_decided(ann):
    case = new_case(BOB)
    assert "Level as recommended: IOP" in html_of(ann, case)
    response = save(
        ann, case, reached="1", attempt_note="Wants evenings.", level="iop", status="placed", **HARBOR
    )
    assert response.status_code == 302
    attempt = ContactAttempt.objects.get()
    assert (attempt.how, attempt.outcome, attempt.note) == ("call", "reached", "Wants evenings.")
    assert (now(case).status, now(case).chosen) == ("placed", "iop")


def test_what_is_chosen_in_the_form_goes_before_the_tick_for_reached(ann):
    case = new_case(BOB)
    save(ann, case, reached="1", how="in_person")
    assert ContactAttempt.objects.get().how == "in_person"
    save(ann, case, "quick", reached="1")  # not an outcome of its own
    assert ContactAttempt.objects.count() == 2
    ann.post(case_url(case), as_shown(html_of(ann, case)) | {"reached": "1", "quick": "no_answer"})
    assert ContactAttempt.objects.filter(outcome="no_answer").count() == 1


def test_a_refused_form_shows_the_tick_for_reached_as_what_it_stands_for(ann):
    case = new_case(BOB)
    html = save(ann, case, reached="1", level="php").content.decode()
    assert '<option value="reached" selected>' in html
    assert '<option value="call" selected>' in html


@pytest.mark.parametrize("earlier", [None, "no_answer"])
def test_a_person_who_is_reached_is_placed_in_one_save(ann, earlier):
    case = called(new_case(BOB), user("bo"), earlier) if earlier else new_case(BOB)
    response = save(ann, case, how="call", attempt="reached", level="iop", status="placed", **HARBOR)
    assert response.status_code == 302
    after = now(case)
    assert (after.status, after.chosen, after.next_action) == ("placed", "iop", "arrival")
    assert [line.after for line in CaseChange.objects.filter(what="status")][:2] == ["placed", "assessed"]


def test_a_level_and_assessed_may_be_chosen_in_one_save(ann):
    case = called(new_case(BOB), user("bo"))
    assert save(ann, case, level="iop", status="assessed").status_code == 302
    assert (now(case).status, now(case).chosen) == ("assessed", "iop")
    assert [line.after for line in CaseChange.objects.filter(what="status")] == ["assessed", "in_contact"]


REFUSED = [
    ({"how": "call"}, "attempt", "Choose how it went."),
    ({"attempt_note": "Nobody there."}, "how", "Choose how you tried."),
    ({"how": "call", "attempt": "reached", "at": "2999-01-01T10:00"}, "at", "in the future"),
    ({"how": "call", "attempt": "reached", "at": "2020-01-01T10:00"}, "at", "before the case was submitted"),
    ({"how": "call", "attempt": "reached", "at": "yesterday"}, "at", "Enter a valid date/time."),
    ({"level": "iop"}, "level", "Log a contact first"),
    ({"how": "call", "attempt": "reached", "level": "php"}, "reason", "Choose a reason"),
    (
        {"how": "call", "attempt": "reached", "level": "php", "reason": "safety"},
        "text",
        "Explain it briefly",
    ),
    ({"reason": "safety", "text": "Words."}, "level", "Choose the level as well."),
    ({"status": "closed"}, "outcome", "Choose a reason for closing."),
    ({"outcome": "declined"}, "status", "Choose Close as well"),
    ({"status": "placed", **HARBOR}, "level", "Choose the level before you place the case."),
    ({"status": "placed", "level": "iop", **HARBOR}, "level", "Log a contact first"),
    ({"status": "erased"}, "status", "Select a valid choice"),
    ({"status": "closed", "outcome": "erased"}, "outcome", "Select a valid choice"),
    ({"who": "push"}, "who", "Select a valid choice"),
    ({"note": "x" * 4001}, "note", "at most 4000"),
]


@pytest.mark.some(8)
@pytest.mark.parametrize(("fields", "field", "words"), REFUSED, ids=lambda value: str(value)[:50])
def test_case_form_with_missing_parts_keeps_input_and_saves_nothing(ann, fields, field, words):
    case = new_case(BOB)
    typed = {"attempt_note": "Typed before."} | fields if "how" in fields else fields
    response = save(ann, case, **typed)
    assert response.status_code == 422
    assert [
        name
        for name in response.context["form"].errors
        if words in str(response.context["form"].errors[name])
    ] == [field]
    html = response.content.decode()
    assert html.count(words) >= 2, "in the summary and at the field"
    assert "<title>Error: Case" in html
    for value in typed.values():
        assert value in html or field in ("status", "who", "outcome", "at")
    assert now(case).version == 1
    assert not ContactAttempt.objects.exists()
    assert not CaseChange.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"at": "2999-01-01T10:00"},
        {"at": "yesterday"},
        {"how": "call"},
        {"attempt": "reached"},
        {"attempt_note": "Nobody there."},
        {"how": "call", "attempt": "reached", "level": "php"},
        {"reason": "safety"},
        {"text": "Words."},
    ],
    ids=str,
)
def test_errors_in_folded_parts_are_visible(ann, fields):
    response = save(ann, new_case(BOB), **fields)
    assert response.status_code == 422
    folded = re.findall(r"<details>(.*?)</details>", response.content.decode(), re.DOTALL)
    assert not [part for part in folded if "errorlist" in part]


def test_an_urgent_case_is_not_closed_without_an_attempt(ann):
    case = new_case(DANA)
    response = save(ann, case, status="closed", outcome="emergency_care")
    assert response.status_code == 422
    assert "Log a contact attempt before" in response.content.decode()
    save(ann, case, how="call", attempt="no_answer", status="closed", outcome="emergency_care")
    assert now(case).status == CaseStatus.CLOSED


def test_nothing_filled_in_changes_nothing(ann):
    case = new_case()
    html = ann.post(
        case_url(case), as_shown(html_of(ann, case)) | {"save": "1"}, follow=True
    ).content.decode()
    assert "no changes to save" in html
    assert now(case).version == 1


def test_save_and_next_follows_the_order_of_to_do(ann):
    calm, urgent = case_like(ALICE, timedelta(hours=3)), case_like(DANA)
    assert save(ann, calm, "next", note="Seen.")["Location"] == case_url(urgent)
    assert save(ann, urgent, "next")["Location"] == case_url(calm)
    save(ann, calm, status="closed", outcome="declined")
    response = save(ann, urgent, "next", note="Seen.")
    assert response["Location"] == "/staff/"
    assert "all caught up" in ann.get("/staff/").content.decode()


@pytest.mark.parametrize("unseen", ["\f", "\v", "\x7f", "\x85", "\x9d"])
def test_note_with_invisible_characters_is_saved(ann, unseen):
    case = new_case()
    response = save(ann, case, note=f"Page 1{unseen}Page 2")
    assert response.status_code == 302
    assert Note.objects.get().text == "Page 1 Page 2"


def test_a_done_case_is_opened_again_with_a_reason(ann):
    case = case_like(status="closed")
    html = html_of(ann, case)
    assert 'name="how"' not in html
    assert 'name="level"' not in html
    assert save(ann, case, status="reopen").status_code == 422
    save(ann, case, status="reopen", reopen_reason="They called.")
    assert now(case).status == "new"
    assert "They called." in html_of(ann, case)


@pytest.mark.parametrize(
    ("acknowledged", "fields", "offered"),
    [
        (False, {}, True),
        (True, {}, False),
        (True, {"stale_because": "answers"}, True),
        (True, {"stale_because": "answers", "chosen": "iop"}, False),  # only a decision settles a decision
    ],
)
def test_acknowledge_is_offered_only_where_it_changes_something(ann, acknowledged, fields, offered):
    seen = {"acknowledged_at": timezone.now(), "acknowledged_by": user("bo")} if acknowledged else {}
    case = case_like(BOB, timedelta(hours=1), status="assessed", **seen, **fields)
    assert ('name="seen"' in html_of(ann, case)) == offered


def test_a_stale_case_says_so_and_is_settled_by_choosing_again(ann):
    case = case_like(BOB, status="placed", chosen="iop", stale_because="rules")
    Disposition.objects.create(case=case, by=user("ann"), recommended="iop", level="iop")
    html = html_of(ann, case)
    assert "Look again: The rules changed" in html
    assert "choose again" in html
    save(ann, case, level="iop")
    assert now(case).stale_since is None
    assert "choose again" not in html_of(ann, case)


@pytest.mark.parametrize("field", ["version", "since"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "٣", "9" * 30])
def test_a_form_that_was_tampered_with_is_refused(ann, field, value):
    case = new_case()
    seen = {"version": "7", "since": "0"} | {field: value}
    assert save(ann, case, seen=seen, note="x").status_code == 400
    assert not Note.objects.exists()


# ---- sent again


def sent_again(taken_up: bool) -> Case:
    """A case that came three hours ago, and again half an hour ago; Bo had taken it, or nobody."""
    then, client = timezone.now() - timedelta(hours=3), Client()
    send_answers(client)
    Submission.objects.update(sent_at=then)
    Case.objects.update(opened_at=then)
    if taken_up:
        workflow.assign_to_self(Case.objects.get(), user("bo"))
        CaseChange.objects.update(at=then + timedelta(hours=1))
        Case.objects.update(acknowledged_at=then + timedelta(hours=1))
    second = send_again(client)
    half_an_hour_ago = timezone.now() - timedelta(minutes=30)
    Submission.objects.filter(pk=second.pk).update(sent_at=half_an_hour_ago)
    Case.objects.filter(opened_at__gt=then).update(opened_at=half_an_hour_ago)
    CaseChange.objects.filter(by=None).update(at=half_an_hour_ago)
    return Case.objects.get()


def as_typed(hours_ago: float) -> str:
    return f"{timezone.localtime(timezone.now() - timedelta(hours=hours_ago)):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("taken_up", [True, False])
def test_the_history_begins_with_when_it_was_sent_for_the_first_time(ann, taken_up):
    case = sent_again(taken_up)
    html = html_of(ann, case)
    history = html[html.index('id="history"') :].partition("<details")[0]
    times = re.findall(r'<time datetime="([^"]*)"', history)
    assert times == sorted(times, reverse=True)
    assert times[-1] == timezone.localtime(Submission.objects.earliest("sent_at").sent_at).isoformat()


def test_case_page_after_resubmission_drops_the_old_acknowledgement(ann):
    case = sent_again(taken_up=True)
    assert "Acknowledged by" not in html_of(ann, case)
    ann.post(case_url(case), as_shown(html_of(ann, case)) | {"seen": "on", "save": "1"})
    assert "Acknowledged by ann" in html_of(ann, case)


@pytest.mark.parametrize(
    ("taken_up", "hours_ago", "words"),
    [
        (True, 0.25, None),
        (True, 2, "before the person sent it again"),
        (True, 4, "before the case was submitted"),
        (False, 2, None),  # nobody had looked at it: it waits, and is called about, since it first came
        (False, 4, "before the case was submitted"),
    ],
)
def test_attempt_time_before_the_case_was_sent_is_refused(ann, taken_up, hours_ago, words):
    case = sent_again(taken_up)
    response = save(ann, case, how="call", attempt="reached", at=as_typed(hours_ago))
    assert response.status_code == (422 if words else 302)
    if words:
        assert words in response.context["form"].errors["at"][0]
    else:
        assert now(case).first_contact_at


# ---- two people on one case


def test_second_save_is_refused_with_both_versions_and_kept_input(ann, bo):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    save(bo, case, who="take", how="call", attempt="reached", level="iop", note="Bo's note.")
    typed = {"who": "take", "how": "text", "attempt": "message", "attempt_note": "Left a text.", "level": "php",
             "reason": "safety", "text": "Because.", "note": "Ann's note."}  # fmt: skip
    response = save(ann, case, seen=seen, **typed)
    assert response.status_code == 409
    html = response.content.decode()
    for value in ("Left a text.", "Because.", "Ann&#x27;s note.", "Bo&#x27;s note."):
        assert value in html
    planned, first = now(case), next_steps.in_words("first_contact", case.next_action_at, timezone.now())
    assert planned.next_action == "check_placement"
    shown = {
        line.what: (line.seen, line.now, line.wanted, line.by) for line in response.context["differences"]
    }
    them = user("bo")
    assert shown == {
        "Status": ("New", "Assessed", "", them),
        "Assigned to": ("nobody", "bo", "You", them),
        "Acknowledged": ("–", "bo", "", them),
        "Contact attempt": ("–", "Called: Reached", "Text message: Left a message", them),
        "Next step": (
            first,
            next_steps.in_words(planned.next_action, planned.next_action_at, timezone.now()),
            "",
            them,
        ),
        "Disposition": ("–", "IOP", "PHP", them),
        "Note": ("–", "one more, in the history", "Your note", them),
    }
    assert now(case).chosen == "iop"
    assert Note.objects.count() == ContactAttempt.objects.count() == 1


def test_double_click_on_save_is_not_a_conflict(ann):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    save(ann, case, seen=seen, how="call", attempt="reached", note="Once.")
    html = save(ann, case, seen=seen, how="call", attempt="reached", note="Once.").content.decode()
    assert "Not saved: you have changed this case yourself" in html
    assert "the first time was saved" in html
    assert "somebody else" not in html
    assert Note.objects.count() == ContactAttempt.objects.count() == 1


def test_conflict_page_shows_a_change_between_ones_own(ann, bo):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    save(bo, case, who="take")
    save(ann, case, who="take", who_reason="Bo is on a call.")
    html = save(ann, case, seen=seen, who="take").content.decode()
    assert "Not saved: somebody else changed this case" in html
    assert "<title>Error: Case" in html
    assert re.search(r'<section class="conflict"[^>]* tabindex="-1" autofocus>', html)


SAVED_TWICE = [  # the status that both choose, from where, what else is given, and what the second was saving
    ("assessed", {"status": "in_contact"}, {}, "Assessed"),
    ("placed", {"status": "assessed", "chosen": "iop"}, HARBOR, "Placed"),
    ("closed", {"status": "new"}, {"outcome": "declined"}, "Closed"),
    ("reopen", {"status": "closed"}, {"reopen_reason": "They called."}, "Reopen"),
]


@pytest.mark.parametrize(("status", "before", "more", "saving"), SAVED_TWICE)
def test_conflict_page_names_the_status_that_both_chose(ann, bo, status, before, more, saving):
    case = case_like(BOB, **before)
    seen = as_shown(html_of(ann, case))
    assert save(bo, case, status=status, **more).status_code == 302
    response = save(ann, case, seen=seen, status=status, **more)
    [line] = [line for line in response.context["differences"] if line.what == "Status"]
    assert line.wanted == saving


def test_reopen_reason_is_optional_after_somebody_else_reopened(ann, bo):
    case = case_like(BOB, status="closed")
    seen = as_shown(html_of(ann, case))
    save(bo, case, status="reopen", reopen_reason="They called.")
    refused = save(ann, case, seen=seen, status="reopen", reopen_reason="They came in.").content.decode()
    assert "They came in." in refused
    response = save(ann, case, seen=as_shown(refused), reopen_reason="They came in.")
    assert "or clear the reason" in response.content.decode()
    assert save(ann, case, seen=as_shown(refused), note="They came in.").status_code == 302


def test_conflict_page_names_resubmitted_levels(ann):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    case.changes.create(what="resent", before="iop", after="inpatient")
    Case.objects.update(version=2)
    response = save(ann, case, seen=seen, note="Mine.")
    [line] = response.context["differences"]
    assert (line.seen, line.now) == ("IOP", "Inpatient evaluation")


def test_second_save_after_a_conflict_is_accepted(ann, bo):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    save(bo, case, who="take", note="Bo's.")
    refused = save(ann, case, seen=seen, who="take", note="Ann's.")
    assert "Save anyway" in refused.content.decode()
    html = refused.content.decode()
    again = save(ann, case, seen=as_shown(html), who="take", who_reason="We agreed.", note="Ann's.")
    assert again.status_code == 302
    assert now(case).assignee == user("ann")
    assert Note.objects.count() == 2


def test_revealing_free_text_keeps_the_conflict(ann, bo):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    save(bo, case, who="take")
    revealed = save(ann, case, "reveal", seen=seen, who="take", note="Ann's.")
    html = revealed.content.decode()
    assert revealed.status_code == 409
    assert CONTACT["note"] in html
    assert "Ann&#x27;s." in html
    assert [line.now for line in revealed.context["differences"] if line.what == "Assigned to"] == ["bo"]
    assert now(case).assignee == user("bo")


def test_a_save_between_looking_and_writing_is_refused_too(ann, bo, monkeypatch):
    """The other one is saved after this one has been checked: only the write itself can see it."""
    case = new_case(BOB)
    real = workflow.at_version

    def meanwhile(pk, version):
        seen = real(pk, version)
        workflow.assign_to_self(Case.objects.get(pk=pk), user("bo"))
        return seen

    html = html_of(ann, case)
    monkeypatch.setattr(workflow, "at_version", meanwhile)
    response = save(ann, case, seen=as_shown(html), note="Ann's note.")
    assert response.status_code == 409
    assert "Not saved: somebody else changed this case" in response.content.decode()
    assert "Ann&#x27;s note.</textarea>" in response.content.decode()
    assert not Note.objects.exists()


def test_case_deleted_during_a_save_is_not_shown(ann, monkeypatch):
    case = new_case(BOB)
    real = case_page.CaseForm.is_valid

    def meanwhile(form):
        erase(case.submission)
        return real(form)

    html = html_of(ann, case)
    monkeypatch.setattr(case_page.CaseForm, "is_valid", meanwhile)
    response = save(ann, case, seen=as_shown(html), note="Ann's note.")
    assert response.status_code == 409
    assert "the person has deleted this case" in response.content.decode()
    assert "Robin" not in response.content.decode()


def test_case_deleted_meanwhile_is_not_changed(ann):
    case = new_case(BOB)
    seen = as_shown(html_of(ann, case))
    erase(case.submission)
    response = save(ann, case, seen=seen, note="Typed.", who="take")
    assert response.status_code == 409
    assert "Nothing was saved: the person has deleted this case" in response.content.decode()
    assert "<title>Error: Case" in response.content.decode()
    assert not Note.objects.exists()
    assert now(case).assignee is None


# ---- what the recommendation did


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({}, (None, None)),
        ({"changed": "yes", "minutes": "10"}, (True, 10)),
        ({"changed": "no"}, (False, None)),
        ({"minutes": "0"}, (None, 0)),
    ],
)
def test_who_chooses_a_level_may_say_what_the_recommendation_did(ann, typed, stored):
    case = new_case(BOB)
    assert save(ann, case, how="call", attempt="reached", level="iop", **typed).status_code == 302
    made = Disposition.objects.get()
    assert (made.changed_decision, made.minutes_saved) == stored


@pytest.mark.parametrize("typed", [{"changed": "yes"}, {"minutes": "5"}])
def test_what_the_recommendation_did_is_said_with_a_level(ann, typed):
    case = new_case(BOB)
    refused = save(ann, case, how="call", attempt="reached", **typed)
    assert refused.status_code == 422
    assert "Choose the level as well." in refused.text


# ---- cost


@pytest.mark.parametrize("lines", [0, 30])
def test_case_page_query_count_is_constant(ann, lines):
    case = new_case(BOB)
    workflow.assign_to_self(case, user("ann"))
    for _ in range(lines):
        called(case, user("bo"))
        workflow.add_note(case, user("bo"), "Words.")
        new_case(contact={"email": ""})
    html_of(ann, case)
    with count_queries() as queries:
        html_of(ann, case)
    # session, user, factor, 2 of permissions, the case, 6 kinds of what happened, exports, who looked, cases of the
    # same phone, what is merged into it, attempts for the contact policy, programs, a legal hold, what was typed and
    # not saved, 2 for the colleagues and what they have, 3 for who else has it open, and 3 for the log
    assert len(queries) == 28, queries


def test_what_the_desk_wrote_is_deleted_with_the_case(ann):
    case = new_case(BOB)
    save(ann, case, how="call", attempt="reached", attempt_note="Words.", level="iop", note="Words.")
    erase(case.submission)
    for kind in (ContactAttempt, Note, Disposition):
        assert not kind.objects.exists()
    after = now(case)
    assert (after.chosen, after.status, after.outcome) == ("", "closed", "erased")
    assert CaseChange.objects.first().what == "erased"
    html = html_of(ann, case)
    assert "cannot be brought back" in html
    assert timezone.now() - after.erased_at < timedelta(minutes=1)
