"""The openings of a program: what may change from day to day, and since when it is known."""

from datetime import date, datetime, timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

KNOWN_FOR = timedelta(days=14)
"""After this time without a check, openings count as not known: a full program may have places again, or none left."""

MOST = 9_999
NAMES = ("free_places", "next_start", "wait_weeks")
"""The fields that a program can update itself, with a link (recommend/desk/placement/openings_page.py)."""


class Openings(models.Model):
    """Abstract model of the openings of a program.

    Attributes:
        capacity: the number of places, free or not.
        free_places: the number of free places when last checked.
        next_start: the next day on which new people can start.
        wait_weeks: the usual wait in weeks; 0 for none.
        openings_at: when somebody last said what the openings are; None if nobody has.
    """

    capacity = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST)], help_text="Places in all."
    )
    free_places = models.PositiveSmallIntegerField(
        "free places", null=True, blank=True, validators=[MaxValueValidator(MOST)]
    )
    next_start = models.DateField("next start", null=True, blank=True)
    wait_weeks = models.PositiveSmallIntegerField(
        "wait in weeks", null=True, blank=True, validators=[MaxValueValidator(104)], help_text="0: no wait."
    )
    openings_at = models.DateTimeField("openings checked", null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def knows_openings(self, now: datetime) -> bool:
        """Return whether the openings were checked within ``KNOWN_FOR``."""
        return self.openings_at is not None and now - self.openings_at <= KNOWN_FOR

    def known_places(self, now: datetime) -> int | None:
        """Return the number of free places; None if it is not known, or was last checked too long ago."""
        return self.free_places if self.knows_openings(now) else None

    def known_wait(self, now: datetime) -> int | None:
        """Return the wait in weeks; None in the same cases."""
        return self.wait_weeks if self.knows_openings(now) else None

    def known_start(self, now: datetime, today: date) -> date | None:
        """Return the next start; None in the same cases, and once the day has passed."""
        start = self.next_start if self.knows_openings(now) else None
        return start if start and start >= today else None


POSSIBLE = (
    models.CheckConstraint(
        condition=Q(ages_from__isnull=True) | Q(ages_to__isnull=True) | Q(ages_to__gte=F("ages_from")),
        name="program_ages_in_order",
        violation_error_message="The oldest age is below the youngest.",
    ),
    models.CheckConstraint(
        condition=Q(capacity__isnull=True) | Q(free_places__isnull=True) | Q(free_places__lte=F("capacity")),
        name="program_has_the_places",
        violation_error_message="There are more free places than places.",
    ),
)
"""What the facts of a program cannot contradict."""
