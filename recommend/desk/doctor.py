"""What an operator should look at: settings, database, e-mail, people, content, and jobs that no longer run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.checks import Tags, run_checks
from django.db import Error
from django.utils import timezone
from django.utils.timesince import timesince

from carenav.clinic import line_checks
from carenav.clinic.content import crisis_lines
from carenav.clinic.in_force import clinic
from carenav.clinic.saved import latest
from carenav.plumbing.db_state import clocks_agree, migrations_are_applied
from carenav.plumbing.db_timeout import STAFF_PAGE, time_limit
from carenav.plumbing.jobs import JobRun
from recommend import content
from recommend.desk import office_time
from recommend.desk.notifications import backlog, on_duty
from recommend.desk.person_messages.mail import late
from recommend.desk.recovery import ledger
from recommend.desk.staff.roles import Role
from recommend.rules.charters import charter_for

HOUR = timedelta(hours=1)
JOBS = {
    "notify": (timedelta(minutes=10), "carenav-notify"),
    "digest": (26 * HOUR, "carenav-digest"),
    "purge drafts": (3 * HOUR, "carenav-purge"),
    "purge unsaved work": (3 * HOUR, "carenav-purge"),
    "purge cases": (3 * HOUR, "carenav-purge"),
    "verify audit": (26 * HOUR, "carenav-verify-audit"),
    "backup": (26 * HOUR, "carenav-backup"),
    "drill": (8 * 24 * HOUR, "carenav-drill"),
}
"""For each job: how long ago its last success may be, and the unit that runs it."""

WAIVER_ENDS_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """Something that an operator should do.

    Attributes:
        what: what is the matter, without any data about people.
        todo: what to do about it.
        red: whether people may come to harm or wait for nothing until it is done; otherwise it is a reminder.
        page: the URL name of the page of the desk on which an administrator does it; "" if only an operator can.
    """

    what: str
    todo: str
    red: bool = True
    page: str = ""

    def __str__(self) -> str:
        return f"{'RED ' if self.red else 'look'}  {self.what}. {self.todo}."


def findings() -> Iterator[Finding]:
    """Yield everything that was found, the settings first; after a database that does not answer, nothing more."""
    for check in WITHOUT_DATABASE:
        yield from check()
    try:
        with time_limit(STAFF_PAGE):
            for check in WITH_DATABASE:
                yield from check()
    except Error:
        yield Finding(
            "The database does not answer, or lacks a table",
            "Start it, compare DATABASE_URL, and run `manage.py migrate`",
        )


# ---- without the database


def wrong_settings() -> Iterator[Finding]:
    if not settings.PRODUCTION:
        yield Finding("PRODUCTION is not set", "Set PRODUCTION=1 on a site that people use", red=False)
    if not clinic().phone:
        yield Finding(
            "No phone number of the clinic is set",
            "Set it at the desk, or as CLINIC_PHONE: a result then says whom to call",
            page="admin:clinic",
        )
    if not settings.TIME_ZONE_IS_SET:
        yield Finding("No time zone is set: times are in UTC", "Set TIME_ZONE", red=False)
    if not settings.EMAIL_HOST:
        yield Finding("No mail server is set: nobody is told that a case is waiting", "Set EMAIL_HOST")


def proof_and_waivers() -> Iterator[Finding]:
    if not content.proof()["proved"]:
        yield Finding("The rule set in use is not proved", "Run `manage.py prove`")
    today = timezone.localdate()
    for waiver in charter_for(content.ruleset(), settings.RULESET).waivers:
        if waiver.until - today <= WAIVER_ENDS_SOON:
            yield Finding(
                f"The waiver of {waiver.promise} ends on {waiver.until}",
                f"Ask the {waiver.who} to decide again: the site does not start after that day",
                red=False,
            )


# ---- with the database


def database_state() -> Iterator[Finding]:
    if not migrations_are_applied():
        yield Finding("Migrations are missing in the database", "Run `manage.py migrate`")
    if not clocks_agree():
        yield Finding("The clocks of the site and the database differ", "Set both by a time server")
    for message in run_checks(tags=[Tags.database], databases=["default"]):
        hint = message.hint or "See docs/operations.md"
        yield Finding(str(message.msg).rstrip("."), hint.rstrip("."))


def clinic_settings_in_step() -> Iterator[Finding]:
    version = latest()
    if clinic().version != (version.number if version else 0):
        yield Finding(
            "The clinic's settings of this machine are not those that were saved last",
            "Run `manage.py write_outage_pages`, as the account of the site",
        )


def mail_backlog() -> Iterator[Finding]:
    if waiting := backlog():
        yield Finding(
            f"{waiting.words.rstrip('.')}; the oldest waits for {age(waiting.oldest)}",
            "Try the mail server: `manage.py send_notifications` says what is wrong",
        )
    if people := late():
        oldest = min(message.created_at for message in people)
        yield Finding(
            f"Messages to people that did not go out: {len(people)}; the oldest waits for {age(oldest)}",
            "Try the mail server: `manage.py send_notifications` says what is wrong",
        )


def nobody_on_call() -> Iterator[Finding]:
    if not on_duty().exists():
        yield Finding(
            "Nobody with an e-mail address is on duty",
            "Ask a coordinator to go on duty at the desk",
            red=office_time.is_open(timezone.now()),
            page="admin:auth_user_changelist",
        )


def one_administrator() -> Iterator[Finding]:
    count = User.objects.filter(is_active=True, is_staff=True, groups__name=Role.ADMINISTRATOR).count()
    if count < 2:
        yield Finding(
            f"Administrators: {count}. Without a second one, nobody can help the first to sign in again",
            "Add one at the desk, or run `manage.py make_staff NAME --role administrator`",
            page="admin:auth_user_add",
        )


def crisis_lines_due() -> Iterator[Finding]:
    lines = (line for country in crisis_lines().countries for line in country.lines)
    if due := line_checks.due(lines, timezone.localdate()):
        names = ", ".join(line.id for line in due)
        yield Finding(
            f"Crisis lines checked more than 180 days ago: {names}",
            "Confirm each at the desk (Crisis lines), or set checked_on in crisis_lines.toml",
            page="admin:clinic_lines",
        )


def jobs_that_stopped() -> Iterator[Finding]:
    succeeded = dict(JobRun.objects.values_list("name", "succeeded_at"))
    for name, (within, unit) in JOBS.items():
        last = succeeded.get(name)
        if last is None or timezone.now() - last > within:
            when = f"was {age(last)} ago" if last else "is not known"
            yield Finding(
                f"The last good run of '{name}' {when}", f"See `systemctl status {unit}.timer {unit}`"
            )


def deletions_not_in_ledger() -> Iterator[Finding]:
    if count := ledger.missing():
        yield Finding(
            f"Deletions that the ledger in BACKUP_DIR lacks: {count}. A restored backup would bring these cases back",
            "Make the folder writable for the site, and run `manage.py backup`",
        )


def age(since: datetime) -> str:
    return timesince(since, depth=1).replace("\xa0", " ")


Check = Callable[[], Iterator[Finding]]
WITHOUT_DATABASE: tuple[Check, ...] = (wrong_settings, proof_and_waivers)
WITH_DATABASE: tuple[Check, ...] = (
    database_state,
    clinic_settings_in_step,
    mail_backlog,
    nobody_on_call,
    one_administrator,
    crisis_lines_due,
    jobs_that_stopped,
    deletions_not_in_ledger,
)
