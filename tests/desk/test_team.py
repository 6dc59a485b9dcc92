"""The team: cases are given as well as taken, shared by load, and come back while somebody is away."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from recommend.desk import queues, workflow
from recommend.desk.history import history_of, in_words
from recommend.desk.models import AccessEvent, Case, CaseChange, StaffMember
from recommend.desk.pages.assign_forms import Sharing
from recommend.desk.pages.list_rows import row
from recommend.desk.staff.absence import check_absence, present_workers, store_absence
from recommend.desk.staff.load import loads, loads_of_present
from recommend.desk.staff.roles import Role, assign_role
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import TransitionNotAllowed
from tests.support.case_forms import filled, page
from tests.support.cases import at_desk, called, case_like, case_url, may_only_look, new_case, user
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, DANA
from tests.support.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db

LIST, TEAM = "/staff/desk/case/", "/staff/team/"
LATER = timedelta(hours=3)


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def bo(db):
    return user("bo")


@pytest.fixture
def cy(db):
    return user("cy")


@pytest.fixture
def desk(ann) -> Client:
    return at_desk("ann")


def away(member, first: int = 0, last: int = 2) -> None:
    """Make somebody absent, from and until so many days from today."""
    today = timezone.localdate()
    store_absence(member, today + timedelta(days=first), today + timedelta(days=last))


def as_shown(client: Client, *cases: Case, query: str = "list=all") -> dict[str, object]:
    """What the browser sends for these cases of the list."""
    stored = {case.pk: Case.objects.get(pk=case.pk).version for case in cases}
    return {"_selected_action": [*stored], **{f"version_{pk}": version for pk, version in stored.items()}}


def in_bulk(client: Client, action: str, *cases: Case, **fields: object):
    data = as_shown(client, *cases) | {"action": action, "index": "0", "confirmed": "1"} | fields
    return client.post(f"{LIST}?list=all", data)


# ---- assigning to a colleague


def test_assigning_to_a_colleague_says_who_assigned_whom_and_acknowledges_nothing(ann, bo):
    case = case_like(DANA)
    workflow.assign(case, ann, bo)
    stored = Case.objects.get()
    assert stored.assignee == bo
    assert not stored.is_acknowledged, "bo has not seen it yet"
    [line] = CaseChange.objects.all()
    assert (line.by, in_words(line)) == (ann, "Assigned to: nobody to bo")


def test_a_crisis_given_to_a_colleague_stays_to_do_until_they_see_it(ann, bo, cy):
    case = case_like(DANA, ago=timedelta(minutes=40))
    workflow.assign(case, ann, bo)
    for viewer in (bo, cy):
        assert Case.objects.filter(queues.to_do(viewer, timezone.now())).exists()


GONE = {
    "away": away,
    "inactive": lambda member: type(member).objects.filter(pk=member.pk).update(is_active=False),
    "an administrator": lambda member: assign_role(member, Role.ADMINISTRATOR),
}


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
def test_nobody_who_is_not_here_is_given_a_case(gone, ann, bo):
    gone(bo)
    with pytest.raises(TransitionNotAllowed, match="bo is away, or no longer works on cases"):
        workflow.assign(case_like(), ann, bo)
    assert Case.objects.get().assignee is None


@pytest.mark.parametrize("step", [workflow.assign_to_self, workflow.unassign])
def test_taking_a_case_from_a_colleague_needs_a_reason(step, ann, bo):
    case = case_like(assignee=bo)
    with pytest.raises(TransitionNotAllowed, match="bo has this case") as refused:
        step(case, ann, "  ")
    assert refused.value.field == "who_reason"
    step(case, ann, "Bo is ill. ")
    assert CaseChange.objects.get(what="assignee").reason == "Bo is ill."


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
def test_taking_a_case_from_somebody_who_is_not_here_needs_no_reason(gone, ann, bo):
    case = case_like(assignee=bo)
    gone(bo)
    workflow.assign_to_self(case, ann)
    assert Case.objects.get().assignee == ann


def test_giving_away_or_giving_back_ones_own_case_needs_no_reason(ann, bo):
    case = case_like(assignee=ann)
    workflow.assign(case, ann, bo)
    workflow.unassign(case, bo)
    assert Case.objects.get().assignee is None


def test_the_reason_for_taking_a_case_over_goes_with_the_answers(ann, bo):
    case = case_like(assignee=bo)
    workflow.assign_to_self(case, ann, "canary")
    erase(case.submission)
    assert not any(change.reason for change in CaseChange.objects.all())


# ---- on the page of a case


def test_case_page_offers_colleagues_with_what_they_have(desk, ann, bo, cy):
    case_like(DANA, assignee=bo, next_action_at=timezone.now() - LATER)
    case_like(assignee=bo, next_action_at=timezone.now() + LATER)
    away(cy)
    html = page(desk, new_case())
    select = html.partition('name="assign_to"')[2].partition("</select>")[0]
    assert "bo (2 open, 1 due, 1 urgent)" in select
    assert "cy" not in select
    assert "ann" not in select


def test_case_page_assigns_to_a_colleague(desk, bo):
    case = new_case()
    assert desk.post(case_url(case), filled(desk, case, assign_to=str(bo.pk), save="1")).status_code == 302
    assert Case.objects.get().assignee == bo
    assert "Assigned to: nobody to bo" in page(desk, case)


def test_case_page_asks_for_the_reason_and_keeps_what_was_typed(desk, ann, bo):
    case = case_like(assignee=bo)
    refused = desk.post(case_url(case), filled(desk, case, who="take", note="Mine.", save="1"))
    assert refused.status_code == 422
    assert "bo has this case. Say why it goes to somebody else." in refused.text
    assert "Mine." in refused.text
    given = filled(desk, case, who="take", who_reason="Bo is ill.", save="1")
    assert desk.post(case_url(case), given).status_code == 302
    assert "Bo is ill." in page(desk, case)


def test_case_page_refuses_two_people_at_once(desk, ann, bo):
    case = new_case()
    refused = desk.post(case_url(case), filled(desk, case, who="take", assign_to=str(bo.pk), save="1"))
    assert "Choose one: yourself, nobody, or a colleague." in refused.text


@pytest.mark.parametrize("whom", ["0", "x", "-1"])
def test_case_page_refuses_somebody_it_did_not_offer(desk, whom):
    case = new_case()
    assert desk.post(case_url(case), filled(desk, case, assign_to=whom, save="1")).status_code == 422
    assert Case.objects.get().assignee is None


def test_two_who_assign_one_case_both_see_what_the_other_did(desk, ann, bo, cy):
    case = new_case()
    typed = filled(desk, case, assign_to=str(bo.pk), note="For Bo.", save="1")
    workflow.assign(Case.objects.get(), staff_user("clinical lead", "lead"), cy)
    refused = desk.post(case_url(case), typed)
    assert refused.status_code == 409
    [line] = [line for line in refused.context["differences"] if line.what == "Assigned to"]
    assert (line.seen, line.now, line.wanted) == ("nobody", "cy", "bo (0 open, 0 due, 0 urgent)")
    assert "For Bo." in refused.text
    assert Case.objects.get().assignee == cy


# ---- in bulk


def test_bulk_assigns_to_a_colleague(desk, bo):
    cases = [case_like(), case_like(DANA)]
    assert in_bulk(desk, "assign", *cases, to=bo.pk).status_code == 302
    assert {case.assignee for case in Case.objects.all()} == {bo}
    assert AccessEvent.objects.first().what == "assign: 2 cases"


def test_bulk_without_a_reason_leaves_what_a_colleague_has(desk, ann, bo, cy):
    free, taken = case_like(), case_like(assignee=cy)
    told = in_bulk(desk, "assign", free, taken, to=bo.pk)
    assert told.status_code == 422
    assert "cy has this case. Say why it goes to somebody else." in told.text
    assert [Case.objects.get(pk=each.pk).assignee for each in (free, taken)] == [bo, cy]
    assert in_bulk(desk, "assign", taken, to=bo.pk, reason="Cy asked.").status_code == 302
    assert Case.objects.get(pk=taken.pk).assignee == bo


def test_bulk_leaves_a_case_that_a_colleague_changed(desk, ann, bo, cy):
    case = case_like()
    seen = as_shown(desk, case)
    workflow.assign(case, ann, cy)
    told = desk.post(
        f"{LIST}?list=all", seen | {"action": "assign", "confirmed": "1", "to": bo.pk, "index": "0"}
    )
    assert told.status_code == 409
    assert Case.objects.get().assignee == cy


def test_only_a_lead_shares_cases_out(desk, ann, bo):
    cases = [case_like(), case_like()]
    in_bulk(desk, "share", *cases, among=[ann.pk, bo.pk])
    assert not Case.objects.filter(assignee__isnull=False).exists()
    sign_in(client := Client(), "clinical lead", "lead")
    assert in_bulk(client, "share", *cases, among=[ann.pk, bo.pk]).status_code == 302
    assert {case.assignee for case in Case.objects.all()} == {ann, bo}


@pytest.mark.parametrize("before", [(0, 0, 0), (5, 0, 1), (2, 7, 0)])
def test_cases_are_shared_so_that_nobody_has_much_more(before, ann, bo, cy):
    team = [ann, bo, cy]
    for member, count in zip(team, before, strict=True):
        for _ in range(count):
            case_like(assignee=member)
    lead = staff_user("clinical lead", "lead")
    sharing = Sharing([load for load in loads_of_present(timezone.now()) if load.user in team])
    free = 12 - sum(before)
    for _ in range(free):
        sharing.assign(case_like(), lead, "")
    after = {load.user: load.open for load in loads(timezone.now())}
    least, most = min(after[each] for each in team), max(after[each] for each in team)
    assert most - least <= 1 or most == max(before)


def test_urgent_cases_are_shared_by_what_is_urgent(ann, bo):
    for _ in range(3):
        case_like(assignee=ann)
    case_like(DANA, assignee=bo)
    sharing = Sharing(loads_of_present(timezone.now()))
    case = case_like(DANA)
    sharing.assign(case, staff_user("clinical lead", "lead"), "")
    assert case.assignee == ann


def test_sharing_out_again_moves_as_little_as_it_can(ann, bo):
    cases = [case_like(assignee=ann) for _ in range(4)]
    sharing = Sharing(loads_of_present(timezone.now()))
    lead = staff_user("coordinator", "zoe")
    sharing.users = [ann, bo]
    for case in cases:
        sharing.assign(case, lead, "Evened out.")
    assert sorted(case.assignee.username for case in cases) == ["ann", "ann", "bo", "bo"]


# ---- absence


def test_due_cases_of_somebody_away_are_to_do_for_all_and_unassigned(ann, bo, desk):
    called(case := case_like(assignee=bo), bo)
    Case.objects.update(next_action_at=timezone.now() - timedelta(minutes=1))
    now = timezone.now()
    assert not Case.objects.filter(queues.to_do(ann, now)).exists()
    away(bo)
    lead = staff_user("clinical lead", "lead")
    for viewer in (ann, lead):
        assert Case.objects.filter(queues.to_do(viewer, now)).exists()
    assert list(desk.get(f"{LIST}?who=nobody").context["cl"].result_list) == [case]


def test_what_is_not_due_waits_for_somebody_who_is_away(ann, bo, desk):
    called(case_like(assignee=bo), bo)
    away(bo)
    assert not Case.objects.filter(queues.to_do(ann, timezone.now())).exists()
    assert list(desk.get(f"{LIST}?who=nobody").context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("first", "last", "here"), [(0, 0, False), (-3, 0, False), (1, 2, True), (-3, -1, True)]
)
def test_an_absence_lasts_from_its_first_day_to_its_last(first, last, here, bo):
    away(bo, first, last)
    assert present_workers(timezone.now()).filter(pk=bo.pk).exists() is here


def test_a_row_says_that_its_assignee_is_away(ann, bo, django_assert_num_queries):
    case_like(assignee=bo)
    store_absence(bo, timezone.localdate(), timezone.localdate() + timedelta(days=1))
    [case] = queues.rows(queues.mine(bo, timezone.now()))
    with django_assert_num_queries(0):
        assert row(case, ann, timezone.now()).whose.startswith("bo (away until ")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-30", None, "both dates"),
        (None, "2026-11-30", "both dates"),
        ("2026-12-02", "2026-12-01", "before the first"),
        ("2026-11-01", "2026-11-29", "is over"),
    ],
)
def test_dates_of_an_absence_must_fit(first, last, words):
    dates = [day and date.fromisoformat(day) for day in (first, last)]
    with pytest.raises(ValidationError, match=words):
        check_absence(*dates, today=date(2026, 11, 30))


def test_an_absence_that_contradicts_itself_is_not_stored(bo):
    with pytest.raises(IntegrityError):
        StaffMember.objects.filter(user=bo).update(away_from=date(2026, 12, 2), away_until=date(2026, 12, 1))


# ---- the page of the team


def posted(client: Client, member, first: str = "2099-01-01", last: str = "2099-01-05"):
    return client.post(TEAM, {"person": member.pk, "away_from": first, "away_until": last})


def test_team_page_shows_what_each_has(desk, ann, bo):
    case_like(DANA, assignee=bo)
    away(bo)
    html = desk.get(TEAM).text
    cells = html.partition(f"?who={bo.pk}")[2].partition("</tr>")[0]
    assert cells.count("<td>1</td>") == 3
    assert "away until" in cells


def test_staff_note_their_own_absence_and_end_it(desk, ann):
    assert posted(desk, ann).status_code == 302
    assert StaffMember.objects.get(user=ann).away_until == date(2099, 1, 5)
    assert AccessEvent.objects.first().what == f"absence of user {ann.pk}"
    posted(desk, ann, "", "")
    assert StaffMember.objects.get(user=ann).away_from is None


def test_only_a_lead_notes_the_absence_of_others(desk, bo):
    assert posted(desk, bo).status_code == 422
    assert StaffMember.objects.get(user=bo).away_from is None
    sign_in(client := Client(), "clinical lead", "lead")
    assert posted(client, bo).status_code == 302
    assert StaffMember.objects.get(user=bo).away_from == date(2099, 1, 1)


def test_an_administrator_notes_an_absence_on_the_page_of_the_person(bo):
    sign_in(client := Client(), "administrator", "boss")
    url = f"/staff/auth/user/{bo.pk}/change/"
    form = {"username": "bo", "role": "coordinator", "is_active": "on"}
    kept = {f"initial-{name}": value for name, value in (form | {"is_active": "True"}).items()}
    days = {"away_from": "2099-01-01", "away_until": "2099-01-05"}
    assert client.post(url, kept | form | days).status_code == 302
    assert StaffMember.objects.get(user=bo).away_until == date(2099, 1, 5)
    assert client.post(url, kept | form | {"away_from": "2099-01-09", "away_until": ""}).status_code == 200
    assert client.post(url, kept | form).status_code == 302
    assert StaffMember.objects.get(user=bo).away_until == date(2099, 1, 5), "not on the page, not changed"


def test_who_may_only_look_notes_their_own_absence(bo):
    may_only_look(bo)
    client = at_desk("bo")
    assert posted(client, bo).status_code == 302


@pytest.mark.parametrize("people", [1, 20])
def test_team_page_query_count_is_constant(desk, people):
    for number in range(people):
        case_like(ALICE, assignee=user(f"colleague{number}"))
        case_like(BOB, assignee=user(f"colleague{number}"))
    with count_queries() as queries:
        desk.get(TEAM)
    # session, user, factor, 2 of permissions, lead or not, the counts, the people, 3 for the log
    assert len(queries) <= 11, queries


def test_history_names_whom_a_case_was_given_to(ann, bo):
    case = case_like()
    workflow.assign(case, ann, bo)
    [entry] = [each for each in history_of(case).entries if each.kind == "assignee"]
    assert (entry.by, entry.what) == (ann, "Assigned to: nobody to bo")
