"""Models of a person's answers: a draft while they answer, and a submission once they send it to the team."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carenav.plumbing.crypto import EncryptedTextField
from carenav.plumbing.moments import seconds_until
from recommend.engine import CrisisAnswer

DRAFT_LIFE = timedelta(hours=24)
SAVED_LIFE = timedelta(days=7)
"""The life of a draft with a return code."""
SHARED_LIFE = timedelta(minutes=15)
"""How long a browser on a shared device can open a draft or result."""

PRESSED_TWICE = timedelta(minutes=5)
"""If the same page is sent again within this time, the person may never have seen the first response."""


class DraftQuerySet(models.QuerySet["Draft"]):
    """Filters drafts by whether a browser or a return code can still open them. All times count from ``touched_at``."""

    def alive(self) -> "DraftQuerySet":
        """Return the drafts that their own browser can still open."""
        now = timezone.now()
        return self.filter(
            Q(shared_device=True, touched_at__gte=now - SHARED_LIFE)
            | Q(shared_device=False, touched_at__gte=now - DRAFT_LIFE)
            | Q(shared_device=False, code_hash__isnull=False, touched_at__gte=now - SAVED_LIFE)
        )

    def saved(self) -> "DraftQuerySet":
        """Return the drafts that a return code opens in any browser, even if a shared device no longer opens them."""
        return self.filter(code_hash__isnull=False, touched_at__gte=timezone.now() - SAVED_LIFE)

    def gone(self) -> "DraftQuerySet":
        """Return the expired drafts: neither a browser nor a code can open them, so they may be deleted."""
        now = timezone.now()
        return self.filter(
            Q(touched_at__lt=now - SAVED_LIFE)
            | Q(code_hash__isnull=True, touched_at__lt=now - DRAFT_LIFE)
            | Q(code_hash__isnull=True, shared_device=True, touched_at__lt=now - SHARED_LIFE)
        )


class ToldBy(models.TextChoices):
    """Who gives the answers that staff fill in."""

    PERSON = "person", "The person"
    RELATIVE = "relative", "A relative or friend"
    REFERRER = "referrer", "A referrer"


class ToldHow(models.TextChoices):
    """How the answers that staff fill in reach them."""

    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"
    LETTER = "letter", "By letter, fax or e-mail"


class StaffConsent(models.TextChoices):
    """What staff record about consent when they fill in the questions.

    Each value begins with the version of the wording, such as "staff-1".
    """

    AGREED = "staff-1-agreed", "The person agrees"
    RELAYED = "staff-1-relayed", "Someone else says the person agrees"
    UNASKED = "staff-1-unasked", "The person has not been asked"


class AskedByStaff(models.Model):
    """Answers that the person or a member of staff filled in: staff by phone, in person or from a letter.

    Attributes:
        taken_by: the member of staff; None if the person filled them in.
        told_by: who gave the answers to staff; "" if the person filled them in.
        told_how: how the answers reached staff; "" if the person filled them in.
        consent: a value of ``StaffConsent`` if staff filled them in, else the version of the consent on the start page.
    """

    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    told_by = models.CharField(max_length=10, blank=True, choices=ToldBy)
    told_how = models.CharField(max_length=10, blank=True, choices=ToldHow)
    consent = models.CharField(max_length=20)
    consented_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def is_taken(self) -> bool:
        """Whether a member of staff filled in the answers."""
        return self.taken_by_id is not None

    @property
    def staff_consent(self) -> str:
        """What staff recorded about consent, in words; "" if the person filled in the answers."""
        return str(StaffConsent(self.consent).label) if self.is_taken else ""


class Draft(AskedByStaff):
    """Answers that have not been sent yet. Found by a random token in the browser's cookie, stored here as a hash.

    A draft that staff fill in opens only in their browser, and only while they are signed in.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=dict)
    questionnaire = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    crisis_shown = models.JSONField(default=list)  # kinds of crisis for which the crisis page was shown
    crisis_given = models.JSONField(
        default=list
    )  # every [question, option] that was ever chosen and carries a crisis
    crisis_change = models.CharField(max_length=10, blank=True)
    checked = models.CharField(max_length=64, blank=True)  # digest of the answers the person confirmed
    touched_at = models.DateTimeField(db_index=True)
    shared_device = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)  # of the return code
    erase_hash = models.CharField(max_length=64, blank=True)  # of the private code of the later submission
    held = models.JSONField(default=dict)  # input that a page could not accept; see intake/held.py
    typed = EncryptedTextField(blank=True)  # contact details that were typed but not sent yet, as JSON
    replaces = models.ForeignKey(
        "Submission", on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )  # the submission that the person is changing
    cut_short = models.BooleanField(default=False)  # staff send it without asking the remaining questions

    carried_from = ""
    """The questionnaire version of the stored draft, if this request converted it to today's questions; else "".

    Not stored; see ``drafts.carry_over``.
    """

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.touched_at = timezone.now()
        super().save(*args, **kwargs)

    @property
    def seconds_left(self) -> int:
        """The seconds until a browser on a shared device can no longer open the draft."""
        return seconds_until(self.touched_at + SHARED_LIFE)

    @property
    def just_touched(self) -> bool:
        """Whether a page was sent within ``PRESSED_TWICE``; False for a draft that was never saved."""
        return self.touched_at is not None and self.touched_at >= timezone.now() - PRESSED_TWICE

    def note_crisis(self, kinds: set[str], given: list[CrisisAnswer]) -> None:
        """Add to ``crisis_shown`` and ``crisis_given``, without saving.

        Args:
            kinds: the kinds of crisis for which help is shown.
            given: the answers that carry them.
        """
        self.crisis_shown = sorted({*self.crisis_shown, *kinds})
        pairs = {(question, option) for question, option in self.crisis_given}
        self.crisis_given = sorted(pairs | {(answer.question, answer.option) for answer in given})


