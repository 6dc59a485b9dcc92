"""Add the fields of a placement to the case form, check them, and return the step of the workflow that they ask for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from django import forms
from django.utils import timezone

from recommend.desk import next_steps, workflow
from recommend.desk.models import Case, CaseStatus, Placement, PlacementReason, PlacementState
from recommend.desk.next_steps import NextStep
from recommend.desk.pages.form_fields import UNCHOSEN, choice_field
from recommend.desk.placement.fitting import Fitting
from recommend.desk.workflow import Place, Transition
from recommend.desk.workflow.placement import AFTER, BEGINS
from recommend.programs.models import Program

State = PlacementState

GO_ON = "finished_go_on"
"""The choice of the form for a program that has ended and a person who needs another place."""

NAMES = ("placement", "program", "elsewhere", "starts_on", "ends_on", "declined_because")

WORDS: Mapping[tuple[str, str], str] = {
    **{(before, State.START_SET): "Start date set: placed" for before in ("", *BEGINS)},
    (State.START_SET, State.START_SET): "Another start date",
    (State.START_SET, State.DECLINED): "Declined after all",
    (State.ARRIVED, State.ARRIVED): "Still there: another expected end",
    (State.ARRIVED, State.FINISHED): "Finished: nothing more to do",
}
"""The labels that differ from those of ``PlacementState``, keyed by the current state and the new one."""


class CaseFormLike(Protocol):
    """The part of ``CaseForm`` that is used here; a protocol, to avoid a circular import."""

    fields: dict[str, forms.Field]

    def need(self, name: str, words: str) -> None: ...


class ProgramField(forms.ChoiceField):
    """The program. Any of the list is valid, because the best ones may differ by the time the form is sent."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isdecimal() and len(str(value)) < 19


