"""Change my answers: the same person sends again, to the same case; nothing is lost, and nobody else sees it."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from intake.models import ContactDetails, Draft, Submission
from recommend.desk import workflow
from recommend.desk.models import (
    Case,
    CaseChange,
    CaseOutcome,
    CaseStatus,
    ContactAttempt,
    Disposition,
    OutboxMessage,
    StaleReason,
)
from recommend.desk.workflow import NOTHING_NEXT
from recommend.result.models import Recommendation
from tests.support.codes import CODE
from tests.support.database import Failing, count_queries, everything_stored
from tests.support.people import ALICE, CHARLIE, CONTACT, DANA, WELL, age_by, draft_for
from tests.support.submissions import (
    answer,
    change,
    delete_elsewhere,
    delete_here,
    is_deleted,
    send_again,
    send_answers,
)
from tests.support.threads import at_once
from tests.support.walker import Walker, parsed_page

pytestmark = pytest.mark.django_db


def token_of(client) -> str:
    return client.cookies[settings.DRAFT_COOKIE_NAME].value


def with_token(token) -> Client:
    client = Client()
    client.cookies[settings.DRAFT_COOKIE_NAME] = token
    return client


# ---- the way


def test_a_person_changes_an_answer_on_the_pages_and_sends_again():
    walker = Walker().walk(ALICE.answers | CONTACT | {"share": "send"})
    first = Submission.objects.get()
    token = walker.client.cookies["csrftoken"].value
    walker.client.post("/result/change/", {"csrfmiddlewaretoken": token})
    page = walker.get("/continue/")
    assert page.name == "check"
    assert "The team has what you sent before until you send again" in page.text
    walker.get("/answers/4/")
    walker.send({"functioning": "extremely"})
    walker.get("/answers/3/")
    walker.walk(CHARLIE.answers | CONTACT | {"share": "send", "name": "Somebody Else"})
    assert (walker.page.name, walker.page.level) == ("result", "php")
    assert first.reference in walker.page.text
    case = Case.objects.get()
    second = case.submission
    assert (case.reference, case.level) == (first.reference, "php")
    assert second.replaces == first
    assert (second.reference, second.answers) == (first.reference, CHARLIE.answers | {"share": "send"})
    assert second.contact.name == "Somebody Else"
    assert second.recommendation.level == "php"
    assert first.recommendation.level == "outpatient"
    assert not Draft.objects.exists()


def test_change_draft_has_the_answers_a_new_token_and_no_share_answer(client):
    send_answers(client)
    before, sent = token_of(client), Submission.objects.get()
    draft = change(client)
    assert token_of(client) != before
    assert draft.token_hash != sent.key
    assert draft.erase_hash != sent.erase_hash
    assert draft.answers == DANA.answers  # without "share"
    assert (draft.replaces, draft.consent, draft.consented_at) == (sent, sent.consent, sent.consented_at)
    assert client.get("/answers/check/").status_code == 200
    assert client.get("/answers/sharing/")["Location"] == "/answers/check/"
    assert client.get("/contact/")["Location"] == "/answers/check/"
    client.post("/send/", CONTACT)
    assert Submission.objects.count() == 1


def test_crisis_help_is_shown_for_new_crisis_answers_only(client):
    send_answers(client)
    age_by(change(client), minutes=6)
    assert client.post("/answers/2/", DANA.answers)["Location"] == "/answers/check/"
    assert client.post("/answers/1/", {"emergency": ["body"]})["Location"] == "/help-now/"


def test_danger_that_is_taken_back_is_shown_to_the_desk(client):
    send_answers(client)
    draft = change(client)
    answer(draft, ALICE.answers)
    page = parsed_page(client.get("/answers/check/"))
    assert "crisis_change" in page.form.offered
    client.post("/send/", CONTACT)
    assert Case.objects.get().submission.crisis_given == [["suicidal_now", "yes"]]


def test_the_words_on_the_result_and_on_the_pages_after_it(client):
    send_answers(client)
    page = parsed_page(client.get("/result/"))
    assert "Change my answers" in page.text
    change(client)
    for path in ("/result/", "/result/sent/"):
        text = parsed_page(client.get(path)).text
        assert "You are changing your answers" in text
        assert "Change my answers" not in text
        assert "Your private code" not in text
    draft = Draft.objects.get()
    answer(draft, WELL)
    assert "It can still see what you sent before" in parsed_page(client.get("/contact/")).text
    assert "The team has what you sent before" in parsed_page(client.get("/answers/sharing/")).text


def test_contact_details_are_never_shown_again(client):
    send_answers(client)
    answer(change(client), WELL)
    text = client.get("/contact/").content.decode()
    assert "Aldebaran" not in text
    assert "617" not in text.partition("<main")[2].partition("</main>")[0]


def test_the_form_needs_its_token_and_a_post(client):
    send_answers(client)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/result/change/").status_code == 403
    assert client.get("/result/change/").status_code == 405
    assert not Draft.objects.exists()


# ---- until it is sent


def test_until_it_is_sent_the_desk_and_the_old_result_stay_as_they_are(client):
    reference, _ = send_answers(client)
    before = [row for row in everything_stored().split("\n") if not row.startswith("intake_draft")]
    answer(change(client), ALICE.answers)
    after = [row for row in everything_stored().split("\n") if not row.startswith("intake_draft")]
    assert after == before
    page = parsed_page(client.get("/result/sent/"))
    assert page.level == "inpatient"
    assert reference in page.text


def test_leaving_ends_the_change_and_leaves_what_was_sent_with_the_team(client):
    reference, code = send_answers(client)
    change(client)
    token = token_of(client)
    client.get("/leave/")
    assert not Draft.objects.exists()
    assert Case.objects.get().level == "inpatient"
    for path in ("/result/", "/result/sent/"):
        assert with_token(token).get(path, follow=True).redirect_chain[-1][0] == "/answers/1/"
    assert is_deleted(delete_elsewhere(reference, code))


def test_only_me_after_a_change_stores_nothing_and_says_so(client):
    reference, _ = send_answers(client)
    answer(change(client), ALICE.answers, share="only_me")
    page = parsed_page(client.get("/result/"))
    assert page.level == "outpatient"
    assert f"The team still has what you sent before (reference {reference})" in page.text
    assert "They were sent to nobody" not in page.text
    assert "/result/sent/" in page.links
    assert parsed_page(client.get("/result/sent/")).level == "inpatient"
    assert (Submission.objects.count(), Case.objects.get().level) == (1, "inpatient")
    answer(Draft.objects.get(), ALICE.answers)
    client.post("/send/", CONTACT)
    assert Case.objects.get().level == "outpatient"


def test_change_on_a_shared_device_has_its_own_15_minutes(client):
    send_answers(client, shared_device=True)
    draft = change(client)
    assert draft.shared_device
    Submission.objects.update(open_until=timezone.now() - timedelta(minutes=1))
    assert client.get("/more-time/").json()["seconds"] > 800
    seconds = re.search(r'data-seconds="(\d+)"', client.get("/result/sent/").content.decode())
    assert int(seconds[1]) > 800
    age_by(draft, minutes=16)
    assert client.get("/result/sent/").status_code == 302
    assert client.get("/answers/check/").status_code == 302


def test_pressing_twice_goes_on_with_the_change_that_is_begun(client):
    send_answers(client)
    draft = change(client)
    answer(draft, ALICE.answers, share="only_me")
    assert client.post("/result/change/")["Location"] == "/continue/"
    assert Draft.objects.get().answers == ALICE.answers | {"share": "only_me"}


@pytest.mark.parametrize("path", ["/result/change/", "/result/sent/"])
def test_change_without_a_submission_redirects(client, path):
    method = client.post if path == "/result/change/" else client.get
    for token in (None, "x", "é" * 300):
        if token:
            client.cookies[settings.DRAFT_COOKIE_NAME] = token
        assert method(path, follow=True).redirect_chain[-1][0] == "/answers/1/"
    draft_for(client, WELL)
    assert method(path, follow=True).redirect_chain[-1][0] == "/answers/check/"


def test_when_its_time_is_over_it_can_no_longer_be_changed(client):
    send_answers(client)
    Submission.objects.update(open_until=timezone.now())
    client.post("/result/change/")
    assert not Draft.objects.exists()


def test_what_was_sent_to_other_questions_is_shown_and_not_changed(client):
    send_answers(client)
    assert "Change my answers" in parsed_page(client.get("/result/")).text
    Submission.objects.update(questionnaire="2025.9")
    client.post("/result/change/")
    assert not Draft.objects.exists()


# ---- sent again


def test_the_old_token_opens_nothing_any_more(client):
    send_answers(client)
    old = token_of(client)
    send_again(client)
    assert parsed_page(client.get("/result/")).level == "outpatient"
    stranger = with_token(old)
    assert stranger.get("/result/")["Location"] == "/answers/1/"
    assert stranger.post("/result/change/")["Location"] == "/continue/"
    assert stranger.post("/send/", CONTACT)["Location"] == "/not-here/"
    assert "reference" not in parsed_page(stranger.get("/delete/")).text.partition("If you sent")[0]


def test_sending_again_twice_stores_once(client):
    send_answers(client)
    send_again(client)
    assert client.post("/send/", CONTACT | {"name": "Other"})["Location"] == "/result/"
    assert Submission.objects.count() == 2
    assert CaseChange.objects.filter(what=CaseChange.ChangeType.RESENT).count() == 1


def test_answers_can_be_changed_repeatedly(client):
    send_answers(client)
    submissions = [send_again(client, person) for person in (ALICE, CHARLIE, DANA)]
    case = Case.objects.get()
    assert case.submission == submissions[-1]
    assert [each.replaces_id for each in submissions[1:]] == [each.pk for each in submissions[:-1]]
    assert {each.reference for each in Submission.objects.all()} == {case.reference}
    assert case.version == 4


def test_last_of_two_changes_counts_and_each_browser_sees_its_own(client):
    send_answers(client)
    token = token_of(client)
    change(client)
    other = with_token(token)
    answer(change(other), CHARLIE.answers)
    second = Submission.objects.get()
    answer(Draft.objects.earliest("pk"), ALICE.answers)
    client.post("/send/", CONTACT)
    assert other.get("/result/")["Location"] == "/contact/"  # not what the first browser sent
    assert other.get("/result/sent/", follow=True).redirect_chain[-1][0] == "/contact/"
    other.post("/send/", CONTACT)
    case = Case.objects.get()
    assert case.level == "php"
    assert case.submission.replaces.replaces == second
    assert client.get("/result/")["Location"] == "/answers/1/"


def test_a_change_saved_with_a_code_is_sent_from_elsewhere(client):
    send_answers(client)
    change(client)
    code = CODE.search(parsed_page(client.post("/save/", follow=True)).text)[0]
    other = Client()
    assert other.post("/come-back/", {"code": code})["Location"] == "/answers/check/"
    answer(Draft.objects.get(), ALICE.answers)
    other.post("/send/", CONTACT)
    assert Case.objects.get().level == "outpatient"
    assert Case.objects.count() == 1


# ---- deleted


@pytest.mark.parametrize("which", ["old code", "new code", "here"])
def test_either_code_deletes_all_that_was_sent(client, which):
    reference, old_code = send_answers(client)
    send_again(client, note="canary of the second")
    new_code = CODE.search(parsed_page(client.get("/result/")).text)[0]
    assert new_code != old_code
    if which == "here":
        client.post("/delete/", {"here": "yes"})
    else:
        code = old_code if which == "old code" else new_code
        assert is_deleted(delete_elsewhere(reference, code))
    assert Case.objects.get().erased_at
    assert [each.answers for each in Submission.objects.all()] == [{}, {}]
    assert [each.crisis_given for each in Submission.objects.all()] == [[], []]
    for model in (ContactDetails, Recommendation, OutboxMessage, Draft):
        assert not model.objects.exists(), model
    assert client.get("/result/").status_code == 302
    assert is_deleted(delete_elsewhere(reference, old_code))  # again: it is deleted


def test_deletion_leaves_no_levels_and_no_findings_in_the_history(client, cora):
    send_answers(client, DANA)
    workflow.note_attempt(Case.objects.get(), cora, how="call", outcome="reached")
    workflow.record_disposition(Case.objects.get(), cora, level="inpatient")
    workflow.close(Case.objects.get(), cora, outcome="emergency_care")
    workflow.reopen(Case.objects.get(), cora, reason="The ward sent them home.")
    send_again(client, CHARLIE)
    told = {"inpatient", "php", "emergency_care", "Called: Reached", "The ward sent them home."}
    assert told <= told_in_history()
    client.post("/delete/", {"here": "yes"})
    assert not told & told_in_history()
    kept = set(CaseChange.objects.values_list("what", flat=True))
    assert {"resent", "contact", "status", "erased"} <= kept  # that it happened, and when


def told_in_history() -> set[str]:
    return {word for each in CaseChange.objects.all() for word in (each.before, each.after, each.reason)}


def test_when_it_is_deleted_elsewhere_the_change_is_deleted_with_it(client):
    reference, code = send_answers(client)
    answer(change(client), ALICE.answers)
    delete_elsewhere(reference, code)
    assert not Draft.objects.exists()
    assert client.post("/send/", CONTACT)["Location"] == "/not-here/"
    assert client.get("/result/sent/", follow=True).redirect_chain[-1][0] == "/answers/1/"
    assert Submission.objects.get().answers == {}


def test_deleting_while_changing_deletes_change_and_submission(client):
    reference, _ = send_answers(client)
    change(client)
    assert reference in parsed_page(client.get("/delete/")).text
    text = parsed_page(delete_here(client)).text
    assert "What you had begun to answer here, too" in text
    assert Case.objects.get().erased_at
    assert not Draft.objects.exists()


def test_a_change_that_was_overtaken_deletes_only_itself(client):
    send_answers(client)
    token = token_of(client)
    change(client)
    other = with_token(token)
    change(other)
    answer(Draft.objects.earliest("pk"), ALICE.answers)
    client.post("/send/", CONTACT)
    other.post("/delete/", {"here": "yes"})
    assert not Draft.objects.exists()
    assert Case.objects.get().erased_at is None


# ---- at the desk


@pytest.fixture
def cora():
    return User.objects.create_user("cora", is_staff=True)


def lines(case: Case) -> list[tuple[str, str, str]]:
    return [(each.what, each.before, each.after) for each in case.changes.order_by("pk")]


def test_resubmitted_untouched_case_is_not_stale_and_keeps_its_place(client):
    send_answers(client, CHARLIE)
    sent_at = timezone.now() - timedelta(days=2)
    Case.objects.update(opened_at=sent_at)
    send_again(client, ALICE)
    case = Case.objects.get()
    assert (case.level, case.urgent, case.status, case.version) == ("outpatient", False, "new", 2)
    assert (case.stale_since, case.opened_at) == (None, sent_at)
    assert lines(case) == [("resent", "php", "outpatient")]
    assert [each.kind for each in case.messages.order_by("pk")] == ["case", "case"]


def touch(case: Case, how: str, cora: User) -> None:
    now = timezone.now()
    if how == "assigned":
        Case.objects.update(assignee=cora, assigned_at=now)
    elif how == "acknowledged":
        Case.objects.update(acknowledged_by=cora, acknowledged_at=now)
    elif how == "attempt":
        ContactAttempt.objects.create(case=case, by=cora, how="call", outcome="no_answer")
    elif how == "disposition":
        Disposition.objects.create(case=case, by=cora, recommended="inpatient", level="inpatient")
    else:
        Case.objects.update(status=how)


@pytest.mark.parametrize(
    "how", ["assigned", "acknowledged", "attempt", "disposition", "in_contact", "assessed"]
)
def test_whatever_the_desk_did_with_it_is_to_be_looked_at_again(client, cora, how):
    send_answers(client, CHARLIE)
    touch(Case.objects.get(), how, cora)
    Case.objects.update(first_contact_at=timezone.now(), opened_at=timezone.now() - timedelta(days=2))
    before = Case.objects.get()
    second = send_again(client, DANA)
    case = Case.objects.get()
    assert (case.stale_since, case.stale_because) == (second.sent_at, StaleReason.ANSWERS)
    assert (case.opened_at, case.first_contact_at) == (second.sent_at, None)
    assert (case.level, case.urgent, case.status) == ("inpatient", True, before.status)
    assert (case.assignee, case.acknowledged_at) == (before.assignee, before.acknowledged_at)
    assert lines(case) == [("resent", "php", "inpatient"), ("stale", "", "answers")]
    assert case.messages.latest("pk").kind == "urgent_case"


@pytest.mark.parametrize(("status", "outcome"), [("placed", ""), ("closed", CaseOutcome.NOT_REACHED)])
def test_a_finished_case_is_new_again(client, status, outcome):
    send_answers(client)
    Case.objects.update(status=status, outcome=outcome, finished_at=timezone.now(), **NOTHING_NEXT)
    send_again(client, ALICE)
    case = Case.objects.get()
    assert (case.status, case.outcome, case.finished_at) == (CaseStatus.NEW, "", None)
    assert (case.stale_because, case.urgent) == (StaleReason.ANSWERS, False)
    assert lines(case) == [
        ("resent", "inpatient", "outpatient"), ("stale", "", "answers"), ("status", status, "new"),
    ]  # fmt: skip


def test_an_open_urgent_case_stays_urgent_when_danger_is_taken_back(client):
    send_answers(client)
    send_again(client, ALICE)
    case = Case.objects.get()
    assert (case.level, case.urgent) == ("outpatient", True)
    assert case.messages.latest("pk").kind == "urgent_case"


def test_a_disposition_keeps_the_level_that_was_recommended_then(client, cora):
    send_answers(client)
    touch(Case.objects.get(), "disposition", cora)
    send_again(client, ALICE)
    disposition = Case.objects.get().dispositions.get()
    assert (disposition.recommended, disposition.level) == ("inpatient", "inpatient")


def test_every_word_of_the_history_is_one_that_the_desk_knows(client):
    send_answers(client)
    Case.objects.update(status="placed", finished_at=timezone.now(), **NOTHING_NEXT)
    send_again(client)
    assert {each.what for each in CaseChange.objects.all()} <= set(CaseChange.ChangeType.values)
    assert {each.by for each in CaseChange.objects.all()} == {None}


def test_an_engine_that_fails_makes_it_urgent_and_without_a_level(client, monkeypatch):
    send_answers(client, ALICE)
    monkeypatch.setattr("recommend.result.snapshot.rate", None)
    send_again(client, ALICE)
    assert (Case.objects.get().level, Case.objects.get().urgent) == ("", True)


def test_replay_and_rederive_read_each_changed_case_once(client):
    for erased in (False, True):
        send_answers(client)
        send_again(client)
        if erased:
            client.post("/delete/", {"here": "yes"})
    out = io.StringIO()
    call_command("replay", stdout=out, stderr=io.StringIO())
    call_command("rederive", stdout=out, stderr=io.StringIO())
    assert "0 of 1 change" in out.getvalue()
    assert "2 recommendations: 2 the same" in out.getvalue()


# ---- all or nothing, at once, and how much it asks


def test_whichever_statement_fails_nothing_is_half_sent(client):
    send_answers(client, CHARLIE)
    Case.objects.update(status="placed", finished_at=timezone.now(), **NOTHING_NEXT)
    answer(change(client), DANA.answers)
    before = everything_stored()
    client.raise_request_exception = False
    seen = 0
    for k in range(1, 60):
        with Failing(k) as failing:
            answered = client.post("/send/", CONTACT)
        if failing.seen < k:
            break
        seen = k
        assert answered.status_code in (500, 503)
        assert everything_stored() == before
    assert seen >= 12
    assert Case.objects.get().level == "inpatient"


def test_sending_a_change_query_count_is_bounded(client):
    send_answers(client)
    with count_queries() as asked:
        client.post("/result/change/")
    assert len(asked) <= 4
    answer(Draft.objects.get(), ALICE.answers)
    Case.objects.update(status="placed", finished_at=timezone.now(), **NOTHING_NEXT)
    for path, most in {"/result/": 5, "/result/sent/": 5, "/answers/check/": 1, "/contact/": 1}.items():
        with count_queries() as asked:
            client.get(path)
        assert len(asked) <= most, (path, asked)
    with count_queries() as asked:
        client.post("/send/", CONTACT)
    assert len(asked) <= 17, asked


def two_browsers_that_change() -> tuple[Client, Client, tuple[str, str]]:
    """Both hold a change of the same answers, ready to be sent; and the reference and private code of those."""
    first = Client()
    sent = send_answers(first)
    second = with_token(token_of(first))
    for browser in (first, second):
        change(browser)
    for draft in Draft.objects.all():
        answer(draft, ALICE.answers)
    return first, second, sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_two_browsers_that_send_at_once_are_both_stored_once(shared_database, turn):
    first, second, _ = two_browsers_that_change()
    sends = [lambda: first.post("/send/", CONTACT), lambda: second.post("/send/", CONTACT)]
    sent = at_once(*sends, *sends)
    assert sent[:2] == [302, 302]
    assert set(sent[2:]) <= {302}  # gone: what one browser sent, the other has replaced
    assert Submission.objects.count() == 3
    case = Case.objects.get()
    assert case.submission.replaces.replaces.replaces is None
    assert case.version == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_concurrent_deletion_deletes_everything(shared_database, turn):
    """Nobody waits in a circle, and what is deleted stays deleted."""
    first, second, (reference, code) = two_browsers_that_change()
    done = at_once(
        lambda: first.post("/send/", CONTACT),
        lambda: delete_elsewhere(reference, code),
        lambda: delete_here(second) if turn % 2 else second.post("/send/", CONTACT),
        lambda: first.post("/send/", CONTACT),
    )
    deletes = 2 if turn % 2 else 1
    assert done[:deletes] == [200] * deletes
    assert set(done[deletes:]) <= {302}  # sent before it was deleted, or gone
    assert Case.objects.get().erased_at
    assert all(each.answers == {} for each in Submission.objects.all())
    assert not Draft.objects.exists()
    assert not ContactDetails.objects.exists()
