"""Save settings of the clinic, as an administrator does at the desk."""

from typing import Any

from carenav.clinic import in_force, saved
from tests.support.staff import staff_user


def save(**texts: str) -> None:
    """Save a version with these texts, over those of the version before, and let it hold."""
    before = saved.latest()
    saved.save(
        (before.texts if before else {}) | texts,
        staff_user("administrator"),
        seen=before.number if before else 0,
    )
    assert saved.refresh()


def another_process(monkeypatch: Any) -> None:
    """Go on as a process that has just started would, without what this one knows."""
    monkeypatch.setattr(in_force, "known", in_force.Known())
