"""What production sends: the flags of every cookie, in the real settings."""

import json
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

VISIT = """
import json
import django
from django.conf import settings
django.setup()
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
from tests.support.people import CONTACT, WELL, checked_draft_for, well_in
from tests.support.staff import PASSWORD, code_of, staff_user
host = {"HTTP_HOST": "carenav.example", "secure": True}
cookies = {}
def keep(client):
    for name, each in client.cookies.items():
        if each.value:
            cookies[name] = {key: each[key] for key in ("secure", "httponly", "samesite", "path", "domain")}
first = Client()
response = first.get("/answers/1/", **host)
first.post("/answers/1/", {"place": "us"}, **host)
keep(first)
first.post("/answers/1/", well_in("about"), **host)
first.get("/language/es/", **host)
keep(first)
cora = staff_user("coordinator", "cora")
desk = Client()
desk.get("/staff/login/", **host)
answer = desk.post("/staff/login/", {"username": "cora", "password": PASSWORD, "code": code_of(cora)}, **host)
assert answer.status_code == 302, answer.content
keep(desk)
paths = ("/", "/healthz", "/readyz", "/metrics", "/healthz/x", "/staff/readyz")
plain = {path: Client().get(path, HTTP_HOST="carenav.example").status_code for path in paths}
print(json.dumps({"cookies": cookies, "headers": dict(response.headers), "http": plain}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("production")
    environment = {
        "DJANGO_SETTINGS_MODULE": "carenav.settings",
        "PRODUCTION": "1",
        "SECRET_KEY": "correct-horse-battery-staple-0123456789-ABCDEFGHIJKLMNOP",
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "carenav.example",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    ran = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


NAMES = {"csrftoken", "draft", "language", "page", "session", "device"}


def test_each_cookie_of_the_site_is_looked_at(seen):
    assert {*seen["cookies"]} == {f"__Host-{name}" for name in NAMES}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_cookie_is_secure_and_bound_to_the_host(seen, name):
    cookie = seen["cookies"][f"__Host-{name}"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["samesite"] == ("Strict" if name in ("session", "device") else "Lax")


def test_https_is_demanded(seen):
    assert seen["http"]["/"] == 301
    assert seen["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_monitor_on_the_machine_needs_no_https_and_no_other_page_is_let_off(seen):
    assert {path for path, status in seen["http"].items() if status != 301} == {
        "/healthz",
        "/readyz",
        "/metrics",
    }
    assert [seen["http"][path] for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]
