"""The condition language of safety texts, such as ``crisis:suicide|psychosis and not (guns:no or danger-to-others)``.

A condition consists of terms, names of conditions, ``and``, ``or``, ``not`` and parentheses. A term is a name, a colon
and options; it holds if any of the options does:

=================  =======================================================================
``question:``      the completed answer is, or contains, one of the options
``place:``         the person is in one of these places
``crisis:``        the answers carry a crisis mark of one of these kinds; ``any``: of any kind
``urgent:``        the same for urgent marks
``level:``         the recommended level is one of these
``below:``         the recommended level is known and lower than one of these
``page:``          the page being rendered is one of these
``only-rules:``    there are rules that ask for the level, and all of them are in this list
``highest-area:``  the highest grade of any area is one of these
``known:``         how many rated questions have an answer: ``all``, ``most``, or ``little`` (at most half)
``text:``          the condition of one of these texts holds, even if this page cannot show that text
=================  =======================================================================

A name without a colon is a condition that the file defines; ``always`` is built in and always holds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

ANY = "any"
ALWAYS = "always"
LEVELS = ("outpatient", "iop", "php", "inpatient")
"""Level ids from least to most care, as the engine writes them."""

FACTS = ("place", "crisis", "urgent", "level", "below", "page", "only-rules", "highest-area", "known", "text")
"""Names before a colon that are not questions."""

KNOWN = ("all", "most", "little")
"""How many of the asked and rated questions have a known answer: all, more than half, or half at most."""

JOINTS = ("and", "or", "not")
DEEPEST = 40
"""How deep parentheses and ``not`` may be nested. More is a mistake, and could exceed Python's recursion limit."""

TOKEN = re.compile(r"\s*([()]|[^\s()]+)")
NAME = re.compile(r"[a-z][a-z0-9_-]*")
TERM = re.compile(r"(?P<name>[a-z][a-z0-9_-]*):(?P<options>[a-z0-9_:.-]+(?:\|[a-z0-9_:.-]+)*)")


class ConditionError(ValueError):
    """The text of a condition has a syntax error, or a name in the condition is not resolved."""


@dataclass(frozen=True)
class Term:
    """Holds if any of the options does, such as ``Term("crisis", ("suicide", "psychosis"))``."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """A reference, by its name, to a condition that is defined elsewhere in the file."""

    name: str


@dataclass(frozen=True)
class Not:
    """Holds if the part does not."""

    part: "Condition"


@dataclass(frozen=True)
class Every:
    """Holds if all parts do; always holds if there are no parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Some:
    """Holds if at least one part does."""

    parts: tuple["Condition", ...]


Condition = Term | Named | Not | Every | Some


@dataclass(frozen=True)
class Facts:
    """What is known about one person on one page, for evaluating conditions.

    Attributes:
        answers: the completed answers: chosen option ids keyed by question id.
        crisis: the kinds of crisis marks that the answers carry.
        urgent: the kinds of urgent marks that the answers carry.
        level: the id of the recommended level; None before it is known. See :attr:`known_level`.
        page: the page being rendered, such as ``result`` or ``section:safety``; the printed sheet counts as ``result``.
        place: the person's answer to the question ``place``; "" if there is none.
        decided_by: the ids of the rules that ask for the recommended level.
        highest_area: the highest grade of any area; "" before it is known.
        known: one of ``KNOWN``; "" before the level is known.

    Raises:
        ValueError: ``level`` is not one of ``LEVELS``.
    """

    answers: Mapping[str, tuple[str, ...]]
    crisis: frozenset[str]
    urgent: frozenset[str]
    level: str | None
    page: str
    place: str
    decided_by: tuple[str, ...] = ()
    highest_area: str = ""
    known: str = ""

    def __post_init__(self) -> None:
        if self.level not in (None, *LEVELS):
            raise ValueError(f"unknown level {self.level!r}")

    @property
    def known_level(self) -> str | None:
        """The id of the level: inpatient if there is a crisis mark, even before ``level`` is known; else ``level``."""
        return "inpatient" if self.crisis else self.level


def parse(text: str) -> Condition:
    """Parse a condition without checking that its names exist; see :func:`terms_of` for that.

    Raises:
        ConditionError: there is a syntax error; the message says at which character, counted from 1.
    """
    return _Reader(text).read()


def terms_of(condition: Condition) -> Iterator[Term | Named]:
    """Yield every term and every named condition within a condition, from left to right."""
    match condition:
        case Term() | Named():
            yield condition
        case Not(part):
            yield from terms_of(part)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from terms_of(part)


