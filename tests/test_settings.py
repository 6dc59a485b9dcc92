"""Each variable, each refusal at the start, and the default database, without the environment of this machine."""

import runpy
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

SECRET = "correct-horse-battery-staple-0123456789-ABCDEFGHIJKLMNOP"
KEY, OLD_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "carenav.example,b.example",
    "FIELD_KEYS": KEY,
    "DATABASE_URL": "postgresql:///carenav",
}

MAIL = {"EMAIL_HOST": "m.example", "MAIL_FROM": "a@b.example", "SITE_URL": "https://b.example/"}


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of the settings and what they import, in a folder of its own with no .env in it."""
    for folder in ("clinic", "plumbing/i18n"):
        (tmp_path / "carenav" / folder).mkdir(parents=True)
    modules = (
        "settings",
        "env",
        "databases",
        "headers",
        "logs",
        "production",
        "clinic/opening_hours",
        "clinic/contact_policy",
        "clinic/texts",
        "clinic/retention_periods",
        "plumbing/i18n/names",
        "plumbing/cookies",
    )
    for name in (f"{module}.py" for module in modules):
        shutil.copy(settings.BASE_DIR / "carenav" / name, tmp_path / "carenav" / name)
    return tmp_path


@pytest.fixture
def load(project, monkeypatch):
    def load(**environment):
        with monkeypatch.context() as patch:
            patch.setattr("os.environ", environment)
            return runpy.run_path(str(project / "carenav" / "settings.py"))

    return load


def test_a_secret_key_is_enough(load, project):
    loaded = load(SECRET_KEY="x")
    assert loaded["DEBUG"] is False
    assert loaded["DATABASES"]["default"]["NAME"] == str(project / "db.sqlite3")
    assert "127.0.0.1" in loaded["ALLOWED_HOSTS"]
    assert loaded["SECURE_SSL_REDIRECT"] is False
    assert loaded["SESSION_COOKIE_SECURE"] is False
    assert loaded["TIME_ZONE"] == "UTC"
    assert loaded["COUNTRY"] == "us"
    Fernet(loaded["FIELD_KEYS"][0])


def test_the_derived_field_key_stays_the_same_and_follows_the_secret(load):
    assert (
        load(SECRET_KEY="x")["FIELD_KEYS"]
        == load(SECRET_KEY="x")["FIELD_KEYS"]
        != load(SECRET_KEY="y")["FIELD_KEYS"]
    )


def test_production_is_https_only(load):
    loaded = load(**PRODUCTION)
    assert loaded["SECURE_SSL_REDIRECT"] is True
    assert loaded["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    for cookie in ("SESSION", "CSRF"):
        assert loaded[f"{cookie}_COOKIE_SECURE"] is True
        assert loaded[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
    assert loaded["SESSION_COOKIE_SAMESITE"] == "Strict"
    assert loaded["CSRF_COOKIE_SAMESITE"] == "Lax"
    assert loaded["DRAFT_COOKIE_NAME"].startswith("__Host-")
    assert "Manifest" in loaded["STORAGES"]["staticfiles"]["BACKEND"]
    assert loaded["FIELD_KEYS"] == [KEY]


def test_lists_are_read_in_order(load):
    loaded = load(**PRODUCTION | {"FIELD_KEYS": f"{KEY}, {OLD_KEY}", "ALLOWED_HOSTS": "a.example, b.example"})
    assert loaded["FIELD_KEYS"] == [KEY, OLD_KEY]
    assert loaded["ALLOWED_HOSTS"] == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("security", "port", "use_tls", "use_ssl"),
    [("", 587, True, False), ("tls", 465, False, True), ("none", 25, False, False)],
)
def test_mail_is_encrypted_unless_its_server_is_this_machine(load, security, port, use_tls, use_ssl):
    loaded = load(**PRODUCTION | MAIL | {"EMAIL_SECURITY": security, "EMAIL_HOST": "localhost"})
    assert (loaded["EMAIL_USE_TLS"], loaded["EMAIL_USE_SSL"], loaded["EMAIL_PORT"]) == (
        use_tls,
        use_ssl,
        port,
    )
    assert loaded["SITE_URL"] == "https://b.example"
    assert loaded["DEFAULT_FROM_EMAIL"] == "a@b.example"
    assert load(**PRODUCTION)["EMAIL_HOST"] == ""


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "  "}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "x", "PRODUCTION": "maybe"}, "PRODUCTION must be 1 or 0"),
        ({"SECRET_KEY": "x", "COUNTRY": "US of A"}, "COUNTRY must be one of us, ca"),
        ({"SECRET_KEY": "x", "LEAVE_TO": "http://plain.example"}, "LEAVE_TO must begin with https://"),
        ({"SECRET_KEY": "x", "FIELD_KEYS": "short"}, "FIELD_KEYS: key 1 is no Fernet key"),
        ({"SECRET_KEY": "x", "FIELD_KEYS": f"{KEY},short"}, "FIELD_KEYS: key 2 is no Fernet key"),
        ({"SECRET_KEY": "x", "RETIRED_FIELD_KEYS": "short"}, "RETIRED_FIELD_KEYS: key 1 is no Fernet key"),
        ({"SECRET_KEY": "x", "RETENTION": "lost=1y"}, "RETENTION: 'lost' is not one of placed, other_care,"),
        ({"SECRET_KEY": "x", "RETENTION": "placed=1y placed=2y"}, "RETENTION: 'placed' is not one of"),
        ({"SECRET_KEY": "x", "RETENTION": "placed=0d"}, "RETENTION: placed=0d is not a period such as 90d"),
        ({"SECRET_KEY": "x", "RETENTION": "placed"}, "RETENTION: placed is not a period such as 90d"),
        ({"SECRET_KEY": "x", "BACKUP_KEY": "short"}, "BACKUP_KEY is no Fernet key"),
        ({"SECRET_KEY": "x", "BACKUP_KEEP_DAYS": "366"}, "BACKUP_KEEP_DAYS must be a whole number"),
        (PRODUCTION | {"BACKUP_KEY": KEY}, "BACKUP_KEY is also in FIELD_KEYS"),
        (
            PRODUCTION | {"BACKUP_KEY": OLD_KEY, "RETIRED_FIELD_KEYS": OLD_KEY},
            "BACKUP_KEY is also in FIELD_KEYS",
        ),
        (
            {"SECRET_KEY": "x", "LEAVE_TO": "https://"},
            "LEAVE_TO must begin with https:// and the name of a host",
        ),
        (
            {"SECRET_KEY": "x", "LEAVE_TO": "https:///page"},
            "LEAVE_TO must begin with https:// and the name of a",
        ),
        (
            {"SECRET_KEY": "x", "TIME_ZONE": "Mars/Base"},
            "TIME_ZONE must be a time zone such as America/New_York",
        ),
        (
            {"SECRET_KEY": "x", "TIME_ZONE": "America"},
            "TIME_ZONE must be a time zone such as America/New_York",
        ),
        (
            {"SECRET_KEY": "x", "TIME_ZONE": "../UTC"},
            "TIME_ZONE must be a time zone such as America/New_York",
        ),
        (
            {"SECRET_KEY": "x", "ALLOWED_HOSTS": "a.example,https://b.example"},
            "without https:// and port, not 'https",
        ),
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "[::1]:8000"}, "without https:// and port, not '[::1]:8000'"),
        (
            {"SECRET_KEY": "x", "ALLOWED_HOSTS": "a.org;b.org"},
            "separated by commas, without https:// and port, not 'a.org;b.org'",
        ),
        (
            {"SECRET_KEY": "x", "ALLOWED_HOSTS": "a.org b.org"},
            "separated by commas, without https:// and port, not 'a.org b.org'",
        ),
        (
            {"SECRET_KEY": "x", "DATABASE_URL": "postgresql://nav:p@ss#w@host/db"},
            "names no database. In a password write # as %23",
        ),
        ({"SECRET_KEY": "x", "CLINIC_PHONE": "ask at the desk"}, "CLINIC_PHONE must be a number to dial"),
        ({"SECRET_KEY": "x", "CLINIC_NAME": "Cl\udced nica"}, "CLINIC_NAME is not UTF-8"),
        ({"SECRET_KEY": "x", "DATABASE_URL": "mysql://localhost/a"}, "PostgreSQL or SQLite"),
        ({"SECRET_KEY": "x", "DATABASE_URL": "nonsense"}, "DATABASE_URL is no database URL"),
        (PRODUCTION | {"SECRET_KEY": SECRET[:49]}, "SECRET_KEY is too weak"),
        (PRODUCTION | {"SECRET_KEY": "abcd" * 20}, "SECRET_KEY is too weak"),
        (PRODUCTION | {"SECRET_KEY": f"django-insecure-{SECRET}"}, "SECRET_KEY is too weak"),
        (PRODUCTION | {"DEBUG": "1"}, "no debug mode"),
        (PRODUCTION | {"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing"),
        (PRODUCTION | {"ALLOWED_HOSTS": "a.example,*"}, "would accept any"),
        (PRODUCTION | {"FIELD_KEYS": ""}, "FIELD_KEYS is missing"),
        ({"SECRET_KEY": "x", "EMAIL_HOST": "m.example"}, "MAIL_FROM (from whom) and SITE_URL (the link)"),
        ({"SECRET_KEY": "x", "SITE_URL": "ftp://a.example"}, "SITE_URL must begin with https://"),
        ({"SECRET_KEY": "x", "EMAIL_PORT": "smtp"}, "EMAIL_PORT must be the number of a port"),
        ({"SECRET_KEY": "x", "CONTACT_POLICY_NOW": "attempts=3"}, "CONTACT_POLICY_NOW: days is missing"),
        ({"SECRET_KEY": "x", "URGENT_LATE_MINUTES": "0"}, "URGENT_LATE_MINUTES must be a whole number"),
        ({"SECRET_KEY": "x", "UNSAVED_WORK_HOURS": "721"}, "UNSAVED_WORK_HOURS must be a whole number"),
        ({"SECRET_KEY": "x", "URGENT_LATE_MINUTES": "525601"}, "URGENT_LATE_MINUTES must be a whole number"),
        ({"SECRET_KEY": "x", "EMAIL_SECURITY": "ssl"}, "EMAIL_SECURITY must be one of starttls, tls, none"),
        (PRODUCTION | {"SITE_URL": "http://a.example"}, "SITE_URL must begin with https://"),
        (PRODUCTION | MAIL | {"EMAIL_SECURITY": "none"}, "only for a mail server on this machine"),
    ],
)
def test_a_start_is_refused(load, environment, said):
    with pytest.raises(ImproperlyConfigured) as caught:
        load(**environment)
    assert said in str(caught.value)
    assert not any(value in str(caught.value) for value in (SECRET, KEY, "nonsense", "short"))


def test_a_key_derived_from_the_secret_is_refused_in_production(load):
    derived = load(SECRET_KEY=SECRET)["FIELD_KEYS"][0]
    with pytest.raises(ImproperlyConfigured, match="make a key of its own"):
        load(**PRODUCTION | {"FIELD_KEYS": derived})


def test_backups_have_a_key_of_their_own_and_in_production_none_that_is_derived(load):
    loaded = load(SECRET_KEY="x")
    Fernet(loaded["BACKUP_KEY"])
    assert loaded["BACKUP_KEY"] not in loaded["FIELD_KEYS"]
    assert load(**PRODUCTION)["BACKUP_KEY"] == ""


def test_the_file_is_read_and_the_environment_wins(load, project):
    (project / ".env").write_text(
        "# made by hand\n\nSECRET_KEY=a=b\nCOUNTRY = gb\nCLINIC_NAME=North Clinic\n"
    )
    loaded = load(COUNTRY="ie", CLINIC_NAME="")
    assert loaded["SECRET_KEY"] == "a=b"
    assert loaded["COUNTRY"] == "ie"
    assert loaded["CLINIC_NAME"] == ""  # set and empty is left out, not looked up in the file


def test_a_broken_file_is_refused_without_being_quoted(load, project):
    (project / ".env").write_text("COUNTRY=gb\nhunter2\n")
    with pytest.raises(ImproperlyConfigured, match=r"line 2: expected KEY=VALUE") as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_the_file_is_utf_8(load, project):
    """With a byte order mark, too, as some editors write it."""
    (project / ".env").write_bytes("\ufeffSECRET_KEY=x\nCLINIC_NAME=Clínica del Río\n".encode())
    assert load()["CLINIC_NAME"] == "Clínica del Río"


def test_a_file_in_another_encoding_is_refused_without_being_quoted(load, project):
    (project / ".env").write_bytes("CLINIC_NAME=hunter2 Clínica\n".encode("latin-1"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read as UTF-8") as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_refused(load, project):
    (project / ".env").mkdir()
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read"):
        load()


def test_lines_of_a_shell_are_taken(load, project):
    (project / ".env").write_text("export SECRET_KEY=x\nexport COUNTRY=gb\n")
    assert load()["COUNTRY"] == "gb"


@pytest.mark.parametrize("slip", ["CONTRY=gb", "Country=gb", "LATE_HOURS=4"])
def test_a_name_in_the_file_that_no_setting_has_is_refused(load, project, slip):
    (project / ".env").write_text(f"SECRET_KEY=x\n{slip}\n")
    name = slip.partition("=")[0]
    with pytest.raises(ImproperlyConfigured, match=f"no setting is called {name}"):
        load()


@pytest.mark.parametrize("folder", ["a#b", "100%25 é", "what?", "%41", "plain"])
def test_the_default_database_is_in_the_checkout_whatever_its_name(project, monkeypatch, folder):
    place = project / folder
    shutil.copytree(project / "carenav", place / "carenav")
    monkeypatch.setattr("os.environ", {"SECRET_KEY": "x"})
    loaded = runpy.run_path(str(place / "carenav" / "settings.py"))
    assert loaded["DATABASES"]["default"]["NAME"] == str(place / "db.sqlite3")


def test_postgresql_keeps_its_connections(load):
    database = load(SECRET_KEY="x", DATABASE_URL="postgresql://me:pass@%2Ftmp%2Fpg/care")["DATABASES"][
        "default"
    ]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["HOST"] == "/tmp/pg"
    assert database["CONN_MAX_AGE"] > 0
    assert database["CONN_HEALTH_CHECKS"] is True


def test_sqlite_keeps_a_log_and_a_writer_takes_its_turn_at_once(load, tmp_path, django_db_blocker):
    path = tmp_path / "care.sqlite3"
    connections = ConnectionHandler(load(SECRET_KEY="x", DATABASE_URL=f"sqlite:///{path}")["DATABASES"])
    connection = connections["default"]
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] >= 5000
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")  # nothing was written yet, and the writer's place is taken
        other.close()
        connection.close()


def gunicorn(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "carenav.wsgi"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_gunicorn_does_not_start_on_a_refusal():
    without_keys = {name: value for name, value in PRODUCTION.items() if name != "FIELD_KEYS"}
    result = gunicorn(settings.BASE_DIR, **without_keys | {"FIELD_KEYS": ""})
    assert result.returncode != 0
    assert "FIELD_KEYS is missing" in result.stderr


def test_gunicorn_does_not_start_without_collected_files(project):
    shutil.copy(settings.BASE_DIR / "carenav" / "wsgi.py", project / "carenav")
    result = gunicorn(project, **PRODUCTION)
    assert result.returncode != 0
    assert "collectstatic" in result.stderr


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        (
            {"CLINIC_OPEN": "mon-fri 8-18", "TIME_ZONE": "America/New_York"},
            "CLINIC_OPEN: '8-18'",
        ),
        ({"CLINIC_OPEN": "mon-fri 08:00-18:00"}, "TIME_ZONE is needed too"),
        ({"CLINIC_HOLIDAYS": "Christmas"}, "CLINIC_HOLIDAYS: 'Christmas'"),
    ],
)
def test_opening_hours_that_cannot_be_used_are_refused(load, environment, problem):
    with pytest.raises(ImproperlyConfigured, match=problem):
        load(SECRET_KEY="x", **environment)
