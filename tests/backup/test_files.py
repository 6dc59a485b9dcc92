"""The files of backups: complete or absent, for their owner alone, never over another, and the old ones deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from carenav.plumbing.backup.kept import backups_in, delete_old, made_at, name_for
from carenav.plumbing.backup.new_file import new_file

NOW = datetime(2026, 11, 30, 2, 30, tzinfo=UTC)


def test_a_new_file_appears_when_it_is_complete_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "a.backup"
    with new_file(path) as file:
        file.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [path]


def test_nothing_is_left_of_a_file_that_failed(tmp_path):
    with pytest.raises(TypeError), new_file(tmp_path / "a.backup") as file:
        file.write("no bytes")
    assert [*tmp_path.iterdir()] == []


def test_another_file_is_never_replaced_also_one_that_came_meanwhile(tmp_path):
    path = tmp_path / "a.backup"
    with pytest.raises(FileExistsError), new_file(path):
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    with pytest.raises(FileExistsError), new_file(path):
        pytest.fail("it must not begin")
    assert [*tmp_path.iterdir()] == [path]


def backups(folder, *days: int):
    paths = [folder / name_for(NOW - timedelta(days=day)) for day in days]
    for path in paths:
        path.touch()
    return paths


def test_the_name_of_a_backup_says_when_it_was_made(tmp_path):
    assert name_for(NOW) == "carenav-20261130T023000Z.backup"
    assert made_at(tmp_path / name_for(NOW)) == NOW


def test_backups_older_than_the_days_are_deleted_and_other_files_are_not(tmp_path):
    kept = backups(tmp_path, 0, 1, 29, 30)
    backups(tmp_path, 31, 400)
    others = [tmp_path / "deletions.txt", tmp_path / "carenav-old.backup"]
    for path in others:
        path.touch()
    assert delete_old(tmp_path, 30, NOW) == 2
    assert backups_in(tmp_path) == kept
    assert {*tmp_path.iterdir()} == {*kept, *others}


def test_the_two_newest_stay_however_old_they_are(tmp_path):
    paths = backups(tmp_path, 100, 200, 300)
    assert delete_old(tmp_path, 30, NOW) == 1
    assert backups_in(tmp_path) == paths[:2]
