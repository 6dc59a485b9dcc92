"""Delete my answers: what a person sent is gone, from wherever they ask, and the desk copes with what is left."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from carenav.plumbing import codes
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.models import FailedAttempts
from intake import held
from intake.models import ContactDetails, ContactNameWord, ContactSearchKey, Draft, Submission
from recommend.desk.models import Case, CaseStatus, OutboxMessage, Tier
from recommend.desk.pages import case_page
from recommend.desk.submissions.erase import erase
from recommend.result.models import Recommendation
from tests.support.codes import CODE, FROM_ELSEWHERE, WRONG, come_back, is_refused
from tests.support.database import Failing, everything_stored
from tests.support.people import ALICE, CONTACT, DANA, HENRY, WELL, draft_for
from tests.support.staff import sign_in
from tests.support.submissions import CANARIES, delete_elsewhere, delete_here, is_deleted, send_answers
from tests.support.walker import parsed_page

pytestmark = pytest.mark.django_db


# ---- the private code


def test_private_code_is_shown_with_the_result_and_stored_hashed(client):
    _, code = send_answers(client)
    assert code in client.get("/result/").content.decode()
    assert codes.matches(code, Submission.objects.get().erase_hash)
    assert code not in everything_stored()
    assert codes.normalize(code) not in everything_stored()


def test_private_code_derives_from_the_token_alone(client):
    token = "a token"
    assert codes.private_code(token) == codes.private_code(token)
    assert codes.private_code(token) != codes.private_code("another token")
    _, code = send_answers(client)
    assert codes.private_code(client.cookies[settings.DRAFT_COOKIE_NAME].value) == code
    assert codes.private_code(Submission.objects.get().key) != code


def test_a_code_that_would_not_work_is_not_shown(client):
    send_answers(client)
    Submission.objects.update(erase_hash="")
    assert not CODE.search(parsed_page(client.get("/result/")).text)


def test_the_code_works_after_a_new_key_and_is_still_shown(client, settings):
    reference, code = send_answers(client)
    settings.FIELD_KEYS = ["t2LyfdEdmjJ3n8NHchKUPdvfj2CwhZ6FCUOvdTQTTAA=", *settings.FIELD_KEYS]
    assert code in client.get("/result/").content.decode()
    assert is_deleted(delete_elsewhere(reference, code))
    assert Case.objects.get().erased_at


# ---- what is gone, and what is kept


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize("person", [DANA, HENRY], ids=str)
def test_nothing_of_what_was_sent_is_left_in_any_row(client, person, where):
    reference, code = send_answers(client, person)
    before = everything_stored()
    submission = Submission.objects.select_related("contact").get()
    contact = submission.contact
    traces = {
        value
        for answer in person.answers.values()
        for value in ([answer] if isinstance(answer, str) else answer)
    }
    traces = {f'"{value}"' for value in traces if len(value) > 4} | {*CANARIES.values()}
    traces |= {
        contact.phone_hash,
        contact.email_hash,
        *contact.name_words.values_list("word_hash", flat=True),
        *contact.search_keys.values_list("key_hash", flat=True),
    }
    traces |= {"inpatient", "urgent_case", "suicidal_now", "mistake"}
    assert len([trace for trace in traces if trace in before]) > 15  # the search below is not blind
    here = where == "here"
    assert is_deleted(delete_here(client) if here else delete_elsewhere(reference, code))
    after = everything_stored()
    assert reference in after
    assert [trace for trace in traces if trace in after] == []
    for model in (ContactDetails, ContactNameWord, ContactSearchKey, Recommendation, OutboxMessage, Draft):
        assert not model.objects.exists()


def test_an_empty_closed_case_stays_and_the_page_says_so(client):
    reference, _ = send_answers(client)
    before = Case.objects.get()
    page = parsed_page(delete_here(client))
    case = Case.objects.get()
    assert (case.reference, case.opened_at, case.submission_id) == (
        reference, before.opened_at, before.submission_id,
    )  # fmt: skip
    assert (case.level, case.urgent, case.status) == ("", False, CaseStatus.CLOSED)
    assert timezone.now() - case.erased_at < timedelta(minutes=1)
    for words in ("What is gone", "What is kept, and why", reference, "agreed to send it", "safety copies"):
        assert words in page.text


@pytest.mark.parametrize(
    ("folder", "days", "said"),
    [
        (
            "",
            30,
            "If the clinic makes safety copies of its data, your answers stay in those until they are replaced.",
        ),
        ("/backups", 30, "encrypted safety copies keep your answers for up to 30 more days."),
        ("/backups", 1, "encrypted safety copies keep your answers for one more day."),
    ],
)
def test_the_page_says_for_how_long_backups_keep_it(client, settings, folder, days, said):
    settings.BACKUP_DIR, settings.BACKUP_KEEP_DAYS = folder, days
    send_answers(client)
    assert said in parsed_page(client.get("/privacy/")).text
    assert said in parsed_page(delete_here(client)).text


def test_only_an_erased_case_may_be_without_a_level_and_not_urgent(client):
    send_answers(client)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(level="", urgent=False, tier=Tier.ROUTINE)
    Case.objects.update(level="", urgent=False, tier=Tier.ROUTINE, erased_at=timezone.now())


def test_nobody_elses_case_is_touched(client):
    send_answers(Client(), ALICE)
    others = everything_stored()
    send_answers(client)
    client.post("/delete/", {"here": "yes"})
    after = everything_stored()
    assert [row for row in others.split("\n") if row not in after] == []


def test_after_deletion_the_browser_shows_nothing_and_can_start_over(client):
    reference, _ = send_answers(client)
    token = client.cookies[settings.DRAFT_COOKIE_NAME].value
    response = client.post("/delete/", {"here": "yes"})
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 0
    client.cookies[settings.DRAFT_COOKIE_NAME] = token
    assert client.get("/result/")["Location"] == "/answers/1/"
    assert client.post("/send/", CONTACT)["Location"] == "/not-here/"
    assert client.get("/continue/")["Location"] == "/answers/1/"
    assert reference not in client.get("/delete/").content.decode()
    assert Submission.objects.count() == 1


def test_deleting_elsewhere_takes_it_from_the_browser_that_sent_it(client):
    reference, code = send_answers(client)
    delete_elsewhere(reference, code)
    assert client.get("/result/").status_code == 302


# ---- where from


def test_a_draft_is_deleted_with_a_button(client):
    draft_for(client, WELL)
    page = parsed_page(client.get("/delete/"))
    assert page.form.action == "/delete/"
    assert "Your answers are deleted" in parsed_page(delete_here(client)).text
    assert not Draft.objects.exists()


def test_a_saved_draft_goes_with_its_code(client):
    draft_for(client, WELL)
    code = CODE.search(parsed_page(client.post("/save/", follow=True)).text)[0]
    client.post("/delete/", {"here": "yes"})
    assert is_refused(come_back(code))


def test_deleting_twice_says_so_and_changes_nothing(client):
    reference, code = send_answers(client)
    assert is_deleted(delete_elsewhere(reference, code))
    erased = everything_stored()
    assert is_deleted(delete_elsewhere(reference.lower().replace("-", " "), code.lower()))
    assert "What you sent is deleted" in parsed_page(delete_here(client)).text
    assert "Nothing was left to delete" in parsed_page(delete_here(Client())).text
    assert everything_stored() == erased


def test_looking_at_the_page_deletes_nothing(client):
    reference, _ = send_answers(client)
    before = everything_stored()
    page = parsed_page(client.get("/delete/"))
    assert reference in page.text
    assert everything_stored() == before


def test_every_page_leads_there(client):
    for path in ("/", "/answers/1/", "/privacy/", "/no-such-page/"):
        assert "/delete/" in parsed_page(client.get(path)).links


def test_a_form_without_its_token_deletes_nothing(client):
    send_answers(client)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/delete/", {"here": "yes"}).status_code == 403
    assert not Case.objects.get().erased_at


def test_the_page_that_confirms_is_for_the_browser_that_deleted(client):
    reference, _ = send_answers(client)
    assert client.get("/delete/done/")["Location"] == "/delete/"
    assert is_deleted(delete_here(client))
    for _again in range(2):  # Back, or the page once more
        assert reference in parsed_page(client.get("/delete/done/")).text
    assert Client().get("/delete/done/")["Location"] == "/delete/"
    cookie = client.cookies[held.cookie_name("deleted")]
    assert reference not in cookie.value
    client.get("/leave/")
    assert client.get("/delete/done/")["Location"] == "/delete/"


# ---- wrong codes


@pytest.mark.parametrize("text", ["K7QX-97MD", " k7qx 97md ", "k7qx97md", "K7QX–97MD", "Ｋ７ＱＸ－９７ＭＤ"])
def test_a_reference_is_read_however_it_is_typed(text):
    assert codes.normalize_reference(text) == "K7QX-97MD"


@pytest.mark.parametrize("text", ["", "K7QX-97M", "K7QX-97MDA", "K7QX-97MÉ", "K7QX-97M٣", "--------"])
def test_what_cannot_be_a_reference_gives_none(text):
    assert codes.normalize_reference(text) == ""


def test_wrong_code_and_unknown_reference_get_the_same_refusal(client):
    reference, code = send_answers(client)
    answers = [delete_elsewhere(reference, WRONG), delete_elsewhere("AAAA-AAAA", code)]
    texts = [re.sub(r"[A-Z0-9]{4}(-[A-Z0-9]{4})+|\w{64}", "", each.content.decode()) for each in answers]
    assert [each.redirect_chain for each in answers] == [[("/delete/", 302)]] * 2
    assert all(parsed_page(each).title.startswith("Error:") for each in answers)
    assert texts[0] == texts[1]
    assert not Case.objects.get().erased_at
    assert FailedAttempts.objects.get().count == 2


def test_the_code_of_another_case_does_not_fit(client):
    reference, _ = send_answers(client)
    _, others_code = send_answers(Client(), ALICE)
    assert not is_deleted(delete_elsewhere(reference, others_code))


def test_submission_without_a_code_cannot_be_deleted_by_one(client):
    reference, code = send_answers(client)
    Submission.objects.update(erase_hash="")
    assert not is_deleted(delete_elsewhere(reference, code))


@pytest.mark.parametrize("field", ["reference", "code"])
@pytest.mark.parametrize(
    "garbage",
    ["", "\0", "AAAA\0AAA", "x", "é" * 8, "字" * 16, "A" * 5000, "' OR 1=1 --", "\x01" * 8, "A" * 9],
)
def test_malformed_code_is_refused_and_not_counted(client, field, garbage):
    reference, code = send_answers(client)
    given = {"reference": reference, "code": code} | {field: garbage}
    response = Client().post("/delete/", given, follow=True)
    assert not is_deleted(response)
    assert parsed_page(response).title.startswith("Error:")
    assert not FailedAttempts.objects.exists()
    assert not Case.objects.get().erased_at


def test_nothing_posted_says_what_is_missing(client):
    page = parsed_page(client.post("/delete/", follow=True))
    assert page.title.startswith("Error:")
    assert "Enter your reference" in page.text


def test_wrong_codes_of_both_kinds_are_throttled_together(client):
    reference, code = send_answers(client)
    for turn in range(limits.FREE_ATTEMPTS):
        if turn % 2:
            Client().post("/come-back/", {"code": WRONG})
        else:
            delete_elsewhere(reference, WRONG)
    browser = Client()
    response = browser.post("/delete/", {"reference": reference, "code": code})
    assert response["Retry-After"] == "1"
    assert "Wait 1 second" in parsed_page(browser.get(response["Location"])).text
    assert not Case.objects.get().erased_at
    assert is_deleted(delete_elsewhere(reference, code, **FROM_ELSEWHERE))


def test_the_own_browser_deletes_without_a_code_while_codes_are_slowed(client):
    reference, _ = send_answers(client)
    for _ in range(limits.FREE_ATTEMPTS):
        delete_elsewhere(reference, WRONG)
    client.post("/delete/", {"here": "yes"})
    assert Case.objects.get().erased_at


# ---- all or nothing


def statements_of_erasing() -> int:
    send_answers(Client())
    submission = Submission.objects.latest("pk")
    with Failing(0) as failing:
        erase(submission)
    return failing.seen


def test_whichever_statement_fails_nothing_is_half_deleted(client):
    count = statements_of_erasing()
    assert count >= 6
    send_answers(client)
    submission = Submission.objects.latest("pk")
    before = everything_stored()
    for k in range(1, count + 1):
        with pytest.raises(DatabaseError), Failing(k):
            erase(submission)
        assert everything_stored() == before
    erase(submission)
    assert everything_stored() != before


# ---- the desk, and what runs over all cases


@pytest.fixture
def staff(client) -> Client:
    """Cora at the desk, and one case that its sender deleted."""
    sender = Client()
    send_answers(sender)
    sender.post("/delete/", {"here": "yes"})
    sign_in(client)
    return client


def test_the_list_shows_it_among_the_closed_ones_without_a_level(staff):
    assert Case.objects.get().reference not in staff.get("/staff/desk/case/").content.decode()
    html = staff.get("/staff/desk/case/?list=done").content.decode()
    assert Case.objects.get().reference in html
    assert "Deleted by the person" in html
    assert "A person must look" not in html


def test_erased_case_page_offers_no_step(staff):
    case = Case.objects.get()
    response = staff.get(f"/staff/desk/case/{case.pk}/change/")
    html = response.content.decode()
    assert response.status_code == 200
    assert case.reference in html
    assert "cannot be brought back" in html
    for word in ("Answers", "field-contact", "field-recommendation", 'name="status"', 'name="_save"'):
        assert word not in html


def test_erased_case_refuses_a_save(staff):
    case = Case.objects.get()
    before = list(Case.objects.values()), list(case.changes.values())
    response = staff.post(f"/staff/desk/case/{case.pk}/change/", {"status": "new", "note": "Typed."})
    assert response.status_code == 409
    assert "Nothing was saved" in response.content.decode()
    assert (list(Case.objects.values()), list(case.changes.values())) == before
    assert not case.notes.exists()
    assert saves_a_note(staff)  # on an open case it would be there


def saves_a_note(staff: Client) -> bool:
    """Whether the same post makes a note on a case that is open, and deleting that case deletes it."""
    send_answers(Client(), ALICE)
    case = Case.objects.get(erased_at=None)
    page = f"/staff/desk/case/{case.pk}/change/"
    seen = re.findall(r'type="hidden" name="(version|since)" value="(\d+)"', staff.get(page).content.decode())
    staff.post(page, {**dict(seen), "note": "Typed.", "save": "1"})
    made = case.notes.exists()
    erase(case.submission)
    return made and not case.notes.exists()


def test_a_save_at_the_moment_of_deleting_brings_nothing_back(staff, monkeypatch):
    send_answers(Client(), ALICE)
    case = Case.objects.get(erased_at=None)
    real = case_page.number

    def deleted_meanwhile(posted, name):
        erase(case.submission)
        return real(posted, name)

    monkeypatch.setattr(case_page, "number", deleted_meanwhile)
    save = {"version": "1", "since": "0", "how": "call", "attempt": "reached", "save": "1"}
    response = staff.post(f"/staff/desk/case/{case.pk}/change/", save)
    assert response.status_code == 409
    assert "Nothing was saved" in response.content.decode()
    case.refresh_from_db()
    assert (case.status, case.level) == ("closed", "")
    assert case.erased_at
    assert not case.contactattempts.exists()


def test_the_status_of_another_case_is_changed_as_ever(staff):
    send_answers(Client(), ALICE)
    case = Case.objects.get(erased_at=None)
    save = {"version": "1", "since": "0", "how": "call", "attempt": "reached", "status": "", "save": "1"}
    staff.post(f"/staff/desk/case/{case.pk}/change/", save)
    case.refresh_from_db()
    assert case.status == "in_contact"


@pytest.mark.parametrize(
    ("command", "counted"), [("replay", "0 of 1 change"), ("rederive", "1 recommendations")]
)
def test_replay_and_rederive_leave_it_out(staff, command, counted):
    send_answers(Client(), ALICE)
    out = io.StringIO()
    call_command(command, stdout=out, stderr=io.StringIO())
    assert counted in out.getvalue()


def test_deleting_twice_on_a_slow_line_says_again_what_is_deleted(client):
    """The browser shows the second answer alone, and has not read the first: its cookies are those of before."""
    reference, _ = send_answers(client)
    before = client.cookies.copy()
    client.post("/delete/", {"here": "yes"})
    client.cookies = before
    page = parsed_page(delete_here(client))
    assert "What you sent is deleted" in page.text
    assert reference in page.text
    assert Case.objects.get().changes.filter(what="erased").count() == 1


def test_deleting_a_draft_does_not_deny_an_earlier_submission(client):
    """After starting over, the new answers can be deleted here, and what was sent only with its code."""
    send_answers(client)
    client.post("/answers/1/", {id: WELL[id] for id in ("emergency", "who", "age", "place")})
    page = parsed_page(delete_here(client))
    assert "All you answered here is gone" in page.text
    assert "If you sent answers to the team, it still has them" in page.text
    assert not Case.objects.get().erased_at
