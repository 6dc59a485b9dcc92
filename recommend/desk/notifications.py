"""E-mail to staff: that cases are waiting, that cases need a lead, and a daily digest.

The e-mails contain no name, no reference and nothing about health. A run claims a message before sending it, by
postponing it in a separate transaction. So concurrent runs never send the same message, no lock is held while the mail
server answers, and a later run retries after a crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from carenav.clinic.context import of_clinic
from recommend.desk import office_time
from recommend.desk.models import (
    AT_DESK,
    OPEN_STATUSES,
    Case,
    NextAction,
    OutboxMessage,
    StaffMember,
    Tier,
    escalated,
    unacknowledged,
)
from recommend.desk.staff.roles import case_workers

BATCH = 500
"""The most messages or cases that one run handles; the next run handles the rest."""
LEASE = timedelta(minutes=10)
"""How long a claimed message is postponed. After that, another run retries it, if the first run crashed."""
AGAIN = timedelta(hours=4)
"""The time after which leads get another e-mail about a case that still needs them."""
MAX_BACKOFF = timedelta(hours=1)
OVERDUE = timedelta(minutes=10)
"""The age at which an unsent message is reported at the desk."""

Kind = OutboxMessage.Kind


class NotSent(Exception):
    """Some or all e-mails could not be sent. The message says why, for the operator."""


# ---- recipients


def on_duty() -> QuerySet[User]:
    """Return the active staff on duty who may view cases and have an e-mail address.

    Checked at sending time: an account that was disabled or lost its role gets no e-mail.
    """
    return case_workers().filter(staff__on_duty=True).exclude(email="").order_by("pk")


def recipients() -> list[User]:
    """Return the staff on duty who get e-mail.

    Raises:
        NotSent: no mail server is set, or nobody with an e-mail address is on duty.
    """
    if not settings.EMAIL_HOST:
        raise NotSent("No mail server is set (EMAIL_HOST): nobody is told by e-mail.")
    if not (found := list(on_duty())):
        raise NotSent("Nobody with an e-mail address is on duty: nobody is told that a case is waiting.")
    return found


# ---- a case is waiting


def send_waiting() -> int:
    """Send everybody on duty one e-mail about the due messages; return the number of messages.

    Raises:
        NotSent: see :func:`recipients`, or the mail server failed. A later run retries the messages.
    """
    now = timezone.now()
    if not due(now).exists() or waits_for_opening(now):
        return 0
    staff = recipients()
    if not (messages := claim()):
        return 0
    try:
        refused = send(staff, *waiting_mail(messages))
    except Exception as error:
        put_back(messages)
        raise NotSent(f"{len(messages)} messages could not be sent ({type(error).__name__}).") from error
    ids = [message.pk for message in messages]
    OutboxMessage.objects.filter(pk__in=ids).update(sent_at=timezone.now())
    if refused:
        raise NotSent(f"Sent, but not to {len(refused)} of {len(staff)} on duty: user {refused}.")
    return len(messages)


def unsent() -> QuerySet[OutboxMessage]:
    """Return the unsent messages to the team about open cases that nobody has acknowledged since."""
    unseen = unacknowledged(since="created_at", case="case__")
    to_team = OutboxMessage.objects.filter(attempt__isnull=True, sent_at__isnull=True)
    return to_team.filter(unseen, case__status__in=OPEN_STATUSES)


def waits_for_opening(now: datetime) -> bool:
    """Return whether the clinic is closed, nobody is on duty, and no urgent case waits to be told.

    That is each night of a clinic with opening hours, and no alarm. It never holds where CLINIC_OPEN is not set.
    """
    quiet = office_time.is_known_to_be_closed(now) and not on_duty().exists()
    return quiet and not unsent().filter(kind=Kind.URGENT_CASE).exists()


def due(now: datetime) -> QuerySet[OutboxMessage]:
    return unsent().filter(due_at__lte=now).order_by("due_at", "pk")


@transaction.atomic
def claim() -> list[OutboxMessage]:
    """Postpone up to ``BATCH`` due messages by ``LEASE``, so that other runs skip them, and return them."""
    now = timezone.now()
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = list(due(now).select_for_update(skip_locked=skip_locked, of=("self",))[:BATCH])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in found]).update(due_at=now + LEASE)
    return found


def put_back(messages: Iterable[OutboxMessage]) -> None:
    """Schedule a retry of these messages with exponential backoff: after 1, 2, 4 ... minutes, at most an hour."""
    now = timezone.now()
    for message in messages:
        again = now + min(timedelta(minutes=2 ** min(message.tries, 10)), MAX_BACKOFF)
        OutboxMessage.objects.filter(pk=message.pk).update(tries=F("tries") + 1, due_at=again)


def waiting_mail(messages: list[OutboxMessage]) -> tuple[str, str]:
    """Return the subject and body of the e-mail about waiting cases."""
    urgent = sum(message.kind == Kind.URGENT_CASE for message in messages)
    kind = Kind.URGENT_CASE if urgent else Kind.CASE
    came_in = f"Came in since the last e-mail: {len(messages)}, of them urgent: {urgent}."
    return str(kind.label), body(f"{kind.label} at {of_clinic('NAME')}.", came_in)


# ---- the lead


def leads() -> list[User]:
    """Return the clinical leads on duty, or all with an e-mail address if none is.

    Raises:
        NotSent: no mail server is set, or no lead has an e-mail address.
    """
    if not settings.EMAIL_HOST:
        raise NotSent("No mail server is set (EMAIL_HOST): no lead is told by e-mail.")
    everyone = User.objects.with_perm("desk.lead_case", is_active=True, include_superusers=False)
    if not (found := list(everyone.filter(is_staff=True).exclude(email="").order_by("pk"))):
        raise NotSent("No clinical lead has an e-mail address: nobody is told that a case is past its time.")
    return [user for user in found if StaffMember.objects.filter(user=user, on_duty=True).exists()] or found


def send_escalated() -> int:
    """Send the leads an e-mail that escalated cases need them; return the number of cases.

    It is repeated after ``AGAIN`` for cases that are still escalated. While the office is closed, only cases in the
    tier Now count.

    Raises:
        NotSent: see :func:`leads`, or the mail server failed.
    """
    now = timezone.now()
    if not untold(now).exists():
        return 0
    staff = leads()
    if not (told := claim_escalated(now)):
        return 0
    try:
        refused = send(staff, *escalated_mail(len(told)))
    except Exception as error:
        Case.objects.filter(pk__in=told).update(lead_told_at=None)
        raise NotSent(f"Leads could not be told of {len(told)} cases ({type(error).__name__}).") from error
    if refused:
        raise NotSent(f"Sent, but not to {len(refused)} of {len(staff)} leads: user {refused}.")
    return len(told)


def untold(now: datetime) -> QuerySet[Case]:
    """Return the escalated cases about which leads got no e-mail within ``AGAIN``.

    After an e-mail about one case of a flood, the other cases of that flood are left out too. Cases in the tier Now and
    those put to a lead never are: a flood may hold real people who have nothing in common.
    """
    again = Q(lead_told_at__isnull=True) | Q(lead_told_at__lte=now - AGAIN)
    closed = Q() if office_time.is_open(now) else Q(tier=Tier.NOW)
    told = Case.objects.filter(flood=OuterRef("flood"), lead_told_at__gt=now - AGAIN).exclude(flood="")
    may_be_gathered = ~Q(tier=Tier.NOW) & ~Q(next_action=NextAction.LEAD_REVIEW)
    return Case.objects.filter(escalated(now), again, closed, AT_DESK).exclude(may_be_gathered, Exists(told))


@transaction.atomic
def claim_escalated(now: datetime) -> list[int]:
    """Set ``lead_told_at`` of up to ``BATCH`` untold cases and return their ids; concurrent runs skip them."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = untold(now).order_by("pk").select_for_update(skip_locked=skip_locked, of=("self",))
    told = [case.pk for case in found.only("pk")[:BATCH]]
    Case.objects.filter(pk__in=told).update(lead_told_at=now)
    return told


