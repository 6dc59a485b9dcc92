"""The four levels of care, from least to most."""

from enum import IntEnum


class Level(IntEnum):
    """A level of care. Content files, pages and the command line write its ``id``, such as ``iop``."""

    OUTPATIENT = 0
    IOP = 1
    PHP = 2
    INPATIENT = 3

    @property
    def id(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, id: str) -> "Level":
        """Return the level with this id, such as ``iop``.

        Raises:
            ValueError: no level has this id.
        """
        for level in cls:
            if level.id == id:
                return level
        raise ValueError(f"unknown level {id!r}")
