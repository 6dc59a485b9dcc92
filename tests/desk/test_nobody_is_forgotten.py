"""Whatever a team does or leaves undone: every open case is on somebody's list, or due at a known time.

Made-up people at random work on cases at random times, by every step of the workflow. What is checked does not use what
the lists are made of: it asks each member's lists, and the case itself for its time.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from recommend.desk import next_steps, office_time, queues, workflow
from recommend.desk.models import (
    AT_DESK,
    OPEN_STATUSES,
    Case,
    CaseChange,
    CaseStatus,
    ContactAttempt,
    NextAction,
    Placement,
    PlacementState,
    StaffMember,
)
from recommend.desk.next_steps import PRESETS, NextStep
from recommend.desk.staff.absence import store_absence
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import Place
from recommend.levels.choices import LevelOfCare
from tests.support.cases import new_case, user
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN
from tests.support.placements import place
from tests.support.staff import staff_user
from tests.support.submissions import send_again, send_answers

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
PEOPLE = (ALICE, ALICE, BOB, CHARLIE, DANA, ERIN)
HOUR = timedelta(hours=1)


class World:
    """A team, its cases and a clock that only moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.draw = random.Random(seed)
        self.now = START
        monkeypatch.setattr(timezone, "now", lambda: self.now)
        self.lead = staff_user("clinical lead", "lead")
        self.team = [user("ann"), user("bo"), self.lead]

    def pass_time(self, most: timedelta) -> None:
        self.now += most * self.draw.random()

    def workers(self) -> list:
        """Those who are here and may work, with fresh permissions."""
        kind, away = type(self.lead), away_on(timezone.localdate(self.now))
        return [kind.objects.get(pk=each.pk) for each in self.team if each.is_active and each.pk not in away]

    def forgotten(self) -> set[Case]:
        """The cases with a next step, or a placement that has not ended, that are on nobody's list and at no time."""
        listed = Q(pk__in=[])
        for worker in self.workers():
            listed |= Q(pk__in=Case.objects.filter(queues.to_do(worker, self.now)).values("pk"))
        latest = self.now + next_steps.FARTHEST_END
        planned = Q(next_action_at__gt=self.now, next_action_at__lte=latest)
        begun = Q(pk__in=Placement.objects.current().values("case")) & ~Q(status=CaseStatus.CLOSED)
        return set(
            Case.objects.filter(Q(status__in=OPEN_STATUSES) | begun, erased_at__isnull=True).exclude(
                listed | planned
            )
        )

    def unseen_by_the_lead(self) -> set[Case]:
        """The open cases left for a whole office day that the lead does not see."""
        left = Case.objects.filter(AT_DESK, next_action_at__lte=office_time.previous_office_day(self.now))
        return set(left) - set(Case.objects.filter(queues.for_the_lead(self.lead, self.now)))


# ---- what a team does


def random_step(world: World, case: Case, by) -> Callable[[], None]:
    """Any step of the workflow, sensible or not."""
    draw = world.draw
    attempts = list(ContactAttempt.objects.filter(case=case).values_list("pk", flat=True)) or [0]
    then = draw.choice(
        [None, None, NextStep(draw.choice(list(NextAction)), draw.choice(list(PRESETS.values()))(world.now))]
    )
    # What the other steps need first.
    often: list[Callable[[], None]] = [
        partial(
            workflow.note_attempt, case, by, draw.choice(ContactAttempt.How.values),
            draw.choice(ContactAttempt.Outcome.values), then=then, confirmed=True,
        ),
        partial(workflow.record_disposition, case, by, draw.choice(LevelOfCare.values), "safety", "Words.", then),
    ]  # fmt: skip
    steps: list[Callable[[], None]] = [
        partial(workflow.assign_to_self, case, by, draw.choice(["", "They asked."])),
        partial(workflow.assign, case, by, draw.choice(world.team), draw.choice(["", "They asked."])),
        partial(workflow.unassign, case, by, draw.choice(["", "They asked."])),
        partial(workflow.merge, case, by, into=draw.choice(list(Case.objects.filter(erased_at=None)))),
        partial(workflow.acknowledge, case, by),
        partial(workflow.add_note, case, by, "Words."),
        partial(workflow.plan, case, by, then or NextStep(NextAction.REVIEW, world.now + HOUR)),
        partial(workflow.set_status, case, by, draw.choice(list(CaseStatus))),
        partial(
            workflow.record_placement, case, by, draw.choice(PlacementState.values),
            draw.choice([None, Place(elsewhere="Elm"), Place(elsewhere="Oak")]),
            world.now.date() + timedelta(days=draw.randint(0, 40)), "hours", then, draw.random() < 0.5,
        ),
        partial(workflow.close, case, by, draw.choice([key for key, _ in workflow.OUTCOMES])),
        partial(workflow.reopen, case, by, "They called."),
        partial(workflow.mark_entered_in_error, case, by, draw.choice(attempts), "Wrong case."),
        lambda: Case.objects.filter(pk=case.pk, erased_at=None).update(
            stale_since=world.now, stale_because="rules"
        ) and None,
    ]  # fmt: skip
    if draw.random() < 0.02:
        return partial(erase, case.submission)
    return draw.choice([*steps, *3 * often])


def take_a_step(world: World, by) -> None:
    cases = list(Case.objects.filter(erased_at=None))
    try:
        if cases:
            random_step(world, world.draw.choice(cases), by)()
    except workflow.TransitionNotAllowed:
        return


