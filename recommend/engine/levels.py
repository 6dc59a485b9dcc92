"""The four levels of care, from least to most."""

from enum import IntEnum


class Level(IntEnum):
    """A level of care on the continuum. Its ``id`` is what files, pages and the command line write."""

    OUTPATIENT = 0
    IOP = 1
    PHP = 2
    INPATIENT = 3

    @property
    def id(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, id: str) -> "Level":
        """Return the level with this id; ValueError if there is none."""
        for level in cls:
            if level.id == id:
                return level
        raise ValueError(f"unknown level {id!r}")
