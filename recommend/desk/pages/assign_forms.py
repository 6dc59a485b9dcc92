"""Forms of the bulk actions that assign cases: to oneself, to a colleague, or shared among several by load."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import Case
from recommend.desk.pages.assign_fields import people
from recommend.desk.pages.form_fields import UNCHOSEN, StepForm, text_field
from recommend.desk.staff.load import Load, loads_of_present
from recommend.desk.workflow import Transition

REASON = "Why they go to somebody else"
ONLY_OTHERS = "Needed for cases that a colleague has who is here."


class TakeForm(StepForm):
    """The form with which cases are assigned to oneself."""

    reason = text_field(REASON, help_text=ONLY_OTHERS)

    def step(self) -> Transition:
        """Return a function that assigns a case to the user."""
        return partial(workflow.assign_to_self, reason=self.cleaned_data["reason"])


class AssignForm(TakeForm):
    """The form with which cases are assigned to one person."""

    to = forms.ChoiceField(label="Assign to", choices=UNCHOSEN)
    field_order = ["to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["to"]).choices = people(loads_of_present(timezone.now()))

    def step(self) -> Transition:
        """Return a function that assigns a case to the chosen person."""
        to = User.objects.get(pk=self.cleaned_data["to"])
        return partial(workflow.assign, to=to, reason=self.cleaned_data["reason"])


class ShareForm(TakeForm):
    """The form with which a lead shares cases among several people by load."""

    among = forms.MultipleChoiceField(label="Share among", widget=forms.CheckboxSelectMultiple)
    field_order = ["among"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loads = loads_of_present(timezone.now())
        cast(forms.MultipleChoiceField, self.fields["among"]).choices = people(self.loads)[1:]

    def step(self) -> Transition:
        """Return a function that assigns a case to the chosen person with the least to do so far."""
        chosen = self.cleaned_data["among"]
        sharing = Sharing([load for load in self.loads if str(load.user.pk) in chosen])
        return partial(sharing.assign, reason=self.cleaned_data["reason"])


class Sharing:
    """Assign cases one after the other, each to the colleague who then has the least to do.

    Args:
        loads: the people among whom the cases are shared, with what they have before.
    """

    def __init__(self, loads: list[Load]) -> None:
        self.users = [load.user for load in loads]
        self.open = {load.user.pk: load.open for load in loads}
        self.urgent = {load.user.pk: load.urgent for load in loads}

    def assign(self, case: Case, by: User, reason: str) -> None:
        """Assign a case; urgent ones first even out the urgent cases, all others the open ones.

        Raises:
            TransitionNotAllowed: see ``workflow.assign``.
            EditConflict: the case has changed since the user saw it.
        """
        before, to = case.assignee_id, min(self.users, key=lambda user: self.rank(user, case))
        workflow.assign(case, by, to, reason)
        for counts in (self.open, self.urgent) if case.urgent else (self.open,):
            if before in counts:
                counts[before] -= 1
            counts[to.pk] += 1

    def rank(self, user: User, case: Case) -> tuple[int, int, bool, str]:
        """Return a sort key: what the user has besides this case, and that it stays with them if that is equal."""
        own = case.assignee_id == user.pk
        open_ones = self.open[user.pk] - own
        urgent = self.urgent[user.pk] - own if case.urgent else 0
        return urgent, open_ones, not own, user.get_username()
