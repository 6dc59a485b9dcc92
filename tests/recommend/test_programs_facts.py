"""What staff know of a program: languages as codes, ages, openings that grow old, referrals; and how they enter it."""

from datetime import date, time, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from recommend.desk.placement.program_fields import TimeField, time_as_written
from recommend.programs.languages import spoken_languages
from recommend.programs.models import Program, ProgramSession
from recommend.programs.openings import KNOWN_FOR
from recommend.programs.wording import languages_in_words
from tests.support.people import BOB
from tests.support.programs import make_program
from tests.support.results import kept
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

MIGRATION = import_module("recommend.migrations.0005_program_facts_and_openings")


# ---- languages


class Editor:
    connection = connection


@pytest.mark.parametrize(
    ("typed", "codes", "words"),
    [
        ("English, Spanish", ["en", "es"], ""),
        ("english,SPANISH ,Español", ["en", "es"], ""),
        ("Haitian Creole, Mixteco, K’iche’", ["ht"], "Mixteco, K’iche’"),
        ("ask", [], "ask"),
        ("", [], ""),
    ],
)
def test_typed_languages_become_codes_and_unknown_names_stay(typed, codes, words):
    program = make_program(languages=[], other_languages=typed)
    MIGRATION.to_codes(apps, Editor)
    program.refresh_from_db()
    assert (program.languages, program.other_languages) == (codes, words)


def test_codes_go_back_to_the_names_that_were_typed():
    program = make_program(languages=["en", "ht"], other_languages="Mixteco")
    MIGRATION.to_words(apps, Editor)
    program.refresh_from_db()
    assert program.other_languages == "English, Haitian Creole, Mixteco"


def test_the_migration_knows_every_language_of_the_list():
    assert set(MIGRATION.NAMES) == set(spoken_languages())
    for code, names in spoken_languages().items():
        assert MIGRATION.CODES[names["en"].casefold()] == code


def test_languages_are_named_in_the_active_language():
    program = make_program(languages=["en", "ase"], other_languages="Mixteco")
    assert languages_in_words(program) == "English, American Sign Language, Mixteco"
    with translation.override("es"):
        assert languages_in_words(program) == "inglés, lengua de señas estadounidense, Mixteco"


@pytest.mark.parametrize("languages", ["en", ["klingon"], {"en": 1}])
def test_a_language_that_is_not_in_the_list_is_refused(languages):
    program = make_program(languages=languages)
    with pytest.raises(ValidationError) as refused:
        program.full_clean()
    assert list(refused.value.message_dict) == ["languages"]


# ---- openings


def test_openings_checked_too_long_ago_are_not_known():
    now, today = timezone.now(), timezone.localdate()
    program = Program(free_places=3, wait_weeks=0, next_start=today, openings_at=now - KNOWN_FOR)
    assert (program.known_places(now), program.known_wait(now), program.known_start(now, today)) == (
        3,
        0,
        today,
    )
    program.openings_at -= timedelta(seconds=1)
    assert (program.known_places(now), program.known_wait(now), program.known_start(now, today)) == (
        None,
    ) * 3
    program.openings_at = None
    assert program.known_places(now) is None


def test_a_next_start_that_has_passed_is_not_known():
    now, today = timezone.now(), timezone.localdate()
    program = Program(next_start=today - timedelta(days=1), openings_at=now)
    assert program.known_start(now, today) is None


@pytest.mark.parametrize(
    "fields", [{"ages_from": 18, "ages_to": 17}, {"capacity": 5, "free_places": 6}], ids=str
)
def test_the_database_refuses_facts_that_contradict_each_other(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_program(**fields)


def test_patients_see_neither_openings_nor_referrals():
    make_program(
        free_places=7,
        capacity=93,
        openings_at=timezone.now(),
        next_start=date(2031, 5, 4),
        referral_contact="Pat Doe",
        referral_phone="617 555 0188",
        referral_fax="617 555 0189",
        referral_email="refer@example.com",
    )
    html = kept(BOB.answers)
    assert "Harbor" in html
    for hidden in ("Pat Doe", "0188", "0189", "refer@", "2031", "93"):
        assert hidden not in html


# ---- the form


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("9pm", time(21)),
        ("9 p.m.", time(21)),
        ("9:30 PM", time(21, 30)),
        ("930am", time(9, 30)),
        ("12 a.m.", time(0)),
        ("12pm", time(12)),
        ("Noon", time(12)),
        ("midnight", time(0)),
        ("13pm", None),
        ("9:75pm", None),
        ("9", None),
    ],
)
def test_times_are_taken_as_people_write_them(written, at):
    assert time_as_written(written) == at


@pytest.mark.parametrize("at", [time(21), time(9, 30), time(12), time(0)])
def test_a_time_is_shown_as_it_is_taken(at):
    field = TimeField()
    assert field.clean(field.prepare_value(at)) == at
    assert field.clean(f"{at:%H:%M}") == at


@pytest.fixture
def staff():
    client = Client()
    sign_in(client, "administrator")
    return client


def posted(**fields):
    program = {"name": "Harbor", "level": "iop", "place": "here", "phone": "617 555 0100"}
    forms = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0}
    rows = {f"{name}-{key}": value for name in ("sessions", "wordings") for key, value in forms.items()}
    return program | {"checked_on": "2026-01-05", "wordings-0-language": "es"} | rows | fields


def test_one_row_is_enough_for_the_same_hours_on_several_days(staff):
    row = {"day": 0, "starts": "5:30 p.m.", "ends": "8 pm", "also": [0, 1, 3]}
    response = staff.post(
        reverse("admin:recommend_program_add"), posted(**{f"sessions-0-{key}": row[key] for key in row})
    )
    assert response.status_code == 302
    assert [str(each) for each in ProgramSession.objects.order_by("day")] == [
        "Monday 17:30 to 20:00",
        "Tuesday 17:30 to 20:00",
        "Thursday 17:30 to 20:00",
    ]


def changed(staff, program, **fields):
    url = reverse("admin:recommend_program_change", args=[program.pk])
    assert staff.post(url, posted(**fields)).status_code == 302
    program.refresh_from_db()
    return program.openings_at


def test_openings_count_as_checked_when_they_change_or_are_confirmed(staff):
    program = make_program()
    assert changed(staff, program, place="there") is None
    first = changed(staff, program, free_places="2")
    assert first is not None
    assert changed(staff, program, free_places="2", place="here") == first
    assert changed(staff, program, free_places="2", openings_are_right="on") > first


def test_the_list_of_programs_says_how_many_places_are_free(staff):
    make_program("Known", free_places=41, openings_at=timezone.now())
    make_program("Old", free_places=42, openings_at=timezone.now() - KNOWN_FOR * 2)
    listed = staff.get(reverse("admin:recommend_program_changelist")).text
    assert ">41<" in listed
    assert ">42<" not in listed
    assert "not known" in listed


def test_the_form_offers_languages_and_has_no_clock_of_the_server(staff):
    html = staff.get(reverse("admin:recommend_program_add")).text
    assert 'value="ht"' in html
    assert "vTimeField" not in html
