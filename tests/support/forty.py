"""Forty made-up people who answer all questions: those of people.py, and those of forty.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.support.people import PEOPLE, WELL, Answers

FILE = Path(__file__).with_name("forty.toml")


@dataclass(frozen=True)
class Somebody:
    """One person with all their answers, including those to questions that only some people are asked."""

    name: str
    answers: Answers

    def __str__(self) -> str:
        return self.name


def everybody() -> list[Somebody]:
    """Return all forty, first those of people.py and then those of forty.toml, in order."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    others = [Somebody(each["name"], WELL | found["calm"] | each["answers"]) for each in found["person"]]
    return [*(Somebody(person.name, person.answers) for person in PEOPLE), *others]
