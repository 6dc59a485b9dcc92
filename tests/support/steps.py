"""Pages of answers, applied without a database or a request, and what they lead to in a form that tables can hold."""

import copy
from dataclasses import dataclass, replace

from django.http import QueryDict

from intake.answers import pages
from intake.journey import Journey
from intake.steps import Accepted, Invalid, NotOpen, Step, Stop
from tests.support.people import SECTIONS, Answers


@dataclass(frozen=True)
class Stored:
    """What is stored of a person before the page is sent."""

    answers: Answers
    shown: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    just_touched: bool = False

    def journey(self) -> Journey:
        return replace(
            Journey.at(self.answers),
            begun=True,
            just_touched=self.just_touched,
            crisis_shown=self.shown,
            crisis_given=self.given,
        )


@dataclass(frozen=True)
class Outcome:
    """A step as the table tells it; the errors by question, the noted answers as pairs."""

    kind: type[Step]
    help: bool = False
    option: str = ""
    answers: Answers | None = None
    errors: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    noted: frozenset[tuple[str, str]] = frozenset()


def not_open(help: bool = False) -> Outcome:
    return Outcome(NotOpen, help)


def stop(option: str, help: bool = False) -> Outcome:
    return Outcome(Stop, help, option)


def invalid(*errors: str, help: bool = False) -> Outcome:
    return Outcome(Invalid, help, errors=frozenset(errors))


def accepted(answers: Answers, *errors: str, fresh: str = "", noted: Answers | None = None) -> Outcome:
    """The answers are stored; help is shown for the fresh kinds of crisis, and for nothing else."""
    return Outcome(
        Accepted,
        bool(fresh),
        answers=answers,
        errors=frozenset(errors),
        fresh=frozenset(fresh.split()),
        noted=frozenset((noted or {}).items()),
    )


def outcome_of(step: Step) -> Outcome:
    match step:
        case NotOpen(help):
            return not_open(help)
        case Stop(option, _answers, help):
            return stop(option, help)
        case Invalid(form, help):
            return invalid(*form.errors, help=help)
        case Accepted():
            assert step.form is None or step.form.errors, "a form without errors is shown again"
            return Outcome(
                Accepted,
                step.help,
                answers=step.answers,
                errors=frozenset(step.form.errors if step.form else ()),
                fresh=step.fresh,
                noted=frozenset((answer.question, answer.option) for answer in step.crisis),
            )


def query(answers: Answers) -> QueryDict:
    """What a browser sends for these answers."""
    post = QueryDict(mutable=True)
    for id, value in answers.items():
        post.setlist(id, [value] if isinstance(value, str) else value)
    return post


def applied(draft: Stored | None, section: str, post: Answers) -> Step:
    """Apply a page. Asserts that neither the journey nor the post changes."""
    journey, sent = draft.journey() if draft else Journey.of(None), query(post)
    before = copy.deepcopy((journey, sent))
    step = journey.apply(pages()[SECTIONS.index(section)], sent)
    assert (journey, sent) == before
    return step
