"""Check that the files that decided stored cases did not change, so that every case can still be explained.

Each recommendation stores the SHA-256 of its rule set, of its questionnaire and of the safety texts for that
questionnaire. This module compares these with the files.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connections

from intake.content import safety_path
from recommend.result.models import Recommendation


class DecidedFile(NamedTuple):
    """A file as it was when it decided a case.

    Attributes:
        path: where the file is.
        digest: SHA-256 of its bytes then.
    """

    path: Path
    digest: str


def decided_files() -> Iterator[DecidedFile]:
    """Yield each file that decided a stored recommendation, once for each state in which it did.

    Raises:
        DatabaseError: The database does not answer, or has no tables yet.
    """
    rows = Recommendation.objects.order_by()
    for version, digest in sorted(rows.values_list("ruleset", "ruleset_digest").distinct()):
        yield DecidedFile(settings.RULESET.parent / f"{version}.toml", digest)
    for version, digest in sorted(rows.values_list("questionnaire", "questionnaire_digest").distinct()):
        yield DecidedFile(settings.QUESTIONNAIRE.parent / f"{version}.toml", digest)
    texts = rows.exclude(safety_digest="")
    for version, digest in sorted(texts.values_list("questionnaire", "safety_digest").distinct()):
        yield DecidedFile(safety_path(version), digest)


def problem_with(decided: DecidedFile) -> str | None:
    """Return what is wrong with a file that decided a case, in a sentence; None if it did not change."""
    try:
        now = hashlib.sha256(decided.path.read_bytes()).hexdigest()
    except (OSError, ValueError):  # ValueError: not a possible file name
        return "it decided stored cases and is missing: put it back, also when a newer version decides now"
    if now == decided.digest:
        return None
    return (
        f"it decided stored cases as SHA-256 {decided.digest[:12]}… and is {now[:12]}… now: "
        "put it back as it was, and give what changed a version of its own"
    )


def check_decided_files(
    app_configs: Any = None, databases: Sequence[str] | None = None, **options: Any
) -> list[CheckMessage]:
    """Compare all files that decided stored cases with the stored digests. This is a system check of the database.

    Without a database there is only a warning. The site must start then, because its crisis pages need no database.
    """
    if not databases:
        return []
    try:
        if Recommendation._meta.db_table not in connections["default"].introspection.table_names():
            return []
        files = list(decided_files())
    except DatabaseError as error:
        said = (
            f"The database does not answer, so the files that decided stored cases were not compared: {error}"
        )
        return [Warning(said, id="recommend.W001")]
    found = ((decided.path, problem_with(decided)) for decided in files)
    return [Error(f"{path}: {problem}", id="recommend.E001") for path, problem in found if problem]
