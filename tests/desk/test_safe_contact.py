"""How a person may safely be reached: chips beside the number, and a question before what contradicts them."""

import re
from dataclasses import replace

import pytest

from recommend.desk import safe_contact, workflow
from recommend.desk.models import Case, CaseChange, ContactAttempt
from recommend.desk.templatetags.desk import dialed
from recommend.desk.workflow import NeedsConfirmation
from recommend.rules.phrases import KIND_WORDS
from tests.support.cases import at_desk, called, case_url, new_case, user
from tests.support.people import ALICE, CONTACT

pytestmark = pytest.mark.django_db

LIST = "/staff/desk/case/"
NO_MESSAGES = {"leave_message": "no"}
BY_TEXT = {"reach_by": "text", "leave_message": "no"}
BY_EMAIL = {"reach_by": "email", "phone": "", "email": "robin@example.com", "leave_message": ""}
WILL_CALL = {"reach_by": "i_will_call", "phone": "", "leave_message": ""}
UNSAFE = replace(ALICE, name="unsafe", differs={"home": ["unsafe"]})


@pytest.fixture
def ann(db):
    return user("ann")


# ---- the file


def test_the_cautions_name_only_what_there_is():
    assert len({each.id for each in safe_contact.cautions()}) == len(safe_contact.cautions())
    for each in safe_contact.cautions():
        assert set(each.ways) <= set(ContactAttempt.How.values)
        assert set(each.outcomes) <= set(ContactAttempt.Outcome.values)
        assert set(each.resources) <= set(KIND_WORDS)
        assert bool(each.warning) == bool(each.ways or each.outcomes)
        for name, values in each.contact.items():
            assert set(values) <= set(
                dict(Case._meta.apps.get_model("intake.ContactDetails")._meta.get_field(name).choices)
            )


# ---- what contradicts what

CONTRADICTED = [
    ("no messages", ALICE, NO_MESSAGES, "call message, text reached, text no_answer, email message"),
    ("messages", ALICE, {"leave_message": "yes"}, ""),
    ("name only", ALICE, {}, ""),
    (
        "by text",
        ALICE,
        BY_TEXT | {"leave_message": "yes"},
        "call reached, email message, in_person reached",
    ),
    ("by text, no messages", ALICE, BY_TEXT, "call reached, call message, text message, email message"),
    ("by e-mail", ALICE, BY_EMAIL, "call reached, text message, in_person reached"),
    (
        "will call",
        ALICE,
        WILL_CALL,
        "call reached, call message, text message, email message, in_person reached",
    ),
    (
        "home is not safe",
        UNSAFE,
        {"leave_message": "yes"},
        "call message, text reached, text message, email message",
    ),
    ("home is not safe, by e-mail", UNSAFE, BY_EMAIL, "email message, email reached, call reached"),
]


@pytest.mark.parametrize(
    ("about", "person", "contact", "asked"), CONTRADICTED, ids=[row[0] for row in CONTRADICTED]
)
def test_each_wish_is_contradicted_by_these_contacts(about, person, contact, asked):
    case = new_case(person, contact)
    expected = {tuple(each.split()) for each in asked.split(", ") if each}
    fine = [
        ("call", "no_answer"),
        ("call", "reached"),
        ("text", "message"),
        ("email", "message"),
        ("email", "reached"),
    ]
    for how, outcome in expected:
        assert safe_contact.warnings(case, how, outcome), (how, outcome)
    if not expected:
        assert not [pair for pair in fine if safe_contact.warnings(case, *pair)]
    assert not safe_contact.warnings(case, "they_called", "reached")


@pytest.mark.parametrize(
    ("person", "contact", "fine"),
    [
        (ALICE, NO_MESSAGES, "call reached, call no_answer, call wrong, in_person reached"),
        (ALICE, BY_TEXT, "text reached, text no_answer"),
        (ALICE, BY_EMAIL, "email reached, email message"),
        (UNSAFE, {"leave_message": "yes"}, "call reached, call no_answer"),
    ],
    ids=str,
)
def test_what_the_person_asked_for_is_not_questioned(ann, person, contact, fine):
    case = new_case(person, contact)
    for pair in fine.split(", "):
        assert not safe_contact.warnings(case, *pair.split()), pair


def test_a_contact_against_the_wishes_is_logged_only_when_confirmed_and_says_so(ann):
    case = new_case(contact=NO_MESSAGES)
    with pytest.raises(NeedsConfirmation, match="asked for no messages"):
        called(case, ann, "message")
    assert not CaseChange.objects.exists()
    workflow.note_attempt(case, ann, "call", "message", confirmed=True)
    assert ContactAttempt.objects.get().against_wishes
    called(case, ann, "no_answer")
    assert [each.against_wishes for each in ContactAttempt.objects.order_by("pk")] == [True, False]