def resolve(
    condition: Condition, condition_named: Callable[[str], Condition], text_named: Callable[[str], Condition]
) -> Condition:
    """Return the condition with names of conditions and ``text:`` terms replaced by the conditions they refer to.

    Args:
        condition: a parsed condition.
        condition_named: returns the resolved condition with a name.
        text_named: returns the resolved condition of the text with an id.
    """
    match condition:
        case Named(name):
            return condition_named(name)
        case Term("text", options):
            return Some(tuple(text_named(option) for option in options))
        case Term():
            return condition
        case Not(part):
            return Not(resolve(part, condition_named, text_named))
        case Every(parts):
            return Every(tuple(resolve(part, condition_named, text_named) for part in parts))
        case Some(parts):
            return Some(tuple(resolve(part, condition_named, text_named) for part in parts))


def holds(condition: Condition, facts: Facts) -> bool:
    """Return whether a resolved condition holds for these facts.

    Raises:
        ConditionError: a name of a condition or a ``text:`` term was not resolved.
    """
    match condition:
        case Term():
            return _term_holds(condition, facts)
        case Named(name):
            raise ConditionError(f"{name!r} is not resolved")
        case Not(part):
            return not holds(part, facts)
        case Every(parts):
            return all(holds(part, facts) for part in parts)
        case Some(parts):
            return any(holds(part, facts) for part in parts)


def _term_holds(term: Term, facts: Facts) -> bool:
    options = term.options
    level = facts.known_level
    match term.name:
        case "place":
            return facts.place in options
        case "crisis":
            return _marked(facts.crisis, options)
        case "urgent":
            return _marked(facts.urgent, options)
        case "level":
            return level in options
        case "below":
            return level is not None and any(LEVELS.index(level) < LEVELS.index(each) for each in options)
        case "page":
            return facts.page in options
        case "only-rules":
            return bool(facts.decided_by) and set(facts.decided_by) <= set(options)
        case "highest-area":
            return facts.highest_area in options
        case "known":
            return facts.known in options
        case "text":
            raise ConditionError(f"text:{'|'.join(options)} is not resolved")
        case question:
            return not set(options).isdisjoint(facts.answers.get(question, ()))


def _marked(kinds: frozenset[str], options: tuple[str, ...]) -> bool:
    return bool(kinds) if ANY in options else not kinds.isdisjoint(options)


class _Reader:
    """A recursive-descent parser with one method for each line of this grammar.

    ::

    either := both ("or" both)*
    both   := single ("and" single)*
    single := "not" single | "(" either ")" | name ":" option ("|" option)* | name
    """

    def __init__(self, text: str) -> None:
        self.tokens = [(match[1], match.start(1) + 1) for match in TOKEN.finditer(text)]
        self.tokens.append(("", len(text.rstrip()) + 1))
        self.index = 0
        self.depth = 0

    def read(self) -> Condition:
        condition = self._either()
        word, position = self.tokens[self.index]
        if word:
            raise _wrong(f"expected 'and', 'or' or the end, not {word!r}", position)
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return Some(tuple(parts)) if len(parts) > 1 else parts[0]

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._take("and"):
            parts.append(self._single())
        return Every(tuple(parts)) if len(parts) > 1 else parts[0]

    def _single(self) -> Condition:
        word, position = self.tokens[self.index]
        if not word:
            raise _wrong("expected a term, a name, 'not' or '(', but the condition ends", position)
        self.index += 1
        if word in ("(", "not"):
            return self._inside(word, position)
        if term := TERM.fullmatch(word):
            options = tuple(term["options"].split("|"))
            if len(set(options)) < len(options):
                raise _wrong(f"{word!r} names an option twice", position)
            return Term(term["name"], options)
        if word in JOINTS or not NAME.fullmatch(word):
            raise _wrong(f"expected a term such as 'home:unsafe', not {word!r}", position)
        return Every(()) if word == ALWAYS else Named(word)

    def _inside(self, word: str, position: int) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _wrong("too many parentheses inside each other", position)
        if word == "not":
            condition: Condition = Not(self._single())
        else:
            condition = self._either()
            found, found_at = self.tokens[self.index]
            if not self._take(")"):
                raise _wrong(f"expected ')', not {found!r}" if found else "a ')' is missing", found_at)
        self.depth -= 1
        return condition

    def _take(self, word: str) -> bool:
        taken = self.tokens[self.index][0] == word
        self.index += taken
        return taken


def _wrong(problem: str, position: int) -> ConditionError:
    return ConditionError(f"{problem}, at character {position}")
