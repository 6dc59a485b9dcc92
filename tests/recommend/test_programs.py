"""Programs that fit: their order, the reason for each position, and that nothing else follows from them."""

import re
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from recommend import content
from recommend.desk.models import Case
from recommend.desk.submissions import submit
from recommend.levels.choices import LevelOfCare
from recommend.programs.insurance import Insurance
from recommend.programs.matching import hours_in_words, programs_for, slots_of
from recommend.programs.models import Program, ProgramSession, ProgramWording
from recommend.result.snapshot import safe_outcome
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, CONTACT, DANA, PEOPLE, WELL, checked_draft_for
from tests.support.programs import make_program
from tests.support.results import kept, main, page, sent
from tests.support.staff import sign_in
from tests.support.weight import MOST, weight

pytestmark = pytest.mark.django_db

MORNINGS = [(day, 9, 12) for day in range(3)]
EVENINGS = [(day, 18, 21) for day in range(3)]
FREE_EVENINGS = ["mon_evening", "tue_evening", "wed_evening"]


def best(level="iop", **answers):
    return programs_for(level, WELL | {"free_times": []} | answers, content.ruleset(), content.weeks()).best


def names(**answers):
    return [shown.program.name for shown in best(**answers)]


def reasons(**answers):
    return {shown.program.name: shown.reasons for shown in best(**answers)}


# ---- the order and its reasons


def test_programs_are_ordered_by_how_well_their_hours_fit():
    make_program("A never", sessions=MORNINGS)
    make_program("B unknown")
    make_program("C one of three", sessions=[*MORNINGS[:2], (0, 18, 21)])
    make_program("D two of three", sessions=[*EVENINGS[:2], (4, 9, 12)])
    make_program("E all", sessions=EVENINGS)
    said = reasons(free_times=FREE_EVENINGS)
    assert said == {
        "E all": ["All its hours suit you."],
        "D two of three": ["You can make 2 of its 3 meetings a week. Ask about other times."],
        "C one of three": ["You can make 1 of its 3 meetings a week. Ask about other times."],
        "B unknown": ["Ask about its hours."],
        "A never": ["Its hours are not at the times you gave. Ask about other times."],
    }
    assert [*said] == ["E all", "D two of three", "C one of three", "B unknown", "A never"]


def test_hours_come_before_every_other_wish():
    make_program("Online, wrong hours", sessions=MORNINGS, online=True, substance_use_track=True)
    make_program("Right hours", sessions=EVENINGS)
    wishes = {"work_around": ["online"], "substance_use": "daily", "free_times": FREE_EVENINGS}
    assert names(**wishes) == ["Right hours", "Online, wrong hours"]


@pytest.mark.parametrize("chosen", [[], ["varies"]])
def test_hours_without_known_free_times_play_no_part(chosen):
    make_program("A", sessions=MORNINGS)
    make_program("B")
    make_program("C", sessions=EVENINGS)
    assert names(free_times=chosen) == ["A", "B", "C"]
    assert reasons(free_times=chosen) == {"A": [], "B": ["Ask about its hours."], "C": []}
    assert "You did not give times" in kept(BOB.answers | {"free_times": chosen})
    assert "You did not give times" not in kept(BOB.answers)


@pytest.mark.parametrize("wish", ["online", "transport"])
def test_online_programs_come_first_for_those_who_want_them(wish):
    make_program("A place")
    make_program("B online", online=True)
    assert names() == ["A place", "B online"]
    assert names(work_around=[wish]) == ["B online", "A place"]
    assert reasons(work_around=[wish]) == {
        "B online": ["Ask about its hours.", "You can take part online."],
        "A place": ["Ask about its hours.", "It is not online."],
    }


@pytest.mark.parametrize("spoken", [["es", "en"], ["es"]])
def test_help_in_the_language_of_the_person_comes_first(spoken):
    make_program("A English")
    make_program("B nothing said", languages=[])
    make_program("C Spanish", languages=spoken)
    assert names()[0] == "A English"
    with translation.override("es"):
        assert names()[0] == "C Spanish"