def test_a_case_without_a_level_is_asked_about_too(ann):
    case = new_case(contact=NO_MESSAGES)
    type(case.submission.recommendation).objects.update(outcome={"level": None}, level="")
    case.refresh_from_db()
    with pytest.raises(NeedsConfirmation):
        called(case, ann, "message")


# ---- the page


def post(client, case: Case, **fields: str):
    last = CaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    version = Case.objects.get(pk=case.pk).version
    return client.post(case_url(case), {"version": version, "since": last, "save": "1", **fields})


def test_the_form_asks_before_it_saves_and_keeps_everything_typed():
    client, case = at_desk("ann"), new_case(contact=NO_MESSAGES)
    assert 'name="confirm_contact"' not in client.get(case_url(case)).text
    typed = {"how": "call", "attempt": "message", "attempt_note": "Left my name.", "note": "Half a thought.",
             "next_when": "3d", "level": "iop"}  # fmt: skip
    response = post(client, case, **typed)
    assert response.status_code == 422
    assert response.context["form"].errors["confirm_contact"] == ["The person asked for no messages."]
    assert not ContactAttempt.objects.exists()
    html = response.text
    for words in (
        "Left my name.",
        "Half a thought.",
        '<option value="message" selected>',
        '<option value="3d" selected>',
    ):
        assert words in html
    assert re.search(r'<input type="checkbox" name="confirm_contact"', html)
    typed |= {"confirm_contact": "on", "reason": "more_known", "text": "Worse."}
    assert post(client, case, **typed).status_code == 302
    assert ContactAttempt.objects.get().against_wishes
    assert "against the person’s wishes, confirmed" in client.get(case_url(case)).text


def test_chips_stand_beside_the_number_and_where_a_contact_is_logged():
    contact = NO_MESSAGES | {
        "safe_times": "not at work",
        "language": "Spanish",
        "access_needs": "An interpreter, please",
    }
    case = new_case(UNSAFE, contact)
    html = at_desk().get(case_url(case)).text
    chips = re.findall(r'<li class="chip([^"]*)">([^<]*)</li>', html)
    once = [(" strong", "No messages"), (" strong", "Home may be unsafe"), ("", "not at work"), ("", "Spanish"),
            ("", "An interpreter, please")]  # fmt: skip
    assert chips == once * 2
    assert html.index("Home may be unsafe") < html.index("tel:")


def test_english_needs_no_chip():
    case = new_case(contact=CONTACT | {"language": " english ", "safe_times": "", "leave_message": "yes"})
    assert safe_contact.chips(case) == []


def test_number_and_address_are_links():
    html = at_desk().get(case_url(new_case(contact={"email": "robin+care@example.com"}))).text
    assert '<a class="number" href="tel:6175550100">(617) 555-0100</a>' in html
    assert '<a href="mailto:robin%2Bcare@example.com">robin+care@example.com</a>' in html


@pytest.mark.parametrize(
    ("number", "link"),
    [
        ("+1 617-555-0100", "+16175550100"),
        ("617 555 0100 x12", "6175550100,12"),
        ("٦١٧", ""),
        ("(617) 555-0100", "6175550100"),
    ],
)
def test_a_number_is_dialed_without_its_signs(number, link):
    assert dialed(number) == link


# ---- in bulk


def ask(client, cases: list[Case], **fields: str):
    data = {"_selected_action": [case.pk for case in cases], "action": "mark_contacted", "confirmed": "1"}
    data |= {f"version_{case.pk}": case.version for case in cases}
    return client.post(LIST, data | {"how": "call", "outcome": "message"} | fields)


@pytest.mark.parametrize(("answer", "logged"), [("", 0), ("leave", 1), ("log", 2)])
def test_in_bulk_it_asks_about_those_people_and_does_what_is_answered(answer, logged):
    client, cases = at_desk("ann"), [new_case(), new_case(contact=NO_MESSAGES)]
    asked = ask(client, cases)
    assert asked.status_code == 422
    assert f"{cases[1].reference}: The person asked for no messages." in asked.text
    assert f"{cases[0].reference}: " not in asked.text
    assert '<option value="message" selected>' in asked.text
    assert not ContactAttempt.objects.exists()
    response = ask(client, cases, confirm_contact=answer)
    assert ContactAttempt.objects.count() == logged
    if answer == "leave":
        assert "The person asked for no messages." in response.text
        assert [case for case, _ in response.context["told"].refused] == [cases[1]]


def test_in_bulk_nothing_is_asked_where_nothing_contradicts():
    client, case = at_desk("ann"), new_case()
    assert (
        "What about these cases?"
        not in client.post(
            LIST,
            {"action": "mark_contacted", "index": "0", "_selected_action": case.pk, f"version_{case.pk}": 1},
        ).text
    )
    assert ask(client, [case], next_when="3d").status_code == 302
    stored = Case.objects.get()
    assert (stored.next_action_at - ContactAttempt.objects.get().at).days >= 2
