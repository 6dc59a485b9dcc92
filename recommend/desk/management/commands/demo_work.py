"""Simulate the work of two coordinators on the made-up cases, with the functions of the real workflow."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from recommend.desk import safe_contact, workflow
from recommend.desk.models import (
    Case,
    CaseChange,
    ContactAttempt,
    Disposition,
    NextAction,
    Note,
    Placement,
    PlacementState,
    PlacementStep,
)
from recommend.desk.next_steps import NextStep
from recommend.desk.staff.roles import Role, assign_role
from recommend.desk.workflow import Place
from recommend.levels.choices import LevelOfCare
from recommend.programs.models import Program

COORDINATORS = ("coordinator", "colleague")
REFERENCE = "DEMO-"
SEED = 2026
# Pairs (days, n): nobody has worked on n of ten cases that are younger than so many days.
UNSEEN = ((1, 8), (2, 5), (4, 2), (7, 1), (99, 0))
TRIES = 4  # contact attempts before a person counts as not reached
LEFT_DUE = 2  # of ten cases that somebody works on, so many are left with a due next action
NEVER_REACHED = 7  # of a hundred cases
STAYS = timedelta(weeks=6)  # from the arrival to "What next?"
OVERRIDDEN = 18  # of a hundred dispositions
NOTES = (
    "Wants mornings; works nights until the end of the month.",
    "Asked for a woman as therapist.",
    "Sister will drive on Tuesdays and Thursdays.",
    "Insurance card is on its way by mail.",
)
SAID = (
    "Talked for twenty minutes. Wants to think it over.",
    "Short call, asked us to ring again at six.",
    "",
)
WHY = {
    "more_known": "In the talk it turned out that the week is harder than the answers say.",
    "preference": "Wants to begin with weekly visits and see how that goes.",
    "no_place": "Three weeks of wait there; begins here so as not to lose time.",
    "safety": "Lives alone and has nobody to call at night.",
}

Act = tuple[timedelta, Callable[[Case, User], None]]
"""The time since the case was sent, and a function of the workflow to call with the case and the user."""


class Command(BaseCommand):
    help = (
        "Lets two coordinators work on the made-up cases that nobody has touched. A part of `manage.py demo`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("made-up work does not belong among real cases: refused with PRODUCTION")
        cases = Case.objects.filter(reference__startswith=REFERENCE).order_by("reference")
        if cases.filter(version__gt=1).exists():
            self.stdout.write("The made-up cases have been worked on. Nothing was done.")
            return
        with transaction.atomic():
            team = [coordinator(name) for name in COORDINATORS]
            draw = random.Random(SEED)  # noqa: S311, nothing drawn here is secret
            for case in list(cases):
                work_on(case, draw.choice(team), draw)
        self.stdout.write("Two coordinators have begun to work on them")


def coordinator(name: str) -> User:
    """Return the user with this name; create a coordinator without a password if there is none."""
    user, made = get_user_model().objects.get_or_create(username=name, defaults={"is_staff": True})
    if made:
        user.set_unusable_password()
        user.save()
        assign_role(user, Role.COORDINATOR)  # without a role, their cases would count as unassigned
    return user


def work_on(case: Case, by: User, draw: random.Random) -> None:
    """Do what would have happened to a case by now, and move it to the time when it would have happened.

    Args:
        case: a new case.
        by: the coordinator who works on it.
        draw: the random generator, which decides what happens.
    """
    now = timezone.now()
    age = now - case.opened_at
    unseen = next(of_ten for days, of_ten in UNSEEN if age < timedelta(days=days))
    if draw.random() * 10 < unseen:
        return
    for after, step in acts(case, draw):
        if after > age:
            plan_next(case, case.opened_at + after, draw)
            return
        began = timezone.now()
        step(case, by)
        put_back(case, began, case.opened_at + after)


def plan_next(case: Case, at: datetime, draw: random.Random) -> None:
    """Set the time of the next action of a case that somebody works on, for most such cases; the others stay due."""
    if case.version > 1 and draw.random() * 10 >= LEFT_DUE:
        case.next_action_at = at
        Case.objects.filter(pk=case.pk).update(next_action_at=at)


def acts(case: Case, draw: random.Random) -> Iterator[Act]:
    """Yield what happens to a case, in order. Coordinators start sooner on urgent cases."""
    after = timedelta(minutes=draw.randint(4, 25) if case.urgent else draw.randint(20, 300))
    yield after, workflow.assign_to_self
    reached = draw.random() * 100 >= NEVER_REACHED
    if not reached:
        yield from never_reached(case, after)
        return
    for _ in range(draw.choice((0, 0, 1))):
        after += timedelta(hours=draw.uniform(0.2, 12))
        yield after, attempt("no_answer", draw)
    after += timedelta(hours=draw.uniform(0.1, 1 if case.urgent else 16))
    yield after, attempt(draw.choice(("reached", "reached", "message")), draw)
    if draw.random() < 0.4:
        yield after, partial(workflow.add_note, text=draw.choice(NOTES))
    after += timedelta(hours=draw.uniform(1, 4) if case.urgent else draw.uniform(20, 110))
    yield after, chosen(case, draw)
    after += timedelta(hours=draw.uniform(20, 110))
    if draw.random() < 0.3:
        yield after, partial(workflow.close, outcome=draw.choice(("other_care", "declined", "not_for_us")))
    else:
        days = draw.randint(1, 6)
        yield after, partial(place, program=draw.randrange(100), days=days)
        if draw.random() * 10 >= LEFT_DUE:
            yield after + timedelta(days=days + 1), arrive


def place(case: Case, by: User, program: int, days: int) -> None:
    """Place the person in a program of the level chosen, or elsewhere if there is none, to start in so many days."""
    found = list(Program.objects.filter(level=case.chosen, active=True))
    where = (
        Place(found[program % len(found)])
        if found
        else Place(elsewhere="Evaluation at the hospital (example)")
    )
    starts_on = timezone.localdate() + timedelta(days=days)
    workflow.record_placement(case, by, PlacementState.START_SET, where, starts_on)


def arrive(case: Case, by: User) -> None:
    ends_on = timezone.localdate() + STAYS
    workflow.record_placement(case, by, PlacementState.ARRIVED, day=ends_on)


def never_reached(case: Case, after: timedelta) -> Iterator[Act]:
    """Yield the contact attempts to a person who is never reached, and then the end of the case.

    An urgent case is passed to the lead, any other is closed.
    """
    for number in range(TRIES):
        after += timedelta(hours=14)
        how = "call" if number % 2 == 0 else "text"
        yield after, partial(try_to_reach, how=how, outcome="no_answer")
    after += timedelta(hours=14)
    if case.urgent:
        yield after, put_to_the_lead
    else:
        yield after, partial(workflow.close, outcome="not_reached")


def put_to_the_lead(case: Case, by: User) -> None:
    workflow.plan(case, by, NextStep(NextAction.LEAD_REVIEW, timezone.now() + timedelta(minutes=1)))


def attempt(outcome: str, draw: random.Random) -> Callable[[Case, User], None]:
    """Return a function that logs a contact attempt with this outcome."""
    note = draw.choice(SAID) if outcome == "reached" else ""
    return partial(try_to_reach, how=draw.choice(("call", "call", "text")), outcome=outcome, note=note)


def try_to_reach(case: Case, by: User, how: str, outcome: str, note: str = "") -> None:
    """Log a contact attempt, in this way if the person's wishes allow it, else in another way that they allow."""
    ways = [way for way in (how, "call", "text", "email") if not safe_contact.warnings(case, way, outcome)]
    workflow.note_attempt(case, by, ways[0] if ways else how, outcome, note=note, confirmed=True)