def test_the_language_is_named_where_it_is_not_that_of_the_site():
    make_program("Haitian", languages=["ht"])
    make_program("Nothing said", languages=[])
    assert reasons() == {
        "Nothing said": ["Ask about its hours."],
        "Haitian": ["Ask about its hours.", "Ask if there is help in English."],
    }
    make_program("Spanish", languages=["es"])
    with translation.override("es"):
        said = reasons()
    assert [len(each) for each in said.values()] == [2, 2, 2]
    assert len({each[1] for each in said.values()}) == 2  # there is help, or: ask
    assert said["Haitian"] == said["Nothing said"] != said["Spanish"]
    assert all("español" in each[1].lower() for each in said.values())


@pytest.mark.parametrize(
    ("answers", "plays_a_part"),
    [
        ({"substance_use": "no_problem"}, False),
        ({"substance_use": "concern"}, False),
        ({"physical_health": "unstable"}, False),  # the same area, and no matter of alcohol or drugs
        ({"substance_use": "problems"}, True),
        ({"substance_use": "daily", "withdrawal": "shakes"}, True),
        ({"also": ["opioids"]}, True),
    ],
)
def test_a_track_for_substance_use_comes_first_where_that_is_a_concern(answers, plays_a_part):
    make_program("A plain")
    make_program("B track", substance_use_track=True)
    assert names(**answers) == (["B track", "A plain"] if plays_a_part else ["A plain", "B track"])
    said = reasons(**answers)
    assert ("It also treats problems with alcohol or drugs." in said["B track"]) == plays_a_part
    assert ("Ask about help with alcohol or drugs." in said["A plain"]) == plays_a_part


def test_equal_programs_are_ordered_by_name():
    for name in ("C", "A", "B"):
        make_program(name)
    assert names() == ["A", "B", "C"]


def test_one_visit_needs_only_a_part_of_the_opening_hours():
    make_program("Closed then", "outpatient", sessions=[(0, 9, 17)])
    make_program("Open", "outpatient", sessions=[(day, 9, 17) for day in range(5)])
    shown = best("outpatient", free_times=["wed_morning", "sat_morning"])
    assert [(each.program.name, each.reasons) for each in shown] == [
        ("Open", ["It is open at a time that suits you."]),
        ("Closed then", ["Its hours are not at the times you gave. Ask about other times."]),
    ]


def test_an_evaluation_today_waits_for_no_free_time():
    make_program("Crisis center", "inpatient", sessions=MORNINGS)
    assert reasons(level="inpatient", free_times=FREE_EVENINGS) == {"Crisis center": []}
    assert "You did not give times" not in kept(DANA.answers)


@pytest.mark.parametrize(
    ("starts", "ends", "parts"),
    [
        (time(9), time(12), ["morning"]),
        (time(9), time(12, 30), ["morning", "afternoon"]),
        (time(11, 59), time(12), ["morning"]),
        (time(12), time(17), ["afternoon"]),
        (time(9), time(15), ["morning", "afternoon"]),
        (time(17, 30), time(20, 30), ["evening"]),
        (time(16, 30), time(19), ["afternoon", "evening"]),
        (time(0), time(23, 59), ["morning", "afternoon", "evening"]),
    ],
)
def test_a_session_takes_every_part_of_the_day_that_it_touches(starts, ends, parts):
    session = ProgramSession(day=2, starts=starts, ends=ends)
    assert slots_of(session, content.weeks().parts.values()) == [("wed", part) for part in parts]


def test_hours_in_words():
    sessions = [ProgramSession(day=day, starts=time(9), ends=time(12)) for day in (0, 1, 2)]
    sessions.append(ProgramSession(day=3, starts=time(17, 30), ends=time(20)))
    assert hours_in_words(sessions) == [
        "Monday to Wednesday: 9 a.m. to noon",
        "Thursday: 5:30 p.m. to 8 p.m.",
    ]


# ---- the page


def layer(html):
    _before, heading, rest = main(html).partition('<h2 id="programs-title">Programs that fit</h2>')
    assert heading
    return rest.partition("</section>")[0]


