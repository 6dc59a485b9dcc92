"""Models of what the intake team adds to a case: contact attempts, notes, call answers, dispositions and changes.

Free text about a person is encrypted. The team never changes the person's answers.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from carenav.plumbing.crypto import EncryptedTextField
from recommend.desk.models.case import Case, both_or_neither
from recommend.levels.choices import LevelOfCare


class StaffAction(models.Model):
    """Abstract model of something that a staff user did to a case: who (``by``) and when (``at``)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="%(class)ss")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]


class ContactAttemptQuerySet(models.QuerySet["ContactAttempt"]):
    def counted(self) -> "ContactAttemptQuerySet":
        """Return the attempts without those marked as entered in error."""
        return self.filter(error_at__isnull=True)

    def that_count_for(self, case: Case) -> "ContactAttemptQuerySet":
        """Return the attempts to reach the person of a case since it was last sent, without those in error."""
        return self.counted().filter(case=case, at__gte=case.attempts_count_from)


class ContactAttempt(StaffAction):
    """One attempt to reach the person, and its outcome.

    Attributes:
        note: a free text, encrypted.
        template: the id of the message that was sent; "" for none.
        against_wishes: whether it contradicts how the person wants to be reached; the user had to confirm it.
        error_at: when it was marked as entered in error. It then stays in the history but counts nowhere.
        error_by: who marked it.
        error_reason: why, encrypted.
    """

    class How(models.TextChoices):
        CALL = "call", "Called"
        TEXT = "text", "Text message"
        EMAIL = "email", "E-mail"
        THEY_CALLED = "they_called", "The person called"
        IN_PERSON = "in_person", "In person"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        MESSAGE = "message", "Left a message"
        NO_ANSWER = "no_answer", "No answer"
        WRONG = "wrong", "Wrong number or address"

    how = models.CharField(max_length=12, choices=How)
    outcome = models.CharField(max_length=12, choices=Outcome)
    note = EncryptedTextField(blank=True)
    template = models.CharField(max_length=40, blank=True)
    against_wishes = models.BooleanField(default=False)
    error_at = models.DateTimeField(null=True, blank=True)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    error_reason = EncryptedTextField(blank=True)

    objects = ContactAttemptQuerySet.as_manager()

    class Meta(StaffAction.Meta):
        constraints = [
            models.CheckConstraint(
                condition=both_or_neither("error_at", "error_by"),
                name="contact_attempt_error_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(how__in=["call", "text", "email", "they_called", "in_person"]),
                name="contact_attempt_how_is_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["reached", "message", "no_answer", "wrong"]),
                name="contact_attempt_outcome_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}: {self.get_outcome_display()}"


class Note(StaffAction):
    """A note of the team about a case."""

    text = EncryptedTextField()

    def __str__(self) -> str:
        return f"note on {self.case}"


class CallAnswer(StaffAction):
    """A question that staff asked on a call, and what they learned. It does not change the person's own answers.

    Attributes:
        question: the id of the item in the call guide.
        asked: the English wording at that time; encrypted, because it reveals something about the person.
        learned: the answer in a few words, encrypted; "" if the question was only marked as asked.
    """

    question = models.CharField(max_length=80)
    asked = EncryptedTextField()
    learned = EncryptedTextField(blank=True)

    def __str__(self) -> str:
        return f"answer on a call about {self.case}"


class Disposition(StaffAction):
    """The level that a clinician chose. The latest disposition of a case is valid; earlier ones are kept.

    Attributes:
        recommended: the level recommended at that time; "" if there was none and staff had to review the case.
        level: the level chosen.
        reason: why it differs from the recommended level; "" if it does not.
        text: the reason in words, required if the levels differ. NULL if there is none, because the database constraint
            cannot read encrypted values.
        changed_decision: whether the recommendation changed the clinician's decision; None if they did not say.
        minutes_saved: the minutes that it saved them, as they judge; None if they did not say.
    """

    class Reason(models.TextChoices):
        MORE_KNOWN = "more_known", "What we learned in the talk"
        SAFETY = "safety", "Safety asks for more"
        PREFERENCE = "preference", "The person wants another level"
        NO_PLACE = "no_place", "No place, or the wait is too long"
        ACCESS = "access", "Distance, transport, hours or home"
        COST = "cost", "Insurance or cost"
        IN_CARE = "in_care", "Goes on with the care they are in"
        OTHER = "other", "Another reason"

    recommended = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    level = models.CharField(max_length=12, choices=LevelOfCare)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    text = EncryptedTextField(null=True, blank=True)
    changed_decision = models.BooleanField(null=True, blank=True)
    minutes_saved = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(StaffAction.Meta):
        permissions = [("view_dashboard", "Can view the dashboard")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=LevelOfCare.values), name="disposition_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(recommended="")
                | Q(level=F("recommended"))
                | (~Q(reason="") & Q(text__isnull=False)),
                name="disposition_override_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} for {self.case}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text = self.text or None
        super().save(*args, **kwargs)

    @property
    def differs(self) -> bool:
        """Whether another level than the recommended one was chosen; False if none was recommended."""
        return bool(self.recommended) and self.level != self.recommended


class CaseChange(models.Model):
    """One change in the history of a case.

    Attributes:
        by: the staff user; None if the person or the system made the change.
        what: the type of the change.
        before: the old value, such as an id or a user name, but never free text. For a next step, its action and its
            time, separated by a blank.
        after: the new value, in the same form.
        reason: a free text, encrypted, for changes that need a reason, such as reopening a closed case; else "".
    """

    class ChangeType(models.TextChoices):
        STATUS = "status", "Status"
        ASSIGNEE = "assignee", "Assigned to"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        OUTCOME = "outcome", "Outcome"
        CONTACT = "contact", "Contact attempt"
        NOTE = "note", "Note"
        LEARNED = "learned", "Asked on a call"
        DISPOSITION = "disposition", "Disposition"
        PLACEMENT = "placement", "Placement"
        CORRECTED = "corrected", "Entered in error"
        NEXT = "next", "Next step"
        MERGED = "merged", "Merged"
        TAKEN = "taken", "Answers taken by staff"
        STALE = "stale", "To be looked at again"
        RESENT = "resent", "Sent again by the person"
        HOLD = "hold", "Legal hold"
        ERASED = "erased", "Deleted by the person"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=14, choices=ChangeType)
    before = models.CharField(max_length=150, blank=True)
    after = models.CharField(max_length=150, blank=True)
    reason = EncryptedTextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} of {self.case}"
