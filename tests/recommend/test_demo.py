"""`manage.py demo`: made-up cases that could be true, a staff user of each role, and nothing twice."""

import re
import tomllib
from base64 import b32decode
from itertools import product

import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError
from django.db import connection
from django.urls import reverse

from intake import content
from intake.journey import Journey
from intake.models import ContactDetails
from recommend.desk.management.commands import demo as command
from recommend.desk.models import Case
from recommend.desk.submissions import submit
from recommend.programs.models import Program
from recommend.rules.json_lines import recommend
from tests.support.demo import demo

ROWS = tomllib.loads(command.PEOPLE.read_text(encoding="utf-8"))


def password_in(said, name="coordinator"):
    return re.search(rf"  {name}, password (\S+),", said)[1]


def code_in(said, name="coordinator"):
    return re.search(rf"  {name}\b.*, code (\d{{6}})\b", said)[1]


@pytest.fixture
def said(db):
    return demo()


def everything_stored():
    models = [
        model
        for app in ("intake", "recommend", "auth", "desk", "accounts")
        for model in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: list(model.objects.order_by("pk").values_list()) for model in models}


# ---- the file


def variations(row):
    """Every way to draw one person's answers."""
    vary = row.get("vary", {})
    for drawn in product(*vary.values()):
        yield ROWS["calm"] | dict(zip(vary, drawn, strict=True)) | row["answers"]


def test_demo_variations_for_everybody_are_not_rated():
    assert ROWS["vary"].keys().isdisjoint(content.ruleset().rated)


@pytest.mark.parametrize("row", ROWS["person"], ids=lambda row: row["about"][:40])
def test_every_variation_can_be_answered_and_has_the_level_of_its_person(row):
    assert row.get("vary", {}).keys().isdisjoint(row["answers"])
    for answers in variations(row):
        journey = Journey.at(answers).pruned
        assert recommend(content.ruleset(), journey.answers)["level"] == row["level"], answers
        assert journey.first_open_page is None


# ---- the cases


# ---- the programs


def test_a_catalogue_that_is_there_is_left_alone(db):
    Program.objects.create(name="Ours", level="iop", online=True, phone="617 555 0100")
    assert "There are programs already." in demo()
    assert [program.name for program in Program.objects.all()] == ["Ours"]


# ---- the staff users


ROLES = {"coordinator": "coordinator", "lead": "clinical lead", "administrator": "administrator"}


@pytest.mark.some(1)
@pytest.mark.parametrize("name", ROLES)
def test_demo_output_is_enough_to_sign_in_without_a_phone(name, said, client):
    form = {"username": name, "password": password_in(said, name), "code": code_in(said, name)}
    assert client.post("/staff/login/", form).status_code == 302
    assert client.get("/staff/").status_code == 200
    user = get_user_model().objects.get(username=name)
    assert [group.name for group in user.groups.all()] == [ROLES[name]]
    assert (user.is_staff, user.is_superuser) == (True, False)


def test_password_and_secret_are_printed_once_and_not_stored_in_clear(said):
    password, secret = password_in(said), re.search(r"secret ([A-Z2-7]{32})", said)[1]
    assert said.count(password) == said.count(secret) == 1
    assert len(password) >= 16
    assert authenticate(username="coordinator", password=password)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_authenticator")
        assert b32decode(secret).hex() not in repr(cursor.fetchall())
    assert password not in repr(everything_stored())


def test_the_coordinator_reads_cases_and_no_people(said, client):
    client.post(
        "/staff/login/",
        {"username": "coordinator", "password": password_in(said), "code": code_in(said)},
    )
    case = Case.objects.first()
    assert client.get(reverse("admin:desk_case_changelist")).status_code == 200
    page = reverse("admin:desk_case_change", args=[case.pk])
    assert case.reference in client.get(page).content.decode()
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403


# ---- again


def test_a_second_run_changes_nothing_and_says_so(said):
    before = everything_stored()
    again = demo()
    assert "demo data is there already" in again
    assert "coordinator is there already" in again
    assert not re.search(r"password \S{12}|secret [A-Z2-7]{9}", again)
    assert everything_stored() == before


def test_another_run_prints_the_codes_of_now(said, client):
    form = {"username": "lead", "password": password_in(said, "lead"), "code": code_in(demo(), "lead")}
    assert client.post("/staff/login/", form).status_code == 302


def test_a_new_password_only_when_asked_for(said):
    before = everything_stored()
    new = password_in(demo("--new-password"))
    after = everything_stored()
    assert not authenticate(username="coordinator", password=password_in(said))
    assert authenticate(username="coordinator", password=new)
    assert [label for label in before if before[label] != after[label]] == [
        "auth.User",
        "accounts.Authenticator",
    ]


def test_a_user_of_that_name_is_left_alone(db):
    get_user_model().objects.create_user("coordinator", password="their own password")
    assert "is there already" in demo()
    assert authenticate(username="coordinator", password="their own password")


def test_everything_or_nothing(db, monkeypatch):
    before = everything_stored()
    sent = iter(range(29))

    def send(draft, contact, real=submit.submit):
        next(sent)  # StopIteration at the thirtieth
        return real(draft, contact)

    monkeypatch.setattr(submit, "submit", send)
    with pytest.raises(StopIteration):
        demo()
    assert everything_stored() == before


def test_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="PRODUCTION"):
        demo()
    assert not Case.objects.exists()
    assert not get_user_model().objects.exists()
    assert not ContactDetails.objects.exists()