def test_an_empty_catalogue_shows_nothing():
    make_program(level="php")
    make_program("Gone", active=False)
    assert "Programs that fit" not in kept(BOB.answers)


def test_a_program_as_it_is_shown():
    make_program(
        "Harbor <IOP>", sessions=EVENINGS, insurance="Most plans", online=True, checked_on=date(2026, 1, 5)
    )
    html = layer(kept(BOB.answers | {"free_times": FREE_EVENINGS}))
    for part in (
        "Harbor &lt;IOP&gt;",
        "All its hours suit you.",
        "Monday to Wednesday: 6 p.m. to 9 p.m.",
        "12 Harbor Street",
        "Online",
        "Languages: English",
        "Insurance: Most plans",
        'href="tel:6175550110"',
        "Call (617) 555-0110",
        "Last checked on Jan. 5, 2026",
    ):
        assert part in html


@pytest.mark.parametrize(("days", "stale"), [(0, False), (180, False), (181, True)])
def test_program_checked_long_ago_says_so(days, stale):
    make_program(checked_on=timezone.localdate() - timedelta(days=days))
    assert ("Call to make sure it is still right" in layer(kept(BOB.answers))) == stale


def test_where_a_plan_tells_of_danger_only_the_best_program_is_open():
    for number in range(3):
        make_program(f"Program {number}")
    html = layer(kept(BOB.answers | {"withdrawal": "over", "also": ["stopped"]}))
    shown, _fold, folded = html.partition("<details>")
    assert (shown.count("Call (617)"), folded.count("Call (617)")) == (1, 2)
    assert '<ol class="facts" start="2">' in folded


@pytest.mark.parametrize(
    "differs",
    [
        {"recent_treatment": ["iop_now"], "treatment_fit": "helping", "other_symptoms": "moderate"},
        {},
    ],
    ids=["in a program", "no need"],
)
def test_somebody_who_needs_no_other_program_is_shown_none(differs):
    for level in LevelOfCare.values:
        make_program(f"Any {level}", level=level)
    assert "Programs that fit" not in kept(WELL | differs)


def test_five_are_shown_and_the_others_counted():
    for number in range(6):
        make_program(f"Program {number}")
    html = layer(kept(BOB.answers))
    assert html.count("Call (617)") == 5
    shown, _fold, folded = html.partition("<details>")
    assert (shown.count("Call (617)"), folded.count("Call (617)")) == (2, 3)
    assert "The team knows 1 more. Ask about it." in html
    make_program("Program 6")
    assert "The team knows 2 more. Ask about them." in layer(sent(BOB.answers))


def test_the_catalogue_is_asked_once_however_many_programs_there_are():
    for number in range(5):
        make_program(f"Program {number}", sessions=[*MORNINGS, *EVENINGS])
    client = Client()
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    with count_queries() as statements:
        page(client)
    assert len([statement for statement in statements if "program" in str(statement)]) == 1


def test_a_long_list_stays_light():
    for number in range(7):
        make_program(f"Program {number}", sessions=EVENINGS, insurance="Most plans", online=True, level="php")
    assert weight(sent(CHARLIE.answers).encode()) <= MOST


# ---- in another language


def spanish_layer(**words):
    program = make_program(
        "Harbor, evenings",
        sessions=EVENINGS,
        place="12 Harbor Street, near the park",
        insurance="Most plans",
        accepts=["private", "medicaid"],
        languages=["en", "es", "ht"],
        other_languages="Mixteco",
    )
    if words:
        ProgramWording.objects.create(program=program, language="es", **words)
    client = Client(headers={"Accept-Language": "es"})
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    return main(page(client)).partition('id="programs-title"')[2].partition("</section>")[0]


def test_patients_read_a_program_in_their_language():
    words = {"name": "Harbor, por la noche", "place": "12 Harbor Street, junto al parque"}
    html = spanish_layer(**words, insurance="La mayoría de los planes")
    for part in (
        *words.values(),
        "Seguro médico: La mayoría de los planes",
        "inglés, español, criollo haitiano, Mixteco",
    ):
        assert part in html
    assert "Harbor, evenings" not in html
    assert "Most plans" not in html


