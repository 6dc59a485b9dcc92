"""People walk the whole way, from the start page to their result and to the desk."""

import re

import pytest
from django.db import connection
from django.test import Client

from intake.models import ContactDetails, ContactNameWord, Draft, Submission
from recommend.desk.models import Case, OutboxMessage
from recommend.result.models import Recommendation
from recommend.result.snapshot import is_priority
from tests.support.people import ALICE, CONTACT, DANA, ERIN, PEOPLE, SECTIONS, Person
from tests.support.results import in_order
from tests.support.staff import sign_in
from tests.support.walker import Walker, section_url

pytestmark = pytest.mark.django_db

STORED_WHEN_SENT = (Submission, ContactDetails, Recommendation, Case, OutboxMessage)


def sent(person: Person) -> Walker:
    return Walker().walk(person.answers | CONTACT | {"share": "send"})


def kept(person: Person) -> Walker:
    return Walker().walk(person.answers | {"share": "only_me"})


def sections_seen(walker: Walker) -> list[str]:
    """The section pages in the order in which they first came."""
    addresses = {section_url(name): name for name in SECTIONS}
    found = [addresses.get(path, "") for path in walker.pages]
    return [id for id in dict.fromkeys(found) if id in SECTIONS]


@pytest.fixture
def coordinator(client: Client) -> Client:
    sign_in(client)
    return client


def the_result_is_for(person: Person, walker: Walker) -> bool:
    return (
        walker.page.name == "result"
        and walker.page.level == person.level
        and sorted(walker.page.rules) == sorted(person.rules)
        and walker.pages.count("/help-now/") == person.crisis_pages
        and sections_seen(walker) == SECTIONS
    )


@pytest.mark.some(3)
@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_only_me_shows_the_result_and_stores_nothing_but_the_draft(person):
    walker = kept(person)
    assert the_result_is_for(person, walker), (walker.page.level, walker.page.rules, walker.pages)
    assert "/contact/" not in walker.pages
    for model in STORED_WHEN_SENT:
        assert not model.objects.exists()
    assert Draft.objects.count() == 1
    assert walker.get("/result/").level == person.level  # computed again each time
    assert Draft.objects.count() == 1


@pytest.mark.some(3)
@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_sending_stores_once_shows_the_result_and_ends_the_draft(person):
    walker = sent(person)
    assert the_result_is_for(person, walker), (walker.page.level, walker.page.rules, walker.pages)
    for model in STORED_WHEN_SENT:
        assert model.objects.count() == 1, model
    assert not Draft.objects.exists()
    submission = Submission.objects.get()
    assert submission.answers == person.answers | {"share": "send"}
    assert (submission.questionnaire, submission.language) == ("2026.2", "en")
    assert submission.consent
    assert submission.consented_at < submission.sent_at
    recommendation = submission.recommendation
    assert recommendation.level == person.level
    assert sorted(reason["rule"] for reason in recommendation.outcome["reasons"]) == sorted(person.rules)
    case = submission.case
    assert (case.reference, case.level, case.status) == (submission.reference, person.level, "new")
    assert case.urgent == person.urgent
    assert case.messages.get().kind == ("urgent_case" if person.urgent else "case")


def test_contact_details_are_stored_encrypted_and_found_by_keyed_hashes():
    sent(ALICE)
    raw = {}
    with connection.cursor() as cursor:
        for model in (ContactDetails, ContactNameWord):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            raw[model] = str(cursor.fetchall())
    for value in (
        CONTACT["name"],
        "Robin",
        "robin",
        CONTACT["phone"],
        "6175550100",
        CONTACT["safe_times"],
        "nights",
    ):
        assert value not in raw[ContactDetails] + raw[ContactNameWord]
    contact = ContactDetails.objects.get()
    for name, value in CONTACT.items():
        assert getattr(contact, name) == value
    assert contact.phone_hash
    assert not contact.email_hash
    assert contact.name_words.count() == 2


def test_result_can_be_read_again_by_its_own_browser_only():
    walker = sent(DANA)
    reference = Submission.objects.get().reference
    assert walker.get("/result/").level == "inpatient"
    assert reference in walker.page.text
    stranger = Walker()
    assert stranger.get("/result/").name == "section"
    assert reference not in stranger.page.text


def test_sending_twice_stores_once_and_shows_the_same_result():
    walker = Walker().walk(ALICE.answers | CONTACT | {"share": "send"}, until="contact")
    form_page = walker.page
    first = walker.send(CONTACT)
    walker.page = form_page
    walker.steps = [step for step in walker.steps if step.path != "/result/"]
    again = walker.send(CONTACT | {"name": "Somebody Else"})
    assert (again.name, again.level, again.rules) == (first.name, first.level, first.rules)
    for model in STORED_WHEN_SENT:
        assert model.objects.count() == 1, model
    assert ContactDetails.objects.get().name == CONTACT["name"]


def test_the_level_is_computed_on_the_server_whatever_else_is_posted():
    walker = Walker().walk(DANA.answers | {"share": "send"}, until="contact")
    token = walker.page.form.chosen["csrfmiddlewaretoken"][0]
    forged = {"level": "outpatient", "urgent": "", "suicidal_now": "no", "emergency": "none"}
    walker.client.post("/send/", CONTACT | forged | {"csrfmiddlewaretoken": token})
    assert walker.get("/result/").level == "inpatient"
    assert Case.objects.get().urgent


