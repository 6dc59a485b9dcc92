"""Steps that add what staff write down: notes, and what was learned on a call."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk.models import CallAnswer, Case, Note
from recommend.desk.workflow.change import What, apply_change, history_line


@transaction.atomic
def add_note(case: Case, by: User, text: str) -> None:
    """Add a note to an open or finished case.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    apply_change(case, [history_line(case, by, What.NOTE, "", "")])
    Note.objects.create(case=case, by=by, text=text)


@dataclass(frozen=True)
class Learned:
    """A question that was asked on a call.

    Attributes:
        question: the id of the item in the call guide.
        asked: its English wording.
        learned: the answer in a few words; "" if it was only marked as asked.
    """

    question: str
    asked: str
    learned: str = ""


@transaction.atomic
def add_call_answers(case: Case, by: User, answers: Iterable[Learned]) -> None:
    """Store what was learned on a call, without changing the person's own answers.

    Args:
        case: the case.
        by: the user who asked.
        answers: the questions asked; at least one.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    apply_change(case, [history_line(case, by, What.LEARNED, "", "")])
    now = timezone.now()  # the same time for all, so that the history shows them as one call
    CallAnswer.objects.bulk_create(CallAnswer(case=case, by=by, at=now, **vars(each)) for each in answers)
