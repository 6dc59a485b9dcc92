"""Parse the conditions of rule sets, such as ``symptoms >= severe and (worsening or areas(moderate) >= 3)``.

The language has ``>=``, ``and``, ``or``, parentheses, flags by their names, and ``areas(grade) >= n``. It has no "less
than" and no "not", so a signal that rises never makes a condition false. Therefore a condition equals a short list of
*minimal points*, the least states in which it holds: it holds in a state exactly if the state reaches one of them.
Deciding, explaining and proving use these points. The points and a rule's description in words both come from the
parsed condition.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Literal

from .scales import FLAG, Scales, State, minimal

Points = tuple[State, ...]

TOKEN = re.compile(r"\s*(?:(?P<op>>=|[()])|(?P<number>\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*))")
WORDS = ("and", "or", "areas")


class ConditionError(ValueError):
    """Raised for a condition that breaks the grammar, or names a signal or grade that the rule set does not have.

    Args:
        problem: what is wrong.
        position: the number of the character where it is wrong, from 1.
    """

    def __init__(self, problem: str, position: int) -> None:
        self.position = position
        super().__init__(f"{problem}, at character {position}")


@dataclass(frozen=True)
class AtLeast:
    """Condition that holds if a signal has this grade or a higher one. For a flag the grade is ``yes``."""

    signal: str
    grade: str


@dataclass(frozen=True)
class AreasAtLeast:
    """Condition that holds if at least ``number`` areas have this grade or a higher one."""

    number: int
    grade: str


@dataclass(frozen=True)
class Joined:
    """Condition that holds if all of its parts hold (``and``), or at least one of them (``or``)."""

    joint: Literal["and", "or"]
    parts: tuple["Condition", ...]


Condition = AtLeast | AreasAtLeast | Joined


def parse(text: str, space: Scales) -> Condition:
    """Parse a condition.

    Args:
        text: the condition as the rule set writes it.
        space: the signals that it may name.

    Raises:
        ConditionError: the condition is not valid; ``position`` says where.
    """
    return _Reader(text, space).read()


def points_of(text: str, space: Scales) -> Points:
    """Return the minimal points of a condition: the least states in which it holds.

    Args:
        text: the condition as the rule set writes it.
        space: the signals that it may name.

    Raises:
        ConditionError: the condition is not valid; ``position`` says where.
    """
    return _points(parse(text, space), space)


def _points(condition: Condition, space: Scales) -> Points:
    if isinstance(condition, AtLeast):
        return (space.at_least(condition.signal, condition.grade),)
    if isinstance(condition, AreasAtLeast):
        each = [space.at_least(area, condition.grade) for area in space.areas]
        return minimal(sum(chosen) for chosen in combinations(each, condition.number))
    return reduce(JOIN[condition.joint], (_points(part, space) for part in condition.parts))


JOIN: dict[str, Callable[[Points, Points], Points]] = {
    "and": lambda a, b: minimal(p | q for p in a for q in b),
    "or": lambda a, b: minimal(a + b),
}


class _Reader:
    """Recursive-descent parser, with one method for each line of the grammar.

    ::

        either := both ("or" both)*
        both   := single ("and" single)*
        single := "(" either ")" | "areas" "(" grade ")" ">=" number | signal ">=" grade | flag
    """

    def __init__(self, text: str, space: Scales) -> None:
        self.space = space
        self.tokens = _tokens(text)
        self.index = 0

    def read(self) -> Condition:
        condition = self._either()
        word, position = self._peek()
        if word:
            raise ConditionError(f"expected 'and', 'or' or the end, not {word!r}", position)
        return condition

    def _either(self) -> Condition:
        return self._chain("or", self._both)

    def _both(self) -> Condition:
        return self._chain("and", self._single)

    def _chain(self, joint: Literal["and", "or"], part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._peek()[0] == joint:
            self.index += 1
            parts.append(part())
        return Joined(joint, tuple(parts)) if len(parts) > 1 else parts[0]

    def _single(self) -> Condition:
        word, position = self._next("a signal or '('")
        if word == "(":
            condition = self._either()
            self._expect(")")
            return condition
        if word == "areas":
            return self._areas()
        if word in WORDS or not word.isidentifier():
            raise ConditionError(f"expected a signal or '(', not {word!r}", position)
        if word not in self.space.scales:
            raise ConditionError(f"unknown signal {word!r}", position)
        if self.space.scales[word] == FLAG:
            return AtLeast(word, "yes")
        self._expect(">=")
        return AtLeast(word, self._grade(word))

    def _areas(self) -> Condition:
        self._expect("(")
        grade = self._grade(self.space.areas[0])
        self._expect(")")
        self._expect(">=")
        word, position = self._next("a number")
        if not word.isdigit() or not 1 <= int(word) <= len(self.space.areas):
            raise ConditionError(
                f"expected a number from 1 to {len(self.space.areas)}, not {word!r}", position
            )
        return AreasAtLeast(int(word), grade)

    def _grade(self, signal: str) -> str:
        word, position = self._next(f"a grade of {signal}")
        # A condition on the least grade always holds, so it must be a mistake.
        if word not in self.space.scales[signal][1:]:
            raise ConditionError(f"unknown grade {word!r} of {signal}", position)
        return word

    def _expect(self, wanted: str) -> None:
        word, position = self._next(repr(wanted))
        if word != wanted:
            raise ConditionError(f"expected {wanted!r}, not {word!r}", position)

    def _peek(self) -> tuple[str, int]:
        return self.tokens[self.index]

    def _next(self, wanted: str) -> tuple[str, int]:
        word, position = self._peek()
        if not word:
            raise ConditionError(f"expected {wanted}, but the condition ends", position)
        self.index += 1
        return word, position


def _tokens(text: str) -> list[tuple[str, int]]:
    """Split a condition into tokens, each with its position from 1. The last token is empty.

    Raises:
        ConditionError: a character belongs to no token.
    """
    found: list[tuple[str, int]] = []
    index = 0
    while index < len(text.rstrip()):
        match = TOKEN.match(text, index)
        if not match:
            start = index + len(text[index:]) - len(text[index:].lstrip())
            raise ConditionError(f"cannot read {text[start]!r}", start + 1)
        found.append((match[0].strip(), match.end() - len(match[0].strip()) + 1))
        index = match.end()
    return [*found, ("", len(text) + 1)]
