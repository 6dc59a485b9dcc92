"""What answers mean: the grades of all signals, and the marks they carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .answers import NONRESPONSE, Completed
from .ruleset import Mark, RuleSet
from .scales import State, reaches, worst


@dataclass(frozen=True)
class Signals:
    """The rated answers of one person.

    Attributes:
        completed: the completed answers they come from.
        single: what the answers raise one by one, the frequency sum included.
        state: the same with the combined ratings.
        marks: every mark, by its kind.
        combined: ids of the combined ratings that hold.
        unknown: asked, rated questions answered with skip or unsure, or left out; in the order of the questions.
    """

    completed: Completed
    single: State
    state: State
    marks: frozenset[Mark]
    combined: tuple[str, ...]
    unknown: tuple[str, ...]

    def kinds(self, mark: str) -> tuple[str, ...]:
        """Return the kinds of one mark (``crisis``, ``urgent``, ``resources``), sorted."""
        return tuple(sorted(kind for name, kind in self.marks if name == mark))


def rate(ruleset: RuleSet, completed: Completed) -> Signals:
    """Rate completed answers: a signal takes the highest grade that any answer gives it."""
    answers = completed.answers
    single = worst(frequency_states(ruleset, answers))
    marks: set[Mark] = set()
    for id, chosen in answers.items():
        for option in chosen:
            rating = ruleset.rating(id, option)
            single |= rating.state
            marks |= rating.marks
    combined = [each for each in ruleset.combined if reaches(single, each.points)]
    marks.update(*(each.gives.marks for each in combined))
    return Signals(
        completed=completed,
        single=single,
        state=single | worst(each.gives.state for each in combined),
        marks=frozenset(marks),
        combined=tuple(each.id for each in combined),
        unknown=tuple(
            id
            for id in ruleset.rated
            if id in completed.left_out or not NONRESPONSE.isdisjoint(answers.get(id, ()))
        ),
    )


def frequency_states(ruleset: RuleSet, answers: Mapping[str, tuple[str, ...]]) -> list[State]:
    """Return what the sum of each frequency table raises."""
    return [
        table.state(
            sum(ruleset.steps[id][option] for id in table.questions for option in answers.get(id, ()))
        )
        for table in ruleset.frequencies
    ]


class CrisisAnswer(NamedTuple):
    """An answer that carries a crisis by itself, and its kind."""

    question: str
    option: str
    kind: str


def crisis_answers(ruleset: RuleSet, answers: Mapping[str, tuple[str, ...]]) -> list[CrisisAnswer]:
    """Return every answer that carries a crisis by itself.

    Args:
        ruleset: the rule set that says what a crisis is
        answers: chosen options by question, complete or not; unknown questions and options carry nothing.
    """
    return [
        CrisisAnswer(id, option, kind)
        for id, chosen in answers.items()
        for option in chosen
        for mark, kind in sorted(ruleset.rating(id, option).marks)
        if mark == "crisis"
    ]
