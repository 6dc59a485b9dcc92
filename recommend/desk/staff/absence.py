"""Absences of staff users. While somebody is away, their cases are on everybody's To do as soon as they are due."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from recommend.desk.models import StaffMember
from recommend.desk.staff.roles import case_workers


def present_workers(now: datetime) -> QuerySet[User]:
    """Return the active staff users who may view cases and are not away on the day of ``now``."""
    day = timezone.localdate(now)
    away = StaffMember.objects.filter(away_from__lte=day, away_until__gte=day)
    return case_workers().exclude(pk__in=away.values("user"))


def away_until(user: User, day: date) -> date | None:
    """Return the last day of a user's absence; None if they are not away on ``day``."""
    try:
        member = user.staff
    except ObjectDoesNotExist:
        return None
    return member.away_until if member.is_away(day) else None


def absence_of(user: User) -> dict[str, date | None]:
    """Return the dates of a user's absence, keyed by field; empty if nothing is stored about the user."""
    member = StaffMember.objects.filter(user=user).first()
    return {"away_from": member.away_from, "away_until": member.away_until} if member else {}


def check_absence(first: date | None, last: date | None, today: date) -> None:
    """Check the dates of an absence; both are None if there is none.

    Raises:
        ValidationError: one date is missing, or the absence ends before it begins or has ended already.
    """
    if (first is None) != (last is None):
        raise ValidationError("Enter both dates, or none.")
    if first is None or last is None:
        return
    if last < first:
        raise ValidationError("The last day is before the first.")
    if last < today:
        raise ValidationError("This absence is over. Enter later dates, or none.")


def store_absence(user: User, first: date | None, last: date | None) -> None:
    """Store a user's absence, which replaces an earlier one; None for both ends it."""
    StaffMember.objects.update_or_create(user=user, defaults={"away_from": first, "away_until": last})