class Day(forms.DateInput):
    """An input for a day, with the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlacementFields:
    """The fields of a placement in the form of a case.

    Args:
        form: the form of the case.
        case: the case.
        current: its current placement; None if there is none.
        fit: the programs that fit.
    """

    def __init__(self, form: CaseFormLike, case: Case, current: Placement | None, fit: Fitting) -> None:
        self.form, self.case, self.current, self.fit = form, case, current, fit
        if not case.has_next_step or (case.is_followed_up and current is None):
            return
        has_a_place = current is not None and case.is_followed_up
        form.fields["placement"] = choice_field("What to record", self.ways())
        if not has_a_place:
            form.fields["program"] = ProgramField(
                label="Program", required=False, choices=lambda: [("", self.unchosen), *fit.choices()]
            )
            form.fields["elsewhere"] = forms.CharField(
                label="Or a place outside the list", required=False, max_length=120
            )
        form.fields["starts_on"] = forms.DateField(label="They start on", required=False, widget=Day)
        if has_a_place:
            form.fields["ends_on"] = forms.DateField(
                label="Expected end of the program", required=False, widget=Day
            )
        form.fields["declined_because"] = choice_field(
            "Why declined, or not arrived", PlacementReason.choices
        )

    @property
    def unchosen(self) -> str:
        """The label of no program: the current one, if there is one."""
        return self.current.where if self.current else UNCHOSEN[0][1]

    def ways(self) -> list[tuple[str, str]]:
        """Return the states that can follow, with their labels."""
        before = self.current.state if self.current else ""
        ways = [(to.value, WORDS.get((before, to), str(to.label))) for to in AFTER.get(before, BEGINS)]
        if before == State.ARRIVED:
            ways.insert(1, (GO_ON, "Finished: find the next place"))
        return ways

    @property
    def presses(self) -> list[tuple[str, str]]:
        """The choices that have a button of their own in a placed case: each asks for one answer."""
        before = self.current.state if self.current else ""
        asked: dict[str, tuple[str, ...]] = {
            State.START_SET: (State.ARRIVED, State.NO_SHOW),
            State.ARRIVED: (State.FINISHED, GO_ON, State.ARRIVED),
        }
        labels = dict(self.ways())
        return [(str(value), labels[value]) for value in asked.get(before, ())]

    # ---- checks

    def clean(self, given: dict[str, Any]) -> None:
        """Check the fields, and fill in what follows: Placed with a start date is the same as the status Placed."""
        if "placement" not in self.form.fields:
            return
        if given.get("status") == CaseStatus.PLACED and not given.get("placement"):
            given["placement"] = State.START_SET
        if given.get("placement") == State.START_SET and self.case.is_open:
            given["status"] = CaseStatus.PLACED
        state = given.get("placement")
        if not state:
            if any(given.get(name) for name in NAMES):
                self.form.need("placement", "Choose what to record about the place.")
            return
        self.check_place(given)
        self.check_days(given, state)
        if state == State.DECLINED and not given.get("declined_because"):
            self.form.need("declined_because", "Choose why it was declined.")

    def check_place(self, given: Mapping[str, Any]) -> None:
        if given.get("program") and given.get("elsewhere"):
            self.form.need("elsewhere", "Choose a program, or write a place outside the list, not both.")
        elif given.get("program") and self.program_of(given) is None:
            self.form.need("program", "This program is no longer offered. Choose another one.")
        elif not (self.current or given.get("program") or given.get("elsewhere")):
            self.form.need("program", "Choose the program, or write where.")

    def check_days(self, given: Mapping[str, Any], state: str) -> None:
        today = timezone.localdate()
        if state == State.START_SET:
            self.check_day(given, "starts_on", today - next_steps.FARTHEST, today + next_steps.FARTHEST)
        if state == State.ARRIVED:
            started = self.current.start_on if self.current else None
            last = today + next_steps.FARTHEST_END
            self.check_day(given, "ends_on", started or today, last - timedelta(days=1))

    def check_day(self, given: Mapping[str, Any], name: str, first: date, last: date) -> None:
        if given.get(name) is None:
            self.form.need(name, "Enter the day.")
        elif not first <= given[name] <= last:
            self.form.need(name, f"Enter a day from {first:%b %-d, %Y} to {last:%b %-d, %Y}.")

    # ---- what to save

    @staticmethod
    def state_of(given: Mapping[str, Any]) -> str:
        """Return the state to record; "" for none."""
        state = given.get("placement") or ""
        return State.FINISHED.value if state == GO_ON else str(state)

    def program_of(self, given: Mapping[str, Any]) -> Program | None:
        return Program.objects.filter(pk=given["program"], active=True).first()

    @staticmethod
    def day_of(given: Mapping[str, Any]) -> date | None:
        """Return the day that belongs to the state."""
        name = {State.START_SET: "starts_on", State.ARRIVED: "ends_on"}.get(given.get("placement", ""))
        return given.get(name) if name else None

    def ends_here(self, given: Mapping[str, Any]) -> bool:
        """Return whether the case is done, so that it has no next step."""
        return given.get("placement") == State.FINISHED and self.case.is_followed_up

    def crosses(self, given: Mapping[str, Any]) -> bool:
        """Return whether the next step is for another status, so that a contact in the same form cannot have it."""
        state = self.state_of(given)
        return bool(state) and (state == State.START_SET or self.case.is_followed_up)

    def usual(self, given: Mapping[str, Any], now: datetime) -> NextStep | None:
        """Return the usual next step after the state; None if nothing is recorded, or the case is done."""
        state = self.state_of(given)
        if not state or self.ends_here(given):
            return None
        return next_steps.after_placement(self.case, state, self.day_of(given), now)

    def steps(self, given: Mapping[str, Any], then: NextStep | None) -> list[Transition]:
        """Return the step of the workflow that the fields ask for, in a list; an empty list for none."""
        state = self.state_of(given)
        if not state:
            return []
        place = None
        if given.get("program") or given.get("elsewhere"):
            program = self.program_of(given) if given.get("program") else None
            place = Place(program, given.get("elsewhere", ""))
        recorded: dict[str, Any] = {
            "state": state,
            "place": place,
            "day": self.day_of(given),
            "reason": given.get("declined_because", "") if state in (State.DECLINED, State.NO_SHOW) else "",
            "then": then,
            "go_on": given.get("placement") == GO_ON,
        }
        return [partial(workflow.record_placement, **recorded)]