def test_without_words_in_a_language_names_stay_and_insurance_is_named_by_kind():
    html = spanish_layer()
    for part in ("Harbor, evenings", "12 Harbor Street, near the park", "seguro privado, Medicaid"):
        assert part in html
    assert "Most plans" not in html
    assert "Mixteco" in html  # a name that nobody knows stays as it is


def test_words_in_another_language_change_nothing_for_the_others_and_cost_no_query():
    program = make_program("Harbor", sessions=EVENINGS)
    ProgramWording.objects.create(program=program, language="es", name="Puerto")
    assert "<b>Harbor</b>" in layer(kept(BOB.answers))
    client = Client(headers={"Accept-Language": "es"})
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    with count_queries() as statements:
        assert "<b>Puerto</b>" in page(client)
    assert len([statement for statement in statements if "program" in str(statement)]) == 1


def test_a_program_has_words_once_in_a_language():
    program = make_program()
    ProgramWording.objects.create(program=program, language="es")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgramWording.objects.create(program=program, language="es")


# ---- nothing else follows from it


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_fit_never_touches_the_level(person):
    for level in LevelOfCare.values:
        make_program(f"Perfect, {level}", level, sessions=MORNINGS, online=True, substance_use_track=True)
    answers = person.answers | {"free_times": ["mon_morning", "tue_morning", "wed_morning"]}
    html = kept(answers)
    assert re.findall(r'data-level="(\w+)"', html) == [person.level]
    shown = re.findall(r"<b>Perfect, (\w+)</b>", html)
    assert shown == ([] if person == ALICE else [person.level])  # she reads that she needs no treatment
    submit.submit(checked_draft_for(Client(), answers | {"share": "send"}), CONTACT | {"email": ""})
    with_programs = Case.objects.get().submission.recommendation.outcome
    Program.objects.all().delete()
    assert safe_outcome(Case.objects.get().submission.answers, "it").to_json() == with_programs


# ---- the catalogue


@pytest.mark.parametrize("fields", [{"level": "other"}, {"level": ""}, {"place": "", "online": False}])
def test_the_database_refuses_a_program_that_cannot_be(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_program(**fields)


@pytest.mark.parametrize("session", [(7, 9, 12), (0, 12, 9), (0, 9, 9)])
def test_the_database_refuses_a_time_that_cannot_be(session):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_program(sessions=[session])


def test_no_time_stands_twice():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_program(sessions=[(0, 9, 12), (0, 9, 11)])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"phone": "call us"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"phone": "+1 617-555-0100"}, None),
        ({"checked_on": date(2999, 1, 1)}, "checked_on"),
        ({"name": "Harbor"}, "name"),
        ({"place": ""}, "__all__"),
    ],
)
def test_mistakes_are_named(fields, wrong):
    make_program()
    program = Program(**{"name": "New", "level": "iop", "place": "here", "phone": "617 555 0100"} | fields)
    if not wrong:
        program.full_clean()
        assert program.tel == "tel:+16175550100"
        return
    with pytest.raises(ValidationError) as refused:
        program.full_clean()
    assert list(refused.value.message_dict) == [wrong]


@pytest.fixture
def staff():
    client = Client()
    sign_in(client, "administrator")
    return client


def posted(*sessions, **fields):
    rows = {
        f"sessions-{number}-{key}": value
        for number, session in enumerate(sessions)
        for key, value in zip(("day", "starts", "ends"), session, strict=True)
    }
    form = {"sessions-TOTAL_FORMS": len(sessions), "sessions-INITIAL_FORMS": 0}
    form |= {"wordings-TOTAL_FORMS": 1, "wordings-INITIAL_FORMS": 0, "wordings-0-language": "es"}
    program = {"name": "Harbor", "level": "iop", "place": "here", "phone": "617 555 0100", "active": "on"}
    return program | {"checked_on": "2026-01-05"} | form | rows | fields


