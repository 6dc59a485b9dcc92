"""An index serves every filter, every order and every search of the desk: asked of PostgreSQL's planner."""

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from intake.models import ContactDetails, ContactNameWord, ContactSearchKey
from recommend.desk import queues
from recommend.desk.audit import append_only, chain, recorder
from recommend.desk.models import AccessEvent, Case
from recommend.desk.pages import search
from tests.support.cases import new_case, user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has another planner"),
]

SERVED = {
    "": "case_at_desk",
    "list=todo": "case_at_desk",
    "list=waiting": "case_by_next_action",
    "list=done": "case_finished",
    "list=all": "case_worklist",
    "list=all&o=2": "case_by_age",
    "list=all&o=1": "desk_case_reference",
    "list=all&status=closed": "case_by_status",
    "list=all&level=php": "case_by_level",
    "list=all&tier=1": "case_worklist",
    "list=all&chosen=php": "case_by_chosen",
    "list=all&language=es": "case_by_language",
    "list=all&who=me": "case_of_anybody",
    "list=all&attention=differs": "case_differs",
    "list=all&attention=stale": "case_stale",
}


@pytest.fixture(autouse=True)
def indexes_only(db):
    """Make the planner prefer an index: it would read a small table as a whole."""
    new_case()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")


@pytest.mark.parametrize(("query", "index"), SERVED.items())
def test_each_list_has_its_index(query, index):
    request = RequestFactory().get(f"/staff/desk/case/?{query}")
    request.user = user("ann")
    changelist = site.get_model_admin(Case).get_changelist_instance(request)
    assert index in changelist.queryset[:50].explain()


def test_the_first_page_reads_what_is_at_the_desk_only():
    todo = queues.rows(queues.to_do(user("ann"), timezone.now()))
    assert "case_at_desk" in todo[:20].explain()


@pytest.mark.parametrize(
    ("text", "kind", "column"),
    [
        ("robin", ContactSearchKey, "key_hash"),
        ("0100", ContactSearchKey, "key_hash"),
        ("ro", ContactNameWord, "word_hash"),
        ("617 555 0100", ContactDetails, "phone_hash"),
        ("robin@example.com", ContactDetails, "email_hash"),
    ],
)
def test_each_search_has_its_index(monkeypatch, text, kind, column):
    asked = []
    real = search._references
    monkeypatch.setattr(
        search, "_references", lambda contacts: asked.append(real(contacts)) or real(contacts)
    )
    assert list(search.find(text)) == ([] if "@" in text or text == "ro" else list(Case.objects.all()))
    assert "Seq Scan" not in asked[-1].explain()
    # Which of several indexes the planner takes depends on its statistics; that there is one for the search does not.
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, kind._meta.db_table)
    assert [
        each
        for each in constraints.values()
        if (each["index"] or each["unique"]) and each["columns"][:1] == [column]
    ]


LOG = {
    "": "desk_accessevent_pkey",
    "who={ann}": "access_by_whom",
    "who=nobody": "access_by_nobody",
    "verb__exact=read": "access_by_verb",
    "q=K7QX-92MD": "access_to_what",
    "q=ann": "access_by_whom",
}


@pytest.mark.parametrize(("query", "index"), LOG.items())
def test_each_log_filter_has_its_index(query, index):
    """So many rows that walking from the newest, and leaving most of them out, costs more than the right index."""
    ann, bo = user("ann"), user("bo")
    for _ in range(300):
        chain.append(bo.pk, recorder.Verb.PAGE)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {append_only.TABLE}")  # or PostgreSQL may plan for the rows of another test
    request = RequestFactory().get("/staff/desk/accessevent/?" + query.format(ann=ann.pk))
    request.user = ann
    changelist = site.get_model_admin(AccessEvent).get_changelist_instance(request)
    assert index in changelist.queryset[:100].explain()