def escalated_mail(count: int) -> tuple[str, str]:
    """Return the subject and body of the e-mail about so many escalated cases."""
    facts = f"Cases past a time limit, or put to a lead: {count}\nYou get this again until somebody acts."
    return "Cases need a lead", body(f"Cases need a lead at {of_clinic('NAME')}.", facts)


# ---- the digest


def send_digest() -> int:
    """Send everybody on duty the digest of cases that nobody has seen; return the number of cases.

    Raises:
        NotSent: see :func:`recipients`, or the mail server failed.
    """
    found = Case.objects.filter(not_seen()).aggregate(
        count=Count("pk"), urgent=Count("pk", filter=Q(urgent=True)), oldest=Min("opened_at")
    )
    if not found["count"]:
        return 0
    staff = recipients()
    try:
        refused = send(staff, *digest_mail(**found))
    except Exception as error:
        raise NotSent(f"The digest could not be sent ({type(error).__name__}).") from error
    if refused:
        raise NotSent(f"Sent, but not to {len(refused)} of {len(staff)} on duty: user {refused}.")
    return int(found["count"])


def not_seen() -> Q:
    """Return a condition for open cases without a first contact that nobody has acknowledged since they were sent."""
    return Q(status__in=OPEN_STATUSES, first_contact_at__isnull=True) & unacknowledged()