def chosen(case: Case, draw: random.Random) -> Callable[[Case, User], None]:
    """Return a function that records a disposition: mostly the recommended level, sometimes an override."""
    levels = LevelOfCare.values
    if not case.level or draw.random() * 100 >= OVERRIDDEN:
        return partial(workflow.record_disposition, level=case.level or LevelOfCare.IOP.value)
    lower = draw.random() < 0.5 and case.level != levels[0] and not case.urgent
    at = levels.index(case.level) + (-1 if lower else 1)
    reason = draw.choice(("preference", "no_place") if lower else ("more_known", "safety"))
    level = levels[min(at, len(levels) - 1)]
    return partial(workflow.record_disposition, level=level, reason=reason, text=WHY[reason])


def put_back(case: Case, began: datetime, to: datetime) -> None:
    """Move everything that was done to a case since ``began`` to an earlier time.

    Args:
        case: the case, after the workflow has changed it.
        began: the time before the change.
        to: the earlier time.
    """
    for made in Placement.objects.filter(steps__at__gte=began, case=case):
        made.start_on = made.start_on and made.start_on - (began - to) if made.at >= began else made.start_on
        made.ends_on = made.ends_on and made.ends_on - (began - to)
        made.save()
    for kind in (CaseChange, ContactAttempt, Note, Disposition, Placement, PlacementStep):
        kind.objects.filter(case=case, at__gte=began).update(at=to)
    times = ("assigned_at", "acknowledged_at", "first_contact_at", "finished_at")
    fields = {name: to for name in times if (at := getattr(case, name)) and at >= began}
    if case.next_action_at and case.next_action_at > began:
        fields["next_action_at"] = case.next_action_at - (began - to)
    for name, value in fields.items():
        setattr(case, name, value)
    if fields:
        Case.objects.filter(pk=case.pk).update(**fields)