def test_after_only_me_a_person_can_still_send():
    walker = kept(DANA)
    walker.get("/answers/sharing/")
    walker.walk(CONTACT | {"share": "send"})
    assert walker.page.level == "inpatient"
    assert Case.objects.count() == 1


def test_starting_again_after_sending_keeps_the_submission():
    walker = sent(DANA)
    walker.get("/")
    walker.walk(ALICE.answers | {"share": "only_me"})
    assert walker.page.level == "outpatient"
    assert Recommendation.objects.get().level == "inpatient"


def test_the_list_of_cases_has_urgent_ones_first_and_no_answer_in_it(coordinator):
    for person in (ALICE, ERIN, DANA):
        sent(person)
    page = coordinator.get("/staff/desk/case/")
    html = re.sub(r'value="\w{64}"', "", page.content.decode())  # a form token may hold any digits
    order = [
        Submission.objects.get(reference=case.reference).answers for case in page.context["cl"].result_list
    ]
    assert order == [person.answers | {"share": "send"} for person in (DANA, ERIN, ALICE)]
    rows = html.partition('id="changelist"')[2].partition('id="changelist-filter"')[0]
    assert in_order(
        rows, "danger of suicide", "dangerous withdrawal"
    )  # why a case is urgent, and nothing else of it
    for hidden in ("Robin", "555", "I had a plan", "shakes", "danger-now"):
        assert hidden not in rows


def test_case_page_shows_recommendation_answers_and_contact(coordinator):
    sent(DANA)
    page = coordinator.get(f"/staff/desk/case/{Case.objects.get().pk}/change/")
    html = page.content.decode()
    assert page.status_code == 200
    for shown in (
        "You are thinking about killing yourself now, or you are about to.",
        "I had a plan, or I started to get ready",
        "Robin Example",
        "(617) 555-0100",
        "after 6 pm",
    ):
        assert shown in html


def test_nobody_reads_a_case_without_signing_in(client):
    sent(ALICE)
    for address in ("/staff/desk/case/", f"/staff/desk/case/{Case.objects.get().pk}/change/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/staff/login/")


NOTED = {  # what brings out every part of a result: safety texts, notes, unknowns, resources
    "emergency": ["drunk_high"],
    "age": "65_plus",
    "losing_touch": "brief",
    "also": ["baby", "stopped", "opioids", "eating"],
    "substance_use": "skip",
    "withdrawal": "unsure",
    "eating_often": "weekly",
    "nervous": "unsure",
    "home": ["unsafe"],
    "recent_treatment": ["php_done"],
    "treatment_fit": "helping",
}


@pytest.mark.parametrize(
    "differs", [{}, NOTED, NOTED | {"home": ["no_home"], "recent_treatment": ["left_hospital"]}]
)
def test_no_page_shows_raw_data_in_place_of_words(differs, coordinator):
    walker = Walker().walk(ALICE.answers | differs | CONTACT | {"share": "send"})
    case = Case.objects.get()
    desk = coordinator.get(f"/staff/desk/case/{case.pk}/change/").content.decode()
    for text in (walker.page.text, desk):
        assert not re.search(r"\{['&]|&#x27;en&#x27;|'en':|<\w+ object at", text)


@pytest.mark.parametrize(
    ("level", "crisis", "urgent", "first"),
    [
        ("php", [], [], False),
        ("php", ["suicide"], [], True),
        ("php", [], ["suicide"], True),
        ("inpatient", [], [], True),  # care today, whatever it follows from
        ("", None, None, True),
        (None, None, None, True),
    ],
)
def test_list_puts_urgent_cases_first(level, crisis, urgent, first):
    assert is_priority(level, crisis, urgent) == first


# ---- when the engine fails


@pytest.fixture
def broken_engine(monkeypatch):
    def broken(*args):
        raise RuntimeError("the engine is broken")

    monkeypatch.setattr("recommend.result.snapshot.rate", broken)


def test_an_engine_error_makes_an_urgent_case_without_a_level(broken_engine, coordinator):
    walker = sent(ALICE)
    assert walker.status == 200
    assert walker.page.name == "result"
    assert walker.page.level is None
    assert walker.page.rules == []
    assert "A person will look at this" in walker.page.text
    case = Case.objects.get()
    assert (case.level, case.urgent) == ("", True)
    assert case.messages.get().kind == "urgent_case"
    assert "No recommendation (needs review)" in coordinator.get("/staff/desk/case/").content.decode()
    assert coordinator.get(f"/staff/desk/case/{case.pk}/change/").status_code == 200


def test_an_engine_error_shows_no_level_to_somebody_who_sent_nothing(broken_engine):
    walker = kept(ALICE)
    assert walker.status == 200
    assert walker.page.name == "result"
    assert walker.page.level is None
    assert not Case.objects.exists()


def test_a_result_that_failed_stays_as_it_was_stored(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("recommend.result.snapshot.rate", None)
        walker = sent(DANA)
    assert walker.get("/result/").level is None


# ---- all or nothing


def test_failure_while_sending_stores_nothing_and_keeps_the_draft(monkeypatch):
    walker = Walker().walk(ALICE.answers | {"share": "send"}, until="contact")
    walker.client.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("cannot be stored")

    monkeypatch.setattr("recommend.desk.submissions.submit.OutboxMessage.objects.create", broken)
    assert walker.send(CONTACT).name == "error"
    assert walker.status == 500
    for model in STORED_WHEN_SENT:
        assert not model.objects.exists(), model
    monkeypatch.undo()
    walker.get("/continue/")
    assert walker.walk(CONTACT).page.level == "outpatient"
    assert Case.objects.count() == 1
