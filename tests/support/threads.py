"""Requests made at the same moment."""

import threading

from django.db import connections


def at_once(*calls) -> list[int]:
    """Make these requests at the same moment; says how they were answered."""
    found: list[int] = []
    start = threading.Barrier(len(calls))

    def run(call) -> None:
        start.wait()
        try:
            found.append(call().status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)
