"""Template tags of the form template pack in ``templates/forms/``.

A form field may carry two sets of option ids that change how its options are laid out:

* ``exclusive``: choices that stand alone in a list of boxes ("None of these"); they come last, after an "or".
* ``quiet``: the lesser choices ("I'm not sure", "I'd rather not say"); they come last and are set apart.

It may also carry a ``grid`` (intake/pages_file.py): its options are then laid out as a table.

A field that is not required is marked "(optional)", unless it carries ``one_of``: one of several such fields is needed.

A list of boxes sends one empty value before the ticked ones, so that a form can tell "nothing ticked" from "not on the
page"; the form leaves that value out.
"""

from dataclasses import dataclass
from typing import TypedDict

from django import forms, template
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from intake.forms import every
from intake.side_pages import GO

register = template.Library()


class Option(TypedDict):
    """One input, ready to be written out."""

    id: str
    value: str
    label: object
    checked: bool
    name: str


@dataclass(frozen=True)
class OptionGroup:
    """Options shown together: the plain ones, the exclusive ones or the quiet ones."""

    options: list[Option]
    apart: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class OptionTable:
    """Options laid out as a table.

    Attributes:
        columns: the name of each column.
        rows: the name of each row, with its boxes; first the row whose boxes stand for a whole column.
    """

    columns: list[object]
    rows: list[tuple[object, list[Option]]]


@register.simple_tag(takes_context=True)
def way(context: template.Context, name: str, words: str, *args: object) -> SafeString:
    """Link to a page of this site: by a button of the main form, where the page ``keeps`` what is filled in.

    Args:
        context: of the template.
        name: of the page's address.
        words: of the link.
        args: of the address.
    """
    address = reverse(name, args=args)
    if not context.get("keeps"):
        return format_html('<a href="{}">{}</a>', address, words)
    button = '<button class="plain" form="main" name="{}" value="{}">{}</button>'
    return format_html(button, GO, address, words)


@register.filter
def option_table(field: BoundField) -> OptionTable | None:
    """Return the options of a field that is laid out as a table; None for other fields."""
    grid = getattr(field.field, "grid", None)
    if grid is None:
        return None
    options = all_options(field)
    shortcuts: list[Option] = [
        Option(
            id=every(str(field.auto_id), id),
            value="yes",
            label="",
            checked=False,
            name=every(field.html_name, id),
        )
        for id in grid.columns
    ]
    rows = [(name, [options[id] for id in ids]) for name, ids in grid.rows]
    return OptionTable([*grid.columns.values()], [(grid.every, shortcuts), *rows])


def all_options(field: BoundField) -> dict[str, Option]:
    """Return every option of a field by its value. The ids are those that Django itself gives."""
    widget = field.field.widget
    chosen = widget.format_value(field.value())
    return {
        str(value): {
            "id": f"{field.auto_id}_{index}",
            "value": str(value),
            "label": label,
            "checked": str(value) in chosen,
            "name": field.html_name,
        }
        for index, (value, label) in enumerate(widget.choices)
    }


@register.filter
def option_groups(field: BoundField) -> list[OptionGroup]:
    """Return the options of a choice field as the page shows them, without an empty group.

    The first group set apart from a list of boxes is ``apart``: the page writes "or" before it. What stands in a table
    is left out. A field whose choices are grouped already is not laid out by this pack.
    """
    several = field.field.widget.allow_multiple_selected
    exclusive = getattr(field.field, "exclusive", ()) if several else ()
    quiet = getattr(field.field, "quiet", ())
    grid = getattr(field.field, "grid", None)
    in_table = {id for _name, ids in grid.rows for id in ids} if grid else set()
    plain_options: list[Option] = []
    alone: list[Option] = []
    lesser: list[Option] = []
    for value, option in all_options(field).items():
        if value not in in_table:
            group = lesser if value in quiet else alone if value in exclusive else plain_options
            group.append(option)
    groups = [
        OptionGroup(plain_options),
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
