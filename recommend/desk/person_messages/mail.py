"""Send the e-mails to patients that are in the outbox.

A run claims a message before sending it, as for e-mails to staff (recommend/desk/notifications.py). The text is not
stored but written when it is sent, so that the person's current wishes count.
"""

from datetime import timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from recommend.desk.models import ContactAttempt, OutboxMessage
from recommend.desk.notifications import LEASE, OVERDUE, NotSent, put_back
from recommend.desk.person_messages.templates import Message, find_message

How = ContactAttempt.How
NEVER = timedelta(days=3650)
AT_MOST = 20
"""The most messages that one run sends."""


def queue(attempt: ContactAttempt) -> None:
    """Put the e-mail of a contact attempt into the outbox."""
    kind = OutboxMessage.Kind.TO_PERSON
    OutboxMessage.objects.create(kind=kind, case=attempt.case, attempt=attempt)


def unsent() -> QuerySet[OutboxMessage]:
    """Return the e-mails to patients that have not been sent."""
    return OutboxMessage.objects.filter(attempt__isnull=False, sent_at__isnull=True).order_by("due_at", "pk")


def late() -> list[OutboxMessage]:
    """Return unsent e-mails to patients that are older than ``OVERDUE``, for the desk to show with their cases."""
    found = unsent().filter(created_at__lt=timezone.now() - OVERDUE, attempt__error_at__isnull=True)
    return list(found.select_related("case")[:AT_MOST])


def backlog() -> int:
    """Return the number of unsent e-mails to patients that failed before or are overdue."""
    waiting = Q(tries__gt=0) | Q(due_at__lt=timezone.now() - OVERDUE)
    return unsent().filter(waiting, attempt__error_at__isnull=True).count()


def send_to_people() -> int:
    """Send the due e-mails to patients; return how many were sent.

    Raises:
        NotSent: no mail server is set, or some e-mails failed. A later run retries them.
    """
    if not unsent().filter(due_at__lte=timezone.now()).exists():
        return 0
    if not settings.EMAIL_HOST:
        raise NotSent("No mail server is set (EMAIL_HOST): messages to people wait.")
    sent, failed = 0, []
    for message in claim():
        try:
            sent += send_one(message)
        except Exception:  # not logged, because the server's answer may quote the address
            failed.append(message)
    put_back(failed)
    if failed:
        raise NotSent(f"Messages to people that could not be sent: {len(failed)}.")
    return sent


@transaction.atomic
def claim() -> list[OutboxMessage]:
    """Postpone up to ``AT_MOST`` due e-mails by ``LEASE``, so that other runs skip them, and return them."""
    now = timezone.now()
    skip_locked = connection.features.has_select_for_update_skip_locked
    due = unsent().filter(due_at__lte=now).select_for_update(skip_locked=skip_locked, of=("self",))
    found = list(due.select_related("attempt", *_shown_with())[:AT_MOST])
    OutboxMessage.objects.filter(pk__in=[each.pk for each in found]).update(due_at=now + LEASE)
    return found


def _shown_with() -> list[str]:
    return [f"case__submission__{name}" for name in ("contact", "recommendation")]


def send_one(message: OutboxMessage) -> bool:
    """Send one e-mail, and return whether it was sent.

    If its contact attempt was marked as entered in error, the message is deleted. If the person no longer wants it, it
    stays in the outbox, unsent.
    """
    attempt, row = message.attempt, OutboxMessage.objects.filter(pk=message.pk)
    if attempt is None or attempt.error_at:
        row.delete()
        return False
    words = find_message(message.case, f"{How.EMAIL}:{attempt.template}")
    if words is None:
        row.update(due_at=timezone.now() + NEVER)  # the desk shows it until the contact is marked as an error
        return False
    mail(words, message.case.submission.contact.email).send()
    row.update(sent_at=timezone.now())
    return True


def mail(words: Message, to: str) -> EmailMessage:
    """Return the e-mail. The sender is an address without a name, because a name could reveal what the text does not.

    Args:
        words: the message.
        to: the person's e-mail address.
    """
    sender = formataddr(("", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    return EmailMessage(words.subject, words.text, from_email=sender, to=[to])
