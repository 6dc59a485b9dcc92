"""Apply pages of answers to a journey without database or request, and compare the step with an expected outcome."""

import copy
from dataclasses import dataclass, replace

from django.http import QueryDict

from intake.answers import pages
from intake.journey import Journey
from intake.steps import Accepted, Invalid, NotOpen, Step, Stop
from tests.support.people import SECTIONS, Answers


@dataclass(frozen=True)
class Stored:
    """What a draft has stored before the page is sent.

    Attributes:
        answers: the answers.
        shown: the kinds of crisis for which help was shown.
        given: the crisis answers ever given, as pairs of question id and option id.
        just_touched: whether a page was sent a moment ago.
    """

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
    """A step in a form that is easy to write and compare.

    Attributes:
        kind: the class of the step.
        help: whether crisis help is shown first.
        option: the option that ends the questions.
        answers: the answers that are stored.
        errors: the ids of questions with an error.
        fresh: the kinds of crisis for which help is shown now.
        noted: the crisis answers that are recorded, as pairs of question id and option id.
    """

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
    """Return the outcome of an accepted page.

    Args:
        answers: the answers that are stored.
        errors: the ids of questions with an error.
        fresh: the kinds of crisis for which help is shown now, separated by blanks.
        noted: the crisis answers that are recorded: an option id keyed by question id.
    """
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
    """Return the POST data that a browser sends for these answers."""
    post = QueryDict(mutable=True)
    for id, value in answers.items():
        post.setlist(id, [value] if isinstance(value, str) else value)
    return post


def applied(draft: Stored | None, section: str, post: Answers) -> Step:
    """Apply a page and return the step. Asserts that neither the journey nor the POST data are changed by that.

    Args:
        draft: what is stored; None without a draft.
        section: the name of the page, one of ``SECTIONS``.
        post: the answers that are sent.
    """
    journey, sent = draft.journey() if draft else Journey.of(None), query(post)
    before = copy.deepcopy((journey, sent))
    step = journey.apply(pages()[SECTIONS.index(section)], sent)
    assert (journey, sent) == before
    return step
