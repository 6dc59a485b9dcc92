"""Template tags of the form template pack in ``templates/forms/``.

A form field may carry two sets of option ids that change how its options are laid out:

* ``exclusive``: choices that stand alone in a list of boxes ("None of these"); they come last, after an "or".
* ``quiet``: the lesser choices ("I'm not sure", "I'd rather not say"); they come last and are set apart.

A field that is not required is marked "(optional)", unless it carries ``one_of``: one of several such fields is needed.

A list of boxes sends one empty value before the ticked ones, so that a form can tell "nothing ticked" from "not on the
page"; the form leaves that value out.
"""

from dataclasses import dataclass
from typing import TypedDict

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()

LONG_LIST = 12  # a list of boxes with more options than this is laid out in columns


class Option(TypedDict):
    """One input, ready to be written out."""

    id: str
    value: str
    label: object
    checked: bool


@dataclass(frozen=True)
class OptionGroup:
    """Options shown together: the plain ones, the exclusive ones or the quiet ones."""

    options: list[Option]
    apart: bool = False
    quiet: bool = False
    columns: bool = False


@register.filter
def option_groups(field: BoundField) -> list[OptionGroup]:
    """Return the options of a choice field as the page shows them, without an empty group.

    The first group set apart from a list of boxes is ``apart``: the page writes "or" before it. The ids are those that
    Django itself gives; a field whose choices are grouped already is not laid out by this pack.
    """
    widget = field.field.widget
    several = widget.allow_multiple_selected
    exclusive = getattr(field.field, "exclusive", ()) if several else ()
    quiet = getattr(field.field, "quiet", ())
    chosen = widget.format_value(field.value())
    plain_options: list[Option] = []
    alone: list[Option] = []
    lesser: list[Option] = []
    for index, (value, label) in enumerate(widget.choices):
        group = lesser if value in quiet else alone if value in exclusive else plain_options
        value = str(value)
        group.append(
            {"id": f"{field.auto_id}_{index}", "value": value, "label": label, "checked": value in chosen}
        )
    groups = [
        OptionGroup(plain_options, columns=several and len(plain_options) > LONG_LIST),
        OptionGroup(alone, apart=True),
        OptionGroup(lesser, apart=several and not alone, quiet=True),
    ]
    return [group for group in groups if group.options]


@register.filter
def is_one_checkbox(field: BoundField) -> bool:
    """Return whether the field is a single box with its label beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_several(field: BoundField) -> bool:
    """Return whether any number of options may be chosen."""
    return isinstance(field.field.widget, forms.CheckboxSelectMultiple)


@register.filter
def first_control_id(field: BoundField) -> str:
    """Return the id an error link leads to: the first option on the page, else the control itself."""
    if not field.use_fieldset:
        return field.id_for_label or field.auto_id
    return option_groups(field)[0].options[0]["id"]
