"""Read the clinic's settings from texts: variables of the environment, or what an administrator typed.

Both are read by the functions of this module, so the browser refuses what the start refuses, in the same words.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial

from django.core.exceptions import ImproperlyConfigured

from carenav.clinic.contact_policy import ContactPolicy, ContactPolicyError, read_contact_policy
from carenav.clinic.opening_hours import OpeningHours, OpeningHoursError, read_opening_hours
from carenav.env import Environment

Reader = Callable[[Environment], object]
"""Reads one setting; raises ``ImproperlyConfigured``, with its name first, if its text cannot be used."""

IN_WORDS = ("NAME", "HOURS", "RESPONSE_TIME")
"""Settings that patients read, in each language of the site."""

TIERS = ("NOW", "TODAY", "SOON", "ROUTINE")
COLORS = ("green", "blue", "plum", "slate")
"""The colors of patients' pages. tests/test_contrast.py checks each; static/patient/colors/ has all but the first."""

# ROUTINE follows Los Angeles County DMH policy 302.14: contact within 3 business days, at least 2 attempts before a
# case is closed. The other tiers are our own, stricter choice for people who may be in danger; no source we know names
# numbers for them. A clinical lead should set them.
DEFAULTS = {
    "URGENT_LATE_MINUTES": "30",
    "CLINIC_COLOR": COLORS[0],
    "CONTACT_POLICY_NOW": "attempts=4 days=2 ways=2 within=30m",
    "CONTACT_POLICY_TODAY": "attempts=3 days=2 ways=2 within=0d",
    "CONTACT_POLICY_SOON": "attempts=3 days=2 ways=2 within=1d",
    "CONTACT_POLICY_ROUTINE": "attempts=2 days=2 ways=1 within=3d",
}
"""The texts of settings that are left out."""

PLACEHOLDER = re.compile(
    r"change[-_ ]?me|replace[-_ ]?me|placeholder|^your[ ._-]"
    r"|example clinic|(^|[.@/])example\.(com|net|org)\b",
    re.IGNORECASE,
)
INVENTED_PHONE = re.compile(r"55501[0-9]{2}$")
"""Numbers of North America that are kept free for films and examples, as in deploy/production.env."""


def is_of_an_example(name: str, text: str) -> bool:
    """Return whether the text of a variable was copied from an example, and would give people a made-up number."""
    invented = name == "CLINIC_PHONE" and INVENTED_PHONE.search(re.sub("[^0-9]", "", text))
    return bool(invented or PLACEHOLDER.search(text))


def name_in(name: str, language: str) -> str:
    """Return the name of a setting in another language than the site's first, such as ``CLINIC_HOURS_PT_BR``."""
    return f"CLINIC_{name}_{language.upper().replace('-', '_')}"


def read_phone(env: Environment) -> str:
    phone = env.text("CLINIC_PHONE")
    if phone and not re.fullmatch(r"[+(]?([0-9][ ().,/-]*){3}.*", phone):
        raise ImproperlyConfigured(f"CLINIC_PHONE must be a number to dial, not {phone!r}")
    return phone


def read_open(env: Environment) -> OpeningHours:
    """Return the opening hours of each weekday, without holidays."""
    try:
        hours = read_opening_hours(env.text("CLINIC_OPEN"))
    except OpeningHoursError as error:
        raise ImproperlyConfigured(f"CLINIC_OPEN: {error}") from None
    if hours.week and not env.text("TIME_ZONE"):
        raise ImproperlyConfigured("CLINIC_OPEN: TIME_ZONE is needed too, such as America/New_York")
    return hours


def read_holidays(env: Environment) -> OpeningHours:
    """Return opening hours with the holidays alone."""
    try:
        return read_opening_hours("", env.items("CLINIC_HOLIDAYS"))
    except OpeningHoursError as error:
        raise ImproperlyConfigured(f"CLINIC_HOLIDAYS: {error}") from None


def read_late_minutes(env: Environment) -> int:
    name = "URGENT_LATE_MINUTES"
    return env.count(name, int(DEFAULTS[name]), most=525_600)  # a year


def read_color(env: Environment) -> str:
    return env.choice("CLINIC_COLOR", COLORS, default=COLORS[0])


def read_policy(env: Environment, tier: str) -> ContactPolicy:
    """Return the contact policy of a tier, one of ``TIERS``."""
    name = f"CONTACT_POLICY_{tier}"
    try:
        return read_contact_policy(env.text(name, DEFAULTS[name]))
    except ContactPolicyError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def _read_text(env: Environment, name: str) -> str:
    return env.text(name)


def readers(other_languages: Iterable[str]) -> dict[str, Reader]:
    """Return the function that reads each setting of the clinic, keyed by the name of its variable.

    Args:
        other_languages: codes of the site's languages except the first.
    """
    in_words = [f"CLINIC_{name}" for name in IN_WORDS]
    in_words += [name_in(name, code) for code in other_languages for name in IN_WORDS]
    return {
        **{name: partial(_read_text, name=name) for name in (*in_words, "CLINIC_MESSAGE_NAME")},
        "CLINIC_PHONE": read_phone,
        "CLINIC_OPEN": read_open,
        "CLINIC_HOLIDAYS": read_holidays,
        "CLINIC_COLOR": read_color,
        "URGENT_LATE_MINUTES": read_late_minutes,
        **{f"CONTACT_POLICY_{tier}": partial(read_policy, tier=tier) for tier in TIERS},
    }
