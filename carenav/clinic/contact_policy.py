"""How hard the clinic tries to reach somebody, and how soon, as settings give it."""

import re
from dataclasses import dataclass


class ContactPolicyError(ValueError):
    """A policy that cannot be read; the message says what and why."""


@dataclass(frozen=True)
class ContactPolicy:
    """What must be tried before somebody counts as not reached, and until when the first contact is due.

    Attributes:
        attempts: how many, at least.
        days: on how many different days, at least.
        ways: in how many different ways, at least, of those that the person has given.
        minutes: minutes in office hours until the first contact is due; 0 where it is given in days.
        office_days: how many office days later it is due at the latest, at closing time: 0 for the same day.
    """

    attempts: int
    days: int
    ways: int
    minutes: int = 0
    office_days: int = 0


NAMES = ("attempts", "days", "ways", "within")


def read_contact_policy(text: str) -> ContactPolicy:
    """Read a policy such as ``attempts=3 days=2 ways=2 within=1d``.

    ``within`` is in minutes of office hours (``30m``), or in office days, until closing time (``0d`` is the same day).

    Raises:
        ContactPolicyError: a name or number that is missing, unknown or out of range.
    """
    given: dict[str, str] = {}
    for part in text.split():
        name, _, value = part.partition("=")
        if name not in NAMES or name in given:
            raise ContactPolicyError(f"{part!r} is not one of {', '.join(NAMES)}, each given once")
        given[name] = value
    if missing := [name for name in NAMES if name not in given]:
        raise ContactPolicyError(f"{missing[0]} is missing, as in attempts=3 days=2 ways=2 within=1d")
    attempts, days, ways = (_number(name, given[name]) for name in NAMES[:3])
    if days > attempts or ways > attempts:
        raise ContactPolicyError("there cannot be more days or ways than attempts")
    within = re.fullmatch(r"([1-9]\d{0,3})m|(\d{1,2})d", given["within"], re.ASCII)
    if not within:
        raise ContactPolicyError(f"within={given['within']} is not a time such as 30m or 1d")
    return ContactPolicy(attempts, days, ways, int(within[1] or 0), int(within[2] or 0))


def _number(name: str, value: str) -> int:
    if not re.fullmatch(r"[1-9]", value, re.ASCII):
        raise ContactPolicyError(f"{name}={value} is not a number from 1 to 9")
    return int(value)
