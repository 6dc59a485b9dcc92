"""`manage.py doctor`: each finding is made and mended; red findings end with status 1; nothing about people is said."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from tempfile import TemporaryDirectory

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from carenav.clinic import crisis_lines as crisis_lines_module
from carenav.clinic import saved
from carenav.plumbing import db_state
from carenav.plumbing.jobs import JobRun, recorded
from recommend import content
from recommend.desk import doctor
from recommend.desk.models import OutboxMessage, Removal, StaffMember
from recommend.desk.recovery import ledger
from recommend.engine.charter import Waiver
from tests.support.database import gone
from tests.support.people import ALICE
from tests.support.staff import staff_user
from tests.support.submissions import CANARIES, send_answers

pytestmark = pytest.mark.django_db

Change = Callable[..., None]


def run() -> tuple[int, list[str]]:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as end:
        return int(end.code), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


@pytest.fixture
def healthy(settings, monkeypatch, clinic_file):
    """A site at which nothing is to be done."""
    settings.PRODUCTION = True
    settings.CLINIC_PHONE = "+1 617 444 1234"
    settings.TIME_ZONE_IS_SET = True
    settings.EMAIL_HOST, settings.SITE_URL = "mail.clinic.example", "https://clinic.example"
    monkeypatch.setattr(doctor, "charter_for", lambda *args: Charter(()))
    # SQLite has nothing to warn of; PostgreSQL of a test logs as it likes.
    monkeypatch.setattr(doctor, "run_checks", lambda **kwargs: [])
    monkeypatch.setattr(doctor.office_time, "is_open", lambda now: True)
    for name in ("adam", "ada"):
        staff_user("administrator", name)
    cora = staff_user("coordinator", "cora")
    cora.email = "cora@clinic.example"
    cora.save()
    StaffMember.objects.filter(user=cora).update(on_duty=True)
    for name in doctor.JOBS:
        with recorded(name):
            pass


class Charter:
    def __init__(self, waivers: tuple[Waiver, ...]) -> None:
        self.waivers = waivers


def unset(name: str, value: object) -> Change:
    return lambda settings, **_: setattr(settings, name, value)


def unapply(**_: object) -> None:
    MigrationRecorder(connection).record_unapplied("desk", "0001_initial")


def apply(**_: object) -> None:
    MigrationRecorder(connection).record_applied("desk", "0001_initial")


def put_clock(seconds: int) -> Change:
    now = db_state.time
    return lambda monkeypatch, **_: monkeypatch.setattr(db_state, "time", lambda: now() + seconds)


def save_elsewhere(**_: object) -> None:
    saved.save({"CLINIC_PHONE": PHONE}, staff_user("administrator", "ada"), seen=0)


def write_pages(**_: object) -> None:
    saved.refresh()


def stale_after(days: int) -> Change:
    return lambda monkeypatch, **_: monkeypatch.setattr(
        crisis_lines_module, "STALE_AFTER", timedelta(days=days)
    )


def proved(value: bool) -> Change:
    return lambda monkeypatch, **_: monkeypatch.setattr(content, "proof", lambda: {"proved": value})


def waiver_for(days: int) -> Change:
    until = date.today() + timedelta(days=days)  # noqa: DTZ011
    waiver = Waiver("no-lower-bound", (), "clinical lead", None, until)
    return lambda monkeypatch, **_: monkeypatch.setattr(
        doctor, "charter_for", lambda *args: Charter((waiver,))
    )


def waiting_mail(**_: object) -> None:
    send_answers(Client(), ALICE)
    long_ago = timezone.now() - timedelta(hours=2)
    OutboxMessage.objects.update(created_at=long_ago, due_at=long_ago)


def mail_is_sent(**_: object) -> None:
    OutboxMessage.objects.update(sent_at=timezone.now())


def duty(on: bool) -> Change:
    return lambda **_: StaffMember.objects.filter(user__username="cora").update(on_duty=on) and None


def active(value: bool) -> Change:
    def change(django_user_model, **_):
        django_user_model.objects.filter(username="ada").update(is_active=value)

    return change


def job_ran(name: str, ago: timedelta) -> Change:
    return lambda **_: JobRun.objects.filter(name=name).update(succeeded_at=timezone.now() - ago) and None


def job_is_forgotten(**_: object) -> None:
    JobRun.objects.filter(name="digest").delete()


def digest_runs(**_: object) -> None:
    with recorded("digest"):
        pass


def not_in_ledger(**_: object) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Removal.objects.create(key="0" * 64, why=Removal.Why.ERASED, at=long_ago)


def ledger_is_written(settings, **_: object) -> None:
    with TemporaryDirectory() as folder:
        settings.BACKUP_DIR = folder
        assert ledger.write_missing() == 1


PHONE, MAIL = "+1 617 444 1234", "mail.clinic.example"
TABLE = [
    ("look  PRODUCTION is not set", unset("PRODUCTION", False), unset("PRODUCTION", True)),
    ("RED   No phone number", unset("CLINIC_PHONE", ""), unset("CLINIC_PHONE", PHONE)),
    ("look  No time zone is set", unset("TIME_ZONE_IS_SET", False), unset("TIME_ZONE_IS_SET", True)),
    ("RED   No mail server", unset("EMAIL_HOST", ""), unset("EMAIL_HOST", MAIL)),
    ("RED   Crisis lines checked more than 180 days ago: us-911", stale_after(-400), stale_after(180)),
    ("RED   The clinic's settings of this machine are not those", save_elsewhere, write_pages),
    ("RED   The rule set in use is not proved", proved(False), proved(True)),
    ("look  The waiver of no-lower-bound ends on", waiver_for(29), waiver_for(31)),
    ("RED   Migrations are missing", unapply, apply),
    ("RED   The clocks", put_clock(45), put_clock(0)),
    ("RED   1 message about waiting cases did not go out by e-mail", waiting_mail, mail_is_sent),
    ("RED   Nobody with an e-mail address is on duty", duty(False), duty(True)),
    ("RED   Administrators: 1", active(False), active(True)),
    ("RED   The last good run of 'digest' is not known", job_is_forgotten, digest_runs),
    ("RED   Deletions that the ledger in BACKUP_DIR lacks: 1", not_in_ledger, ledger_is_written),
    *(
        (
            f"RED   The last good run of '{name}' was ",
            job_ran(name, within * 1.1),
            job_ran(name, within * 0.9),
        )
        for name, (within, _unit) in doctor.JOBS.items()
    ),
]


@pytest.mark.usefixtures("healthy")
def test_a_healthy_site_has_nothing_to_do():
    assert run() == (0, ["nothing to do"])


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(("line", "make", "mend"), TABLE, ids=[row[0][6:40] for row in TABLE])
def test_each_finding_is_told_until_it_is_mended(line, make, mend, settings, monkeypatch, django_user_model):
    tools = {"settings": settings, "monkeypatch": monkeypatch, "django_user_model": django_user_model}
    make(**tools)
    status, said = run()
    assert [each[: len(line)] for each in said] == [line]
    assert status == (1 if line.startswith("RED") else 0)
    assert said[0].count(". ") >= 1  # what to do
    mend(**tools)
    assert run() == (0, ["nothing to do"])


@pytest.mark.usefixtures("healthy")
def test_nobody_on_duty_is_no_alarm_while_the_office_is_closed(monkeypatch):
    duty(False)()
    monkeypatch.setattr(doctor.office_time, "is_open", lambda now: False)
    status, said = run()
    assert (status, said[0][:30]) == (0, "look  Nobody with an e-mail ad")


@pytest.mark.usefixtures("healthy")
def test_a_database_that_does_not_answer_is_one_red_line():
    with gone():
        status, said = run()
    assert status == 1
    assert [line[:33] for line in said] == ["RED   The database does not answer"[:33]]


@pytest.mark.usefixtures("healthy")
def test_a_job_that_fails_is_stored_as_a_run_that_did_not_succeed():
    before = JobRun.objects.get(name="notify")
    with pytest.raises(ZeroDivisionError), recorded("notify"):
        raise ZeroDivisionError
    after = JobRun.objects.get(name="notify")
    assert after.ran_at > before.ran_at
    assert after.succeeded_at == before.succeeded_at


def test_each_job_is_recorded_by_its_command(settings):
    for command in ("purge_drafts", "purge_unsaved", "purge_cases", "verify_audit", "send_notifications"):
        call_command(command, stdout=io.StringIO())
    call_command("send_notifications", "--digest", stdout=io.StringIO())
    elsewhere = {"backup", "drill"}  # these need a database of their own: tests/backup/test_drill.py
    assert {*JobRun.objects.values_list("name", flat=True)} | elsewhere == {*doctor.JOBS}


@pytest.mark.usefixtures("healthy")
def test_nothing_about_people_is_said():
    waiting_mail()
    said = " ".join(run()[1])
    assert not [word for word in CANARIES.values() if word in said]
