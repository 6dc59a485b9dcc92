"""Rate answers: find the grade of every signal, and the marks that the answers carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .answers import NONRESPONSE, Completed
from .ruleset import Mark, RuleSet
from .scales import State, reaches, worst


@dataclass(frozen=True)
class Signals:
    """The signals and marks of one person's answers.

    Attributes:
        completed: the completed answers that were rated.
        single: the state that the answers give one by one, including the sums of frequency answers.
        state: ``single`` with the effects of the combination rules added.
        marks: every mark with its kind, such as ``("crisis", "suicide")``.
        combined: ids of the combination rules that hold.
        unknown: ids of the rated questions that were asked and then left out, or answered with skip or unsure; in the
            order of the questions.
    """

    completed: Completed
    single: State
    state: State
    marks: frozenset[Mark]
    combined: tuple[str, ...]
    unknown: tuple[str, ...]

    def kinds(self, mark: str) -> tuple[str, ...]:
        """Return the kinds of one mark (``crisis``, ``urgent`` or ``resources``), sorted; empty if there are none."""
        return tuple(sorted(kind for name, kind in self.marks if name == mark))


def rate(ruleset: RuleSet, completed: Completed) -> Signals:
    """Rate completed answers.

    A signal gets the highest grade that an answer, a sum of frequency answers or a combination rule gives it.
    """
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
    """Return the state that the sum of each frequency table gives, in the order of ``ruleset.frequencies``."""
    return [
        table.state(
            sum(ruleset.steps[id][option] for id in table.questions for option in answers.get(id, ()))
        )
        for table in ruleset.frequencies
    ]


class CrisisAnswer(NamedTuple):
    """An answer that carries a crisis mark, whatever the other answers, and the kind of crisis, such as ``suicide``."""

    question: str
    option: str
    kind: str


def crisis_answers(ruleset: RuleSet, answers: Mapping[str, tuple[str, ...]]) -> list[CrisisAnswer]:
    """Return every answer that carries a crisis mark by itself; an empty list if there is none.

    Args:
        ruleset: the rule set whose ratings give the marks.
        answers: chosen options by question id, complete or not; unknown questions and options are ignored.
    """
    return [
        CrisisAnswer(id, option, kind)
        for id, chosen in answers.items()
        for option in chosen
        for mark, kind in sorted(ruleset.rating(id, option).marks)
        if mark == "crisis"
    ]