def test_the_team_adds_a_program_with_its_times(staff):
    url = reverse("admin:recommend_program_add")
    assert staff.get(url).status_code == 200
    assert staff.post(url, posted((0, "09:00", "12:00"), (2, "17:30", "20:00"))).status_code == 302
    program = Program.objects.get()
    assert [str(session) for session in program.sessions.all()] == [
        "Monday 09:00 to 12:00",
        "Wednesday 17:30 to 20:00",
    ]
    assert not program.wordings.exists()
    listed = staff.get(reverse("admin:recommend_program_changelist")).content.decode()
    assert "Check again" in listed


def test_the_team_adds_words_in_another_language(staff):
    url = reverse("admin:recommend_program_add")
    assert '<option value="es"' in staff.get(url).content.decode()
    assert staff.post(url, posted(**{"wordings-0-name": "Puerto"})).status_code == 302
    assert [(each.language, each.name) for each in Program.objects.get().wordings.all()] == [("es", "Puerto")]
    wrong = {"name": "Other", "wordings-0-name": "x", "wordings-0-language": "xx"}
    assert staff.post(url, posted(**wrong)).status_code == 200
    assert Program.objects.count() == 1


def test_a_mistake_in_the_form_is_said_and_nothing_is_stored(staff):
    url = reverse("admin:recommend_program_add")
    for wrong, problem in (
        (posted((0, "12:00", "09:00")), "It ends before it starts."),
        (posted((0, "09:00", "12:00"), (0, "09:00", "11:00")), "duplicate"),
        (posted(place=""), "Give a place, or tick online."),
    ):
        response = staff.post(url, wrong)
        assert response.status_code == 200
        assert problem in response.content.decode()
    assert not Program.objects.exists()
    assert not ProgramSession.objects.exists()


# ---- insurance


def insured(kind):
    return BOB.answers | {"insurance": kind}


def test_the_kinds_of_insurance_are_the_answers_to_the_question():
    offered = set(content.questionnaire().questions.all["insurance"].offered) - {"unsure"}
    assert set(Insurance.values) == offered


@pytest.mark.parametrize(
    ("kind", "accepts", "said"),
    [
        ("medicaid", ["private", "medicaid"], "It takes Medicaid."),
        ("medicaid", ["private"], "It may not take Medicaid: ask."),
        ("medicaid", [], "Ask if it takes Medicaid."),
        ("private", ["private"], "It takes private insurance."),
        ("none", ["none"], "It helps people without insurance."),
        ("none", ["private"], "Ask what you would pay without insurance."),
        ("none", [], "Ask what you would pay without insurance."),
    ],
)
def test_a_program_says_whether_it_takes_the_persons_insurance(kind, accepts, said):
    make_program(accepts=accepts)
    assert said in layer(kept(insured(kind)))


@pytest.mark.parametrize("answers", [BOB.answers, insured("unsure")], ids=["left out", "not sure"])
def test_a_program_says_nothing_of_insurance_to_who_did_not_say(answers):
    make_program(accepts=["medicaid"])
    html = layer(kept(answers))
    assert "It takes" not in html
    assert "Ask if it takes" not in html
    assert "Insurance: Medicaid" in html


def test_a_program_that_does_not_take_the_insurance_comes_last_and_one_that_does_first():
    make_program("Fits the week", sessions=EVENINGS, accepts=["private"])
    make_program("Unknown", accepts=[])
    make_program("Takes it", accepts=["medicaid"])
    html = layer(kept(insured("medicaid") | {"free_times": FREE_EVENINGS}))
    assert re.findall(r"<b>(.*?)</b>", html)[:3] == ["Takes it", "Unknown", "Fits the week"]


@pytest.mark.parametrize("accepts", ["medicaid", ["gold"], {"medicaid": True}])
def test_a_kind_that_is_not_offered_is_refused(accepts):
    program = make_program()
    program.accepts = accepts
    with pytest.raises(ValidationError):
        program.full_clean()


@pytest.mark.parametrize(
    ("differs", "told"),
    [
        ({"insurance": "none"}, True),
        ({"insurance": "none", "place": "gb"}, False),
        ({"insurance": "medicaid"}, False),
        ({"insurance": "unsure"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_people_without_insurance_read_where_they_can_go(differs, told):
    assert ("Community health centers see everyone" in kept(BOB.answers | differs)) == told
