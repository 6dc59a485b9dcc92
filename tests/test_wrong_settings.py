"""Production does not start with a value that was copied, misspelt or left out by mistake, and names the variable."""

import runpy
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from carenav.env import read_dotenv

EXAMPLE = read_dotenv(settings.BASE_DIR / "deploy" / "production.env")
KEYS = {
    "SECRET_KEY": "correct-horse-battery-staple-0123456789-ABCDEFGHIJKLMNOP",
    "FIELD_KEYS": Fernet.generate_key().decode(),
}
OWN = {
    "ALLOWED_HOSTS": "intake.northclinic.test",
    "CLINIC_NAME": "North Clinic",
    "CLINIC_PHONE": "+1 617 444 1234",
    "EMAIL_HOST": "mail.northclinic.test",
    "MAIL_FROM": "carenav@northclinic.test",
    "SITE_URL": "https://intake.northclinic.test",
}
"""What a clinic changes in the example."""

FILLED_IN = EXAMPLE | KEYS | OWN


@pytest.fixture
def load(monkeypatch):
    def load(environment: dict[str, str]) -> dict[str, object]:
        with monkeypatch.context() as patch:
            patch.setattr("os.environ", environment)
            patch.setattr("carenav.env.read_dotenv", lambda path: {})  # the developer's own .env
            return runpy.run_path(str(settings.BASE_DIR / "carenav" / "settings.py"))

    return load


def refusal(load, environment: dict[str, str]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        load(environment)
    said = str(caught.value)
    assert "\n" not in said
    assert not any(key in said for key in KEYS.values())
    return said


def test_the_example_filled_in_starts(load):
    loaded = load(FILLED_IN)
    assert loaded["PRODUCTION"] is True
    assert loaded["COUNTRY"] == "us"


@pytest.mark.parametrize("name", OWN)
def test_each_placeholder_that_is_left_is_refused(load, name):
    hosts = "intake.northclinic.test,intake.example.org"  # else a strange SITE_URL would be the first to be refused
    left = FILLED_IN | ({"ALLOWED_HOSTS": hosts} if name == "SITE_URL" else {}) | {name: EXAMPLE[name]}
    if name == "ALLOWED_HOSTS":
        left["SITE_URL"] = ""
        left["EMAIL_HOST"] = ""
    said = refusal(load, left)
    assert "is still the value of an example" in said
    assert said.startswith(("ALLOWED_HOSTS" if name == "SITE_URL" else name) + " ")


WRONG = [
    ({"SECRET_KEY": "change-me-" * 6}, "SECRET_KEY is too weak"),
    ({"SECRET_KEY": "change-me-to-something-random-0123456789-ABCDEFGHIJKLMNOP"}, "SECRET_KEY is still"),
    ({"DATABASE_URL": ""}, "DATABASE_URL is missing"),
    ({"DATABASE_URL": "", "DATABASE_URl": "postgresql:///carenav"}, "DATABASE_URL is missing"),
    ({"DATABASE_URl": "postgresql:///carenav"}, "DATABASE_URl: did you mean DATABASE_URL?"),
    ({"CLINC_NAME": "North"}, "CLINC_NAME: did you mean CLINIC_NAME?"),
    ({"CLINIC_HOURS_FR": "de 9 à 5"}, "no setting is called CLINIC_HOURS_FR"),
    ({"STATIC_ROOT": "/srv/static"}, "no setting is called STATIC_ROOT: take it out"),
    ({"EMAIL_FROM": "a@b.test"}, "EMAIL_FROM: did you mean MAIL_FROM?"),
    ({"PRODUCTON": "1"}, "PRODUCTON: did you mean PRODUCTION?"),
    ({"ALLOWED_HOSTS": '"intake.northclinic.test"'}, "ALLOWED_HOSTS is in quotes"),
    ({"CLINIC_NAME": "'North Clinic'"}, "CLINIC_NAME is in quotes"),
    ({"ALLOWED_HOSTS": "a.test b.test"}, "ALLOWED_HOSTS must name hosts, separated by commas"),
    ({"MAIL_FROM": "notanaddress"}, "MAIL_FROM must be an e-mail address"),
    ({"MAIL_FROM": "a@b.test, c@d.test"}, "MAIL_FROM must be an e-mail address"),
    ({"SITE_URL": "https://other.test"}, "its host is not in ALLOWED_HOSTS"),
    ({"SITE_URL": "https:///desk"}, "its host is not in ALLOWED_HOSTS"),
    ({"ALARM_URL": "http://monitor.test/"}, "ALARM_URL must begin with https://"),
    ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN must be 20 or more"),
    ({"METRICS_TOKEN": "a token with some blanks in it"}, "METRICS_TOKEN must be 20 or more"),
    ({"CLINIC_PHONE": "call 5"}, "CLINIC_PHONE must be a number to dial"),
    ({"CLINIC_PHONE": "+1 (202) 555-0199"}, "CLINIC_PHONE is still the value of an example"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said[:40] for _change, said in WRONG])
def test_a_wrong_setting_is_refused(load, change, said):
    assert said in refusal(load, FILLED_IN | change)


RIGHT = [
    {"DATABASE_URL": "sqlite:////srv/carenav.sqlite3"},  # who names the file does want SQLite
    {"MAIL_FROM": "North Clinic <carenav@northclinic.test>"},
    {"CLINIC_PHONE": "(617) 444-1234 ext. 5"},
    {"CLINIC_PHONE": "111"},
    {"CLINIC_PHONE": ""},
    {"PATH": "/usr/bin", "LANGUAGE": "en", "HOME": "/", "INVOCATION_ID": "1", "PYTHONPATH": "x", "TZ": "UTC"},
    {"CLINIC_RESPONSE_TIME": "when you are ready to change: me or a colleague will call"},
]


@pytest.mark.parametrize("change", RIGHT, ids=str)
def test_a_right_setting_is_taken(load, change):
    assert load(FILLED_IN | change)["PRODUCTION"] is True


def check(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_check_before_a_start_is_clean_with_the_example_filled_in_and_red_before():
    filled_in = check(FILLED_IN)
    assert filled_in.returncode == 0, filled_in.stderr
    as_shipped = check(EXAMPLE | KEYS)
    assert as_shipped.returncode != 0
    assert "is still the value of an example" in as_shipped.stderr
