"""The fields with which a case is assigned: taken, given to a colleague, or given back."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import Case
from recommend.desk.pages.form_fields import UNCHOSEN
from recommend.desk.staff.load import Load, loads_of_present
from recommend.desk.workflow import Transition

Choices = list[tuple[str, str]]


def whose(case: Case, by: User) -> Choices:
    """Return the choices for oneself and for nobody."""
    if case.assignee is None:
        return [("", "Unassigned"), ("take", "Assign to me")]
    if case.assignee == by:
        return [("", "Assigned to me"), ("give_back", "Unassign")]
    name = case.assignee.get_username()
    return [
        ("", f"Assigned to {name}"),
        ("take", f"Assign to me instead of {name}"),
        ("give_back", "Unassign"),
    ]


def colleagues(case: Case, by: User) -> Choices:
    """Return the choices of colleagues who are here, each with their load."""
    others = [
        load for load in loads_of_present(timezone.now()) if load.user.pk not in (by.pk, case.assignee_id)
    ]
    return people(others)


def people(them: list[Load]) -> Choices:
    """Return a choice for each of these staff users, with their load in words, after an empty one."""
    return [*UNCHOSEN, *((str(load.user.pk), load.in_words) for load in them)]


def assigning(given: Mapping[str, Any]) -> Transition | None:
    """Return the step that assigns the case as the form says; None if it says nothing."""
    reason = given.get("who_reason", "")
    if given.get("assign_to"):
        return partial(workflow.assign, to=User.objects.get(pk=given["assign_to"]), reason=reason)
    if given.get("who"):
        step = workflow.assign_to_self if given["who"] == "take" else workflow.unassign
        return partial(step, reason=reason)
    return None