class CrisisChange(models.TextChoices):
    """What a person says about a crisis answer that they changed later."""

    MISTAKE = "mistake", _("I picked it by mistake")
    CHANGED = "changed", _("It was true, but things have changed")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> "SubmissionQuerySet":
        """Return the submissions whose result may still be shown in the browser that sent them."""
        return self.filter(open_until__gt=timezone.now())


class Submission(AskedByStaff):
    """Answers that were sent to the intake team. Never changed afterwards, only emptied if the person deletes them.

    A person who changes their answers sends a new submission with the same reference, which ``replaces`` the earlier
    one.
    """

    key = models.CharField(max_length=64, unique=True)  # the draft's token hash: sending twice stores once
    reference = models.CharField(max_length=12, db_index=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    answers = models.JSONField()
    questionnaire = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    crisis_given = models.JSONField(default=list)
    crisis_change = models.CharField(max_length=10, blank=True, choices=CrisisChange)
    sent_at = models.DateTimeField(default=timezone.now)
    shared_device = models.BooleanField(default=False)
    open_until = models.DateTimeField(
        null=True, blank=True
    )  # until when the browser that sent it shows the result
    erase_hash = models.CharField(max_length=64, blank=True)  # of the private code that deletes it

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["sent_at"], name="submission_first", condition=Q(replaces__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(replaces__isnull=True), name="submission_reference_once"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def seconds_left(self) -> int:
        """The seconds for which the browser that sent it can still show the result; 0 without a time limit set."""
        return seconds_until(self.open_until) if self.open_until else 0


class ReachBy(models.TextChoices):
    """How a person wants to be reached."""

    PHONE = "phone", _("Call me")
    TEXT = "text", _("Send me a text message")
    EMAIL = "email", _("Send me an email")
    I_WILL_CALL = "i_will_call", _("I will call you")


class LeaveMessage(models.TextChoices):
    """Whether a message may be left where someone else could hear or read it."""

    YES = "yes", _("Yes")
    NAME_ONLY = "name_only", _("Only a first name and a number, nothing about care")
    NO = "no", _("No")


class ContactDetails(models.Model):
    """How to reach the person. Encrypted; searched by blind indexes of phone, e-mail and each word of the name."""

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="contact")
    name = EncryptedTextField(blank=True)
    phone = EncryptedTextField(blank=True)
    email = EncryptedTextField(blank=True)
    reach_by = models.CharField(max_length=12, choices=ReachBy)
    safe_times = EncryptedTextField(blank=True)
    leave_message = models.CharField(max_length=10, choices=LeaveMessage, blank=True)
    language = EncryptedTextField(blank=True)
    access_needs = EncryptedTextField(blank=True)
    note = EncryptedTextField(blank=True)
    phone_hash = models.CharField(max_length=64, blank=True, db_index=True)
    email_hash = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name_plural = "contact details"

    def __str__(self) -> str:
        return f"contact details of {self.submission}"


class ContactNameWord(models.Model):
    """The blind index of one word of a name, so that staff can search for cases by exactly that word."""

    contact = models.ForeignKey(ContactDetails, on_delete=models.CASCADE, related_name="name_words")
    word_hash = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "word_hash"], name="contact_name_word_once")
        ]

    def __str__(self) -> str:
        return f"a word of the name in {self.contact}"


class ContactSearchKey(models.Model):
    """The blind index of a part of a name, phone number or reference (intake/search_keys.py).

    All kinds of parts are in one column without a name of the kind, so that the table does not say which row is what.
    """

    contact = models.ForeignKey(ContactDetails, on_delete=models.CASCADE, related_name="search_keys")
    key_hash = models.CharField(max_length=32)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["key_hash", "contact"], name="contact_search_key_once")
        ]

    def __str__(self) -> str:
        return f"a part of {self.contact}"
