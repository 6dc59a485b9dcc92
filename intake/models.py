"""What is kept of a person: a draft while they answer, and, only if they send it, a submission."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.crypto import EncryptedTextField
from recommend.engine import CrisisAnswer

DRAFT_LIFE = timedelta(hours=24)


class DraftQuerySet(models.QuerySet["Draft"]):
    def alive(self) -> "DraftQuerySet":
        """Drafts touched within the last 24 hours; older ones count as gone, whether or not they are deleted yet."""
        return self.filter(touched_at__gte=timezone.now() - DRAFT_LIFE)

    def gone(self) -> "DraftQuerySet":
        return self.filter(touched_at__lt=timezone.now() - DRAFT_LIFE)


class Draft(models.Model):
    """Answers on their way. Found by a random token that only the person's browser holds; stored hashed."""

    token_hash = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=dict)
    questionnaire = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    consent = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    crisis_shown = models.JSONField(default=list)  # kinds for which the crisis page was shown
    crisis_given = models.JSONField(
        default=list
    )  # every [question, option] that was ever chosen and carries a crisis
    crisis_change = models.CharField(max_length=10, blank=True)
    checked = models.CharField(max_length=64, blank=True)  # digest of the answers the person confirmed
    touched_at = models.DateTimeField(db_index=True)

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.touched_at = timezone.now()
        super().save(*args, **kwargs)

    def note_crisis(self, kinds: set[str], given: list[CrisisAnswer]) -> None:
        """Remember for which kinds of crisis help was shown, and the answers that called for it."""
        self.crisis_shown = sorted({*self.crisis_shown, *kinds})
        pairs = {(question, option) for question, option in self.crisis_given}
        self.crisis_given = sorted(pairs | {(answer.question, answer.option) for answer in given})


class CrisisChange(models.TextChoices):
    """What a person says about a crisis answer that they changed later."""

    MISTAKE = "mistake", _("I chose it by mistake")
    CHANGED = "changed", _("It was true, and it has changed since")


class Submission(models.Model):
    """Answers that a person sent to the intake team. Never changed afterwards."""

    key = models.CharField(max_length=64, unique=True)  # the draft's token hash: sending twice stores once
    reference = models.CharField(max_length=12, unique=True)
    answers = models.JSONField()
    questionnaire = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    consent = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    crisis_given = models.JSONField(default=list)
    crisis_change = models.CharField(max_length=10, blank=True, choices=CrisisChange)
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.reference


class ReachBy(models.TextChoices):
    """How a person wants to be reached."""

    PHONE = "phone", _("Call me")
    TEXT = "text", _("Send me a text message")
    EMAIL = "email", _("Send me an e-mail")
    I_WILL_CALL = "i_will_call", _("I will call you")


class LeaveMessage(models.TextChoices):
    """Whether a message may be left where someone else could hear or read it."""

    YES = "yes", _("Yes")
    NAME_ONLY = "name_only", _("Only a first name and a number, nothing about care")
    NO = "no", _("No")


class ContactDetails(models.Model):
    """How to reach the person. Encrypted; found by keyed hashes of the phone number, the address and each name."""

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