def digest_mail(count: int, urgent: int, oldest: datetime) -> tuple[str, str]:
    """Return the subject and body of the digest: so many cases, of them urgent, and when the oldest was opened."""
    age = timesince(oldest, depth=1).replace("\xa0", " ")
    facts = f"Cases that nobody has seen yet: {count}\nOf them urgent: {urgent}\nThe oldest waits for: {age}"
    return "Cases are waiting", body(f"Cases are waiting at {of_clinic('NAME')}.", facts)


# ---- the e-mail


def body(first: str, facts: str) -> str:
    desk = settings.SITE_URL + reverse("admin:index")
    return (
        f"{first}\n\n{desk}\n\n{facts}\n\n"
        "You get this e-mail because you are on duty; you can change that at the desk.\n"
    )


def send(staff: list[User], subject: str, text: str) -> list[int]:
    """Send one e-mail to each user.

    Args:
        staff: the recipients.
        subject: the subject of each e-mail.
        text: the body of each e-mail.

    Returns:
        the ids of users whose e-mail failed; empty if none did.

    Raises:
        Exception: the mail server's last error, if all e-mails failed.
    """
    refused: list[int] = []
    last: Exception | None = None
    with get_connection() as server:
        for user in staff:
            headers = {"Auto-Submitted": "auto-generated"}
            try:
                EmailMessage(subject, text, to=[user.email], connection=server, headers=headers).send()
            except Exception as error:
                last = error
                refused.append(user.pk)
                server.close()  # the server may have closed the connection; the next e-mail reconnects
    if last and len(refused) == len(staff):
        raise last
    return refused


# ---- for the desk


@dataclass(frozen=True)
class Undelivered:
    """Messages that should have been sent by now.

    Attributes:
        count: the number of messages.
        oldest: when the oldest was created.
        nobody_on_duty: whether they were not sent because nobody with an e-mail address is on duty.
    """

    count: int
    oldest: datetime
    nobody_on_duty: bool

    @property
    def words(self) -> str:
        """One sentence for the desk: how many messages were not sent, and why."""
        why = (
            "no mail server is set up"
            if not settings.EMAIL_HOST
            else "nobody with an e-mail address is on duty"
            if self.nobody_on_duty
            else "they could not be sent"
        )
        what = "1 message" if self.count == 1 else f"{self.count:,} messages"
        return f"{what} about waiting cases did not go out by e-mail: {why}."


def undelivered() -> Undelivered | None:
    """Return what the desk must say about messages unsent for longer than ``OVERDUE``; None if there are none."""
    return _counted(unsent().filter(created_at__lt=timezone.now() - OVERDUE))


def backlog() -> Undelivered | None:
    """Return what an alarm must say: messages that failed before or are overdue; None if there are none.

    They count also while they wait for their next try, so that the alarm does not end before the messages are sent.
    Messages of a flood, which are postponed on purpose, do not count before their time.
    """
    now = timezone.now()
    if waits_for_opening(now):
        return None
    return _counted(unsent().filter(Q(tries__gt=0) | Q(due_at__lt=now - OVERDUE)))


def _counted(late: QuerySet[OutboxMessage]) -> Undelivered | None:
    found = late.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if not found["count"]:
        return None
    return Undelivered(found["count"], found["oldest"], nobody_on_duty=not on_duty().exists())
