"""What an administrator saved holds before what the site started with, in every process, without a query."""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from carenav import start
from carenav.clinic import in_force, saved
from carenav.clinic.clinic_settings import names, read
from carenav.clinic.in_force import clinic
from carenav.clinic.models import ClinicVersion
from recommend.desk import office_time
from recommend.desk.reaching import policy_of
from tests.support.clinic import another_process, save
from tests.support.database import LOST, count_queries, gone
from tests.support.staff import staff_user

pytestmark = pytest.mark.django_db

PHONE = "+1 617 444 1234"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(clinic_file):
    """These tests save."""


@pytest.fixture
def now(monkeypatch) -> list[float]:
    """The clock of the looks at the file, which a test moves."""
    at = [1000.0]
    monkeypatch.setattr(in_force, "monotonic", lambda: at[0])
    return at


def written(path: Path, version: int, **texts: str) -> None:
    """Write the file as another process does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".other")
    new.write_text(json.dumps({"version": version, "texts": texts}))
    new.replace(path)


def test_what_was_saved_holds_before_the_environment(settings):
    settings.CLINIC_PHONE, settings.CLINIC_NAME = "617 444 0000", "North Clinic"
    assert clinic().phone == "617 444 0000"
    save(CLINIC_PHONE=PHONE)
    assert clinic().phone == PHONE
    assert clinic().words["NAME"] == {"en": "North Clinic"}  # not saved: as at the start
    save(CLINIC_PHONE="")
    assert clinic().phone == ""
    assert clinic().version == 2


def test_each_setting_reaches_what_reads_it(settings, client):
    settings.TIME_ZONE_IS_SET = True
    save(
        CLINIC_NAME="Harbor Lights",
        CLINIC_NAME_ES="Luces del Puerto",
        CLINIC_PHONE=PHONE,
        CLINIC_OPEN="mon 08:00-12:00",
        CLINIC_HOLIDAYS="2026-12-25",
        CONTACT_POLICY_NOW="attempts=5 days=3 ways=2 within=15m",
        URGENT_LATE_MINUTES="7",
        CLINIC_MESSAGE_NAME="Alex",
    )
    assert "Harbor Lights" in client.get("/").text
    spanish = client.get("/", headers={"Accept-Language": "es"}).text
    assert "Luces del Puerto" in spanish
    assert PHONE in spanish
    assert len(office_time.office_hours().week) == 1
    assert len(office_time.office_hours().holidays) == 1
    assert (policy_of(1).attempts, policy_of(1).minutes) == (5, 15)
    assert (clinic().urgent_late_minutes, clinic().message_name) == (7, "Alex")


def test_pages_run_no_query_for_it(client):
    save(CLINIC_PHONE=PHONE)
    with count_queries() as queries:
        assert PHONE in client.get("/").text
        assert PHONE in client.get("/accessibility/").text
    assert queries == []


@pytest.mark.parametrize("error", LOST)
def test_a_dead_database_changes_nothing_that_pages_show(client, monkeypatch, error):
    save(CLINIC_NAME="Harbor Lights", CLINIC_PHONE=PHONE)
    paths = ("/", "/help-now/", "/accessibility/")
    before = [client.get(path).text for path in paths]
    assert all(PHONE in page for page in before)
    with gone(error):
        assert [client.get(path).text for path in paths] == before
        another_process(monkeypatch)
        start.read_clinic_settings()
        assert [client.get(path).text for path in paths] == before


def test_another_process_learns_of_it_within_a_second(clinic_file, now):
    written(clinic_file, 1, CLINIC_PHONE="617 444 0000")
    assert clinic().phone == "617 444 0000"
    written(clinic_file, 2, CLINIC_PHONE=PHONE)
    now[0] += 0.9
    assert clinic().phone == "617 444 0000"
    now[0] += 0.2
    assert clinic().phone == PHONE


def test_the_file_is_looked_at_once_a_second_and_read_only_when_it_changed(clinic_file, now, monkeypatch):
    written(clinic_file, 1, CLINIC_PHONE=PHONE)
    looks, reads = [], []
    stat, contents = os.stat, in_force.contents
    monkeypatch.setattr(in_force.os, "stat", lambda path: looks.append(path) or stat(path))
    monkeypatch.setattr(in_force, "contents", lambda path: reads.append(path) or contents(path))
    for _ in range(50):
        clinic()
    assert (len(looks), len(reads)) == (1, 1)
    now[0] += 1
    clinic()
    assert (len(looks), len(reads)) == (2, 1)


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"version": 2}', '{"version": "x", "texts": {}}', "\udc80"]
)
def test_a_broken_or_missing_file_leaves_what_was_known(clinic_file, now, broken):
    save(CLINIC_PHONE=PHONE)
    clinic_file.write_bytes(broken.encode(errors="surrogateescape"))
    now[0] += 2
    assert clinic().phone == PHONE
    clinic_file.unlink()
    now[0] += 2
    assert clinic().phone == PHONE


def test_a_text_that_is_refused_later_leaves_the_others(clinic_file, settings):
    settings.CLINIC_PHONE = "617 444 0000"
    written(clinic_file, 3, CLINIC_PHONE="call us", CLINIC_NAME="Harbor Lights")
    assert clinic().phone == "617 444 0000"
    assert clinic().words["NAME"]["en"] == "Harbor Lights"


def test_a_start_reads_what_another_machine_saved(clinic_file, monkeypatch):
    save(CLINIC_PHONE=PHONE)
    clinic_file.unlink()
    another_process(monkeypatch)
    assert clinic().phone == ""
    start.read_clinic_settings()
    assert clinic().phone == PHONE
    assert in_force.contents(clinic_file) == (1, {"CLINIC_PHONE": PHONE})


def test_a_start_with_an_older_database_follows_the_database(clinic_file):
    save(CLINIC_PHONE=PHONE)
    ClinicVersion.objects.all().delete()  # as after a restore from before
    start.read_clinic_settings()
    assert clinic().phone == ""
    assert in_force.contents(clinic_file) == (0, {})


def test_a_start_where_nothing_was_saved_writes_nothing(clinic_file):
    start.read_clinic_settings()
    assert not clinic_file.parent.exists()


def test_without_a_place_for_the_file_it_holds_in_this_process_and_says_so(settings, tmp_path):
    (tmp_path / "a file").write_text("")
    settings.CLINIC_FILE = tmp_path / "a file" / "clinic.json"
    saved.save({"CLINIC_PHONE": PHONE}, staff_user("administrator"), seen=0)
    assert not saved.refresh()
    assert clinic().phone == PHONE


def test_of_two_who_save_at_once_the_second_is_told():
    ada = staff_user("administrator")
    saved.save({"CLINIC_PHONE": PHONE}, ada, seen=0)
    with pytest.raises(saved.ChangedMeanwhile):
        saved.save({"CLINIC_PHONE": "1"}, ada, seen=0)
    assert ClinicVersion.objects.get().texts == {"CLINIC_PHONE": PHONE}


def test_the_outage_pages_are_written_with_what_was_saved(settings, clinic_file, monkeypatch):
    save(CLINIC_NAME="Harbor Lights")
    clinic_file.unlink()
    another_process(monkeypatch)
    call_command("write_outage_pages", verbosity=0)
    page = (settings.STATIC_ROOT / "outage" / "help.en.html").read_text()
    assert "Harbor Lights" in page


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("CLINIC_PHONE", "call us", "Must be a number to dial, not 'call us'."),
        ("CLINIC_OPEN", "mon-fri 8-18", "'8-18' is not a time such as 08:00-18:00."),
        ("CLINIC_OPEN", "mon 08:00-18:00", "TIME_ZONE is needed too, such as America/New_York."),
        ("CLINIC_HOLIDAYS", "Christmas", "'Christmas' is not a date such as 2026-12-25."),
        ("URGENT_LATE_MINUTES", "0", "Must be a whole number from 1 to 525600, not '0'."),
        ("CONTACT_POLICY_NOW", "attempts=3", "Days is missing, as in attempts=3 days=2 ways=2 within=1d."),
        ("CLINIC_COLOR", "red", "Must be one of green, blue, plum, slate, not 'red'."),
        ("CLINIC_NAME", "'North'", "Is in quotes: leave them out."),
    ],
)
def test_what_the_start_refuses_is_refused_with_a_sentence(name, text, said):
    assert read({name: text})[1] == {name: said}


def test_in_production_values_of_the_example_are_refused(settings):
    settings.PRODUCTION = True
    assert set(read({"CLINIC_PHONE": "+1 202 555 0100", "CLINIC_NAME": "Example Clinic"})[1]) == {
        "CLINIC_PHONE",
        "CLINIC_NAME",
    }


def test_every_text_of_the_start_can_be_saved():
    assert set(django_settings.CLINIC_TEXTS) == set(names())
    assert read(django_settings.CLINIC_TEXTS)[1] == {}
