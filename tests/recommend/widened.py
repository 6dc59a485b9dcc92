"""Conditions that hold for one option more than they should, and the people who would notice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from intake.safety.conditions import Condition, Every, Not, Some, Term, holds
from recommend import content
from recommend.engine.answers import AnswerPattern
from tests.recommend import readings
from tests.recommend.readings import Row
from tests.recommend.said import (
    PAGES,
    Person,
    differences,
    merged,
    opened,
    person,
    plainest_people,
    plainest_reader_of_each_text,
    random_people,
    safety_texts,
    single_changes,
)
from tests.support.random_answers import Given

MARKS = ("crisis", "urgent")
NEVER = Some(())


@dataclass(frozen=True)
class Said:
    """Something that is said under a condition.

    Attributes:
        name: what it is, such as ``text no-home``.
        when: the resolved condition.
        pages: where it may stand.
    """

    name: str
    row: Row
    when: Condition
    pages: frozenset[str]


@dataclass(frozen=True)
class Widened:
    """The same under a condition that one option more, or one option that it refused, meets.

    Attributes:
        added: the question, or kind of mark, and the option.
        when: the condition with it.
    """

    said: Said
    added: tuple[str, str]
    when: Condition

    def __str__(self) -> str:
        return f"{self.said.name}, {':'.join(self.added)}"


def everything_said() -> Iterator[Said]:
    """Safety texts, headlines, next steps and the notes that depend on answers alone."""
    texts = safety_texts()
    for id, text in texts.all.items():
        if pages := text.places & {*PAGES}:
            yield Said(f"text {id}", readings.TEXTS[id], text.shown_when, pages)
    result = frozenset({"result"})
    for headline in texts.headlines:
        yield Said(f"headline {headline.id}", readings.HEADLINES[headline.id], headline.when, result)
    for step in texts.next_steps:
        if step.sentence:
            yield Said(f"sentence {step.id}", readings.SENTENCES[step.id], step.when, result)
        if step.text:
            yield Said(f"next step {step.id}", readings.STEPS[step.id], step.when, result)
    for note in content.ruleset().notes:
        if note.rows:
            yield Said(f"note {note.id}", readings.NOTES[note.id], of_rows(note.rows), result)


def of_rows(rows: Iterable[AnswerPattern]) -> Condition:
    return Some(
        tuple(Every(tuple(Term(id, tuple(sorted(options))) for id, options in row.items())) for row in rows)
    )


def widened(said: Said) -> Iterator[Widened]:
    """Every condition with one option more in one place. Where an option is refused, it is refused no longer."""
    seen = set()
    for added, when in _grown(said.when, wanted=True):
        if when not in seen:
            seen.add(when)
            yield Widened(said, added, when)


def _grown(condition: Condition, wanted: bool) -> Iterator[tuple[tuple[str, str], Condition]]:
    match condition:
        case Term(name, options):
            for option in _offered(name) if wanted else options:
                if wanted and option not in options:
                    yield (name, option), Term(name, (*options, option))
                elif not wanted and name in {*content.ruleset().questions.all, *MARKS}:
                    left = tuple(each for each in options if each != option)
                    yield (name, option), Term(name, left) if left else NEVER
        case Not(part):
            for added, grown in _grown(part, not wanted):
                yield added, Not(grown)
        case Every(parts) | Some(parts):
            for number, part in enumerate(parts):
                for added, grown in _grown(part, wanted):
                    yield added, replace(condition, parts=(*parts[:number], grown, *parts[number + 1 :]))


def _offered(name: str) -> tuple[str, ...]:
    ruleset = content.ruleset()
    if name in MARKS:
        return () if name not in ruleset.kinds else tuple(ruleset.kinds[name])
    question = ruleset.questions.all.get(name)
    return tuple(option for option in question.offered if option not in question.stops) if question else ()


@cache
def crowd() -> tuple[Person, ...]:
    """People to try: the plainest of everything, plainest first, and some at random."""
    plain = {id(each): each for each in (*plainest_people(), *plainest_reader_of_each_text().values())}
    return (*sorted(plain.values(), key=differences), *map(person, random_people(150, seed=5)))


@cache
def pairs_with(question: str, option: str) -> tuple[Person, ...]:
    """People who are well but for this answer and one other, and what the two open."""
    both = (merged(({question: (option,)}, other)) for other in single_changes())
    return tuple(person(opened(changes)) for changes in both if changes)


@cache
def pairs() -> tuple[Person, ...]:
    """People who are well but for two answers, and what these open: every two that go together."""
    return tuple(
        each
        for change in single_changes()
        for id, (option,) in change.items()
        for each in pairs_with(id, option)
    )


def with_option(somebody: Person, question: str, option: str) -> Iterator[Person]:
    """The same person with this answer: instead of their own, and beside it where both go together."""
    given = dict(somebody.completed.answers)
    asked = content.ruleset().questions.all[question]
    yield person(_answered(given | {question: (option,)}))
    own = given.get(question, ())
    if asked.kind == "many" and own and not {option, *own} & {"skip", *asked.exclusive}:
        yield person(_answered(given | {question: (*own, option)}))


def _answered(given: Given) -> Given:
    """Answer what these answers open, with the option of least concern."""
    return {
        id: given.get(id) or question.options[:1]
        for id, question in content.ruleset().questions.all.items()
        if id in given or not question.optional
    }


def holds_for(when: Condition, somebody: Person, pages: Iterable[str]) -> bool:
    facts: Mapping = somebody.facts
    return any(holds(when, facts[page]) for page in pages if page in facts)


@cache
def readers(when: Condition, pages: frozenset[str]) -> tuple[Person, ...]:
    """Who reads it: the plainest of all, and some who read it beside much else."""
    found = [each for each in crowd() if holds_for(when, each, pages)]
    return (*found[:6], *found[-2:])


def fate(mutant: Widened) -> str:
    """What becomes of a widened condition: ``untrue`` for somebody new, ``true`` for all new, or ``nobody`` new."""
    question, option = mutant.added
    found = "nobody"
    for somebody in _those_to_try(mutant, question, option):
        pages = [page for page in mutant.said.pages if page in somebody.facts]
        new = [page for page in pages if holds(mutant.when, somebody.facts[page])]
        if any(not holds(mutant.said.when, somebody.facts[page]) for page in new):
            if not mutant.said.row.reading(somebody.answers):
                return "untrue"
            found = "true"
    return found


def reason(mutant: Widened) -> str | None:
    """Why it may survive: the reason in the table; None where there is none. A text about nobody needs none."""
    question, option = mutant.added
    for pattern, why in mutant.said.row.survives.items():
        name, _, options = pattern.partition(":")
        if question in name.split("|") and (options == "*" or option in options.split("|")):
            return why
    return None


def _those_to_try(mutant: Widened, question: str, option: str) -> Iterator[Person]:
    if question in MARKS:
        mark = frozenset({option})
        yield from (each for each in crowd() if mark & {*getattr(each.decision, question)})
        yield from (each for each in pairs() if mark & {*getattr(each.decision, question)})
        return
    for somebody in readers(mutant.said.when, mutant.said.pages):
        yield from with_option(somebody, question, option)
    yield from (each for each in crowd() if option in each.completed.answers.get(question, ()))
    yield from pairs_with(question, option)
