"""The four results of sending a page of answers, as ``Journey.apply`` decides them."""

from dataclasses import dataclass
from typing import Any

from intake.answers import Answers
from intake.forms import QuestionsForm
from recommend.engine import CrisisAnswer


@dataclass(frozen=True)
class NotOpen:
    """The person may not answer this page yet, because an earlier one is unfinished. Nothing is stored.

    Attributes:
        help: whether a posted answer carries a crisis mark, so that crisis help is shown first.
    """

    help: bool


@dataclass(frozen=True)
class Stop:
    """An answer ends the questions: the person asks for someone else, or is under 18. The draft is deleted.

    Attributes:
        option: the id of the option that ends them.
        answers: all answers, for the help page that follows.
        help: whether a posted answer carries a crisis mark, so that crisis help is shown first.
    """

    option: str
    answers: Answers
    help: bool


@dataclass(frozen=True)
class Invalid:
    """An answer is missing or invalid, and there is no draft to store the others in.

    Attributes:
        form: the bound form with its errors.
        help: whether a posted answer carries a crisis mark, so that crisis help is shown first.
    """

    form: QuestionsForm
    help: bool


@dataclass(frozen=True)
class Accepted:
    """The valid answers are to be stored, even if others on the page are missing or invalid.

    Attributes:
        answers: all answers from now on, for the draft.
        url: where to redirect: the next page, or this page again if something on it is missing or invalid.
        fresh: the kinds of crisis for which help is to be shown now.
        crisis: the answers to record in the draft because they carry a crisis mark, alone or in combination.
        form: the bound form with its errors; None if all of it is valid.
    """

    answers: dict[str, Any]
    url: str
    fresh: frozenset[str]
    crisis: tuple[CrisisAnswer, ...]
    form: QuestionsForm | None

    @property
    def help(self) -> bool:
        """Whether crisis help is shown before the next page."""
        return bool(self.fresh)


Step = NotOpen | Stop | Invalid | Accepted
