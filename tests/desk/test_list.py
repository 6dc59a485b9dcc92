"""The list of cases, its filters, its search and its actions; the first page."""

import logging
import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from carenav.clinic.content import crisis_lines
from intake.models import ContactSearchKey
from recommend.desk import queues, workflow
from recommend.desk.models import Case, ContactAttempt
from recommend.desk.pages import search
from recommend.desk.pages.filters import FILTERS
from recommend.desk.submissions.erase import erase
from tests.support.cases import at_desk, called, case_like, case_url, may_only_look, new_case, user
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, DANA

pytestmark = pytest.mark.django_db

LIST = "/staff/desk/case/"
SEARCH = "/staff/desk/case/search/"


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


def listed(client: Client, query: str = "") -> list[Case]:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, response.get("Location")
    return list(response.context["cl"].result_list)


# ---- the first page


def test_list_opens_on_the_cases_at_the_desk(ann):
    now = timezone.now()
    urgent = case_like(DANA, timedelta(minutes=45), contact_by=now + timedelta(hours=1))
    case_like(BOB, timedelta(hours=30), assignee=user("ann"), contact_by=now)
    case_like(status="closed", finished_at=timezone.now() - timedelta(hours=2))
    html = ann.get("/staff/").content.decode()
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "To do 2 oldest: 1 day" in text
    assert "Mine 1 oldest: 1 day" in text
    assert "Waiting 0 none" in text
    assert "Done 1 last one 2 hours ago" in text
    assert (
        f"{urgent.reference} Inpatient evaluation Now danger of suicide Late: not acknowledged for 45 minutes"
        " New Unassigned First contact, " in text
    )
    assert "IOP Late: no contact for 1 day Escalated to the lead New You" in text
    assert html.index(urgent.reference) < html.index("Late: no contact")


def test_first_page_warns_of_a_stale_crisis_line(ann, settings, monkeypatch):
    lines = crisis_lines().country("ie").lines
    settings.COUNTRY = "ie"
    assert "Crisis lines that nobody has checked" not in ann.get("/staff/").content.decode()
    day = max(line.checked_on for line in lines) + timedelta(days=181)
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(day.year, day.month, day.day))
    html = ann.get("/staff/").content.decode()
    assert "Crisis lines that nobody has checked" in html
    assert str(lines[0].name) in html
    assert "Trevor" not in html


@pytest.mark.parametrize("cases", [1, 30])
def test_first_page_query_count_is_constant(ann, cases):
    for number in range(cases):
        case_like(BOB, timedelta(hours=48), assignee=user(f"colleague{number}"), contact_by=timezone.now())
    ann.get("/staff/")
    with count_queries() as queries:
        html = ann.get("/staff/").content.decode()
    assert html.count("Late:") == min(cases, 20)
    # session, user, factor, 2 of permissions, 2 of counts, the first cases, their attempts, on duty or not, what did
    # not go out to the team and to people, 3 for the log
    assert len(queries) == 15, queries
    assert not [query for query in queries if "intake_" in query or "recommend_recommendation" in query]


# ---- the list


def test_list_shows_why_it_is_urgent_and_loads_no_answer_and_no_name(ann):
    for person in (ALICE, DANA):
        new_case(person)
    with count_queries() as queries:
        html = ann.get(LIST).content.decode()
    for word in ("Robin", "617", "suicidal", "danger-now", "crisis"):
        assert word not in html
    assert html.count("danger of suicide") == 1
    assert not [query for query in queries if "intake_" in query or "recommend_recommendation" in query]


@pytest.mark.parametrize("cases", [1, 30])
def test_list_query_count_is_constant(ann, cases):
    for number in range(cases):
        case_like(BOB, assignee=user(f"colleague{number}"))
    ann.get(LIST)
    with count_queries() as queries:
        assert ann.get(LIST).content.decode().count("<td>colleague") == cases
    # session, user, factor, 2 of permissions, the team for its filter, saved views, the count, the cases, their
    # attempts, 3 for the log
    assert len(queries) == 13, queries


def test_list_marks_an_inactive_assignee(ann):
    for name in ("ann", "bo", "cy"):
        case_like(assignee=user(name))
    case_like()
    User.objects.filter(username="cy").update(is_active=False)
    html = ann.get(LIST).content.decode()
    for whose in ("You", "bo", "cy (not active)", "Unassigned"):
        assert f"<td>{whose}</td>" in html


