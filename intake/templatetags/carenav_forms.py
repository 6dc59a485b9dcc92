"""Template tags for the form templates in ``templates/forms/``.

These attributes of a form field change how it is shown:

* ``exclusive``: ids of options that cannot be combined with others in a list of boxes ("None of these"). They come
  after the plain options and an "or".
* ``quiet``: ids of options such as "I'm not sure" and "I'd rather not say". They come last, separated from the others.
* ``grid`` (see intake/pages_file.py): the options are laid out as a table.
* ``one_of``: whether the field is left without the mark "(optional)" although it is not required, because one of
  several fields is needed.

A list of boxes sends one empty value before the ticked ones, so that a form can tell "nothing ticked" from "not on the
page". The form drops that value.
"""

from dataclasses import dataclass
from typing import TypedDict

from django import forms, template
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from carenav.clinic.context import before_period
from intake.forms import every
from intake.side_pages import GO

register = template.Library()


class Option(TypedDict):
    """One radio button or box of a field: the attributes and label of its ``input`` element."""

    id: str
    value: str
    label: object
    checked: bool
    name: str


@dataclass(frozen=True)
class OptionGroup:
    """Options shown together: the plain ones, the exclusive ones or the quiet ones.

    Attributes:
        options: the inputs, in order.
        apart: whether the page writes "or" before the group.
        quiet: whether these are the quiet options.
    """

    options: list[Option]
    apart: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class OptionTable:
    """Options laid out as a table.

    Attributes:
        columns: the name of each column.
        rows: the name of each row, with pairs of a box and the name of its column. In the first row, each box ticks a
            whole column.
    """

    columns: list[object]
    rows: list[tuple[object, list[tuple[Option, object]]]]


@register.simple_tag(takes_context=True)
def way(context: template.Context, name: str, words: str, *args: object) -> SafeString:
    """Render a link to a page of this site; on a page with the context variable ``keeps``, a button of its form.

    The button submits the form with id "main", so that the view can store what is filled in; see intake/side_pages.py.

    Args:
        context: the context of the template.
        name: the name of the URL, such as "intake:privacy".
        words: the text of the link.
        args: the arguments of the URL.
    """
    address = reverse(name, args=args)
    if not context.get("keeps"):
        return format_html('<a href="{}">{}</a>', address, words)
    button = '<button class="plain" form="main" name="{}" value="{}">{}</button>'
    return format_html(button, GO, address, words)


register.filter(before_period)


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
    rows = [(grid.every, shortcuts), *((name, [options[id] for id in ids]) for name, ids in grid.rows)]
    columns = [*grid.columns.values()]
    return OptionTable(columns, [(name, [*zip(boxes, columns, strict=True)]) for name, boxes in rows])


def all_options(field: BoundField) -> dict[str, Option]:
    """Return every option of a field, keyed by its value. HTML ids are the same as in Django's own widgets."""
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
    """Return the options of a choice field in groups, as the page shows them; empty groups are left out.

    For a list of boxes, ``apart`` is set on the first group after the plain options. Options of a table are left out.
    Fields with named groups of choices are not supported.
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
    """Return whether the field is a single checkbox."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_several(field: BoundField) -> bool:
    """Return whether the field is a list of checkboxes."""
    return isinstance(field.field.widget, forms.CheckboxSelectMultiple)


@register.filter
def first_control_id(field: BoundField) -> str:
    """Return the HTML id to which an error message links: of the first option, or of the control if it is just one."""
    if not field.use_fieldset:
        return field.id_for_label or field.auto_id
    return option_groups(field)[0].options[0]["id"]
