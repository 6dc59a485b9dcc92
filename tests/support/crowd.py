"""Simulate many staff users at once: ``python -m tests.support.crowd THREADS READS``.

Each thread is another user who opens another page. Afterwards the access log must have a row for each request, with the
right user, and its chain must be intact. This runs in a separate process with its own DATABASE_URL, because threads
cannot share SQLite in memory.
"""

import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django


def main(threads: int, reads: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from recommend.desk.models import AccessEvent
    from tests.support.staff import sign_in

    call_command("migrate", verbosity=0)
    clients = [Client(SERVER_NAME="localhost") for _ in range(threads)]
    team = [sign_in(client, "administrator", f"member{number}") for number, client in enumerate(clients)]

    def read_all(client: Client, member: Any) -> tuple[str, str]:
        for _ in range(reads // threads):
            response = client.get(f"/staff/auth/user/{member.pk}/change/")
            assert response.status_code == 200, response.content
        connection.close()
        return member.username, f"admin:auth_user_change {member.pk}"

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        expected = Counter(dict.fromkeys(pool.map(read_all, clients, team), reads // threads))
    took = time.perf_counter() - began
    stored = Counter(AccessEvent.objects.values_list("who__username", "what"))
    assert stored == expected, (stored - expected, expected - stored)
    call_command("verify_audit")
    print(
        f"{expected.total()} reads by {threads} threads in {took:.1f} s: a row for each, of the right person"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
