"""Two administrators change the clinic's settings at once: bring together what each of them did."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from carenav.clinic.models import ClinicVersion
from recommend.desk.clinic_page.fields import values_of
from recommend.desk.clinic_page.form import ClinicForm, texts_in


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile.

    Attributes:
        what: its label.
        seen: its value when the form was opened.
        now: the value that was saved meanwhile.
        wanted: what was typed; None if the field was left alone, so that the form now has ``now``.
    """

    what: str
    seen: str
    now: str
    wanted: str | None


@dataclass(frozen=True)
class Conflict:
    """A version that somebody else saved meanwhile, and how it differs."""

    version: ClinicVersion
    differences: list[Difference]


def brought_together(post: QueryDict, now: ClinicVersion) -> tuple[ClinicForm, Conflict]:
    """Return the form with everything that was typed, and with what was saved meanwhile in all other fields.

    Args:
        post: what was sent; its ``seen`` is the version that it was typed over.
        now: the version that was saved meanwhile.
    """
    before = ClinicVersion.objects.filter(number=str(post["seen"])).first()
    seen, saved = values_of(texts_in(before)), values_of(texts_in(now))
    data = post.copy()
    data["seen"] = str(now.number)
    form = ClinicForm(data)
    differences = []
    for name in seen:
        typed = post.get(name, "").replace("\r\n", "\n").strip()
        if seen[name] == saved[name]:
            continue
        left_alone = typed == seen[name]
        if left_alone:
            data[name] = saved[name]
        if typed != saved[name]:
            label = str(form.fields[name].label)
            differences.append(Difference(label, seen[name], saved[name], None if left_alone else typed))
    return form, Conflict(now, differences)


def changes(before: ClinicVersion | None, after: ClinicVersion) -> list[Difference]:
    """Return what a version changed."""
    old, new = (values_of(texts_in(each)) for each in (before, after))
    labels: Mapping[str, object] = {name: field.label for name, field in ClinicForm().fields.items()}
    return [
        Difference(str(labels[name]), old[name], new[name], None) for name in new if old[name] != new[name]
    ]
