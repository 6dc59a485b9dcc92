"""Fields of the form of a program: times as people write them, and lists of boxes."""

import re
from datetime import time
from typing import Any

from django import forms
from django.utils.formats import time_format

WRITTEN = re.compile(r"(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d{2}))?(?P<half>[ap]m)")
NAMED = {"noon": time(12), "midnight": time(0)}


def time_as_written(text: str) -> time | None:
    """Return a time such as "9pm", "9 p.m.", "9:30 PM" or "noon"; None if it is none of these."""
    short = re.sub(r"[\s.]", "", text.casefold())
    if short in NAMED:
        return NAMED[short]
    found = WRITTEN.fullmatch(short)
    if not found:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if not 1 <= hour <= 12 or minute > 59:
        return None
    return time(hour % 12 + (12 if found["half"] == "pm" else 0), minute)


class TimeField(forms.TimeField):
    """A time of day, as the site shows it ("9 p.m.") or by 24 hours ("21:00").

    Its input has none of the admin's buttons, which would enter the server's time of day.
    """

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return time_format(value, "TIME_FORMAT") if isinstance(value, time) else value

    def to_python(self, value: Any) -> time | None:
        return (time_as_written(value) if isinstance(value, str) else None) or super().to_python(value)


class Boxes(forms.MultipleChoiceField):
    """A list of boxes."""

    widget = forms.CheckboxSelectMultiple
