"""A backup is restored as it was, on both databases; what is not known to be so is refused or said to be unverified."""

import io
import threading
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from carenav.plumbing import db_state
from carenav.plumbing.backup import backup_file
from carenav.plumbing.backup.sealed import CHUNK
from intake.models import ContactDetails, Draft, Submission
from recommend.desk.models import AccessEvent, Case, Removal
from recommend.desk.recovery import ledger, restoring
from recommend.desk.submissions.erase import erase
from tests.support.backups import back_up, fresh_database
from tests.support.database import everything_stored
from tests.support.people import ALICE, DANA, draft_for
from tests.support.staff import sign_in
from tests.support.submissions import CANARIES, delete_here, send_answers

pytestmark = pytest.mark.usefixtures("shared_database")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The folder of backups."""
    place = tmp_path / "backups"
    place.mkdir()
    settings.BACKUP_DIR = str(place)
    ledger.begin()
    return place


def restore(file, *options: str) -> str:
    out = io.StringIO()
    call_command("restore", str(file), *options, stdout=out)
    return out.getvalue()


def refusal(file) -> str:
    with pytest.raises(CommandError) as error:
        restore(file)
    return str(error.value)


def look_at_desk() -> None:
    client = Client()
    sign_in(client, "coordinator", "cora")
    assert client.get("/staff/").status_code == 200


def two_cases() -> Client:
    """Send the answers of two people, with a signed-in user and a draft; return the browser of the second."""
    look_at_desk()
    send_answers(Client(), ALICE)
    draft_for(Client(), {"place": "us"})
    client = Client()
    send_answers(client, DANA)
    return client


def rows_that_stay() -> list[str]:
    return [row for row in everything_stored().splitlines() if not row.startswith("intake_draft")]


def test_everything_is_restored_as_it_was(folder, tmp_path):
    two_cases()
    manifest, before = back_up(folder / "a.backup"), rows_that_stay()
    assert manifest.tables["desk_case"].rows == 2
    with fresh_database(tmp_path):
        said = restore(folder / "a.backup")
        assert rows_that_stay() == before
        assert ContactDetails.objects.first().name == CANARIES["name"]
        assert f"{manifest.rows:,} rows" in said
        assert "the log of accesses is whole" in said
        look_at_desk()
        assert AccessEvent.objects.count() == manifest.tables["desk_accessevent"].rows + 1 == 2
        send_answers(Client(), ALICE)  # each table goes on with the next number


def test_a_backup_holds_no_word_of_anybody_and_opens_with_its_key_alone(folder, settings):
    two_cases()
    back_up(folder / "a.backup")
    data = (folder / "a.backup").read_bytes()
    assert not [word for word in (*CANARIES.values(), "suicidal_now", "desk_case") if word.encode() in data]
    assert "desk_case: 2" in restore(folder / "a.backup", "--show")
    settings.BACKUP_KEY = Fernet.generate_key().decode()
    assert "the key is another one" in refusal(folder / "a.backup")


@pytest.mark.parametrize("damage", ["cut off", "flipped", "chunks swapped"])
def test_a_damaged_backup_is_refused_before_anything_is_written(folder, tmp_path, damage):
    two_cases()
    path = folder / "a.backup"
    back_up(path)
    data = bytearray(path.read_bytes())
    if damage == "cut off":
        del data[-1:]
    elif damage == "flipped":
        data[-20] ^= 1
    else:
        size = (len(data) - 49) // 2 if len(data) < 49 + 2 * (CHUNK + 16) else CHUNK + 16
        data[49 : 49 + 2 * size] = data[49 + size : 49 + 2 * size] + data[49 : 49 + size]
    path.write_bytes(data)
    with fresh_database(tmp_path):
        assert refusal(path).startswith("Nothing was restored: this backup cannot be opened")
        assert connection.introspection.table_names() == []


def test_a_database_that_is_not_empty_is_refused_and_stays(folder):
    two_cases()
    back_up(folder / "a.backup")
    send_answers(Client(), ALICE)
    before = everything_stored()
    assert "The database is not empty" in refusal(folder / "a.backup")
    assert everything_stored() == before


def test_a_backup_of_a_newer_version_is_refused(folder, tmp_path, monkeypatch):
    back_up(folder / "a.backup")
    known = {*db_state._migrations_in_files()}
    newest = max(name for app, name in known if app == "desk")
    known.remove(("desk", newest))
    monkeypatch.setattr(db_state, "_migrations_in_files", lambda: known)
    with fresh_database(tmp_path):
        assert f"a newer version of carenav (migration desk.{newest})" in refusal(folder / "a.backup")
        assert connection.introspection.table_names() == []


def test_a_backup_of_the_other_kind_of_database_is_refused(folder, tmp_path, monkeypatch):
    back_up(folder / "a.backup")
    with monkeypatch.context() as patch:
        patch.setattr(connections[DEFAULT_DB_ALIAS], "vendor", "another")
        assert "DATABASE_URL names another" in refusal(folder / "a.backup")


# ---- could not verify


def one_row_changed(monkeypatch) -> None:
    """Have the manifest expect another row than the dump holds, as after a fault of a disk or a program."""
    honest = backup_file.digests

    def lie(snapshot, key):
        found = honest(snapshot, key)
        monkeypatch.setattr(backup_file, "digests", honest)
        other = found["desk_case"]
        return found | {"desk_case": backup_file.TableDigest(other.rows, f"{int(other.digest, 16) ^ 1:064x}")}

    monkeypatch.setattr(backup_file, "digests", lie)


def test_a_row_that_differs_is_not_verified(folder, tmp_path, monkeypatch):
    two_cases()
    one_row_changed(monkeypatch)
    back_up(folder / "a.backup")
    with fresh_database(tmp_path):
        said = refusal(folder / "a.backup")
        assert said.startswith("COULD NOT VERIFY: these tables are not as they were backed up: desk_case.")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE desk_case SET version = version + 1 WHERE id = (SELECT max(id) FROM desk_case)",
        "UPDATE intake_contactdetails SET note = '' WHERE id = (SELECT max(id) FROM intake_contactdetails)",
        "DELETE FROM desk_outboxmessage WHERE id = (SELECT max(id) FROM desk_outboxmessage)",
        "INSERT INTO plumbing_jobrun (name, ran_at) VALUES ('another', '2026-11-30 00:00:00+00')",
        "CREATE TABLE another (id integer PRIMARY KEY)",
    ],
)
def test_each_change_of_a_row_is_found_in_its_table(folder, change):
    two_cases()
    manifest = back_up(folder / "a.backup")
    with backup_file.SNAPSHOTS[connection.vendor](connection) as now:
        assert manifest.tables_that_differ(now) == []
    with connection.cursor() as cursor:
        cursor.execute(change)
    table = change.replace("INTO ", "").replace("FROM ", "").replace("TABLE ", "").split()[1]
    with backup_file.SNAPSHOTS[connection.vendor](connection) as now:
        assert manifest.tables_that_differ(now) == [table]
    if table == "another":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE another")


def test_a_log_that_is_not_whole_is_not_verified(folder, tmp_path, monkeypatch):
    two_cases()
    back_up(folder / "a.backup")
    with fresh_database(tmp_path):
        monkeypatch.setattr(restoring.Verification, "faults", lambda self: iter(["row 1 was changed"]))
        assert refusal(folder / "a.backup") == "COULD NOT VERIFY: access log: row 1 was changed."


# ---- deleted stays deleted


def test_a_person_who_deleted_after_the_backup_is_deleted_again(folder, tmp_path):
    client = two_cases()
    reference = Case.objects.latest("pk").reference
    back_up(folder / "a.backup")
    delete_here(client)
    lines = (folder / "deletions.txt").read_text()
    assert lines == f"{timezone.now():%Y-%m-%d} erased {Submission.objects.latest('pk').key}\n"
    with fresh_database(tmp_path):
        assert "now deleted again: 1" in restore(folder / "a.backup")
        assert Case.objects.get(reference=reference).erased_at
        assert ContactDetails.objects.count() == 1
        assert Submission.objects.get(reference=reference).answers == {}
        assert (folder / "deletions.txt").read_text() == lines


def test_a_case_that_was_purged_after_the_backup_is_purged_again(folder, tmp_path):
    two_cases()
    long_ago = timezone.now() - timedelta(days=8 * 366)
    case = Case.objects.latest("pk")
    Case.objects.filter(pk=case.pk).update(
        status="closed", outcome="declined", finished_at=long_ago, next_action="", next_action_at=None
    )
    back_up(folder / "a.backup")
    call_command("purge_cases", stdout=io.StringIO())
    assert (folder / "deletions.txt").read_text().split()[1] == "purged"
    with fresh_database(tmp_path):
        assert "now deleted again: 1" in restore(folder / "a.backup")
        assert not Case.objects.filter(reference=case.reference).exists()
        assert not Submission.objects.filter(reference=case.reference).exists()


def test_without_their_line_in_the_ledger_the_person_would_be_back(folder, tmp_path):
    client = two_cases()
    back_up(folder / "a.backup")
    delete_here(client)
    (folder / "deletions.txt").write_text("")
    with fresh_database(tmp_path):
        restore(folder / "a.backup")
        assert ContactDetails.objects.count() == 2


@pytest.mark.parametrize("lost", [True, False])
def test_a_ledger_that_is_lost_or_unreadable_is_not_verified(folder, tmp_path, lost):
    client = two_cases()
    back_up(folder / "a.backup")
    delete_here(client)
    file = folder / "deletions.txt"
    if lost:
        file.unlink()
    else:
        file.write_text(f"2026-11-3\n{file.read_text()}")
    with fresh_database(tmp_path):
        said = refusal(folder / "a.backup")
        assert said.startswith("COULD NOT VERIFY")
        assert ("deletions.txt is missing" if lost else "has lines that cannot be read (1)") in said
        assert Case.objects.filter(erased_at__isnull=False).count() == (0 if lost else 1)


def test_drafts_sessions_and_links_do_not_come_back(folder, tmp_path):
    two_cases()
    assert Draft.objects.exists()
    back_up(folder / "a.backup")
    with fresh_database(tmp_path):
        restore(folder / "a.backup")
        for model in (Draft, restoring.Session, restoring.Invitation):
            assert not model.objects.exists()


def test_a_ledger_that_could_not_be_written_is_written_later(folder, settings, tmp_path):
    client = two_cases()
    settings.BACKUP_DIR = str(tmp_path / "nowhere")
    assert "What you sent is deleted" in delete_here(client).text
    Removal.objects.update(at=timezone.now() - timedelta(hours=1))
    assert ledger.missing() == 1
    settings.BACKUP_DIR = str(folder)
    call_command("backup", stdout=io.StringIO())
    assert ledger.missing() == 0
    assert len((folder / "deletions.txt").read_text().splitlines()) == 1


def test_a_line_that_was_cut_off_does_not_spoil_the_next(folder):
    client = two_cases()
    (folder / "deletions.txt").write_text("2026-11-30 era")
    delete_here(client)
    first, second = (folder / "deletions.txt").read_text().splitlines()
    assert first == "2026-11-30 era"
    assert ledger.LINE.fullmatch(second)


def test_an_erasure_that_is_rolled_back_is_not_in_the_ledger(folder):
    two_cases()
    with transaction.atomic():
        erase(Submission.objects.latest("pk"))
        transaction.set_rollback(True)
    assert not Removal.objects.exists()
    assert (folder / "deletions.txt").read_text() == ""


def test_a_write_during_a_backup_does_not_tear_it(folder, tmp_path, monkeypatch):
    """The digests are of the moment of the dump: a case that comes between is in neither."""
    two_cases()
    honest = backup_file.digests

    def and_somebody_sends(snapshot, key):
        found = honest(snapshot, key)
        monkeypatch.setattr(backup_file, "digests", honest)
        other = threading.Thread(target=send_in_a_thread)
        other.start()
        other.join()
        return found

    monkeypatch.setattr(backup_file, "digests", and_somebody_sends)
    back_up(folder / "a.backup")
    assert Case.objects.count() == 3
    with fresh_database(tmp_path):
        restore(folder / "a.backup")
        assert Case.objects.count() == 2


def send_in_a_thread() -> None:
    send_answers(Client(), ALICE)
    connections.close_all()
