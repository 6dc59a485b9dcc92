"""How a person can be reached safely, and which contacts contradict that. The cautions are in safe_contact.toml."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from intake.models import ContactDetails, StaffConsent
from recommend.desk.models import Case

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Caution:
    """One caution. The comment at the top of safe_contact.toml explains the attributes."""

    id: str
    chip: str
    warning: str = ""
    contact: Mapping[str, Collection[str]] = field(default_factory=dict)
    resources: Collection[str] = ()
    ways: Collection[str] = ()
    outcomes: Collection[str] = ()
    always: bool = False

    def holds(self, contact: ContactDetails, resources: Collection[str]) -> bool:
        """Return whether it applies to a person with these contact details and kinds of resources."""
        by_wish = all(getattr(contact, name) in values for name, values in self.contact.items())
        return (bool(self.contact) and by_wish) or bool(set(self.resources) & set(resources))

    def is_contradicted(self, contact: ContactDetails, how: str, outcome: str) -> bool:
        """Return whether a contact in this way, with this outcome, contradicts it.

        Args:
            contact: the person's contact details.
            how: a value of ``ContactAttempt.How``.
            outcome: a value of ``ContactAttempt.Outcome``.
        """
        as_asked = how == contact.reach_by and not self.always
        return outcome in self.outcomes or (how in self.ways and not as_asked)


@cache
def cautions() -> tuple[Caution, ...]:
    """Return the cautions in safe_contact.toml, read once."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["caution"]
    return tuple(Caution(**row) for row in rows)


def cautions_for(case: Case) -> list[Caution]:
    """Return the cautions that apply to the person of a case."""
    contact, resources = case.submission.contact, resources_of(case)
    return [each for each in cautions() if each.holds(contact, resources)]


def resources_of(case: Case) -> Collection[str]:
    """Return the kinds of resources in the stored recommendation; empty if the engine failed."""
    return case.submission.recommendation.outcome.get("resources", ())


def warnings(case: Case, how: str, outcome: str) -> list[str]:
    """Return a sentence for each caution that a contact contradicts; empty if there is none.

    Args:
        case: the case.
        how: a value of ``ContactAttempt.How``.
        outcome: a value of ``ContactAttempt.Outcome``.
    """
    contact = case.submission.contact
    return [
        each.warning
        for each in cautions_for(case)
        if each.warning and each.is_contradicted(contact, how, outcome)
    ]


@dataclass(frozen=True)
class Chip:
    """A few words beside the phone number; ``strong`` marks the more important ones."""

    words: str
    strong: bool = False


def chips(case: Case) -> list[Chip]:
    """Return the chips of a case: the cautions, then the person's own words on times, language and access."""
    contact = case.submission.contact
    own = [contact.safe_times, "" if is_english(contact.language) else contact.language, contact.access_needs]
    unasked = case.submission.consent == StaffConsent.UNASKED
    return [
        *[Chip("Not asked: may not know about this case", strong=True)] * unasked,
        *(Chip(each.chip, strong=bool(each.warning)) for each in cautions_for(case)),
        *(Chip(words) for words in own if words),
    ]


def is_english(language: str) -> bool:
    """Return whether the person typed "English" as their language, which needs no chip."""
    return language.strip().casefold() == "english"
