"""Which list a case stands on, for whom, and when it is late: a table, and that no case is ever forgotten."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone

from carenav.clinic.contact_policy import read_contact_policy
from carenav.clinic.opening_hours import read_opening_hours
from recommend.desk import queues, workflow
from recommend.desk.models import AT_DESK, OPEN_STATUSES, Case, CaseStatus, Tier, overdue
from recommend.desk.staff.roles import Role, assign_role
from tests.support.cases import case_like, user
from tests.support.people import ALICE, DANA

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_nine(monkeypatch):
    """The clock stands still."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def bo(db):
    return user("bo")


LATER = {"next_action_at": NOW + HOUR}

# For Ann: what the case is like, assigned to, the list it stands on, and whether it is among Mine.
TABLE = [
    ("nobody has it", {}, None, "todo", False),
    ("nobody has it, though it was called", {"status": "in_contact", "first_contact_at": NOW}, None, "todo", False),
    ("mine, not called yet", {}, "ann", "todo", True),
    ("mine, called, nobody answered", {"status": "in_contact"}, "ann", "todo", True),
    ("mine, nobody answered, due later", {"status": "in_contact", **LATER}, "ann", "waiting", True),
    ("mine, called, due later", {"status": "in_contact", "first_contact_at": NOW, **LATER}, "ann", "waiting", True),
    ("mine, called, due", {"status": "in_contact", "first_contact_at": NOW}, "ann", "todo", True),
    ("mine, assessed, due later", {"status": "assessed", "first_contact_at": NOW, **LATER}, "ann", "waiting", True),
    ("mine, assessed, due", {"status": "assessed", "first_contact_at": NOW}, "ann", "todo", True),
    ("nobody has it, due later", {"status": "in_contact", **LATER}, None, "waiting", False),
    ("a colleague's, not called yet", {}, "bo", "waiting", False),
    ("a colleague's, called", {"status": "in_contact", "first_contact_at": NOW}, "bo", "waiting", False),
    ("a colleague's, no contact for a day", {"ago": 24 * HOUR}, "bo", "todo", False),
    ("a colleague's, called, no contact in time", {"status": "in_contact", "contact_by": NOW}, "bo", "todo", False),
    ("a colleague's, no contact for a day, due later", {"ago": 24 * HOUR, **LATER}, "bo", "waiting", False),
    ("a colleague's, due for a day", {"status": "in_contact", "first_contact_at": NOW,
     "next_action_at": NOW - 24 * HOUR}, "bo", "todo", False),
    ("a colleague's, stale", {"status": "assessed", "first_contact_at": NOW, "stale_because": "rules"},
     "bo", "todo", False),
    ("placed", {"status": "placed"}, "ann", "done", False),
    ("closed", {"status": "closed"}, None, "done", False),
    ("placed, stale", {"status": "placed", "stale_because": "answers"}, "ann", "todo", True),
    ("closed, stale", {"status": "closed", "stale_because": "rules"}, "bo", "todo", False),
    ("deleted", {"status": "closed", "outcome": "erased", "erased_at": NOW}, None, "done", False),
]  # fmt: skip


@pytest.mark.parametrize(("about", "fields", "whose", "on", "is_mine"), TABLE, ids=[row[0] for row in TABLE])
def test_each_case_is_on_the_expected_list(about, fields, whose, on, is_mine, ann, bo):
    case_like(**fields, assignee=whose and user(whose))
    lists = {key for key, condition in queues.QUEUES.items() if queues.rows(condition(ann, NOW)).exists()}
    assert lists == {on} | ({"mine"} if is_mine else set())


# Waited, acknowledged after, contacted after (of the wait), and the marks of an urgent case and of another.
LATE = [
    (29 * MINUTE, None, None, [], []),
    (30 * MINUTE, None, None, ["not acknowledged for 30 minutes"], []),
    (30 * MINUTE, 20 * MINUTE, None, [], []),
    (24 * HOUR - MINUTE, None, None, ["not acknowledged for 23 hours"], []),
    (24 * HOUR, 20 * MINUTE, None, ["no contact for 1 day"], ["no contact for 1 day"]),
    (24 * HOUR, None, None, ["not acknowledged for 1 day", "no contact for 1 day"], ["no contact for 1 day"]),
    (48 * HOUR, 1 * HOUR, 2 * HOUR, [], []),
    (48 * HOUR, -1 * HOUR, 2 * HOUR, ["not acknowledged for 2 days"], []),  # it was sent again since
]


@pytest.mark.parametrize("urgent", [True, False], ids=["urgent", "not urgent"])
@pytest.mark.parametrize(("waited", "seen", "contact", "of_urgent", "of_others"), LATE)
def test_overdue_follows_the_time_limits(waited, seen, contact, of_urgent, of_others, urgent, ann, bo):
    opened = NOW - waited
    case = case_like(
        DANA if urgent else ALICE,
        waited,
        assignee=bo,
        acknowledged_at=opened + seen if seen else None,
        first_contact_at=opened + contact if contact else None,
        status="in_contact" if contact else "new",
        contact_by=opened + 24 * HOUR,
        next_action_at=NOW,
    )
    expected = of_urgent if urgent else of_others
    assert [mark.removeprefix("Late: ") for mark in queues.late_marks(case, NOW)] == expected
    assert queues.rows(queues.to_do(ann, NOW)).exists() == bool(expected)


