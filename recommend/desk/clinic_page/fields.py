"""Which fields the form of the clinic's settings has, and how they make up the text of each setting."""

from collections.abc import Mapping

from django import forms
from django.conf import settings

from carenav.clinic.clinic_settings import other_languages
from carenav.clinic.contact_policy import read_contact_policy
from carenav.clinic.opening_hours import DAYS, MIDNIGHT, Span, read_opening_hours
from carenav.clinic.texts import COLORS, TIERS, name_in
from recommend.desk.models import Tier

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTS = {"attempts": "Attempts", "days": "On so many days", "ways": "In so many ways"}
"""The numbers of a contact policy, with their labels."""

WITHIN = "30m: within 30 minutes of office hours. 0d: by closing time the same day. 1d: one office day later."
LABELS = {
    "NAME": "Name of the clinic",
    "HOURS": "When the team is there, in words",
    "RESPONSE_TIME": "When the team gets in touch",
}
HELP = {
    "NAME": "As on the door. In another language, leave it empty if it is the same.",
    "HOURS": "Ends the sentence “The team is there …”, such as: Monday to Friday, 8 a.m. to 6 p.m.",
    "RESPONSE_TIME": "Ends the sentence “They’ll contact you …”, such as: within one working day.",
}


def text_fields() -> dict[str, forms.Field]:
    """Return the fields that are the text of a setting as they are, keyed by its name."""
    found: dict[str, forms.Field] = {}
    for name, label in LABELS.items():
        found[f"CLINIC_{name}"] = _line(f"{label} ({_language(settings.LANGUAGE_CODE)})", HELP[name])
        for code in other_languages():
            found[name_in(name, code)] = _line(f"{label} ({_language(code)})", lang=code)
    return found | {
        "CLINIC_PHONE": _line("Phone number", "As people dial it. Empty: no number is shown."),
        "CLINIC_HOLIDAYS": forms.CharField(
            label="Days when you are closed",
            required=False,
            max_length=2_000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="A day a line, such as 2026-12-25.",
        ),
        "CLINIC_MESSAGE_NAME": _line(
            "Sender’s name in messages to people",
            "Used only for people who said yes to messages. A clinic’s name can tell what it treats.",
        ),
        "CLINIC_COLOR": forms.ChoiceField(
            label="Color of the pages",
            choices=[(color, color.capitalize()) for color in COLORS],
            widget=forms.RadioSelect,
        ),
        "URGENT_LATE_MINUTES": _line(
            "An urgent case is late after so many minutes without anybody seeing it"
        ),
    }


def _line(label: str, help_text: str = "", lang: str = "") -> forms.CharField:
    attrs = {"lang": lang} if lang else {}
    return forms.CharField(
        label=label, required=False, max_length=200, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


def _language(code: str) -> str:
    return dict(settings.LANGUAGES)[code]


def day_fields() -> dict[str, forms.Field]:
    """Return a field for the opening hours of each weekday."""
    named = zip(DAYS, DAY_NAMES, strict=True)
    return {f"open_{day}": forms.CharField(label=name, required=False, max_length=100) for day, name in named}


def policy_fields() -> dict[str, forms.Field]:
    """Return the fields of the contact policies, keyed by :func:`policy_field`."""
    found: dict[str, forms.Field] = {}
    for tier in TIERS:
        label = Tier[tier].label
        for name, words in COUNTS.items():
            found[policy_field(tier, name)] = forms.IntegerField(
                label=f"{label}: {words.lower()}", min_value=1, max_value=9
            )
        found[policy_field(tier, "within")] = forms.CharField(
            label=f"{label}: first contact within", max_length=5
        )
    return found


def policy_field(tier: str, name: str) -> str:
    return f"policy_{tier}_{name}"


# ---- from texts to fields and back


def values_of(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each field for these texts.

    Args:
        texts: keyed by the name of the setting; each can be used.
    """
    found = {name: texts.get(name, "") for name in text_fields()}
    found["CLINIC_HOLIDAYS"] = "\n".join(filter(None, map(str.strip, texts["CLINIC_HOLIDAYS"].split(","))))
    week = read_opening_hours(texts["CLINIC_OPEN"]).week
    for number, day in enumerate(DAYS):
        found[f"open_{day}"] = " ".join(map(_written, week.get(number, ())))
    for tier in TIERS:
        policy = read_contact_policy(texts[f"CONTACT_POLICY_{tier}"])
        within = f"{policy.minutes}m" if policy.minutes else f"{policy.office_days}d"
        for name in COUNTS:
            found[policy_field(tier, name)] = str(getattr(policy, name))
        found[policy_field(tier, "within")] = within
    return found


def _written(span: Span) -> str:
    return "-".join("24:00" if at == MIDNIGHT else at.strftime("%H:%M") for at in span)


def texts_of(values: Mapping[str, object]) -> dict[str, str]:
    """Return the text of each setting that the values of the fields make up."""
    found = {name: str(values.get(name, "")).strip() for name in text_fields()}
    found["CLINIC_HOLIDAYS"] = ", ".join(found["CLINIC_HOLIDAYS"].replace(",", " ").split())
    found["CLINIC_OPEN"] = ", ".join(text for day in DAYS if (text := day_text(values, day)))
    for tier in TIERS:
        parts = (f"{name}={values.get(policy_field(tier, name))}" for name in (*COUNTS, "within"))
        found[f"CONTACT_POLICY_{tier}"] = " ".join(parts)
    return found


def day_text(values: Mapping[str, object], day: str) -> str:
    """Return the opening hours of one day, such as ``mon 08:00-12:00``; "" if it has none."""
    hours = str(values.get(f"open_{day}", "")).replace(",", " ").strip()
    return f"{day} {hours}" if hours else ""
