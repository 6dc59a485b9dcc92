"""The administrator's first page says what is to be done, and leads to where it is done."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from recommend.desk import doctor
from recommend.desk.doctor import Finding
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db


def lines(client) -> list[tuple[str, str | None]]:
    """Return each line of the list, in words, with the address it leads to."""
    page = client.get("/staff/").text
    part = page[page.index('class="set-up"') : page.index("</section>", page.index('class="set-up"'))]
    found = []
    for item in re.findall(r"<li>(.*?)</li>", part, re.DOTALL):
        to = re.search(r'href="([^"]+)"', item)
        found.append((" ".join(re.sub("<[^>]+>", " ", item).split()), to and to[1]))
    return found


def test_a_new_site_lists_what_is_missing_with_the_way_to_it(client, settings):
    settings.CLINIC_PHONE = ""
    sign_in(client, "administrator")
    found = {words.partition(".")[0]: to for words, to in lines(client)}
    assert found["No phone number of the clinic is set"] == reverse("admin:clinic")
    assert found["Nobody with an e-mail address is on duty"] == reverse("admin:auth_user_changelist")
    assert found["Administrators: 1"] == reverse("admin:auth_user_add")
    assert found["No mail server is set: nobody is told that a case is waiting"] is None
    assert found["No time zone is set: times are in UTC"] is None


def test_what_is_urgent_comes_first_and_every_finding_of_the_doctor_is_there(client, monkeypatch):
    found = [
        Finding("Look", "Do", red=False),
        Finding("Red", "Do"),
        Finding("Lines", "Call", page="admin:clinic_lines"),
    ]
    monkeypatch.setattr(doctor, "findings", lambda: iter(found))
    sign_in(client, "administrator")
    assert lines(client) == [
        ("Red. For the operator: Do.", None),
        ("Lines. Call .", "/staff/clinic/lines/"),
        ("Look. For the operator: Do.", None),
    ]


def test_a_site_in_order_says_so(client, monkeypatch):
    monkeypatch.setattr(doctor, "findings", lambda: iter(()))
    sign_in(client, "administrator")
    assert "everything that this page can check is in order" in client.get("/staff/").text


@pytest.mark.parametrize("role", ["coordinator", "clinical lead"])
def test_other_staff_see_no_list_that_they_cannot_act_on(client, role):
    sign_in(client, role)
    assert "set-up" not in client.get("/staff/").text


def test_each_page_that_a_finding_names_is_there():
    named = re.findall(r'page="([^"]+)"', Path(doctor.__file__).read_text())
    assert len(named) >= 4
    for name in named:
        assert reverse(name)
