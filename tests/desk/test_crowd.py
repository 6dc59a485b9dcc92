"""Eight of the team at once: each read leaves one row, of the right person, and the chain stays whole."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.support.tries import tries


@pytest.fixture
def own_database(tmp_path, transactional_db):
    """The address of an empty database, of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'crowd.sqlite3'}"
        return
    url, name = os.environ["DATABASE_URL"], f"crowd_{os.getpid()}"
    with connection.cursor() as server:
        server.execute(f"CREATE DATABASE {name}")
    yield f"{url[: url.rindex('/')]}/{name}"
    with connection.cursor() as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_log_written_by_eight_threads_at_once_is_whole(own_database):
    reads = tries(80, 240)
    command = [sys.executable, "-m", "tests.support.crowd", "8", str(reads)]
    environment = {**os.environ, "DATABASE_URL": own_database}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{reads} rows, whole" in done.stdout
    assert f"{reads} reads by 8 threads" in done.stdout
