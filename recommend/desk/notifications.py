"""E-mail to those on duty: that a case is waiting, and a daily digest. Nothing about health, no name, no reference.

A message is claimed before it is sent, by moving its time on in a transaction of its own: two runs at once never take
the same one, no lock is held while a mail server answers, and a run that dies leaves it to a later one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from recommend.desk.models import OPEN_STATUSES, Case, OutboxMessage, unacknowledged
from recommend.desk.staff.roles import case_workers

AT_ONCE = 500
"""So many messages one e-mail speaks for; the next run takes the next."""
LEASE = timedelta(minutes=10)
"""A claim that nothing came of, because the run died, is free again after this."""
LONGEST_WAIT = timedelta(hours=1)
OVERDUE = timedelta(minutes=10)
"""A message that is older than this and not sent is a fault that the desk must see."""

Kind = OutboxMessage.Kind


class NotSent(Exception):
    """Nothing, or not everything, could be sent; says why, for the operator."""


# ---- to whom


def on_duty() -> QuerySet[AbstractUser]:
    """Who is told: staff on duty, active, who may see cases, and with an e-mail address.

    Whatever else is stored: who was disabled, or lost the role by any other way, is told of nothing.
    """
    return case_workers().filter(staff__on_duty=True).exclude(email="").order_by("pk")


def recipients() -> list[AbstractUser]:
    """Those on duty.

    Raises:
        NotSent: no mail server is set, or there is nobody on duty.
    """
    if not settings.EMAIL_HOST:
        raise NotSent("No mail server is set (EMAIL_HOST): nobody is told by e-mail.")
    found = list(on_duty())
    if not found:
        raise NotSent("Nobody with an e-mail address is on duty: nobody is told that a case is waiting.")
    return found


# ---- a case is waiting


def send_waiting() -> int:
    """Tell those on duty of every message that is due; says for how many.

    Raises:
        NotSent: see :func:`recipients`, or a mail server that refuses. The messages stay, for a later run.
    """
    if not due(timezone.now()).exists():
        return 0
    staff = recipients()
    messages = claim()
    if not messages:
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


def to_tell() -> QuerySet[OutboxMessage]:
    """Messages that did not go out, about cases that still wait to be seen: of all others "is waiting" is not true."""
    unseen = unacknowledged(since="created_at", case="case__")
    return OutboxMessage.objects.filter(unseen, sent_at__isnull=True, case__status__in=OPEN_STATUSES)


def due(now: datetime) -> QuerySet[OutboxMessage]:
    return to_tell().filter(due_at__lte=now).order_by("due_at", "pk")


@transaction.atomic
def claim() -> list[OutboxMessage]:
    """Take what is due, so that no other run does."""
    now = timezone.now()
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = list(due(now).select_for_update(skip_locked=skip_locked, of=("self",))[:AT_ONCE])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in found]).update(due_at=now + LEASE)
    return found


def put_back(messages: Iterable[OutboxMessage]) -> None:
    """Try these again later: after 1, 2, 4 ... minutes, an hour at most."""
    now = timezone.now()
    for message in messages:
        again = now + min(timedelta(minutes=2 ** min(message.tries, 10)), LONGEST_WAIT)
        OutboxMessage.objects.filter(pk=message.pk).update(tries=F("tries") + 1, due_at=again)


def waiting_mail(messages: list[OutboxMessage]) -> tuple[str, str]:
    """Subject and body."""
    urgent = sum(message.kind == Kind.URGENT_CASE for message in messages)
    kind = Kind.URGENT_CASE if urgent else Kind.CASE
    came_in = f"Came in since the last e-mail: {len(messages)}, of them urgent: {urgent}."
    return str(kind.label), body(f"{kind.label} at {settings.CLINIC_NAME}.", came_in)


# ---- the digest


def send_digest() -> int:
    """Tell those on duty what nobody has seen yet; says of how many cases.

    Raises:
        NotSent: see :func:`recipients`, or a mail server that refuses.
    """
    found = Case.objects.filter(unseen()).aggregate(
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


def unseen() -> Q:
    """Open, and nobody has said that they know of it since it was last sent."""
    return Q(status__in=OPEN_STATUSES, first_contact_at__isnull=True) & unacknowledged()


def digest_mail(count: int, urgent: int, oldest: datetime) -> tuple[str, str]:
    """Subject and body."""
    age = timesince(oldest, depth=1).replace("\xa0", " ")
    facts = f"Cases that nobody has seen yet: {count}\nOf them urgent: {urgent}\nThe oldest waits for: {age}"
    return "Cases are waiting", body(f"Cases are waiting at {settings.CLINIC_NAME}.", facts)


# ---- the e-mail


def body(first: str, facts: str) -> str:
    desk = settings.SITE_URL + reverse("admin:index")
    return (
        f"{first}\n\n{desk}\n\n{facts}\n\n"
        "You get this e-mail because you are on duty; you can change that at the desk.\n"
    )


def send(staff: list[AbstractUser], subject: str, text: str) -> list[int]:
    """Send the same to each; gives the ids of those whom it did not reach, if others got it.

    Raises:
        Exception: whatever the mail server said, where nobody got it.
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
                server.close()  # it may have hung up: the next one opens it anew
    if last and len(refused) == len(staff):
        raise last
    return refused


# ---- for the desk


@dataclass(frozen=True)
class Undelivered:
    """Messages that should have been sent by now, and why they were not."""

    count: int
    oldest: datetime
    nobody_on_duty: bool

    @property
    def words(self) -> str:
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
    """What the desk must say in red: messages about cases that still wait to be seen, and that nobody was told of."""
    late = to_tell().filter(created_at__lt=timezone.now() - OVERDUE)
    found = late.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if not found["count"]:
        return None
    return Undelivered(found["count"], found["oldest"], nobody_on_duty=not on_duty().exists())
