"""The page of a case: the programs that fit, one press to offer one, and one save that places the person."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import Case, CaseChange, ContactAttempt, Placement, UnsavedWork
from recommend.programs.models import Program
from recommend.programs.openings import KNOWN_FOR
from tests.support.case_forms import filled, page
from tests.support.cases import at_desk, called, case_url, may_only_look, new_case, user
from tests.support.database import count_queries
from tests.support.people import BOB, DANA
from tests.support.placements import place
from tests.support.programs import make_program
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

EVENINGS = [(day, 18, 21) for day in range(3)]
TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


def save(client: Client, case: Case, **fields: object):
    return client.post(case_url(case), {**filled(client, case), **fields})


def only() -> tuple[str, str]:
    """The place and the state of the only placement."""
    made = Placement.objects.get()
    return made.where, made.state


def programs_part(html: str) -> str:
    part = html.partition('id="programs-title"')[2].partition("</section>")[0]
    return re.sub(r"\s+", " ", part)


# ---- the programs that fit


def test_the_programs_of_the_level_are_shown_best_first_with_what_to_say(ann):
    make_program("Mornings", sessions=[(0, 9, 12)])
    make_program(
        "Evenings",
        sessions=EVENINGS,
        accepts=["medicaid"],
        languages=["en", "es"],
        ages_from=18,
        ages_to=64,
        capacity=10,
        free_places=2,
        wait_weeks=3,
        next_start=TOMORROW,
        openings_at=timezone.now(),
        referral_phone="617 555 0188",
        referral_contact="Pat Doe",
        substance_use_track=True,
    )
    make_program("Another level", level="php")
    free = ["mon_evening", "tue_evening", "wed_evening"]
    wishes = BOB.differs | {"free_times": free, "insurance": "medicaid"}
    case = new_case(replace(BOB, differs=wishes))
    part = programs_part(page(ann, case))
    assert re.findall(r'<b id="program-\d+">(.*?)</b>', part) == ["Evenings", "Mornings"]
    for words in (
        "Fits their free times.",
        "Monday to Wednesday: 6 p.m. to 9 p.m.",
        "Takes Medicaid.",
        "Languages: English, Spanish.",
        "Ages 18 to 64.",
        "2 of 10 places free",
        "wait 3 weeks",
        "next start",
        'href="tel:6175550188"',
        "Pat Doe",
        "Treats substance use.",
        "Not at their free times.",
        "Ask if it takes Medicaid.",
        "Openings not known: ask",
    ):
        assert words in part, words
    assert "Another level" not in part


def test_old_openings_are_not_told(ann):
    make_program(free_places=5, openings_at=timezone.now() - 2 * KNOWN_FOR)
    part = programs_part(page(ann, new_case(BOB)))
    assert "places free" not in part
    assert "Openings not known: ask" in part


def test_programs_of_another_level_are_one_link_away(ann):
    make_program("Day program", level="php")
    case = new_case(BOB)
    part = programs_part(page(ann, case))
    assert "Day program" not in part
    assert 'href="?level=php#programs-title"' in part
    assert "Day program" in programs_part(ann.get(f"{case_url(case)}?level=php").text)


def test_the_language_of_the_person_counts_and_not_that_of_staff(ann):
    make_program("A English")
    make_program("B Spanish", languages=["es"])
    case = new_case(BOB)
    Case.objects.update(language="es")
    part = programs_part(page(ann, case))
    assert part.index("B Spanish") < part.index("A English")
    assert "Help in Spanish." in part
    assert "Ask for help in Spanish." in part


def test_a_case_without_a_level_can_be_placed_all_the_same(ann):
    make_program("Day program", level="php")
    case = called(new_case(BOB), user("bo"))
    Case.objects.update(level="", urgent=True, tier=2)
    made = case.submission.recommendation
    made.level = ""
    made.save()
    assert "Day program" in programs_part(ann.get(f"{case_url(case)}?level=php").text)
    assert save(ann, case, offer=Program.objects.get().pk).status_code == 302
    assert only() == ("Day program", "offered")


def test_who_may_only_look_is_offered_nothing_to_press(ann):
    make_program()
    case = new_case(BOB)
    may_only_look(user("ann"))
    assert "programs-title" not in page(ann, case)


@pytest.mark.parametrize("programs", [1, 30])
def test_programs_and_placements_cost_two_queries_however_many_there_are(ann, programs):
    case = called(new_case(BOB), user("bo"))
    for number in range(programs):
        make_program(f"Program {number}", sessions=EVENINGS)
    page(ann, case)
    with count_queries() as queries:
        html = page(ann, case)
    asked = [
        str(query) for query in queries if "recommend_program" in str(query) or "desk_placement" in str(query)
    ]
    assert len(asked) == 2
    assert html.count('name="offer"') == min(programs, 8)
    assert ("22 more on the list" in html) == (programs == 30)


# ---- what it saves


def test_one_press_offers_a_program(ann):
    program = make_program()
    case = called(new_case(BOB), user("bo"))
    response = save(ann, case, offer=program.pk)
    assert response["Location"] == case_url(case)
    assert only() == ("Harbor", "offered")
    html = page(ann, case)
    assert "Harbor: Offered" in html
    assert CaseChange.objects.filter(what="placement", after="offered").exists()


def test_an_offer_goes_into_the_same_save_as_the_call(ann):
    program = make_program()
    case = new_case(BOB)
    assert save(ann, case, reached="1", offer=program.pk, note="Likes it.").status_code == 302
    assert ContactAttempt.objects.get().outcome == "reached"
    assert only() == ("Harbor", "offered")
    assert Case.objects.get().next_action == "check_placement"


def test_a_person_is_reached_and_placed_in_a_program_in_one_save(ann):
    program = make_program()
    case = new_case(BOB)
    fields = {
        "reached": "1",
        "level": "iop",
        "status": "placed",
        "program": program.pk,
        "starts_on": TOMORROW,
    }
    assert save(ann, case, **fields).status_code == 302
    stored = Case.objects.get()
    assert (stored.status, stored.chosen, stored.next_action) == ("placed", "iop", "arrival")
    assert (only(), Placement.objects.get().start_on) == (("Harbor", "start_set"), TOMORROW)


def test_one_press_places_the_person_in_a_program_of_the_list(ann):
    program = make_program()
    case = new_case(BOB)
    response = save(ann, case, reached="1", level="iop", place=program.pk, place_on=TOMORROW)
    assert response["Location"] == "/staff/"
    stored = Case.objects.get()
    assert (stored.status, only(), Placement.objects.get().start_on) == (
        "placed",
        ("Harbor", "start_set"),
        TOMORROW,
    )


def test_the_day_is_kept_where_placing_is_refused(ann):
    program = make_program()
    response = save(ann, called(new_case(BOB), user("bo")), place=program.pk, place_on=TOMORROW)
    assert list(response.context["form"].errors) == ["level"]
    assert response.text.count(f'value="{TOMORROW}"') == 2  # beside the programs, and in the form


def test_a_start_date_alone_places_the_person_where_they_were_accepted(ann):
    program = make_program()
    case = called(new_case(BOB), user("bo"))
    save(ann, case, level="iop", placement="accepted", program=program.pk)
    save(ann, case, placement="start_set", starts_on=TOMORROW)
    assert Case.objects.get().status == "placed"
    assert only() == ("Harbor", "start_set")


def test_the_next_step_can_be_chosen_with_a_placement(ann):
    case = called(new_case(BOB), user("bo"))
    at = timezone.localtime() + timedelta(days=6)
    fields = {
        "placement": "waitlisted",
        "elsewhere": "Elm",
        "next_when": "date",
        "next_at": f"{at:%Y-%m-%dT%H:%M}",
    }
    assert save(ann, case, **fields).status_code == 302
    stored = Case.objects.get()
    assert (stored.next_action, timezone.localtime(stored.next_action_at).date()) == (
        "check_placement",
        at.date(),
    )


def placed(ann) -> Case:
    case = called(new_case(BOB), user("bo"))
    workflow.record_disposition(case, user("bo"), "iop")
    return place(case, user("bo"))


def test_a_placed_case_asks_whether_they_arrived_with_a_button_for_each_answer(ann):
    case = placed(ann)
    html = page(ann, case)
    assert "Did they arrive?" in html
    assert re.findall(r'name="placed" value="(\w+)"', html) == ["arrived", "no_show"]
    response = save(ann, case, placed="arrived")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["ends_on"])
    assert save(ann, case, placed="arrived", ends_on=TOMORROW + timedelta(days=40)).status_code == 302
    assert Case.objects.get().next_action == "what_next"
    html = page(ann, case)
    assert re.findall(r'name="placed" value="(\w+)"', html) == ["finished", "finished_go_on", "arrived"]
    save(ann, case, placed="finished")
    stored = Case.objects.get()
    assert (stored.status, stored.next_action) == ("placed", "")
    assert 'name="placed"' not in page(ann, case)


def test_no_answer_to_did_they_arrive_is_a_call_like_any_other(ann):
    case = placed(ann)
    assert save(ann, case, quick="no_answer").status_code == 302
    stored = Case.objects.get()
    assert (stored.status, stored.next_action) == ("placed", "arrival")
    assert stored.next_action_at < timezone.now() + timedelta(days=5)


def test_after_the_program_the_next_place_is_looked_for(ann):
    case = placed(ann)
    save(ann, case, placed="arrived", ends_on=TOMORROW + timedelta(days=40))
    save(ann, case, placed="finished_go_on")
    stored = Case.objects.get()
    assert (stored.status, stored.next_action) == ("assessed", "check_placement")
    assert 'id="programs-title"' in page(ann, case)


def test_who_did_not_arrive_is_offered_another_program(ann):
    case = placed(ann)
    save(ann, case, placed="no_show", declined_because="hours")
    assert Case.objects.get().next_action == "call_back"
    save(ann, case, offer=make_program("Other").pk)
    assert Placement.objects.current().get().name == "Other"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_on": TOMORROW}, "placement"),
        ({"program": "1"}, "placement"),
        ({"placement": "offered"}, "program"),
        ({"placement": "offered", "program": "999"}, "program"),
        ({"placement": "offered", "program": "x"}, "program"),
        ({"placement": "declined", "elsewhere": "Elm"}, "declined_because"),
        ({"placement": "start_set", "elsewhere": "Elm", "level": "iop"}, "starts_on"),
        (
            {
                "placement": "start_set",
                "elsewhere": "Elm",
                "level": "iop",
                "starts_on": TOMORROW + timedelta(days=99),
            },
            "starts_on",
        ),
        ({"placement": "start_set", "elsewhere": "Elm", "starts_on": TOMORROW}, "level"),
        ({"placement": "arrived", "elsewhere": "Elm"}, "placement"),
        ({"status": "placed", "level": "iop"}, "program"),
    ],
    ids=str,
)
def test_what_is_missing_is_said_and_nothing_is_saved(ann, fields, field):
    case = called(new_case(BOB), user("bo"))
    response = save(ann, case, **fields)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Placement.objects.exists()


def test_a_program_and_a_place_outside_the_list_are_not_both_taken(ann):
    program = make_program()
    case = called(new_case(BOB), user("bo"))
    response = save(ann, case, placement="offered", program=program.pk, elsewhere="Elm")
    assert list(response.context["form"].errors) == ["elsewhere"]


def test_a_placement_can_be_marked_as_entered_in_error(ann):
    case = placed(ann)
    made = Placement.objects.get()
    fields = {"wrong": f"placement-{made.pk}", "wrong_reason": "Another person."}
    assert save(ann, case, **fields).status_code == 302
    html = page(ann, case)
    assert "<s>Harbor: Start date set" in html
    assert Case.objects.get().status == "assessed"


def test_two_people_who_place_somebody_at_once_are_told(ann):
    program = make_program()
    case = called(new_case(BOB), user("bo"))
    mine = filled(ann, case, offer=str(program.pk))
    workflow.record_placement(case, user("bo"), "offered", workflow.Place(elsewhere="Elm"))
    response = ann.post(case_url(case), mine)
    assert response.status_code == 409
    assert "Placement" in response.text
    assert only() == ("Elm", "offered")


def test_what_is_typed_about_a_place_is_kept_and_a_press_is_not(ann):
    program = make_program()
    case = called(new_case(DANA), user("bo"))
    ann.post(
        case_url(case),
        {**filled(ann, case), "placement": "start_set", "elsewhere": "Elm", "offer": program.pk},
    )
    typed = UnsavedWork.objects.get().typed
    assert "Elm" in typed
    assert '"offer"' not in typed


def test_an_administrator_is_not_told_whom_a_program_has(ann):
    case = placed(ann)
    client = Client()
    sign_in(client, "administrator")
    program = Program.objects.get()
    html = client.get(f"/staff/recommend/program/{program.pk}/delete/").text
    assert "placement" in html
    assert case.reference not in html
    client.post(f"/staff/recommend/program/{program.pk}/delete/", {"post": "yes"})
    assert Program.objects.exists()
