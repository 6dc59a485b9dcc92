"""Add the call guide to the case form: each question can be ticked as asked, or answered in a few words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django import forms
from django.forms import BoundField

from carenav.plumbing.i18n.localized_text import FALLBACK
from recommend.desk.call_guide.of_case import Group, Item, items_named
from recommend.desk.models import Case
from recommend.desk.workflow import Learned

LONGEST_ANSWER = 500
ASKED, LEARNED = "asked-", "learned-"
OF_GUIDE = (ASKED, LEARNED)
"""Prefixes of the names of its fields; the id of the item follows."""


@dataclass(frozen=True)
class Row:
    """One question with its fields; they are None if it can only be read."""

    item: Item
    asked: BoundField | None = None
    learned: BoundField | None = None


class CaseFormLike(Protocol):
    """The part of ``CaseForm`` that is used here; a protocol, to avoid a circular import."""

    case: Case
    guide: "GuideFields"

    def __getitem__(self, name: str) -> BoundField: ...


class GuideFields:
    """The fields of the call guide in a form.

    Which fields there are follows from the names in ``typed``, so that saving need not work out the call guide again.

    Args:
        form: the form of the case. On the page its element has the id ``case-form``, to which inputs outside refer.
        case: the case, with its submission.
        typed: the values that were sent or typed, keyed by field.
    """

    def __init__(self, form: forms.Form, case: Case, typed: Mapping[str, str]) -> None:
        self.form = form
        ids = [name.removeprefix(start) for name in typed for start in OF_GUIDE if name.startswith(start)]
        self.items = items_named(case, dict.fromkeys(ids))
        for item in self.items:
            self.add(item)

    def add(self, item: Item) -> None:
        """Add the fields of one question to the form."""
        attrs = {"form": "case-form", "autocomplete": "off", "aria-describedby": f"ask-{item.id}"}
        box, line = forms.CheckboxInput(attrs=attrs), forms.TextInput(attrs=attrs)
        self.form.fields[f"{ASKED}{item.id}"] = forms.BooleanField(label="Asked", required=False, widget=box)
        self.form.fields[f"{LEARNED}{item.id}"] = forms.CharField(
            label="What they said", required=False, max_length=LONGEST_ANSWER, widget=line
        )

    def given(self) -> list[Learned]:
        """Return the questions that were ticked or answered. Call it on a valid form."""
        given = self.form.cleaned_data
        return [
            Learned(item.id, item.ask[FALLBACK], given[f"{LEARNED}{item.id}"])
            for item in self.items
            if given[f"{ASKED}{item.id}"] or given[f"{LEARNED}{item.id}"]
        ]

    def has(self, item: Item) -> bool:
        """Return whether the form has the fields of a question."""
        return f"{ASKED}{item.id}" in self.form.fields


def rows(groups: Iterable[Group], form: CaseFormLike | None) -> list[tuple[Group, list[Row]]]:
    """Return the questions of each group, with fields if there is a form and the case is open.

    Adds missing fields to the form.

    Args:
        groups: the groups of the call guide.
        form: the form of the case; None for users who may only read, and for the call sheet.
    """
    return [(group, [_row(item, form) for item in group.items]) for group in groups]


def _row(item: Item, form: CaseFormLike | None) -> Row:
    if form is None:
        return Row(item)
    if form.case.is_open and not form.guide.has(item):
        form.guide.add(item)
    if not form.guide.has(item):
        return Row(item)
    return Row(item, form[f"{ASKED}{item.id}"], form[f"{LEARNED}{item.id}"])