def away_on(day: date) -> set[int]:
    """Who is absent on this day, asked of each in Python and not by the query that the lists use."""
    return {member.user_id for member in StaffMember.objects.all() if member.is_away(day)}


def come_and_go(world: World) -> None:
    """Somebody leaves for good or comes back, or is away for some days; one of the team stays."""
    member = world.draw.choice(world.team[:2])
    if world.draw.random() < 0.5:
        today = timezone.localdate(world.now)
        store_absence(member, today, today + timedelta(days=world.draw.randint(0, 4)))
        return
    member.is_active = not member.is_active
    member.save()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_no_open_case_is_forgotten_whatever_is_done(monkeypatch, seed):
    world, senders = World(monkeypatch, seed), []
    for number in range(130):
        if number % 10 == 0:
            senders.append(Client())
            send_answers(senders[-1], world.draw.choice(PEOPLE))
        if world.draw.random() < 0.04:
            sender = world.draw.choice(senders)
            if sender.get("/result/").status_code == 200 and not Case.objects.filter(erased_at__isnull=False):
                send_again(sender, world.draw.choice(PEOPLE))
        if world.draw.random() < 0.05:
            come_and_go(world)
        take_a_step(world, world.draw.choice(world.workers()))
        assert not world.forgotten(), number
        world.pass_time(6 * HOUR)
        assert not world.forgotten(), number
        assert not world.unseen_by_the_lead(), number
    reached = CaseChange.objects.filter(what="status").values_list("after", flat=True)
    assert {*reached} >= {"closed", "in_contact", "assessed"}


# ---- sixty days of a team that only half works

USUAL = ("no_answer", "no_answer", "message", "reached", "wrong")


def half_a_day(world: World) -> Iterator[Case]:
    """Each member who is there works on what is next, and leaves half of it undone. Yields each case touched."""
    for by in world.workers():
        if world.draw.random() < 0.5:
            continue
        case = Case.objects.filter(queues.to_do(by, world.now)).order_by(*queues.WORK_ORDER).first()
        for _ in range(world.draw.randint(0, 5)):
            if case is None:
                break
            case.refresh_from_db()
            before = Case.objects.get(pk=case.pk)
            if world.draw.random() < 0.5:
                work_on(world, case, by)
                yield case
            world.pass_time(HOUR)
            case = queues.next_to_do(by, world.now, after=before)


def work_on(world: World, case: Case, by) -> None:
    draw = world.draw
    try:
        if case.chosen and draw.random() < 0.5:
            place(case, by, world.now.date() + timedelta(days=1))
        elif case.first_contact_at and draw.random() < 0.4:
            workflow.record_disposition(case, by, case.level or "iop")
        elif draw.random() < 0.1:
            workflow.assign_to_self(case, by)
        elif draw.random() < 0.15:
            workflow.close(case, by, draw.choice(("declined", "not_reached")))
        else:
            workflow.note_attempt(case, by, draw.choice(("call", "text")), draw.choice(USUAL))
    except workflow.TransitionNotAllowed:
        workflow.note_attempt(case, by, "call", "no_answer")


def sixty_days(world: World) -> Iterator[int]:
    """Let them pass, with new cases on most days. Bo leaves on day 20. Yields the day after each half.

    Ann is away for ten days from day 40 on.
    """
    ann_goes = START.date() + timedelta(days=40)
    store_absence(world.team[0], ann_goes, ann_goes + timedelta(days=9))
    for day in range(60):
        if day == 20:
            bo = world.team[1]
            bo.is_active = False
            bo.save()
        if world.draw.random() < 0.6:
            new_case(world.draw.choice(PEOPLE))
        for hour in (9, 14):
            world.now = max(world.now, START.replace(hour=hour) + timedelta(days=day))
            for _case in half_a_day(world):
                pass
            yield day


@pytest.mark.slow
def test_sixty_days_of_a_team_that_half_works_leave_nobody_on_no_list(monkeypatch):
    world = World(monkeypatch, 60)
    for day in sixty_days(world):
        assert not world.forgotten(), day
        assert not world.unseen_by_the_lead(), day
    assert Case.objects.count() > 25
    assert Case.objects.filter(status__in=OPEN_STATUSES).exists(), "they only half worked"
    assert Case.objects.exclude(status__in=OPEN_STATUSES).exists()


# ---- lists that forget are found


def as_it_was(viewer, now) -> Q:
    """The list before there was a next action: what had one contact never came back."""
    untouched = Q(assignee__isnull=True, first_contact_at__isnull=True) | Q(
        assignee=viewer.pk, first_contact_at__isnull=True
    )
    return AT_DESK & untouched


def only_mine(viewer, now) -> Q:
    """A list without what nobody has, and without what somebody has who has left."""
    return AT_DESK & Q(assignee=viewer.pk, next_action_at__lte=now)


def due_tomorrow(viewer, now) -> Q:
    """A list on which everything comes back a day late."""
    return AT_DESK & Q(next_action_at__lte=now - timedelta(days=1))


@pytest.mark.parametrize("mutant", [as_it_was, only_mine, due_tomorrow])
def test_a_list_that_forgets_is_found(monkeypatch, mutant):
    world = World(monkeypatch, 60)
    monkeypatch.setattr(queues, "to_do", mutant)
    assert any(world.forgotten() for _day in sixty_days(world))


def test_a_lead_list_that_forgets_is_found(monkeypatch):
    world = World(monkeypatch, 60)
    monkeypatch.setattr(queues, "for_the_lead", lambda viewer, now: Q(pk__in=[]))
    assert any(world.unseen_by_the_lead() for _day in sixty_days(world))
