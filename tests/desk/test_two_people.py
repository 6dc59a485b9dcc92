"""Two people save the same case at the same moment, many times: one is saved, the other sees a conflict."""

import random
import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client

from recommend.desk.models import Case, CaseChange, ContactAttempt, Note
from tests.support.cases import at_desk, case_url, new_case
from tests.support.people import BOB

TRIALS = 200
LIST = "/staff/desk/case/"


def by_form(client: Client, case: Case) -> int:
    name = User.objects.get(pk=client.session["_auth_user_id"]).username
    data = {"version": "1", "since": "0", "who": "take", "how": "call", "attempt": "reached", "note": name}
    return client.post(case_url(case), data | {"save": "1"}).status_code


def by_action(client: Client, case: Case) -> int:
    data = {"_selected_action": case.pk, f"version_{case.pk}": "1", "confirmed": "1"}
    return client.post(LIST, data | {"action": "assign_to_me"}).status_code


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_saves_never_overwrite_silently(shared_database):
    """Forms and actions against each other: exactly one of two is saved, whole; the other answers 409."""
    cases = [new_case(BOB) for _ in range(5)]
    clients = {name: at_desk(name) for name in ("ann", "bo")}
    draw = random.Random(8)
    for trial in range(TRIALS):
        case = cases[trial % len(cases)]
        set_back(case)
        ways = {name: draw.choice((by_form, by_action)) for name in clients}
        statuses = at_once({name: (ways[name], client, case) for name, client in clients.items()})
        assert sorted(statuses.values()) == [302, 409], (trial, ways, statuses)
        [saved] = [name for name, status in statuses.items() if status == 302]
        check(case, saved, by_the_form=ways[saved] is by_form)


def set_back(case: Case) -> None:
    """As if nobody had touched it."""
    for kind in (CaseChange, ContactAttempt, Note):
        kind.objects.filter(case=case).delete()
    Case.objects.filter(pk=case.pk).update(
        version=1, status="new", assignee=None, assigned_at=None, acknowledged_by=None, acknowledged_at=None,
        first_contact_at=None,
    )  # fmt: skip


def at_once(calls) -> dict[str, int]:
    """Both start at the same moment, each in a thread with a connection of its own."""
    gate = threading.Barrier(len(calls))
    statuses: dict[str, int] = {}

    def run(name, way, client, case):
        connection.ensure_connection()
        gate.wait(10)
        statuses[name] = way(client, case)
        connections.close_all()

    threads = [threading.Thread(target=run, args=[name, *call]) for name, call in calls.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return statuses


def check(case: Case, saved: str, by_the_form: bool) -> None:
    """Everything stored is from the save that succeeded."""
    stored = Case.objects.get(pk=case.pk)
    assert stored.assignee.username == stored.acknowledged_by.username == saved
    for kind in (CaseChange, ContactAttempt, Note):
        assert {each.by.username for each in kind.objects.filter(case=case).select_related("by")} <= {saved}
    assert stored.contactattempts.count() == stored.notes.count() == int(by_the_form)
    assert stored.status == ("in_contact" if by_the_form else "new")
