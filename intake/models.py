"""Models of what a person answers: a draft, and a submission only if they send it."""

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
"""For a draft with a code to come back."""
SHARED_LIFE = timedelta(minutes=15)
"""For a browser on a device that the person does not have to themselves."""

PRESSED_TWICE = timedelta(minutes=5)
"""Within this time the same page sent again may be the same press, on a slow line, or a page that did not load."""


class DraftQuerySet(models.QuerySet["Draft"]):
    """Filters drafts by what can still open them. An expired draft counts as gone before it is deleted."""

    def alive(self) -> "DraftQuerySet":
        """Filter drafts that their own browser can still open."""
        now = timezone.now()
        return self.filter(
            Q(shared_device=True, touched_at__gte=now - SHARED_LIFE)
            | Q(shared_device=False, touched_at__gte=now - DRAFT_LIFE)
            | Q(shared_device=False, code_hash__isnull=False, touched_at__gte=now - SAVED_LIFE)
        )

    def saved(self) -> "DraftQuerySet":
        """Filter drafts that a return code opens in any browser, even after their time on a shared device is over."""
        return self.filter(code_hash__isnull=False, touched_at__gte=timezone.now() - SAVED_LIFE)

    def gone(self) -> "DraftQuerySet":
        """Filter drafts that neither a browser nor a code can open: they may be deleted."""
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
    """How staff get the answers that they fill in."""

    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"
    LETTER = "letter", "By letter, fax or e-mail"


class StaffConsent(models.TextChoices):
    """What staff note about consent when they fill in the questions: the version of their words, with what holds."""

    AGREED = "staff-1-agreed", "The person agrees"
    RELAYED = "staff-1-relayed", "Someone else says the person agrees"
    UNASKED = "staff-1-unasked", "The person has not been asked"


class AskedByStaff(models.Model):
    """Answers that a member of staff may have filled in with somebody: on the phone, in person, from a letter.

    Attributes:
        taken_by: who filled them in; None where the person did.
        told_by: who gave the answers; "" where the person filled them in.
        told_how: how staff got them.
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
        """Whether staff filled it in."""
        return self.taken_by_id is not None

    @property
    def staff_consent(self) -> str:
        """What staff noted about consent, in words; "" where the person filled it in."""
        return str(StaffConsent(self.consent).label) if self.is_taken else ""


class Draft(AskedByStaff):
    """Answers on their way. Found by a random token that only the person's browser holds; stored hashed.

    One that staff fill in opens only in their browser, and only while they are signed in.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=dict)
    questionnaire = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    crisis_shown = models.JSONField(default=list)  # kinds for which the crisis page was shown
    crisis_given = models.JSONField(
        default=list
    )  # every [question, option] that was ever chosen and carries a crisis
    crisis_change = models.CharField(max_length=10, blank=True)
    checked = models.CharField(max_length=64, blank=True)  # digest of the answers the person confirmed
    touched_at = models.DateTimeField(db_index=True)
    shared_device = models.BooleanField(default=False)
    code_hash = models.CharField(
        max_length=64, unique=True, null=True, blank=True
    )  # of the code to come back
    erase_hash = models.CharField(max_length=64, blank=True)  # of the private code, should it be sent
    held = models.JSONField(default=dict)  # what a page was sent with and could not take; see intake/held.py
    typed = EncryptedTextField(blank=True)  # contact details that could not be sent yet, as JSON
    replaces = models.ForeignKey(
        "Submission", on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )  # what the person sent before and is changing now
    cut_short = models.BooleanField(default=False)  # staff send it with questions left open

    carried_from = ""
    """The earlier version of the questions it answered until this request; see ``drafts.carry_over``. Not stored."""

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.touched_at = timezone.now()
        super().save(*args, **kwargs)

    @property
    def seconds_left(self) -> int:
        """How long the browser on a shared device can still open it."""
        return seconds_until(self.touched_at + SHARED_LIFE)

    @property
    def just_touched(self) -> bool:
        """Whether a page was sent a moment ago; a new draft was never touched."""
        return self.touched_at is not None and self.touched_at >= timezone.now() - PRESSED_TWICE

    def note_crisis(self, kinds: set[str], given: list[CrisisAnswer]) -> None:
        """Remember for which kinds of crisis help was shown, and the answers that called for it."""
        self.crisis_shown = sorted({*self.crisis_shown, *kinds})
        pairs = {(question, option) for question, option in self.crisis_given}
        self.crisis_given = sorted(pairs | {(answer.question, answer.option) for answer in given})


class CrisisChange(models.TextChoices):
    """What a person says about a crisis answer that they changed later."""

    MISTAKE = "mistake", _("I picked it by mistake")
    CHANGED = "changed", _("It was true, but things have changed")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> "SubmissionQuerySet":
        """Filter submissions whose result their own browser may still show."""
        return self.filter(open_until__gt=timezone.now())


class Submission(AskedByStaff):
    """Answers that a person sent to the intake team. Never changed afterwards, only emptied if the person says so.

    Who changes their answers sends a new one that ``replaces`` the one before, with the same reference.
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
        """How long the browser that sent it can still see its result."""
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
    """How to reach the person. Encrypted; found by blind indexes of phone, e-mail and each word of the name."""

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
    """The keyed hash of one word of a name, so that a case can be found by exactly that word."""

    contact = models.ForeignKey(ContactDetails, on_delete=models.CASCADE, related_name="name_words")
    word_hash = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "word_hash"], name="contact_name_word_once")
        ]

    def __str__(self) -> str:
        return f"a word of the name in {self.contact}"