def test_done_list_is_newest_first(ann):
    first = case_like(status="closed", finished_at=timezone.now() - timedelta(hours=2))
    second = case_like(status="placed", finished_at=timezone.now() - timedelta(hours=1))
    assert listed(ann, "list=done") == [second, first]


def test_a_long_list_is_counted_and_paged_as_far_as_the_cap(ann, monkeypatch):
    monkeypatch.setattr(queues, "COUNT_CAP", 2)
    monkeypatch.setattr("recommend.desk.admin.CaseAdmin.list_per_page", 1)
    for _ in range(4):
        new_case()
    html = ann.get(LIST).content.decode()
    assert "2+ cases. Only the first 2 can be paged through" in html
    assert len(listed(ann, "p=2")) == 1
    assert ann.get(f"{LIST}?p=3")["Location"].endswith("?e=1")


# ---- filters


FILTERED = {
    "": "anna bobs free stale looks",
    "list=all": "anna bobs free stale looks done differs",
    "list=todo": "anna free stale looks",
    "list=mine": "anna",
    "list=waiting": "bobs",
    "list=done": "done differs",
    "list=all&status=closed": "done",
    "status=new": "anna free looks",
    "level=php": "free",
    "level=none": "looks",
    "tier=1": "",
    "tier=2": "looks",
    "tier=3": "free",
    "tier=4": "anna bobs stale",
    "chosen=none": "anna bobs free looks",
    "list=all&chosen=php": "stale differs",
    "who=me": "anna",
    "who=nobody": "free looks",
    "list=all&who=nobody": "free looks done differs",
    "list=all&attention=differs": "stale differs",
    "attention=stale": "stale",
    "list=all&attention=stale,differs&status=assessed": "stale",
    "attention=stale&who=me": "",
    "attention=new&tier=2,3": "free looks",
    # several choices of one filter: a case that fits one of them
    "level=php,none": "free looks",
    "list=all&status=closed,placed": "done differs",
    "who=me,nobody": "anna free looks",
    "level=php,none&tier=3": "free",
    "language=en,es": "anna bobs free stale looks",
    "language=es": "",
    "level=php,lost": "free",
    # what nobody offers is as if it were left out
    "who=0": "anna bobs free stale looks",
    "list=theirs&status=lost&tier=9": "anna bobs free stale looks",
}


def test_empty_list_links_to_all_cases(ann, seven):
    """Filtering by closed cases finds them, although finished cases are left out without a list."""
    page = ann.get(f"{LIST}?status=closed").text
    assert 'href="?status=closed&amp;list=all"' in page
    assert seven["done"].reference in ann.get(f"{LIST}?status=closed&list=all").text
    assert "Look in all lists" not in ann.get(f"{LIST}?list=all&status=placed&tier=1").text


@pytest.fixture
def seven(db):
    ann, bo = user("ann"), user("bo")
    heard = {"status": "in_contact", "first_contact_at": timezone.now()}
    return {
        "anna": case_like(BOB, assignee=ann),
        "bobs": case_like(ALICE, assignee=bo, **heard),
        "free": case_like(CHARLIE),
        "stale": case_like(BOB, assignee=bo, status="assessed", chosen="php", stale_because="rules"),
        "looks": case_like(level="", urgent=True),
        "done": case_like(status="closed"),
        "differs": case_like(ALICE, status="placed", chosen="php"),
    }


@pytest.mark.parametrize(("query", "expected"), FILTERED.items())
def test_each_filter_finds_its_cases(ann, seven, query, expected):
    names = {case.pk: name for name, case in seven.items()}
    assert {names[case.pk] for case in listed(ann, query)} == set(expected.split())


def test_filters_name_colleagues_and_no_patient(ann, seven):
    html = ann.get(LIST).content.decode()
    filters = html[html.index('class="tabs"') :]
    tabs = re.findall(r">([^<]*)</a>", filters.partition("</nav>")[0])
    assert tabs == ["At the desk", "To do", "Mine", "Waiting", "Done", "All"]
    # The lists are tabs, a number of the dashboard is shown only while it is set, and saving a view has a fold.
    assert len(re.findall(r"<summary>", filters)) + 1 == len(FILTERS) == 10
    shown = re.findall(r">([^<]*)</a>", filters.partition("</nav>\n")[2])
    assert "bo" in shown
    assert "ann" not in shown, "she is Me"
    assert "Robin" not in html


