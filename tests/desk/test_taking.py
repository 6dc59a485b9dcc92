"""New cases from a call or referral: staff go through the patients' own questions with somebody."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.models import Draft, Submission
from recommend.desk.models import AccessEvent, Case, CaseChange, Tier
from recommend.desk.submissions.erase import erase
from tests.support.cases import at_desk, case_url, may_only_look, user
from tests.support.people import CONTACT, DANA, WELL, age_by
from tests.support.staff import sign_in
from tests.support.walker import Walker

pytestmark = pytest.mark.django_db

TAKE = "/staff/desk/case/take/"
END = f"{TAKE}end/"
CALLER = {"told_by": "person", "told_how": "phone", "consent": "staff-1-agreed"}
RELATIVE = {"told_by": "relative", "told_how": "phone", "consent": "staff-1-relayed"}
MINUTE = 60


@pytest.fixture
def ann(db):
    return at_desk("ann")


def begun(client: Client, **given: str) -> Draft:
    response = client.post(TAKE, CALLER | given)
    assert response.status_code == 302, response.text
    return Draft.objects.latest("pk")


def walked(client: Client, answers, until: str = "contact") -> Walker:
    walker = Walker(client)
    walker.get("/continue/")
    return walker.walk(answers, until)


# ---- to the case


def test_the_same_questions_lead_to_a_case_that_says_how_it_came(ann):
    begun(ann, **RELATIVE)
    walked(ann, WELL)
    response = ann.post("/send/", {"email": ""} | CONTACT)
    case = Case.objects.get()
    assert response["Location"] == case_url(case)
    told = case.submission
    assert (told.taken_by, told.told_by, told.told_how) == (user("ann"), "relative", "phone")
    assert told.consent == "staff-1-relayed"
    assert told.open_until is None
    html = ann.get(case_url(case)).text
    for words in (
        "A relative or friend, by phone",
        "By ann. Consent: someone else says the person agrees.",
        "Answers taken by staff: A relative or friend, by phone",
    ):
        assert words in html
    assert ann.get("/result/").status_code == 302  # the browser has forgotten the answers
    assert not Draft.objects.exists()


def test_who_took_the_answers_knows_of_the_case_and_it_is_due(ann):
    begun(ann)
    walked(ann, WELL)
    ann.post("/send/", {"email": ""} | CONTACT)
    case = Case.objects.get()
    assert (case.acknowledged_by, case.status) == (user("ann"), "new")
    assert case.is_due(timezone.now())


def test_sharing_is_not_asked_what_staff_take_goes_to_the_team(ann):
    begun(ann)
    walker = walked(ann, WELL)
    assert "/answers/sharing/" not in walker.pages
    assert ann.get("/answers/sharing/")["Location"] == "/contact/"


def test_every_step_that_staff_take_has_a_row_in_the_access_log(ann):
    begun(ann)
    walked(ann, WELL)
    ann.post("/send/", {"email": ""} | CONTACT)
    rows = list(AccessEvent.objects.filter(who=user("ann"), verb="change").values_list("what", flat=True))
    assert rows == [Case.objects.get().reference, "answers from a caller: started"]


# ---- what is noted first


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"told_by": ""}, "told_by"),
        ({"told_how": ""}, "told_how"),
        ({"consent": ""}, "consent"),
        ({"consent": "staff-1-unasked"}, "consent"),
        ({"consent": "staff-1-relayed"}, "consent"),
        ({"told_by": "relative", "consent": "staff-1-agreed"}, "consent"),
        ({"told_by": "referrer", "consent": "staff-1-agreed"}, "consent"),
    ],
)
def test_who_and_how_and_a_consent_that_fits_must_be_noted(ann, given, wrong):
    response = ann.post(TAKE, CALLER | given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [wrong]
    assert not Draft.objects.exists()


def test_somebody_who_was_not_asked_has_a_chip_that_says_so(ann):
    begun(ann, told_by="referrer", told_how="letter", consent="staff-1-unasked")
    ann.post(END, {"end": "1"})
    ann.post("/send/", {"email": ""} | CONTACT)
    assert "Not asked: may not know about this case" in ann.get(case_url(Case.objects.get())).text


# ---- a crisis


def test_a_crisis_answer_shows_what_to_say_now_and_the_case_can_be_made_at_once(ann):
    begun(ann)
    walker = Walker(ann)
    walker.get("/continue/")
    page = walker.next(WELL | {"emergency": ["about_to"]})
    assert page.name == "crisis"
    html = ann.get("/help-now/").text
    assert "Say this now, in these words. Stay on the line." in html
    assert ann.post(END, {"end": "1"})["Location"] == "/continue/"
    assert ann.get("/continue/")["Location"] == "/contact/"
    ann.post("/send/", {"email": ""} | CONTACT)
    case = Case.objects.get()
    assert (case.tier, case.urgent_because) == (Tier.NOW, "suicide")
    assert "Danger of suicide" in ann.get(case_url(case)).text


def test_all_crisis_answers_of_a_whole_walk_count_as_for_a_patient(ann):
    begun(ann)
    walker = walked(ann, DANA.answers)
    assert "/help-now/" in walker.pages
    ann.post("/send/", {"email": ""} | CONTACT)
    assert (Case.objects.get().tier, Case.objects.get().level) == (Tier.NOW, "inpatient")


def test_a_crisis_answer_after_the_session_ended_still_leads_to_help(clock):
    ann = at_desk("ann")
    begun(ann)
    clock.forward(15 * MINUTE)
    response = ann.post("/answers/1/", {"emergency": ["about_to"]})
    assert response["Location"] == "/help-now/"
    assert ann.get("/help-now/").status_code == 200
    assert Draft.objects.count() == 1


# ---- ended early, gone on with, thrown away


def test_a_case_without_any_answer_is_made_and_needs_somebody_today(ann):
    begun(ann)
    ann.post(END, {"end": "1"})
    assert ann.get("/contact/").status_code == 200
    ann.post("/send/", {"email": ""} | CONTACT)
    assert Case.objects.get().tier == Tier.TODAY


def test_from_the_contact_page_the_way_back_to_the_questions_is_open(ann):
    draft = begun(ann)
    ann.post(END, {"end": "1"})
    assert "Back to the questions" in ann.get("/contact/").text
    ann.post(END, {"back": "1"})
    draft.refresh_from_db()
    assert not draft.cut_short
    assert ann.get("/continue/")["Location"] == "/answers/1/"


def test_it_is_listed_for_its_author_alone_and_goes_on_in_another_browser(ann):
    draft = begun(ann)
    walker = Walker(ann)
    walker.get("/continue/")
    walker.next(WELL)
    assert "Started, not sent" not in at_desk("bo").get(TAKE).text
    elsewhere = at_desk("ann")
    assert "Started, not sent" in elsewhere.get(TAKE).text
    assert elsewhere.post(TAKE, {"go_on": draft.pk})["Location"] == "/continue/"
    assert elsewhere.get("/continue/")["Location"] == "/answers/2/"
    assert ann.get("/answers/2/")["Location"] != "/answers/2/"  # no longer in the first browser


def test_another_user_cannot_go_on_with_it(ann):
    draft = begun(ann)
    assert at_desk("bo").post(TAKE, {"go_on": draft.pk}).status_code == 404


def test_two_that_one_user_began_do_not_delete_each_other(ann):
    first, second = begun(ann), begun(ann)
    ann.post(TAKE, {"go_on": first.pk})
    assert {*Draft.objects.all()} == {first, second}


def test_it_can_be_thrown_away(ann):
    begun(ann)
    assert ann.post(END, {"delete": "1"})["Location"] == TAKE
    assert not Draft.objects.exists()


def test_ending_without_a_draft_changes_nothing(ann):
    assert ann.post(END, {"end": "1"})["Location"] == TAKE
    assert ann.get(END)["Location"] == TAKE


def test_it_expires_like_every_draft(ann):
    age_by(begun(ann), hours=25)
    assert "Started, not sent" not in ann.get(TAKE).text


# ---- only for the one who is signed in


def test_without_the_session_the_browser_shows_nothing_of_it(clock):
    ann = at_desk("ann")
    begun(ann)
    walker = Walker(ann)
    walker.get("/continue/")
    walker.next(WELL)
    clock.forward(15 * MINUTE)
    to_sign_in = f"/staff/login/?next={TAKE}"
    for path in ("/answers/1/", "/answers/2/", "/continue/", "/contact/", "/answers/check/"):
        assert ann.get(path)["Location"] == to_sign_in, path
    assert ann.post("/answers/1/", {"who": "me"})["Location"] == to_sign_in
    sign_in(ann, "coordinator", "ann")
    assert ann.get("/continue/")["Location"] == "/answers/2/"


def test_without_the_session_answers_that_are_complete_show_nowhere(clock):
    ann = at_desk("ann")
    begun(ann)
    walked(ann, WELL)
    assert ann.get("/contact/").status_code == ann.get("/answers/check/").status_code == 200
    clock.forward(15 * MINUTE)
    for path in ("/contact/", "/answers/check/", "/answers/1/", "/answers/8/", "/save/"):
        assert ann.get(path).status_code == 302, path
    assert ann.get("/result/").status_code == 302
    assert ann.post("/send/", {"email": ""} | CONTACT)["Location"].startswith("/staff/login/")
    assert not Case.objects.exists()


def test_what_was_sent_after_the_session_ended_is_filled_in_again_after_sign_in(clock):
    ann = at_desk("ann")
    begun(ann)
    clock.forward(15 * MINUTE)
    ann.post("/answers/1/", {"who": "with_help", "age": "65_plus"})
    sign_in(ann, "coordinator", "ann")
    html = ann.get("/answers/1/").text
    for chosen in (r'value="with_help"[^>]*\schecked', r'value="65_plus"[^>]*\schecked'):
        assert re.search(chosen, html), chosen
    walked(ann, WELL)
    clock.forward(15 * MINUTE)
    ann.post("/send/", CONTACT | {"name": "Sam Late"})
    assert not Case.objects.exists()
    sign_in(ann, "coordinator", "ann")
    assert "Sam Late" in ann.get("/contact/").text


def leave(client: Client) -> None:
    client.get("/leave/")


def delete_here(client: Client) -> None:
    client.post(reverse("desk:delete"), {"here": "1"})


@pytest.mark.parametrize("press", [leave, delete_here])
def test_without_the_session_the_browser_does_not_delete_it(clock, press):
    ann = at_desk("ann")
    draft = begun(ann)
    clock.forward(15 * MINUTE)
    press(ann)
    assert Draft.objects.get() == draft
    sign_in(ann, "coordinator", "ann")
    assert "Started, not sent" in ann.get(TAKE).text


@pytest.mark.parametrize("press", [leave, delete_here])
def test_with_the_session_the_browser_deletes_it(ann, press):
    begun(ann)
    press(ann)
    assert not Draft.objects.exists()


def test_another_user_in_the_same_browser_does_not_see_it(ann):
    begun(ann)
    sign_in(ann, "coordinator", "bo")
    assert ann.get("/answers/1/")["Location"].startswith("/staff/login/")


def test_its_pages_count_as_use_of_the_session(clock):
    ann = at_desk("ann")
    begun(ann)
    for _ in range(4):
        clock.forward(10 * MINUTE)
        assert ann.get("/answers/1/").status_code == 200
    assert ann.get("/staff/").status_code == 200


def test_no_code_opens_it(ann):
    draft = begun(ann)
    assert "Save and come back later" not in ann.get("/answers/1/").text
    ann.post("/save/")
    draft.refresh_from_db()
    assert draft.code_hash is None


def test_who_may_only_look_or_is_no_coordinator_takes_none(db):
    for role in ("coordinator", "administrator"):
        client = Client()
        member = sign_in(client, role, role)
        if role == "coordinator":
            may_only_look(member)
        for path in (TAKE, END):
            assert client.post(path, CALLER).status_code == 403
    assert not Draft.objects.exists()


def test_who_loses_the_role_cannot_go_on_with_what_they_took(ann):
    begun(ann)
    walked(ann, WELL)
    may_only_look(user("ann"))
    for path in ("/answers/1/", "/continue/", "/contact/", "/answers/check/"):
        assert ann.get(path)["Location"] == f"/staff/login/?next={TAKE}", path
    ann.post("/send/", {"email": ""} | CONTACT)
    assert not Case.objects.exists()


def test_patients_see_nothing_of_it(client):
    html = client.get("/answers/1/").text
    for words in ("taking", "Staff:", "End here and make the case"):
        assert words not in html
    assert "Leave this site" in html


def test_the_bar_and_the_warning_of_the_session_are_on_its_pages(ann):
    begun(ann)
    response = ann.get("/answers/1/")
    for words in (
        "Staff: answers from the person, by phone.",
        "End here and make the case",
        'id="time-ends"',
    ):
        assert words in response.text
    assert "This is not my own device" not in response.text
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_how_it_came_is_deleted_with_the_case(ann):
    begun(ann, **RELATIVE)
    ann.post(END, {"end": "1"})
    ann.post("/send/", {"email": ""} | CONTACT)
    erase(Submission.objects.get())
    told = Submission.objects.get()
    assert (told.told_by, told.told_how) == ("", "")
    assert CaseChange.objects.get(what="taken").after == ""


def test_a_referral_that_is_old_is_deleted_by_the_purge(ann):
    draft = begun(ann)
    age_by(draft, hours=25)
    assert draft in Draft.objects.gone()


def test_the_first_page_of_the_desk_leads_there(ann):
    assert reverse("admin:desk_case_take") in ann.get("/staff/").text
