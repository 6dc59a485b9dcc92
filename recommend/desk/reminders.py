"""E-mail that urgent cases still wait, to those on duty, again and again until somebody acknowledges them."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.utils import timezone

from carenav.clinic.context import of_clinic
from carenav.clinic.in_force import clinic
from recommend.desk import office_time
from recommend.desk.models import OPEN_STATUSES, OutboxMessage, Tier, unacknowledged
from recommend.desk.notifications import AGAIN, BATCH, NotSent, body, recipients, send


def send_reminders() -> int:
    """Send everybody on duty one e-mail about the urgent cases that still wait; return the number of cases.

    Raises:
        NotSent: see :func:`recommend.desk.notifications.recipients`, or the mail server failed. A later run retries.
    """
    now = timezone.now()
    if not waiting_still(now).exists():
        return 0
    staff = recipients()
    if not (claimed := claim_reminders(now)):
        return 0
    cases = {message.case_id for message in claimed}
    try:
        refused = send(staff, *reminder(len(cases)))
    except Exception as error:
        for message in claimed:
            OutboxMessage.objects.filter(pk=message.pk).update(sent_at=message.sent_at)
        raise NotSent(
            f"Reminders of {len(cases)} cases could not be sent ({type(error).__name__})."
        ) from error
    if refused:
        raise NotSent(f"Sent, but not to {len(refused)} of {len(staff)} on duty: user {refused}.")
    return len(cases)


def waiting_still(now: datetime) -> QuerySet[OutboxMessage]:
    """Return the sent messages about open urgent cases of which it is time to remind.

    Each pause is as long as the case had waited when the last e-mail went out, at least the time within which an urgent
    case is to be acknowledged, and at most ``AGAIN``: with 30 minutes, after half an hour, 1, 2, 4 and 8 hours, then
    every four hours. While the office is closed, only cases in the tier Now count.
    """
    first = timedelta(minutes=clinic().urgent_late_minutes)
    urgent = OutboxMessage.objects.filter(
        kind=OutboxMessage.Kind.URGENT_CASE, sent_at__isnull=False
    ).annotate(
        waited=ExpressionWrapper(F("sent_at") - F("created_at"), DurationField()),
        paused=ExpressionWrapper(Value(now) - F("sent_at"), DurationField()),
    )
    time_again = Q(paused__gte=AGAIN) | Q(paused__gte=first) & Q(paused__gte=F("waited"))
    open_now = Q() if office_time.is_open(now) else Q(case__tier=Tier.NOW)
    unseen = unacknowledged(since="created_at", case="case__")
    return urgent.filter(unseen, time_again, open_now, case__status__in=OPEN_STATUSES)


@transaction.atomic
def claim_reminders(now: datetime) -> list[OutboxMessage]:
    """Note that up to ``BATCH`` messages are sent now, so that other runs skip them; return them as before."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    locked = waiting_still(now).order_by("pk").select_for_update(skip_locked=skip_locked, of=("self",))
    found = list(locked[:BATCH])
    OutboxMessage.objects.filter(pk__in=[message.pk for message in found]).update(sent_at=now)
    return found


def reminder(count: int) -> tuple[str, str]:
    """Return the subject and body of the e-mail about so many cases."""
    facts = f"Urgent cases that nobody has acknowledged: {count}\nYou get this again until somebody does."
    return "An urgent case is still waiting", body(
        f"An urgent case is still waiting at {of_clinic('NAME')}.", facts
    )
