"""Send the e-mails to people that the desk has put into the outbox.

A run claims a message before it sends, as for the team (recommend/desk/notifications.py). The words are not stored:
they are written when they go, so that wishes that changed meanwhile count.
"""

from datetime import timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from recommend.desk.models import ContactAttempt, OutboxMessage
from recommend.desk.notifications import LEASE, OVERDUE, NotSent, put_back
from recommend.desk.person_messages.templates import Message, find_message

How = ContactAttempt.How
NEVER = timedelta(days=3650)
AT_MOST = 20
"""Messages of one run; each is an e-mail of its own."""


def queue(attempt: ContactAttempt) -> None:
    """Put the e-mail of a contact into the outbox."""
    kind = OutboxMessage.Kind.TO_PERSON
    OutboxMessage.objects.create(kind=kind, case=attempt.case, attempt=attempt)


def unsent() -> QuerySet[OutboxMessage]:
    """Return the e-mails to people that have not gone."""
    return OutboxMessage.objects.filter(attempt__isnull=False, sent_at__isnull=True).order_by("due_at", "pk")


def late() -> list[OutboxMessage]:
    """Return those that should have gone by now, for the desk to show with their cases."""
    found = unsent().filter(created_at__lt=timezone.now() - OVERDUE, attempt__error_at__isnull=True)
    return list(found.select_related("case")[:AT_MOST])


def send_to_people() -> int:
    """Send what is due; return how many went.

    Raises:
        NotSent: no mail server is set, or one refused. A later run tries again.
    """
    if not unsent().filter(due_at__lte=timezone.now()).exists():
        return 0
    if not settings.EMAIL_HOST:
        raise NotSent("No mail server is set (EMAIL_HOST): messages to people wait.")
    sent, failed = 0, []
    for message in claim():
        try:
            sent += send_one(message)
        except Exception:  # the server's answer may quote the address: it is not logged
            failed.append(message)
    put_back(failed)
    if failed:
        raise NotSent(f"Messages to people that could not be sent: {len(failed)}.")
    return sent


@transaction.atomic
def claim() -> list[OutboxMessage]:
    """Postpone what is due by LEASE and return it; other runs skip it."""
    now = timezone.now()
    skip_locked = connection.features.has_select_for_update_skip_locked
    due = unsent().filter(due_at__lte=now).select_for_update(skip_locked=skip_locked, of=("self",))
    found = list(due.select_related("attempt", *_shown_with())[:AT_MOST])
    OutboxMessage.objects.filter(pk__in=[each.pk for each in found]).update(due_at=now + LEASE)
    return found


def _shown_with() -> list[str]:
    return [f"case__submission__{name}" for name in ("contact", "recommendation")]


def send_one(message: OutboxMessage) -> bool:
    """Send one e-mail.

    One whose contact was entered in error is deleted instead. One that the person no longer wants stays unsent.

    Returns:
        Whether it went.
    """
    attempt, row = message.attempt, OutboxMessage.objects.filter(pk=message.pk)
    if attempt is None or attempt.error_at:
        row.delete()
        return False
    words = find_message(message.case, f"{How.EMAIL}:{attempt.template}")
    if words is None:
        row.update(due_at=timezone.now() + NEVER)  # the desk shows it until somebody corrects the contact
        return False
    mail(words, message.case.submission.contact.email).send()
    row.update(sent_at=timezone.now())
    return True


def mail(words: Message, to: str) -> EmailMessage:
    """Write the e-mail. Its sender shows the address alone: a name there could tell what the words do not."""
    sender = formataddr(("", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    return EmailMessage(words.subject, words.text, from_email=sender, to=[to])