def test_overdue_limits_are_settings(settings, ann, bo):
    settings.CLINIC_OPEN = read_opening_hours("mon-sun 00:00-24:00")
    policies = settings.CONTACT_POLICY

    def within(time: str) -> None:
        soon = read_contact_policy(f"attempts=1 days=1 ways=1 within={time}")
        settings.CONTACT_POLICY = policies | {"NOW": soon}

    settings.URGENT_LATE_MINUTES = 5
    within("60m")
    late = case_like(DANA, HOUR, assignee=bo)
    assert len(queues.late_marks(late, NOW)) == 2
    settings.URGENT_LATE_MINUTES = 61
    within("61m")
    on_time = case_like(DANA, HOUR, assignee=bo)
    assert queues.late_marks(on_time, NOW) == []
    assert queues.rows(queues.to_do(ann, NOW)).get() == late


def test_finished_case_is_not_overdue(ann):
    for status in ("placed", "closed"):
        assert queues.late_marks(case_like(DANA, 48 * HOUR, status=status), NOW) == []


def test_each_case_stands_on_one_list_whatever_it_is_like(ann, bo):
    """Over every mixture, the words and the conditions agree, too."""
    template = case_like()
    when = [None, NOW - 2 * HOUR, NOW - 47 * HOUR]
    mixtures = product(
        CaseStatus, [True, False], [None, ann, bo], when, when, [MINUTE, 48 * HOUR], ["", "rules"],
        [NOW + HOUR, NOW, NOW - 25 * HOUR],
    )  # fmt: skip
    kind = type(template.submission)
    made = []
    for number, (status, urgent, whose, seen, contact, ago, stale, next_at) in enumerate(mixtures):
        is_open = status in OPEN_STATUSES
        submission = kind(key=f"k{number}", reference=f"R{number}", answers={}, questionnaire="2026.2",
                          consented_at=NOW)  # fmt: skip
        made.append(
            Case(
                submission=submission,
                reference=f"R{number}",
                level="iop",
                urgent=urgent,
                tier=Tier.NOW if urgent else Tier.SOON,
                status=status,
                opened_at=NOW - ago,
                assignee=whose,
                assigned_at=whose and NOW,
                acknowledged_at=seen,
                acknowledged_by=seen and bo,
                first_contact_at=contact,
                contact_by=NOW - ago + 24 * HOUR,
                next_action="try_again" if is_open else "",
                next_action_at=next_at if is_open else None,
                finished_at=None if is_open else NOW,
                outcome="declined" if status == "closed" else "",
                stale_because=stale,
                stale_since=NOW if stale else None,
            )
        )
    kind.objects.bulk_create(case.submission for case in made)
    Case.objects.bulk_create(made)
    for viewer in (ann, bo):
        on = {
            key: set(queues.rows(queues.QUEUES[key](viewer, NOW)).values_list("pk", flat=True))
            for key in queues.QUEUES
        }
        assert not on["todo"] & on["waiting"]
        assert not on["todo"] & on["done"]
        assert not on["waiting"] & on["done"]
        assert on["todo"] | on["waiting"] | on["done"] == set(Case.objects.values_list("pk", flat=True))
        assert on["mine"] == set(Case.objects.filter(AT_DESK, assignee=viewer).values_list("pk", flat=True))
        lengths = {length.key: length.count for length in queues.lengths(viewer, NOW)}
        assert lengths == {key: len(found) for key, found in on.items()}
        late_ones = set(
            Case.objects.filter(overdue(NOW), status__in=OPEN_STATUSES).values_list("pk", flat=True)
        )
        assert late_ones == {case.pk for case in Case.objects.all() if queues.late_marks(case, NOW)}
        on_time = set(Case.objects.filter(next_action_at__gt=NOW).values_list("pk", flat=True))
        assert late_ones - on_time <= on["todo"], (
            "what is late is to do for everybody, unless its time is set"
        )


# ---- order, counts


