"""`manage.py demo`: made-up cases that could be true, a staff user of each role, and nothing twice."""

import io
import re
import tomllib
from base64 import b32decode
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from carenav.plumbing.codes import ALPHABET
from intake import content
from intake.answers import pruned
from intake.journey import Journey
from intake.models import ContactDetails
from recommend.desk.management.commands import demo
from recommend.desk.models import Case, CaseStatus, OutboxMessage
from recommend.desk.submissions import submit
from recommend.levels.choices import LevelOfCare
from recommend.programs.models import Program
from recommend.rules.json_lines import recommend

ROWS = tomllib.loads(demo.PEOPLE.read_text(encoding="utf-8"))


def run(*options):
    out = io.StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()


def password_in(said, name="coordinator"):
    return re.search(rf"  {name}, password (\S+),", said)[1]


def code_in(said, name="coordinator"):
    return re.search(rf"  {name}\b.*, code (\d{{6}})\b", said)[1]


@pytest.fixture
def said(db):
    return run()


@pytest.fixture
def cases(said):
    return Case.objects.select_related("submission__contact", "submission__recommendation")


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


def test_sixty_cases_over_all_levels_and_statuses(cases):
    assert cases.count() == 60
    assert min(Counter(case.level for case in cases)[level] for level in LevelOfCare) >= 8
    assert {case.status for case in cases} == {*CaseStatus}
    assert 5 <= sum(case.urgent for case in cases) <= 20
    assert sum(case.urgent and case.status == CaseStatus.NEW for case in cases) >= 2


def test_each_case_is_what_the_engine_says(cases):
    for case in cases:
        answers = case.submission.answers
        said = recommend(content.ruleset(), answers)  # raises where nobody can have answered so
        outcome = case.submission.recommendation.outcome
        assert case.level == case.submission.recommendation.level == outcome["level"] == said["level"]
        assert sorted(reason["rule"] for reason in outcome["reasons"]) == said["reasons"]
        assert case.urgent == bool(said["crisis"] or said["urgent"])
        assert answers == pruned(answers)
        assert answers["share"] == "send"


def test_crisis_answers_are_kept_also_where_they_were_changed(cases):
    with_crisis = [case for case in cases if case.submission.recommendation.outcome["crisis"]]
    assert with_crisis
    assert all(case.submission.crisis_given for case in with_crisis)
    [changed] = [case for case in cases if case.submission.crisis_change]
    [[question, option]] = changed.submission.crisis_given
    assert option not in changed.submission.answers[question]


def test_contact_details_reach_nobody_and_show_what_a_desk_must_cope_with(cases):
    contacts = [case.submission.contact for case in cases]
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", contact.phone) for contact in contacts if contact.phone)
    assert all(contact.email.endswith("@example.com") for contact in contacts if contact.email)
    assert all(contact.phone for contact in contacts if contact.reach_by in ("phone", "text"))
    assert len({contact.name for contact in contacts}) > 50
    for field in ("phone", "email", "note", "language", "access_needs", "safe_times"):
        assert 3 <= sum(bool(getattr(contact, field)) for contact in contacts) <= 57
    assert {contact.reach_by for contact in contacts} == {"phone", "text", "email", "i_will_call"}


def test_waiting_is_spread_over_the_last_ten_days(cases):
    now = timezone.now()
    ages = [now - case.opened_at for case in cases]
    assert timedelta(0) < min(ages) < timedelta(days=1)
    assert timedelta(days=9) < max(ages) <= timedelta(days=10, minutes=1)
    assert {int(age / timedelta(days=1)) for age in ages} >= set(range(10))
    for case in cases:
        submission = case.submission
        assert (
            case.opened_at
            == submission.sent_at
            == submission.recommendation.made_at
            > submission.consented_at
        )


def test_demo_case_is_recognized_by_its_reference(cases):
    for case in cases:
        assert re.fullmatch(r"DEMO-\d{4}", case.reference)
        assert case.reference == case.submission.reference
    assert not set("DEMO") <= set(ALPHABET)


def test_demo_case_sends_no_mail(cases):
    assert OutboxMessage.objects.count() == 60
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


# ---- the programs


def test_six_programs_for_the_levels_that_have_a_week(said):
    programs = Program.objects.prefetch_related("sessions")
    assert Counter(program.level for program in programs) == {"outpatient": 1, "iop": 3, "php": 2}
    assert "Added 6 made-up programs" in said
    for program in programs:
        assert program.sessions.all()
        assert "example" in program.name
        assert re.fullmatch(r"\(617\) 555-01\d\d", program.phone)
    assert sum(program.stale(timezone.localdate()) for program in programs) == 1


def test_a_catalogue_that_is_there_is_left_alone(db):
    Program.objects.create(name="Ours", level="iop", online=True, phone="617 555 0100")
    assert "There are programs already." in run()
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
    again = run()
    assert "demo data is there already" in again
    assert "coordinator is there already" in again
    assert not re.search(r"password \S{12}|secret [A-Z2-7]{9}", again)
    assert everything_stored() == before


def test_another_run_prints_the_codes_of_now(said, client):
    form = {"username": "lead", "password": password_in(said, "lead"), "code": code_in(run(), "lead")}
    assert client.post("/staff/login/", form).status_code == 302


def test_a_new_password_only_when_asked_for(said):
    before = everything_stored()
    new = password_in(run("--new-password"))
    after = everything_stored()
    assert not authenticate(username="coordinator", password=password_in(said))
    assert authenticate(username="coordinator", password=new)
    assert [label for label in before if before[label] != after[label]] == [
        "auth.User",
        "accounts.Authenticator",
    ]


def test_a_user_of_that_name_is_left_alone(db):
    get_user_model().objects.create_user("coordinator", password="their own password")
    assert "is there already" in run()
    assert authenticate(username="coordinator", password="their own password")


def test_everything_or_nothing(db, monkeypatch):
    before = everything_stored()
    sent = iter(range(29))

    def send(draft, contact, real=submit.submit):
        next(sent)  # StopIteration at the thirtieth
        return real(draft, contact)

    monkeypatch.setattr(submit, "submit", send)
    with pytest.raises(StopIteration):
        run()
    assert everything_stored() == before


def test_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="PRODUCTION"):
        run()
    assert not Case.objects.exists()
    assert not get_user_model().objects.exists()
    assert not ContactDetails.objects.exists()
