"""Forty made-up people who go the whole way: the cast, and those of forty.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.support.people import PEOPLE, WELL, Answers

FILE = Path(__file__).with_name("forty.toml")


@dataclass(frozen=True)
class Somebody:
    """One person with all their answers, those to questions that only some are asked among them."""

    name: str
    answers: Answers

    def __str__(self) -> str:
        return self.name


def everybody() -> list[Somebody]:
    """All forty, in the order of the tables that tell of them."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    others = [Somebody(each["name"], WELL | found["calm"] | each["answers"]) for each in found["person"]]
    return [*(Somebody(person.name, person.answers) for person in PEOPLE), *others]
