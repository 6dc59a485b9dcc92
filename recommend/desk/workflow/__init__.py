"""The workflow of a case: all steps that staff can take, from new to placed or closed.

Each step is a transaction: it checks the rules, changes the case unless its version has changed since the user saw it,
and records the change in the history. To take several steps together, open a transaction around them.
"""

from recommend.desk.workflow.attention import acknowledge, assign, assign_to_self, needs_reason, unassign
from recommend.desk.workflow.change import (
    EditConflict,
    NeedsConfirmation,
    Transition,
    TransitionNotAllowed,
    at_version,
    has_attempt,
    has_been_reached,
)
from recommend.desk.workflow.contacts import mark_entered_in_error, note_attempt, send_message
from recommend.desk.workflow.merging import merge
from recommend.desk.workflow.next_step import NOTHING_NEXT, plan, stored_step
from recommend.desk.workflow.notes import Learned, add_call_answers, add_note
from recommend.desk.workflow.placement import Place, mark_placement_in_error, record_placement
from recommend.desk.workflow.progress import (
    LEAD,
    NEXT,
    OUTCOMES,
    Effect,
    close,
    close_one_of_many,
    record_disposition,
    reopen,
    set_status,
)

__all__ = [
    "LEAD",
    "NEXT",
    "NOTHING_NEXT",
    "OUTCOMES",
    "EditConflict",
    "Effect",
    "Learned",
    "NeedsConfirmation",
    "Place",
    "Transition",
    "TransitionNotAllowed",
    "acknowledge",
    "add_call_answers",
    "add_note",
    "assign",
    "assign_to_self",
    "at_version",
    "close",
    "close_one_of_many",
    "has_attempt",
    "has_been_reached",
    "mark_entered_in_error",
    "mark_placement_in_error",
    "merge",
    "needs_reason",
    "note_attempt",
    "plan",
    "record_disposition",
    "record_placement",
    "reopen",
    "send_message",
    "set_status",
    "stored_step",
    "unassign",
]
