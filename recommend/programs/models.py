"""The programs that the intake team knows and can name to patients."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from carenav.clinic.crisis_lines import STALE_AFTER
from carenav.plumbing.spelling import dialed
from recommend.levels.choices import LevelOfCare
from recommend.programs.insurance import check_insurance
from recommend.programs.languages import check_languages
from recommend.programs.openings import POSSIBLE, Openings


class Weekday(models.IntegerChoices):
    """The days of a week; Monday is 0."""

    MONDAY = 0, WEEKDAYS[0]
    TUESDAY = 1, WEEKDAYS[1]
    WEDNESDAY = 2, WEEKDAYS[2]
    THURSDAY = 3, WEEKDAYS[3]
    FRIDAY = 4, WEEKDAYS[4]
    SATURDAY = 5, WEEKDAYS[5]
    SUNDAY = 6, WEEKDAYS[6]


AS_DIALED = RegexValidator(r"^\+?[0-9(][0-9 ().-]{4,}$", _("Digits, as people dial them."))
OLDEST = 120


class Program(Openings):
    """A program that the intake team knows. It is shown with a result of its level and never changes the level.

    Attributes:
        languages: the codes of the languages spoken there; see ``spoken_languages``.
        other_languages: languages that the list lacks, in words, separated by commas.
        ages_from, ages_to: the ages it is for; None if that is not known, or there is no limit.
        accepts: the kinds of insurance it accepts, as values of ``Insurance``.
        referral_contact, referral_phone, referral_fax, referral_email: whom staff refer people to. Patients never see
            these.
    """

    name = models.CharField(_("name"), max_length=120, unique=True)
    level = models.CharField(_("level"), max_length=12, choices=LevelOfCare)
    place = models.CharField(_("place"), max_length=200, blank=True, help_text=_("Where people go."))
    online = models.BooleanField(_("online"), default=False, help_text=_("People can take part online."))
    languages = models.JSONField(_("languages"), default=list, blank=True, validators=[check_languages])
    other_languages = models.CharField(
        _("other languages"),
        max_length=200,
        blank=True,
        help_text=_("What the list lacks, separated by commas."),
    )
    ages_from = models.PositiveSmallIntegerField(
        _("youngest age"), null=True, blank=True, validators=[MaxValueValidator(OLDEST)]
    )
    ages_to = models.PositiveSmallIntegerField(
        _("oldest age"), null=True, blank=True, validators=[MaxValueValidator(OLDEST)]
    )
    accepts = models.JSONField(
        _("accepts"),
        default=list,
        blank=True,
        validators=[check_insurance],
        help_text=_("Sorts programs for patients. Leave all empty if you do not know."),
    )
    insurance = models.CharField(
        _("insurance, in words"), max_length=300, blank=True, help_text=_("Plans, or a sliding fee.")
    )
    substance_use_track = models.BooleanField(
        _("track for substance use"),
        default=False,
        help_text=_("It also treats the use of alcohol or drugs."),
    )
    phone = models.CharField(
        _("phone"),
        max_length=40,
        validators=[AS_DIALED],
    )
    referral_contact = models.CharField(
        _("who takes referrals"),
        max_length=120,
        blank=True,
        help_text=_("Only staff see this and the next three."),
    )
    referral_phone = models.CharField(_("referral phone"), max_length=40, blank=True, validators=[AS_DIALED])
    referral_fax = models.CharField(_("referral fax"), max_length=40, blank=True, validators=[AS_DIALED])
    referral_email = models.EmailField(_("referral e-mail"), blank=True)
    checked_on = models.DateField(
        _("checked on"),
        default=timezone.localdate,
        help_text=_(
            "When somebody last made sure that all of this is true. After 180 days patients are told to ask."
        ),
    )
    active = models.BooleanField(_("shown to patients"), default=True)

    class Meta:
        ordering = ["level", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=LevelOfCare.values), name="program_level_is_known"),
            models.CheckConstraint(
                condition=~Q(place="") | Q(online=True),
                name="program_is_somewhere",
                violation_error_message=_("Give a place, or tick online."),
            ),
            *POSSIBLE,
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.checked_on and self.checked_on > timezone.localdate():
            raise ValidationError({"checked_on": _("This day is still to come.")})

    @property
    def tel(self) -> str:
        """The ``tel:`` link to its phone number."""
        return f"tel:{dialed(self.phone)}"

    @property
    def referral_tel(self) -> str:
        """The ``tel:`` link to its referral phone, or else to its phone."""
        return f"tel:{dialed(self.referral_phone or self.phone)}"

    def stale(self, today: date) -> bool:
        """Return whether the program was last checked longer ago than ``STALE_AFTER``."""
        return today - self.checked_on > STALE_AFTER


class ProgramWording(models.Model):
    """The words of a program in another language than the site's main one.

    If the name or place is empty, patients read it as the clinic entered it for the program. If the insurance is
    empty, they read the kinds that the program accepts.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="wordings")
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    insurance = models.CharField(_("insurance, in words"), max_length=300, blank=True)

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "language"],
                name="wording_once",
                violation_error_message=_("There is one already in this language."),
            )
        ]

    def __str__(self) -> str:
        return self.language


class ProgramSession(models.Model):
    """A time at which a program meets every week."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sessions")
    day = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        ordering = ["day", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(day__in=Weekday.values), name="session_day_is_known"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="session_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
            ),
            models.UniqueConstraint(
                fields=["program", "day", "starts"],
                name="session_once",
                violation_error_message=_("This time stands twice."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_day_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"
