"""Save the clinic's settings in the database, and bring those that were saved last to the processes of this machine."""

import logging
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from carenav.clinic import in_force
from carenav.clinic.models import ClinicVersion

logger = logging.getLogger(__name__)


class ChangedMeanwhile(Exception):
    """Somebody else saved a version meanwhile."""


def latest() -> ClinicVersion | None:
    """Return the version that holds; None if none was saved."""
    return ClinicVersion.objects.select_related("by").first()


def save(texts: Mapping[str, str], by: User, seen: int, taken_from: int | None = None) -> ClinicVersion:
    """Store a new version. It holds once :func:`refresh` has run.

    Args:
        texts: the text of each setting, checked.
        by: the administrator.
        seen: the number of the version that the administrator saw, 0 for none.
        taken_from: the number of the earlier version with these texts, if it is taken back.

    Raises:
        ChangedMeanwhile: another version was saved since.
    """
    before = latest()
    if (before.number if before else 0) != seen:
        raise ChangedMeanwhile
    try:
        with transaction.atomic():
            return ClinicVersion.objects.create(
                number=seen + 1, texts=dict(texts), by=by, taken_from=taken_from
            )
    except IntegrityError:
        raise ChangedMeanwhile from None


def refresh() -> bool:
    """Bring the version that was saved last into this process, and into the file for the others on this machine.

    Returns:
        whether the file could be written. If not, the other processes learn of it when they start again.
    """
    if not (latest() or in_force.known.value or in_force.is_written()):
        return True  # nobody has saved anything
    try:
        with in_force.alone():
            in_force.write(*_newest())
    except OSError as error:
        logger.error("the file of the clinic's settings cannot be written: %s", type(error).__name__)
        in_force.hold(*_newest())
        return False
    return True


def _newest() -> tuple[int, Mapping[str, str]]:
    version = latest()
    return (version.number, version.texts) if version else (0, {})