def test_cases_of_a_colleague_are_listed(ann, seven):
    assert set(listed(ann, f"who={user('bo').pk}")) == {seven["bobs"], seven["stale"]}


@pytest.mark.parametrize(
    "query",
    ["reference__regex=(", "opened_at__year=0", "id__range=1", f"version__in=1,{10**20}", "assignee=1"],
)
def test_unknown_filter_is_refused(query):
    client = at_desk("ann")
    client.raise_request_exception = False
    assert client.get(f"{LIST}?{query}").status_code == 400


# ---- search


ROBIN = {"name": "Zoë O'Neill-Garcia", "phone": "(617) 555-0123", "email": "zoe@example.com"}
FOUND = [
    ("zoe", True), ("ZOË", True), ("o’neill", True), ("garcia zoe", True), ("zoe miller", False), ("zo", False),
    ("gar", True), ("garc zoe", True), ("arc", False), ("garciaz", False), ("o’ne", True), ("neill", False),
    ("617 555 0123", True), ("+1 617-555-0123", True), ("617 555 0124", False),
    ("555-0123", True), ("0123", True), ("5 0123", True), ("123", False), ("0124", False), ("5554 0123", False),
    ("Zoe@Example.com", True), ("zoe@example.org", False), ("zoe@", False), ("", False), ("   ", False),
    ("%", False), ("' OR 1=1 --", False), ("0", False), ("字" * 100, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_search_finds_exactly(ann, text, found):
    case = new_case(BOB, ROBIN)
    new_case()
    response = ann.post(SEARCH, {"text": text})
    assert response.status_code == 200
    assert [row.case for row in response.context["rows"]] == ([case] if found else [])


@pytest.mark.parametrize("spelling", ["{}", " {} ", "lower", "spaced"])
def test_search_by_reference_however_it_is_written(ann, spelling):
    case = new_case()
    text = {"lower": case.reference.lower(), "spaced": case.reference.replace("-", " ")}.get(
        spelling, spelling.format(case.reference)
    )
    assert [row.case for row in ann.post(SEARCH, {"text": text}).context["rows"]] == [case]


@pytest.mark.parametrize("part", [slice(0, 4), slice(5, 9)])
def test_search_by_half_a_reference(ann, part):
    case = new_case()
    new_case()
    assert [row.case for row in ann.post(SEARCH, {"text": case.reference[part].lower()}).context["rows"]] == [
        case
    ]


def test_hits_say_who_it_is_and_lists_do_not(ann):
    new_case(BOB, ROBIN)
    new_case(BOB, {"name": "Zoe", "phone": "", "email": "z@example.com", "reach_by": "email"})
    rows = ann.post(SEARCH, {"text": "zoe"}).context["rows"]
    assert [row.person for row in rows] == [
        "Zoë O'Neill-Garcia, phone ends in 0123, 18 to 64",
        "Zoe, 18 to 64",
    ]
    assert "Zoe" not in ann.get(LIST).text


def test_hit_of_an_erased_case_names_nobody(ann):
    case = new_case(BOB, ROBIN)
    erase(case.submission)
    [row] = ann.post(SEARCH, {"text": case.reference}).context["rows"]
    assert row.person == ""
    for text in ("zoe", "0123", case.reference[:4]):
        assert ann.post(SEARCH, {"text": text}).context["rows"] == []
    assert not ContactSearchKey.objects.exists()


def test_search_with_an_older_key(ann, settings):
    case = new_case(BOB, ROBIN)
    settings.FIELD_KEYS = ["t2LyfdEdmjJ3n8NHchKUPdvfj2CwhZ6FCUOvdTQTTAA=", *settings.FIELD_KEYS]
    for text in ("zoe", "gar", "0123", case.reference[:4], ROBIN["phone"], ROBIN["email"]):
        assert [row.case for row in ann.post(SEARCH, {"text": text}).context["rows"]] == [case]


def test_search_text_is_in_no_address_and_no_log(ann, caplog):
    new_case(BOB, ROBIN)
    with caplog.at_level(logging.DEBUG, logger="django.request"):
        response = ann.post(SEARCH, {"text": "Zoë Canary"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Zoë Canary" not in caplog.text
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', html)
    assert not [address for address in addresses if "Canary" in address]
    forms = re.findall(r"<form[^>]*>", html)
    assert [form for form in forms if 'method="post"' not in form] == []


def test_the_list_has_no_search_in_its_address(ann):
    case = new_case(BOB, ROBIN)
    assert listed(ann, "q=zoe") == [case]
    assert "Neill" not in ann.get(f"{LIST}?q=nobody").content.decode()
    assert [
        form for form in re.findall(r"<form[^>]*>", ann.get(LIST).content.decode()) if "post" not in form
    ] == []


def test_the_search_page_asked_for_by_its_address_is_empty(ann):
    case = new_case(BOB, ROBIN)
    response = ann.get(f"{SEARCH}?text={case.reference}")
    assert response.status_code == 200
    assert response.context["rows"] == []


def test_a_very_common_name_is_cut_off_and_says_so(ann, monkeypatch):
    monkeypatch.setattr(search, "SHOWN", 2)
    for _ in range(3):
        new_case()
    response = ann.post(SEARCH, {"text": "robin"})
    assert len(response.context["rows"]) == 2
    assert "There are more" in response.content.decode()


def test_search_with_a_long_text_uses_a_few_words_only(ann):
    name = " ".join(f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh")
    case = new_case(BOB, {"name": name})
    with count_queries() as queries:
        response = ann.post(SEARCH, {"text": f"{name} {'more ' * 9} and more"})
    assert [row.case for row in response.context["rows"]] == [case]
    assert max(query.count(" JOIN ") for query in queries) <= search.MOST_WORDS + 1


def test_search_query_count_is_constant(ann):
    for _ in range(5):
        new_case()
    with count_queries() as queries:
        ann.post(SEARCH, {"text": "robin example"})
    # session, user, factor, 2 of permissions, the references, the cases, their attempts, 3 for the log
    assert len(queries) == 11, queries


# ---- actions


def chosen(client: Client, *cases: Case, query: str = "") -> dict[str, object]:
    """What the browser sends for these cases of the list as it is now."""
    html = client.get(f"{LIST}?{query}").content.decode()
    versions = dict(re.findall(r'name="(version_\d+)" value="(\d+)"', html))
    return {"_selected_action": [case.pk for case in cases], **versions}


def confirmed(client: Client, action: str, data: dict[str, object], query: str = "", **more: str):
    """Ask, look at the page that asks once more, and send its form."""
    asked = client.post(f"{LIST}?{query}", {"action": action, "index": "0", **data})
    assert asked.status_code == 200
    hidden = re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="(\w+)"', asked.content.decode())
    again: dict[str, list[str]] = {}
    for name, value in hidden:
        again.setdefault(name, []).append(value)
    return client.post(f"{LIST}?{query}", again | more)


def test_bulk_assign_assigns_the_ticked_cases(ann):
    cases = [new_case(), new_case(BOB), new_case()]
    response = confirmed(ann, "assign_to_me", chosen(ann, *cases[:2]))
    assert response["Location"].startswith(LIST)
    assert [case.assignee and case.assignee.username for case in Case.objects.order_by("pk")] == [
        "ann",
        "ann",
        None,
    ]
    assert "2 cases: assigned to you." in ann.get(LIST).content.decode()


def test_bulk_action_without_confirmation_changes_nothing(ann):
    case = new_case()
    html = ann.post(LIST, {"action": "assign_to_me", "index": "0", **chosen(ann, case)}).content.decode()
    assert "Assign these cases to you?" in html
    assert case.reference in html
    assert Case.objects.get().version == 1


def test_mark_contacted_notes_an_attempt_for_each(ann):
    cases = [new_case(), new_case(DANA)]
    data = chosen(ann, *cases)
    refused = confirmed(ann, "mark_contacted", data, how="call")
    assert refused.status_code == 422
    assert "<title>Error: Log a contact" in refused.content.decode()
    assert '<p class="errornote" tabindex="-1" autofocus>' in refused.content.decode()
    assert not ContactAttempt.objects.exists()
    confirmed(ann, "mark_contacted", data, how="call", outcome="no_answer")
    assert {
        (each.case, each.how, each.outcome, each.by.username) for each in ContactAttempt.objects.all()
    } == {(case, "call", "no_answer", "ann") for case in cases}
    assert {case.status for case in Case.objects.all()} == {"in_contact"}


def test_bulk_close_closes_some_cases_and_names_the_refused(ann):
    calm, urgent, done = new_case(), new_case(DANA), case_like(status="placed")
    response = confirmed(
        ann, "close", chosen(ann, calm, urgent, done, query="list=all"), "list=all", outcome="declined"
    )
    assert response.status_code == 422
    told = response.context["told"]
    assert told.done == [calm]
    assert [case for case, _ in told.refused] == [urgent, done]
    assert "Urgent cases are closed one at a time" in response.content.decode()
    assert [case.status for case in Case.objects.order_by("pk")] == ["closed", "new", "placed"]


@pytest.mark.parametrize("when", ["before the question", "after the question"])
@pytest.mark.parametrize("action", ["assign_to_me", "mark_contacted", "close"])
def test_bulk_action_on_a_changed_case_is_refused_by_name(ann, action, when):
    mine, changed = new_case(BOB), new_case(BOB)
    more = {"how": "call", "outcome": "reached"} if action == "mark_contacted" else {"outcome": "declined"}
    more = {} if action == "assign_to_me" else more
    data = chosen(ann, mine, changed, query="list=todo")
    bo = user("bo")

    def change() -> None:
        called(changed, bo)
        workflow.assign_to_self(changed, bo)  # and so it is no longer on the list that the action comes from

    if when == "before the question":
        change()
        response = confirmed(ann, action, data, "list=todo", **more)
    else:
        asked = {"action": action, "confirmed": "1", **data, **more}
        change()
        response = ann.post(f"{LIST}?list=todo", asked)
    assert response.status_code == 409
    told = response.context["told"]
    assert told.done == [mine]
    [[row, last, words]] = told.changed
    assert (row.case, last.by, words) == (changed, bo, "Assigned to: nobody to bo")
    assert "they have changed since you saw them" in response.content.decode()
    changed.refresh_from_db()
    assert (changed.assignee, changed.status) == (bo, "in_contact")
    assert changed.contactattempts.count() == 1


def test_bulk_confirmation_names_changed_cases(ann):
    case = new_case()
    data = chosen(ann, case)
    called(case, user("bo"))
    html = ann.post(LIST, {"action": "close", "index": "0", **data}).content.decode()
    assert "Changed since you chose it" in html


@pytest.mark.parametrize("data", [
    {"_selected_action": ["x"]}, {"_selected_action": ["1"]}, {"_selected_action": ["1"], "version_1": "x"},
    {"_selected_action": ["9" * 30], "version_" + "9" * 30: "1"},
], ids=str)  # fmt: skip
def test_a_list_that_was_tampered_with_is_refused(ann, data):
    new_case()
    assert ann.post(LIST, {"action": "assign_to_me", "confirmed": "1", **data}).status_code == 400
    assert Case.objects.get().assignee is None


def test_bulk_action_across_pages_is_refused(ann):
    """The admin offers to act on all pages at once; for what changes a case, that is refused."""
    cases = [new_case(), new_case()]
    data = chosen(ann, cases[0]) | {"select_across": "1", "action": "assign_to_me", "index": "0"}
    html = ann.post(LIST, data, follow=True).content.decode()
    assert "Choose from one page at a time" in html
    assert not Case.objects.exclude(assignee=None).exists()


def test_list_for_read_only_users_has_no_actions(ann):
    case = new_case()
    may_only_look(user("ann"))
    assert 'name="action"' not in ann.get(LIST).content.decode()
    ann.post(
        LIST,
        {"action": "assign_to_me", "confirmed": "1", "_selected_action": case.pk, f"version_{case.pk}": "1"},
    )
    assert Case.objects.get().assignee is None


def test_links_of_the_four_lists_lead_to_lists(ann):
    new_case()
    html = ann.get("/staff/").content.decode()
    queries = [unescape(query) for query in re.findall(rf'href="{LIST}\?([^"]*)"', html)]
    assert [dict(parse_qsl(query))["list"] for query in queries] == [*queues.QUEUES, "todo"]
    for query in queries:
        assert ann.get(f"{LIST}?{query}").status_code == 200
    assert case_url(Case.objects.get()) in html
