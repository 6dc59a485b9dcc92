"""Read the contact policy from the settings: how often and how soon staff must try to reach a person."""

import re
from dataclasses import dataclass


class ContactPolicyError(ValueError):
    """A contact policy in the settings cannot be read; the message says what is wrong."""


@dataclass(frozen=True)
class ContactPolicy:
    """What staff must try before a person counts as not reached, and when the first contact is due.

    Attributes:
        attempts: the least number of contact attempts.
        days: the least number of different days with an attempt.
        ways: the least number of different ways (such as phone and e-mail), of those that the person has given.
        minutes: minutes within office hours until the first contact is due; 0 if ``office_days`` is used instead.
        office_days: the first contact is due at closing time so many office days later; 0 means the same day.
    """

    attempts: int
    days: int
    ways: int
    minutes: int = 0
    office_days: int = 0


NAMES = ("attempts", "days", "ways", "within")


def read_contact_policy(text: str) -> ContactPolicy:
    """Read a policy such as ``attempts=3 days=2 ways=2 within=1d``.

    ``within`` gives minutes of office hours (``30m``) or office days (``1d``; ``0d`` is until closing time today).

    Raises:
        ContactPolicyError: a name is missing or unknown, or a number is missing or out of range.
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
