"""What an open page asks every 30 seconds: counts and references only, no audit row, no use; and who else is here."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from carenav.accounts import sessions
from recommend.desk import presence
from recommend.desk.models import AccessEvent, Case, Presence, Tier
from recommend.desk.submissions.erase import erase
from tests.support.cases import at_desk, case_like, case_url, new_case, user
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, DANA
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


def address(case: Case | None = None, ago: timedelta = MINUTE) -> str:
    since = quote((timezone.now() - ago).isoformat())
    return f"/staff/live/?since={since}" + (f"&case={case.pk}" if case else "")


def names_here(client: Client, case: Case) -> str:
    return client.get(address(case)).json()["here"]


# ---- what is new


def test_live_counts_what_is_to_do_and_names_what_is_new(ann):
    case_like(ALICE, 9 * MINUTE)
    fresh, crisis = case_like(BOB), case_like(DANA, tier=Tier.NOW)
    case_like(ALICE, assignee=user("bo"))  # a colleague's
    assert ann.get(address()).json() == {
        "to_do": 3,
        "new": 2,
        "crisis": 1,
        "references": [crisis.reference, fresh.reference],
        "here": "",
    }


def test_a_case_that_came_due_is_new_and_one_that_waits_is_not(ann):
    due = case_like(ALICE, 9 * MINUTE, next_action_at=timezone.now() - MINUTE / 2)
    case_like(ALICE, 9 * MINUTE, next_action_at=timezone.now() + MINUTE)
    assert ann.get(address()).json()["references"] == [due.reference]


def test_live_tells_no_answer_no_name_and_nothing_of_the_contact(ann):
    case = new_case(DANA)
    with count_queries() as queries:
        text = ann.get(address(case)).text
    for word in ("Robin", "617", "suicid", "inpatient", "danger", "urgent"):
        assert word not in text
    assert not [query for query in queries if "intake_" in query or "recommend_recommendation" in query]


@pytest.mark.parametrize("cases", [1, 30])
def test_live_query_count_is_constant(ann, cases):
    for _ in range(cases):
        new = case_like(BOB)
    ann.get(address(new))
    with count_queries() as queries:
        ann.get(address(new))
    # session, user, factor, 2 of permissions, the counts, the references, the case, who else is here
    assert len(queries) == 9, queries


@pytest.mark.parametrize(
    "query", ["", "since=yesterday", "since=2026-11-25T09:00", "since=2026-13-45T09:00Z"]
)
def test_live_refuses_what_is_no_moment(ann, query):
    assert ann.get(f"/staff/live/?{query}").status_code == 400


@pytest.mark.parametrize("case", ["x", "-1", "1.5", "٣", "9" * 30])
def test_live_refuses_what_is_no_case(ann, case):
    assert ann.get(f"{address()}&case={case}").status_code == 400


# ---- no audit row, no use


@pytest.mark.parametrize("method", ["get", "post"])
def test_live_leaves_no_row_in_the_access_log(ann, method):
    case = new_case()
    before = AccessEvent.objects.count()
    assert getattr(ann, method)(address(case)).status_code == 200
    assert AccessEvent.objects.count() == before
    ann.get("/staff/")
    assert AccessEvent.objects.count() == before + 1


def test_a_refused_question_is_in_the_access_log_like_every_refusal():
    client = Client()
    sign_in(client, "administrator")
    assert client.get(address()).status_code == 403
    assert AccessEvent.objects.latest("pk").verb == "refused"


@pytest.mark.parametrize("method", ["get", "post"])
def test_live_is_no_use_of_the_session(client, clock, method):
    sign_in(client, name="cora")
    case = new_case()
    seen = client.session[sessions.SEEN]
    for _ in range(29):
        clock.forward(30)
        assert getattr(client, method)(address(case)).status_code == 200
    assert client.session[sessions.SEEN] == seen
    clock.forward(31)
    assert getattr(client, method)(address(case)).status_code == 302


def test_a_page_opened_meanwhile_is_a_use_of_the_session(client, clock):
    sign_in(client, name="cora")
    seen = client.session[sessions.SEEN]
    clock.forward(60)
    client.get("/staff/")
    assert client.session[sessions.SEEN] > seen


# ---- who else has it open


def test_the_others_who_have_a_case_open_are_shown_and_not_oneself(ann):
    case = new_case()
    assert "have this case open" not in ann.get(case_url(case)).text
    bo, cy = at_desk("bo"), at_desk("cy")
    assert "ann has this case open" in bo.get(case_url(case)).text
    assert "ann and bo have this case open" in cy.get(case_url(case)).text
    assert names_here(ann, case) == "bo and cy have this case open"


def test_presence_ends_by_itself_and_is_kept_up_by_asking(ann, clock):
    case = new_case()
    bo = at_desk("bo")
    bo.get(case_url(case))
    for _ in range(5):
        clock.forward(30)
        bo.post(address(case))
        assert names_here(ann, case) == "bo has this case open"
    clock.forward(76)
    assert names_here(ann, case) == ""
    ann.get(case_url(case))
    assert [each.user.username for each in Presence.objects.all()] == ["ann"]


def test_asking_without_saying_so_notes_nobody(ann):
    case = new_case()
    at_desk("bo").get(address(case))
    assert not Presence.objects.exists()


def test_nobody_has_a_deleted_or_missing_case_open(ann):
    case = new_case()
    ann.get(case_url(case))
    erase(case.submission)
    assert not Presence.objects.exists()
    for pk in (case.pk, 10**6):
        assert ann.post(f"{address()}&case={pk}").json()["here"] == ""
    assert not Presence.objects.exists()


def test_printing_a_case_is_not_having_it_open(ann):
    case = new_case()
    ann.get(case_url(case).replace("change", "print"))
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["bo"], "bo has this case open"),
        (["ann", "bo", "cy"], "ann, bo and cy have this case open"),
    ],
)
def test_presence_is_one_sentence(names, words):
    assert presence.in_words(names) == words
