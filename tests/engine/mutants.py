"""Every small mistake that somebody could make in a rule set: its file with one thing edited as text.

A mutant has another grade, ``and``, rule, rating, mark or band.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BLOCK = re.compile(r"^\[\[(\w+)\]\]\n((?:(?!\[).*\n)*)", re.MULTILINE)
ROW = re.compile(r"^(\w+) = \{ (.*?) \}", re.MULTILINE)
ENTRY = re.compile(r"(\w+) = (\"[^\"]+\"|true|\[[^]]*\])")


@dataclass(frozen=True)
class Mutant:
    """One edit of the text.

    Args:
        kind: what kind of mistake it is.
        name: where and what, for a failure's message.
    """

    kind: str
    name: str
    text: str


class RuleFile:
    """The text of a rule set, and the mutants of it.

    Attributes:
        steps: the grades of each ordered signal, least to most.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.rules: dict[str, Any] = tomllib.loads(text)
        self.levels: list[str] = self.rules["levels"]
        self.steps: dict[str, list[str]] = dict.fromkeys(self.rules["areas"], self.rules["grades"])
        self.steps |= {name: scale for name, scale in self.rules["signals"].items() if name != "flags"}

    def mutants(self) -> list[Mutant]:
        """Return every mutant."""
        return [*self.condition_mutants(), *self.rule_mutants(), *self.rating_mutants()]

    def every_row(self) -> list[dict[str, Any]]:
        """Return what each answer and each combined rating raises and carries."""
        rated = [row for rows in self.rules["ratings"].values() for row in rows.values()]
        return rated + [each["gives"] for each in self.rules["combined"]]

    def edit(self, kind: str, place: str, start: int, end: int, new: str) -> Mutant:
        return Mutant(
            kind, f"{place}: {self.text[start:end]!r} -> {new!r}", self.text[:start] + new + self.text[end:]
        )

    def blocks(self, *kinds: str) -> Iterator[tuple[str, str, int, int]]:
        """Kind, id and place in the text of each block."""
        for match in BLOCK.finditer(self.text):
            if match[1] in kinds:
                id = re.search(r'^id = "(.*)"', match[2], re.MULTILINE)
                yield match[1], f"{match[1]} {id[1] if id else ''}", match.start(), match.end()

    def conditions(self) -> Iterator[tuple[str, int, str]]:
        """Each condition that matters for the level: whose, where, and its text."""
        for _, place, start, end in self.blocks("rule", "combined"):
            when = re.compile(r'^when = "(.*)"$', re.MULTILINE).search(self.text, start, end)
            assert when
            yield place, when.start(1), when[1]

    def condition_mutants(self) -> Iterator[Mutant]:
        for place, at, when in self.conditions():
            for match in re.finditer(r"(\w+) >= ([a-z]\w*)|areas\((\w+)\) >= (\d)|\b(and|or)\b", when):
                signal, grade, areas, number, joint = match.groups()
                if joint:
                    new = {"and": "or", "or": "and"}[joint]
                    yield self.edit(f"{joint} -> {new}", place, at + match.start(), at + match.end(), new)
                    continue
                group, scale = (2, self.steps[signal]) if signal else (3, self.rules["grades"])
                for how, other in other_grades(scale, grade or areas):
                    yield self.edit(
                        f"grade {how}", place, at + match.start(group), at + match.end(group), other
                    )
                for other_number in (int(number) - 1, int(number) + 1) if number else ():
                    yield self.edit(
                        "areas +-1", place, at + match.start(4), at + match.end(4), str(other_number)
                    )

    def rule_mutants(self) -> Iterator[Mutant]:
        for kind, place, start, end in self.blocks("rule", "combined", "frequency"):
            yield self.edit(f"{kind} dropped", place, start, end, "")
        for _, place, start, end in self.blocks("rule"):
            level = re.compile(r'^at_least = "(\w+)"', re.MULTILINE).search(self.text, start, end)
            assert level
            lower = self.levels[self.levels.index(level[1]) - 1]
            yield self.edit("level lowered", place, level.start(1), level.end(1), lower)
        for _, place, start, end in self.blocks("frequency"):
            for match in re.compile(r"(?<== )\d+").finditer(self.text, start, end):
                for step in (-1, 1):
                    yield self.edit("band +-1", place, match.start(), match.end(), str(int(match[0]) + step))

    def rows(self) -> Iterator[tuple[str, int, int]]:
        """Each row of ratings, and what each combined rating gives: whose, and where it stands between the braces."""
        for table in re.finditer(r"^\[ratings\.(\w+)\]\n((?:(?!\[).*\n)*)", self.text, re.MULTILINE):
            for row in ROW.finditer(self.text, table.start(2), table.end(2)):
                yield f"{table[1]} {row[1]}", row.start(2), row.end(2)
        for _, place, start, end in self.blocks("combined"):
            gives = re.compile(r"^gives = \{ (.*) \}", re.MULTILINE).search(self.text, start, end)
            assert gives
            yield place, gives.start(1), gives.end(1)

    def rating_mutants(self) -> Iterator[Mutant]:
        for place, start, end in self.rows():
            entries = ENTRY.findall(self.text[start:end])
            for number, (name, value) in enumerate(entries):
                without = entries[:number] + entries[number + 1 :]
                kind = "mark removed" if name in self.rules["marks"] else "rating removed"
                yield self.edit(kind, place, start, end, written(without))
                scale = self.steps.get(name, [])
                rank = scale.index(value.strip('"')) if scale else 0
                if rank > 1:
                    lowered = [*entries[:number], (name, f'"{scale[rank - 1]}"'), *entries[number + 1 :]]
                    yield self.edit("rating lowered", place, start, end, written(lowered))


def other_grades(scale: list[str], grade: str) -> list[tuple[str, str]]:
    """One step down and one step up, where there is one."""
    place = scale.index(grade)
    return [
        (how, scale[step])
        for how, step in (("lowered", place - 1), ("raised", place + 1))
        if step in range(len(scale))
    ]


def written(entries: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in entries)
