"""What a page of answers that was sent leads to, as `Journey.apply` decides it."""

from dataclasses import dataclass
from typing import Any

from intake.answers import Answers
from intake.forms import QuestionsForm
from recommend.engine import CrisisAnswer


@dataclass(frozen=True)
class NotOpen:
    """The page is not open to this person. Nothing is stored.

    Attributes:
        help: whether the post carries a crisis, so that crisis help comes first.
    """

    help: bool


@dataclass(frozen=True)
class Stop:
    """The answers end the questions: they are about someone else, or somebody too young. The draft is deleted.

    Attributes:
        option: the answer that ends them.
        answers: all answers, for the page that says so.
        help: whether the post carries a crisis, so that crisis help comes first.
    """

    option: str
    answers: Answers
    help: bool


@dataclass(frozen=True)
class Invalid:
    """An answer is missing or wrong, and there is no draft to keep the others in.

    Attributes:
        form: the page with its errors.
        help: whether the post carries a crisis, so that crisis help comes first.
    """

    form: QuestionsForm
    help: bool


@dataclass(frozen=True)
class Accepted:
    """There are answers to store: those of the whole page, or the valid ones where another is missing or wrong.

    Attributes:
        answers: all answers from now on, for the draft.
        url: the page after this one; this one again where something on it is missing or wrong.
        fresh: the kinds of crisis for which help is to be shown now.
        crisis: the answers to note because they carry a crisis, alone or together.
        form: the page with its errors; None if all of it is valid.
    """

    answers: dict[str, Any]
    url: str
    fresh: frozenset[str]
    crisis: tuple[CrisisAnswer, ...]
    form: QuestionsForm | None

    @property
    def help(self) -> bool:
        """Whether crisis help comes first."""
        return bool(self.fresh)


Step = NotOpen | Stop | Invalid | Accepted
