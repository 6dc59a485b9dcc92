"""The form of the clinic's settings. What the start refuses in the environment is refused here at its field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from carenav.clinic.clinic_settings import ClinicSettings, read
from carenav.clinic.models import ClinicVersion
from carenav.clinic.opening_hours import DAYS
from carenav.clinic.texts import DEFAULTS, TIERS
from recommend.desk.clinic_page.fields import (
    COUNTS,
    WITHIN,
    day_fields,
    day_text,
    policy_field,
    policy_fields,
    text_fields,
    texts_of,
    values_of,
)
from recommend.desk.models import Tier


def texts_in(version: ClinicVersion | None) -> dict[str, str]:
    """Return the text of each setting in a version.

    A setting that it lacks, or whose text a newer carenav refuses, has that of the start.
    """
    start = {name: text or DEFAULTS.get(name, "") for name, text in settings.CLINIC_TEXTS.items()}
    saved = version.texts if version else {}
    refused = read(saved)[1]
    return {name: text if name in refused else saved.get(name, text) for name, text in start.items()}


@dataclass(frozen=True)
class Part:
    """Fields of the form under one heading."""

    heading: str
    fields: list[forms.BoundField]
    note: str = ""


class ClinicForm(forms.Form):
    """The settings of the clinic, typed or as they were saved.

    Attributes:
        clinic_settings: what was typed, as a value; set by validation, also for what cannot be used.
    """

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    clinic_settings: ClinicSettings

    def __init__(self, data: QueryDict | Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields |= text_fields() | day_fields() | policy_fields()

    @property
    def texts(self) -> dict[str, str]:
        """The text of each setting, once the form is valid."""
        return texts_of(self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        self.clinic_settings, faults = read(texts_of(given))
        self.refuse_days()
        for name, said in faults.items():
            field = self.field_of(name, said)
            if field and not self.has_error_beside(field):
                self.add_error(field, said)
        return given

    def refuse_days(self) -> None:
        """Say at the day what is wrong with its hours; the same sentence once."""
        said: set[str] = set()
        for day in DAYS:
            fault = read({"CLINIC_OPEN": day_text(self.cleaned_data, day)})[1].get("CLINIC_OPEN")
            if fault and fault not in said:
                said.add(fault)
                self.add_error(f"open_{day}", fault)

    def has_error_beside(self, field: str) -> bool:
        """Return whether this field, or another of the same contact policy, is wrong already."""
        policy = field.startswith("policy_") and field.rpartition("_")[0]
        return field in self.errors or bool(policy and any(name.startswith(policy) for name in self.errors))

    def field_of(self, name: str, said: str) -> str:
        """Return the field to say it at; "" for the opening hours, which :meth:`refuse_days` looks at."""
        if name in self.fields:
            return name
        tier = name.removeprefix("CONTACT_POLICY_")
        if tier not in TIERS:
            return ""
        return policy_field(tier, "within" if said.startswith("Within") else "attempts")

    @property
    def parts(self) -> list[Part]:
        """All fields but the hidden one, in the order of the page."""
        in_words = [name for name in self.fields if name.startswith(("CLINIC_NAME", "CLINIC_PHONE"))]
        hours = [name for name in self.fields if name.startswith(("CLINIC_HOURS", "CLINIC_HOLIDAYS"))]
        promise = [name for name in self.fields if name.startswith("CLINIC_RESPONSE")]
        spans = "The hours when the phone is answered, such as 08:00-12:00 13:00-18:00. Empty: closed."
        found = [
            Part("Who you are", self.bound([*in_words, "CLINIC_COLOR"])),
            Part("Opening hours", self.bound(day_fields()), spans),
            Part("Opening hours in words, and holidays", self.bound(hours)),
            Part("What you promise", self.bound(promise)),
            Part("Messages and urgent cases", self.bound(["CLINIC_MESSAGE_NAME", "URGENT_LATE_MINUTES"])),
        ]
        for tier in TIERS:
            names = [policy_field(tier, each) for each in (*COUNTS, "within")]
            heading = f"Trying to reach a person: {Tier[tier].label}"
            found.append(Part(heading, self.bound(names), WITHIN if tier == TIERS[0] else ""))
        return found

    def bound(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names]


def as_saved(version: ClinicVersion | None) -> ClinicForm:
    """Return the form with the settings of a version, not yet changed."""
    return ClinicForm(initial=values_of(texts_in(version)) | {"seen": version.number if version else 0})