def test_a_new_crisis_comes_first_the_newest_on_top_then_by_tier_and_by_when_it_is_due(ann):
    seen = {"acknowledged_at": NOW, "acknowledged_by": ann}
    crisis, today, soon, routine = ({"tier": tier, "urgent": tier <= Tier.TODAY} for tier in Tier)
    expected = [
        case_like(ago=HOUR, **crisis),
        case_like(ago=50 * HOUR, **crisis),
        case_like(ago=60 * HOUR, **crisis, **seen),
        case_like(ago=2 * HOUR, **crisis, **seen),
        case_like(ago=70 * HOUR, **today),
        case_like(ago=3 * HOUR, **today),
        case_like(ago=80 * HOUR, **soon, **seen, status="in_contact", next_action_at=NOW - 2 * HOUR),
        case_like(ago=90 * HOUR, **soon, status="in_contact", next_action_at=NOW - HOUR),
        case_like(ago=99 * HOUR, **routine),
        case_like(ago=HOUR, **routine),
        case_like(status="placed", stale_because="rules"),
    ]
    assert list(queues.rows(queues.to_do(ann, NOW))) == expected
    assert sorted(Case.objects.order_by("-pk"), key=queues.work_key) == expected


LEFT = {
    "made inactive": lambda member: setattr(member, "is_active", False),
    "no member of the team any more": lambda member: setattr(member, "is_staff", False),
    "without a role": lambda member: member.groups.clear(),
    "an administrator now": lambda member: assign_role(member, Role.ADMINISTRATOR),
}


@pytest.mark.parametrize("leave", LEFT.values(), ids=LEFT)
def test_the_cases_of_somebody_who_left_are_to_do_for_the_others(leave, ann, bo):
    called = {"status": "in_contact", "first_contact_at": NOW, "next_action_at": NOW}
    open_case, placed = case_like(assignee=bo, **called), case_like(assignee=bo, status="placed")
    assert on_lists(ann) == {open_case: "waiting", placed: "done"}
    leave(bo)
    bo.save()
    assert on_lists(ann) == {open_case: "todo", placed: "done"}
    workflow.assign_to_self(open_case, ann)
    assert on_lists(ann) == {open_case: "todo", placed: "done"}, "it is hers now, and due"
    Case.objects.filter(pk=open_case.pk).update(**LATER)
    assert on_lists(ann) == {open_case: "waiting", placed: "done"}


def on_lists(viewer):
    lists = {key: queues.rows(queues.QUEUES[key](viewer, NOW)) for key in ("todo", "waiting", "done")}
    return {case: key for key, cases in lists.items() for case in cases}


NEXT = {  # each case as urgent or not, and acknowledged or not, as the list has them: the way from one to the next
    "calm calm calm": "0 1 2 0 1",
    "urgent urgent urgent calm": "0 1 2 0 1",  # until somebody acknowledges them, no calm one is next
    "seen seen seen calm": "0 1 2 3 0",
    "urgent seen urgent calm calm": "3 0 2 0",
    "seen urgent calm": "2 1 2",
    "seen calm": "1 0 1",
}


@pytest.mark.parametrize(("kinds", "way"), NEXT.items())
def test_next_case_follows_the_list_unacknowledged_urgent_first(ann, kinds, way):
    cases = []
    for number, kind in enumerate(kinds.split()):
        seen = {"acknowledged_at": NOW, "acknowledged_by": ann} if kind == "seen" else {}
        cases.append(case_like(urgent=kind != "calm", opened_at=NOW - 9 * HOUR + number * MINUTE, **seen))
    assert list(queues.rows(queues.to_do(ann, NOW))) == cases
    at, *others = (cases[int(number)] for number in way.split())
    for expected in others:
        at = queues.next_to_do(ann, NOW, after=at)
        assert at == expected


def test_next_case_after_the_only_one_is_none(ann):
    case = case_like(status="closed")
    Case.objects.exclude(pk=case.pk).delete()
    assert queues.next_to_do(ann, NOW, after=case) is None


def test_stale_finished_case_waits_since_it_became_stale(ann):
    placed = {"status": "placed", "assignee": ann, "stale_because": "rules", "stale_since": NOW - 2 * HOUR}
    case_like(ago=90 * 24 * HOUR, **placed)
    assert {length.key: length.oldest for length in queues.lengths(ann, NOW)} == {
        "todo": NOW - 2 * HOUR, "mine": NOW - 2 * HOUR, "waiting": None, "done": None,
    }  # fmt: skip
    case_like(ago=5 * HOUR, stale_because="rules", stale_since=NOW - HOUR)
    assert {length.key: length.oldest for length in queues.lengths(ann, NOW)} == {
        "todo": NOW - 5 * HOUR, "mine": NOW - 2 * HOUR, "waiting": None, "done": None,
    }  # fmt: skip


def test_done_list_is_counted_up_to_the_cap(ann, monkeypatch):
    monkeypatch.setattr(queues, "COUNT_CAP", 2)
    for number in range(2):
        case_like(status="closed", finished_at=NOW - number * HOUR)
    done = queues.lengths(ann, NOW)[-1]
    assert (done.words, done.oldest) == ("2", NOW)
    case_like(status="placed")
    assert queues.lengths(ann, NOW)[-1].words == "2+"


def test_list_counts_cost_two_queries(ann, django_assert_num_queries):
    case_like()
    ann.has_perm("desk.view_case")  # loads the permissions, as every page does
    with django_assert_num_queries(2):
        queues.lengths(ann, NOW)
