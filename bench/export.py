"""How much memory and time the export of many cases takes: `python -m bench.export [CASES]`.

Makes a database of its own, in a temporary folder, with made-up people's answers.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from bench.replay import fill, prepare

CASES = 100_000
MEGABYTE = 1024 * 1024


def memory() -> float:
    """Return the memory this process holds, in megabytes (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def open_cases() -> None:
    """Make a case for every stored submission."""
    from intake.models import Submission
    from recommend.desk.models import Case

    rows = Submission.objects.values_list("pk", "reference", "recommendation__level")
    Case.objects.bulk_create(
        (
            Case(submission_id=pk, reference=reference, level=level, urgent=False)
            for pk, reference, level in rows
        ),
        batch_size=5000,
    )


def export(with_substance_use: bool) -> None:
    from django.contrib.auth.models import User

    from recommend.desk.export.csv_file import csv_of
    from recommend.desk.models import Case, Export

    by, _ = User.objects.get_or_create(username="coordinator")
    chunks = csv_of(Case.objects.all(), with_substance_use)
    next(chunks), next(chunks)  # content files are read by then
    before = most = memory()
    size, start = 0, time.perf_counter()
    made = Export.store(Case.objects.all(), by, with_substance_use)
    kept = time.perf_counter() - start
    for chunk in csv_of(made.cases.all(), with_substance_use):
        size += len(chunk)
        most = max(most, memory())
    print(
        f"{'with' if with_substance_use else 'without':7} substance use: {time.perf_counter() - start:6.1f} s, "
        f"of them {kept:.1f} s before the first line, "
        f"{size / MEGABYTE:.0f} MB, memory {before:.0f} MB and at most {most - before:.1f} MB more"
    )


def main() -> None:
    """In a process of its own for each, so that neither finds memory that the other has left."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        if not os.fork():
            fill(count)
            open_cases()
            os._exit(0)
        os.wait()
        for with_substance_use in (False, True):
            if not os.fork():
                export(with_substance_use)
                sys.stdout.flush()
                os._exit(0)
            os.wait()


if __name__ == "__main__":
    main()
