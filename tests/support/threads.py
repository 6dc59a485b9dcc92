"""Make several requests at the same time."""

import threading

from django.db import connections


def at_once(*calls) -> list[int]:
    """Call these functions at the same time in threads, and return the sorted statuses of their responses."""
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
