"""Forms of the bulk actions on cases."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from recommend.desk import next_steps, workflow
from recommend.desk.models import Case, ContactAttempt
from recommend.desk.next_steps import PRESETS, NextStep, When
from recommend.desk.pages.form_fields import UNCHOSEN, StepForm
from recommend.desk.safe_contact import warnings
from recommend.desk.workflow import Transition

LEAVE, LOG = "leave", "log"


class AttemptForm(StepForm):
    """The form for the contact attempt that a bulk action logs for each case.

    Attributes:
        warned: cases whose person does not want to be reached in this way, each with the reason. The page asks what to
            do about them.
    """

    warned: list[tuple[Case, str]]

    how = forms.ChoiceField(label="How", choices=[*UNCHOSEN, *ContactAttempt.How.choices])
    outcome = forms.ChoiceField(label="How it went", choices=[*UNCHOSEN, *ContactAttempt.Outcome.choices])
    next_when = forms.ChoiceField(
        label="Next step",
        required=False,
        choices=[("", "As usual"), *((each.value, each.label) for each in PRESETS)],
    )
    confirm_contact = forms.ChoiceField(
        label="What about these cases?",
        required=False,
        choices=[*UNCHOSEN, (LEAVE, "Leave them out"), (LOG, "Log it for them all the same")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warned = []

    def step(self) -> Transition:
        """Return a function that logs the attempt for a case."""
        given = self.cleaned_data

        def log(case: Case, by: User) -> None:
            now = timezone.now()
            then = next_steps.after_contact(case, given["outcome"], now)
            if given["next_when"]:
                then = NextStep(then.action, PRESETS[When(given["next_when"])](now))
            confirmed = given["confirm_contact"] == LOG
            workflow.note_attempt(case, by, given["how"], given["outcome"], then=then, confirmed=confirmed)

        return log

    def asks_about(self, cases: Iterable[Case]) -> bool:
        """Return whether the page must ask what to do about some cases; fills ``warned``.

        It must if the attempt contradicts the wishes of their people and the user has not chosen what to do yet.
        """
        given = self.cleaned_data
        found = [(case, " ".join(warnings(case, given["how"], given["outcome"]))) for case in cases]
        self.warned = [(case, words) for case, words in found if words]
        return bool(self.warned) and not given["confirm_contact"]


class CloseForm(StepForm):
    """The form for the outcome with which a bulk action closes cases."""

    outcome = forms.ChoiceField(label="Reason for closing", choices=[*UNCHOSEN, *workflow.OUTCOMES])

    def step(self) -> Transition:
        """Return a function that closes a case."""
        return partial(workflow.close_one_of_many, outcome=self.cleaned_data["outcome"])
