"""`manage.py drill` restores in a process of its own, into a database that is gone afterwards."""

import io
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from carenav.plumbing.backup import backup_file, kept
from carenav.plumbing.jobs import JobRun
from recommend.desk.models import Case
from recommend.desk.recovery.scratch import url_of
from tests.support.backups import back_up
from tests.support.people import ALICE
from tests.support.submissions import CANARIES, delete_here, send_answers

pytestmark = pytest.mark.usefixtures("shared_database")


@pytest.fixture(autouse=True)
def its_own_settings(monkeypatch):
    """The other process reads the variables that it is given; the settings of tests would empty them."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "carenav.settings")


def databases() -> set[str]:
    """Return what could be left of a drill: databases of the server, or folders beside the file."""
    if connection.vendor == "sqlite":
        return {
            path.name for path in Path(connection.settings_dict["NAME"]).parent.iterdir() if path.is_dir()
        }
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def drill(*options: str) -> str:
    out = io.StringIO()
    call_command("drill", *options, stdout=out)
    return out.getvalue()


def failure(*options: str) -> str:
    with pytest.raises(CommandError) as error:
        drill(*options)
    return str(error.value)


def test_a_drill_restores_the_newest_backup_and_leaves_nothing_behind(tmp_path, settings):
    settings.BACKUP_DIR = str(tmp_path)
    client = Client()
    send_answers(client, ALICE)
    call_command("backup", stdout=io.StringIO())
    delete_here(client)
    before = databases()
    said = drill("--newest")
    assert "each as it was backed up" in said
    assert "now deleted again: 1" in said
    assert "log of accesses is whole" in said
    assert databases() == before
    assert JobRun.objects.get(name="drill").succeeded_at
    assert Case.objects.get().erased_at  # the real database is as it was
    assert len((tmp_path / "deletions.txt").read_text().splitlines()) == 1


def test_a_changed_row_is_caught_and_the_drill_is_no_success(tmp_path, settings, monkeypatch):
    settings.BACKUP_DIR = str(tmp_path)
    send_answers(Client(), ALICE)
    honest = backup_file.digests

    def before_somebody_changes_a_row(snapshot, key):
        """The dump of this SQLite file or server is then not what the digests say."""
        found = honest(snapshot, key)
        digest = found["desk_case"].digest
        return found | {"desk_case": backup_file.TableDigest(1, digest[::-1])}

    monkeypatch.setattr(backup_file, "digests", before_somebody_changes_a_row)
    before = databases()
    said = failure()
    assert said.startswith("THE DRILL FAILED")
    assert "COULD NOT VERIFY: these tables are not as they were backed up: desk_case." in said
    assert databases() == before
    assert JobRun.objects.get(name="drill").succeeded_at is None
    assert not [word for word in CANARIES.values() if word in said]


def test_without_a_backup_or_with_another_key_the_drill_fails(tmp_path, settings):
    settings.BACKUP_DIR = str(tmp_path)
    assert "there is no backup in BACKUP_DIR" in failure("--newest")
    back_up(tmp_path / "a.backup")
    settings.BACKUP_KEY = Fernet.generate_key().decode()
    assert "the key is another one" in failure(str(tmp_path / "a.backup"))


def test_a_backup_needs_a_key_and_a_place_and_replaces_nothing(tmp_path, settings):
    settings.BACKUP_DIR = ""
    for place, key, why in (("", "x", "BACKUP_DIR"), ("a", "", "BACKUP_KEY is not set")):
        settings.BACKUP_KEY = key
        with pytest.raises(CommandError, match=why):
            call_command("backup", *filter(None, [place]))
    settings.BACKUP_KEY = Fernet.generate_key().decode()
    file = tmp_path / "mine"
    file.write_text("mine")
    with pytest.raises(CommandError, match="replaces no file"):
        call_command("backup", str(file))
    assert file.read_text() == "mine"
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", str(tmp_path / "nowhere" / "a"))


def test_a_backup_into_the_folder_deletes_the_old_ones(tmp_path, settings):
    settings.BACKUP_DIR, settings.BACKUP_KEEP_DAYS = str(tmp_path), 7
    for day in ("20200101", "20200102", "20200103"):
        (tmp_path / f"carenav-{day}T020000Z.backup").touch()
    out = io.StringIO()
    call_command("backup", stdout=out)
    assert "old backups deleted: 2" in out.getvalue()
    newest, older = kept.backups_in(tmp_path)
    assert older.name == "carenav-20200103T020000Z.backup"
    assert newest.stat().st_size > 1000
    assert (tmp_path / "deletions.txt").exists()
    assert JobRun.objects.get(name="backup").succeeded_at


def test_the_address_of_a_fresh_database_has_the_password_and_the_socket_quoted():
    given = {
        "USER": "u@x",
        "PASSWORD": "p/w#",
        "HOST": "/run/pg",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
    }
    assert url_of(given, "fresh") == "postgresql://u%40x:p%2Fw%23@%2Frun%2Fpg:5433/fresh?sslmode=require"
