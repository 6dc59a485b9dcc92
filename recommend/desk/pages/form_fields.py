"""Fields of the forms of the desk."""

from typing import Any

from django import forms

from recommend.desk.workflow import Transition

LONGEST_TEXT = 4_000
UNCHOSEN = [("", "---------")]


def text_field(label: str, rows: int = 2, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT, widget=widget, **kwargs)


def choice_field(label: str, choices: list[tuple[str, Any]], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[*UNCHOSEN, *choices], **kwargs)


def radio_field(label: str, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=forms.RadioSelect)


class Minutes(forms.DateTimeInput):
    """An input for date and time to the minute (``datetime-local``), with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class StepForm(forms.Form):
    """Base class of the forms of bulk actions."""

    def step(self) -> Transition:
        """Return the step of the workflow that the valid form asks for."""
        raise NotImplementedError
