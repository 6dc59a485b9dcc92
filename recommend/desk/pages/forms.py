"""The form of a case page.

All its parts are optional. A part that is not filled in changes nothing, so that saving a form
never undoes what somebody else changed in the meantime.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from recommend.desk import next_steps, reaching, workflow
from recommend.desk.history import first_sent
from recommend.desk.models import (
    Case,
    CaseOutcome,
    CaseStatus,
    ContactAttempt,
    Disposition,
    NextAction,
    Placement,
)
from recommend.desk.next_steps import NextStep, When
from recommend.desk.pages import assign_fields
from recommend.desk.pages.corrections import correction, what_can_be_wrong
from recommend.desk.pages.form_fields import (
    UNCHOSEN,
    Minutes,
    choice_field,
    radio_field,
    text_field,
)
from recommend.desk.pages.guide_fields import GuideFields
from recommend.desk.person_messages.templates import messages_for
from recommend.desk.placement.fields import PlacementFields
from recommend.desk.placement.fitting import Fitting
from recommend.desk.workflow import Transition
from recommend.levels.choices import LevelOfCare

REOPEN = "reopen"
YES_OR_NO = [("yes", "Yes"), ("no", "No")]
MINUTES = [(str(each), str(each)) for each in (0, 5, 10, 15, 30)]


class CaseForm(forms.Form):
    """The form of a case page: assignee, contact attempt, level, next step, note and status.

    Args:
        data: the POST data to validate; None for an unbound form.
        case: the case in its current state.
        by: the user who fills in the form.
        since: the id of the last change in the history that they have seen.
        typed: what was filled in but not saved, as initial values.
        attempts: the contact attempts of the case, of which one can be marked as entered in error.
        placements: the placements of the case, likewise.
        fit: the programs that fit; None to find them if they are needed.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    since = forms.IntegerField(widget=forms.HiddenInput)

    who = radio_field("Assigned to", [])
    assign_to = choice_field("Or assign to a colleague", [])
    who_reason = text_field("Why it goes to somebody else")
    seen = forms.BooleanField(label="Acknowledge", required=False)

    how = choice_field("How", ContactAttempt.How.choices)
    attempt = choice_field("How it went", ContactAttempt.Outcome.choices)
    at = forms.DateTimeField(label="When", required=False, widget=Minutes, help_text="Empty: now.")
    attempt_note = text_field("What was said")
    confirm_contact = forms.BooleanField(label="Log it all the same", required=False)

    message = forms.ChoiceField(label="Message", required=False, widget=forms.HiddenInput)

    level = radio_field("Level", [])
    reason = choice_field(
        "Reason for override",
        Disposition.Reason.choices,
        help_text="Needed, with a few words, if the level differs from the recommendation.",
    )
    text = text_field("Explain briefly")
    changed = choice_field("Did the recommendation change your decision?", YES_OR_NO)
    minutes = choice_field("Minutes it saved you", MINUTES)

    next_action = forms.ChoiceField(label="What", required=False)
    next_when = forms.ChoiceField(label="When", required=False)
    next_at = forms.DateTimeField(label="Date and time", required=False, widget=Minutes)

    wrong = forms.ChoiceField(label="Which contact", required=False)
    wrong_reason = text_field("What was wrong")

    note = text_field("Note", rows=3)

    status = radio_field("Status", [])
    outcome = choice_field("Reason for closing", workflow.OUTCOMES)
    reopen_reason = text_field("Reason for reopening")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        case: Case,
        by: User,
        since: int,
        typed: Mapping[str, Any] | None = None,
        attempts: Iterable[ContactAttempt] = (),
        placements: Iterable[Placement] = (),
        fit: Fitting | None = None,
    ) -> None:
        self.typed = typed or data or {}
        shown = {"who": "", "level": "", "status": ""} | {name: self.typed[name] for name in self.typed}
        initial = shown | {"version": case.version, "since": since}
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.case = case
        self.by = by
        self.choose_from("who", assign_fields.whose(case, by))
        self.choose_from("assign_to", assign_fields.colleagues(case, by) if case.has_next_step else [])
        self.choose_from("level", [("", "No change"), *LevelOfCare.choices])
        self.choose_from("status", self.ways())
        placements = list(placements)
        self.wrong_ones = what_can_be_wrong(attempts, placements)
        self.choose_from("wrong", [*UNCHOSEN, *self.wrong_ones])
        self.messages = messages_for(case) if case.has_next_step else []
        self.choose_from("message", [("", ""), *((each.key, each.key) for each in self.messages)])
        self.choose_from("next_action", [("", "As usual"), *self.next_actions()])
        self.choose_from("next_when", [("", "As usual"), *When.choices])
        self.guide = GuideFields(self, case, self.typed)
        current = next((each for each in placements if each.is_current), None)
        self.place = PlacementFields(self, case, current, fit or Fitting(case))
        self.leave_out_what_cannot_be_done()
        self.offer_not_reached_in_time()

    def choose_from(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def choices_of(self, name: str) -> list[tuple[str, Any]]:
        return list(cast(Any, self.fields[name]).choices)

    def next_actions(self) -> list[tuple[str, Any]]:
        """Return the choices for the next action: those of open cases, or the one that a placed case has."""
        case = self.case
        if case.is_followed_up:
            return [(case.next_action, NextAction(case.next_action).label)]
        return [(each.value, each.label) for each in NextAction if next_steps.is_for(each, placed=False)]

    def ways(self) -> list[tuple[str, Any]]:
        status = CaseStatus(self.case.status)
        ways: list[tuple[str, Any]] = [("", f"Keep as {status.label}")]
        # Logging an attempt changes New to In contact, so that step is not offered here.
        to = [
            each
            for each in workflow.NEXT[status]
            if (status, each) != (CaseStatus.NEW, CaseStatus.IN_CONTACT)
        ]
        # Choosing a level makes the case Assessed, so that Placed can be chosen in the same form.
        if status in (CaseStatus.NEW, CaseStatus.IN_CONTACT):
            to.insert(-1, CaseStatus.PLACED)
        ways += [(each.value, "Close" if each == CaseStatus.CLOSED else each.label) for each in to]
        return ways if to else [*ways, (REOPEN, "Reopen")]

    def leave_out_what_cannot_be_done(self) -> None:
        """Remove fields that the workflow would refuse for this case, unless the user has filled them in already."""
        case = self.case
        is_open, at_work = case.is_open, case.has_next_step
        of_contact = ("how", "attempt", "at", "attempt_note", "confirm_contact")
        of_work = ("who", "assign_to", *of_contact, "next_when", "next_at")
        of_level = ("level", "reason", "text", "changed", "minutes")
        useless = {
            **dict.fromkeys(of_work, not at_work),
            "who_reason": not at_work or not workflow.needs_reason(case, self.by),
            "seen": not is_open or (case.is_acknowledged and not self.stale_unchosen),
            **dict.fromkeys(("wrong", "wrong_reason"), not self.wrong_ones),
            **dict.fromkeys(of_level, not is_open and not case.stale_since),
            "next_action": not at_work,
            "outcome": not is_open,
            "reopen_reason": is_open,
        }
        for name, leave_out in useless.items():
            if leave_out and not self.typed.get(name):
                del self.fields[name]

    def offer_not_reached_in_time(self) -> None:
        """Hide the outcome "Could not be reached" if more than one attempt is missing, and say what is missing.

        If only one is missing, this form can log it. The hidden outcome stays valid, so that the workflow can say what
        is missing.
        """
        if "outcome" not in self.fields:
            return
        missing = reaching.shortfall(self.case)
        if missing.least > 1:
            field = cast(forms.ChoiceField, self.fields["outcome"])
            cast(Any, field.widget).choices = [
                each for each in self.choices_of("outcome") if each[0] != CaseOutcome.NOT_REACHED
            ]
            field.help_text = missing.words

    @property
    def stale_unchosen(self) -> bool:
        return self.case.stale_since is not None and not self.case.chosen

    # ---- checks

    def clean_at(self) -> datetime | None:
        at = self.cleaned_data["at"]
        if at and at > timezone.now() + timedelta(minutes=1):
            raise ValidationError("That time is in the future.")
        if at and at < self.case.attempts_count_from:
            if at >= first_sent(self.case.submission):
                raise ValidationError("That’s before the person sent it again. Use a note instead.")
            raise ValidationError("That’s before the case was submitted.")
        return at

    def clean(self) -> None:
        """Add an error to each part that is filled in incompletely. The workflow checks complete parts."""
        given = self.cleaned_data
        if given.get("who") and given.get("assign_to"):
            self.need("assign_to", "Choose one: yourself, nobody, or a colleague.")
        self.place.clean(given)
        if given.get("how") and not given.get("attempt"):
            self.need("attempt", "Choose how it went.")
        if not given.get("how") and any(given.get(name) for name in ("attempt", "at", "attempt_note")):
            self.need("how", "Choose how you tried.")
        of_level = ("reason", "text", "changed", "minutes")
        if not given.get("level") and any(given.get(name) for name in of_level):
            self.need("level", "Choose the level as well.")
        if given.get("wrong") and not given.get("wrong_reason"):
            self.need("wrong_reason", "Say what was wrong with it.")
        if given.get("wrong_reason") and not given.get("wrong"):
            self.need("wrong", "Choose what was entered in error.")
        if given.get("next_when") == When.DATE and not given.get("next_at"):
            self.need("next_at", "Enter the date and time of the next step.")
        if given.get("next_at") and given.get("next_when") not in ("", When.DATE):
            self.need("next_when", "Choose a date and time, or leave the date and time empty.")
        if given.get("next_action") and not self.is_planned_by_an_outcome(given) and not self.is_timed(given):
            self.need("next_when", "Say when the next step is due.")
        if given.get("status") == CaseStatus.CLOSED and not given.get("outcome"):
            self.need("outcome", "Choose a reason for closing.")
        is_assessed = self.case.status == CaseStatus.ASSESSED
        if given.get("status") == CaseStatus.PLACED and not is_assessed and not given.get("level"):
            self.need("level", "Choose the level before you place the case.")
        if given.get("outcome") and given.get("status") != CaseStatus.CLOSED:
            self.need("status", "Choose Close as well, or clear the reason for closing.")
        if given.get("status") == REOPEN and not given.get("reopen_reason"):
            self.need("reopen_reason", "Give a reason for reopening.")
        if given.get("reopen_reason") and given.get("status") != REOPEN:
            self.need("status", "Choose Reopen as well, or clear the reason.")

    def need(self, name: str, words: str) -> None:
        if name not in self.errors:
            self.add_error(name, words)

    # ---- what to save

    def steps(self) -> list[Transition]:
        """Return the steps of the workflow to take, in an order in which each allows the next.

        For example, logging a call allows choosing a level, and that allows placing the case.
        """
        given = self.cleaned_data
        then = self.next_step(given)
        before = None if self.place.crosses(given) else then
        steps: list[Transition] = []
        if given.get("status") == REOPEN:
            steps.append(partial(workflow.reopen, reason=given["reopen_reason"]))
        if given.get("wrong"):
            steps.append(correction(given["wrong"], given["wrong_reason"]))
        if given.get("seen"):
            steps.append(workflow.acknowledge)
        if assigning := assign_fields.assigning(given):
            steps.append(assigning)
        if given.get("how"):
            names = {"how": "how", "attempt": "outcome", "at": "at", "attempt_note": "note"}
            attempt = {to: given[name] for name, to in names.items()}
            steps.append(
                partial(workflow.note_attempt, then=before, confirmed=given["confirm_contact"], **attempt)
            )
        if given.get("message"):
            steps.append(partial(workflow.send_message, key=given["message"], then=before))
        if given.get("level"):
            chosen = {name: given[name] for name in ("level", "reason", "text")}
            steps.append(partial(workflow.record_disposition, then=before, effect=effect_of(given), **chosen))
        steps += self.place.steps(given, then)
        if then and not self.is_planned_by_an_outcome(given):
            steps.append(partial(workflow.plan, then=then))
        if learned := self.guide.given():
            steps.append(partial(workflow.add_call_answers, answers=learned))
        if given.get("note"):
            steps.append(partial(workflow.add_note, text=given["note"]))
        if given.get("status") == CaseStatus.CLOSED:
            steps.append(partial(workflow.close, outcome=given["outcome"]))
        elif given.get("status") in (
            CaseStatus.IN_CONTACT,
            CaseStatus.ASSESSED,
        ) and not self.is_assessed_by_the_level(given):
            steps.append(partial(workflow.set_status, to=CaseStatus(given["status"])))
        return steps

    @staticmethod
    def is_planned_by_an_outcome(given: Mapping[str, Any]) -> bool:
        """Return whether the form saves something with a usual next step: a contact, message, level or placement."""
        return any(given.get(name) for name in ("how", "message", "level", "placement"))

    @staticmethod
    def is_timed(given: Mapping[str, Any]) -> bool:
        """Return whether a time was chosen for the next step."""
        return bool(given.get("next_when") or given.get("next_at"))

    def next_step(self, given: Mapping[str, Any]) -> NextStep | None:
        """Return the next step to set; None to leave it as it is.

        What the user did not choose is taken from the usual next step after what they save.
        """
        now = timezone.now()
        usual = self.place.usual(given, now)
        if usual or self.place.ends_here(given):
            pass
        elif given.get("level"):
            usual = next_steps.after_level(now)
        elif given.get("how"):
            usual = next_steps.after_contact(self.case, given["attempt"], now)
        elif given.get("message"):
            usual = next_steps.after_contact(self.case, ContactAttempt.Outcome.MESSAGE, now)
        action = given.get("next_action") or (usual.action if usual else self.case.next_action)
        at = given.get("next_at") or (usual.at if usual else None)
        if given.get("next_when") in next_steps.PRESETS:
            at = next_steps.PRESETS[When(given["next_when"])](now)
        return NextStep(NextAction(action), at) if action and at else None

    @staticmethod
    def is_assessed_by_the_level(given: Mapping[str, Any]) -> bool:
        """Return whether choosing a level already sets the chosen status, so that no separate step is needed."""
        return bool(given.get("level")) and given["status"] == CaseStatus.ASSESSED


def effect_of(given: Mapping[str, Any]) -> workflow.Effect:
    """Return what the user says that the recommendation did for them."""
    changed, minutes = given.get("changed"), given.get("minutes")
    return workflow.Effect(changed == "yes" if changed else None, int(minutes) if minutes else None)
