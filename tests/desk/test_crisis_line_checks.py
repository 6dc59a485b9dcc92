"""Crisis lines to call and confirm: who checked which line when, and which are due again."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from carenav.clinic import crisis_lines as crisis_lines_module
from carenav.clinic import line_checks
from carenav.clinic.content import crisis_lines
from carenav.clinic.models import LineCheck
from recommend.desk.models import AccessEvent
from recommend.desk.pages.home import stale_lines
from tests.support.database import count_queries
from tests.support.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db

URL = "/staff/clinic/lines/"
LINES = crisis_lines().country("us").lines


@pytest.fixture
def all_due(monkeypatch):
    """The time limit is so short that every line of the file is due, but not one that was confirmed today."""
    newest = max(line.checked_on for line in LINES)
    limit = timezone.localdate() - newest - timedelta(days=1)
    monkeypatch.setattr(crisis_lines_module, "STALE_AFTER", limit)


@pytest.fixture
def administrator(client):
    sign_in(client, "administrator")
    return client


def test_what_is_ticked_is_confirmed_with_name_and_day(administrator, all_due):
    assert len(stale_lines()) == len(LINES)
    first, second = LINES[:2]
    keys = [line_checks.key_of(line) for line in (first, second)]
    answer = administrator.post(URL, {"confirm": [*keys, keys[0], "us-none 1"]}, follow=True)
    assert "2 lines confirmed today." in answer.text
    assert "by administrator" in answer.text
    assert [check.line for check in LineCheck.objects.order_by("pk")] == [first.id, second.id]
    assert {str(line.name) for line in (first, second)}.isdisjoint(stale_lines())
    assert len(stale_lines()) == len(LINES) - 2
    assert AccessEvent.objects.filter(verb="clinic", what="crisis lines").count() == 1


def test_nothing_ticked_confirms_nothing(administrator):
    assert "nothing was confirmed" in administrator.post(URL, {}, follow=True).text
    assert not LineCheck.objects.exists()


def test_a_check_does_not_count_for_a_number_that_came_later(all_due):
    line = LINES[0]
    LineCheck.objects.create(line=line.id, numbers="112", by=staff_user("administrator"))
    assert line in line_checks.due(LINES, timezone.localdate())
    LineCheck.objects.create(line=line.id, numbers=line.call, by=staff_user("administrator"))
    assert line not in line_checks.due(LINES, timezone.localdate())


def test_the_newer_of_file_and_check_counts():
    line = LINES[0]
    long_ago = timezone.now() - timedelta(days=4000)
    LineCheck.objects.create(line=line.id, numbers=line.call, by=staff_user("administrator"), at=long_ago)
    assert line_checks.checked_on(line, line_checks.last_checks()) == line.checked_on


def test_a_check_is_due_again_after_its_time(all_due):
    line = LINES[0]
    LineCheck.objects.create(line=line.id, numbers=line.call, by=staff_user("administrator"))
    assert line in line_checks.due(
        LINES, timezone.localdate() + crisis_lines_module.STALE_AFTER + timedelta(days=1)
    )


def test_the_desk_asks_nothing_while_no_line_of_the_file_is_due():
    with count_queries() as queries:
        assert line_checks.due(LINES, LINES[0].checked_on) == []
    assert queries == []


def test_the_list_begins_with_the_clinics_country_and_its_oldest_check(administrator, settings):
    settings.COUNTRY = "gb"
    page = administrator.get(URL)
    country, rows = page.context["here"]
    assert country.id == "gb"
    assert [row.checked_on for row in rows] == sorted(row.checked_on for row in rows)
    assert all(isinstance(row.checked_on, date) for row in rows)
    assert len(page.context["others"]) == len(crisis_lines().countries) - 1
