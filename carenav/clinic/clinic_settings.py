"""The clinic's settings as one value: what pages say of the clinic, and by which times the desk works."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.text import capfirst

from carenav.clinic.contact_policy import ContactPolicy
from carenav.clinic.opening_hours import OpeningHours
from carenav.clinic.texts import IN_WORDS, TIERS, is_of_an_example, name_in, readers
from carenav.env import Environment


@dataclass(frozen=True)
class ClinicSettings:
    """What a clinic can set.

    Attributes:
        words: for each name of ``IN_WORDS``, its text by language; languages without a text are left out.
        message_name: the sender's name in messages to patients; "" to name nobody.
        phone: as people dial it; "" if none is shown.
        open: when the phone is answered, and the holidays.
        urgent_late_minutes: after how many minutes an urgent case that nobody acknowledged is late.
        contact_policy: how often and how soon staff must try to reach a person, by tier.
        color: the color of patients' pages, one of ``texts.COLORS``.
        version: the number of the saved version; 0 for the values of the start.
    """

    words: Mapping[str, Mapping[str, str]]
    message_name: str
    phone: str
    open: OpeningHours
    urgent_late_minutes: int
    contact_policy: Mapping[str, ContactPolicy]
    color: str
    version: int = 0


def other_languages() -> list[str]:
    """Return the codes of the site's languages except the first."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def names() -> list[str]:
    """Return the names of all settings of the clinic."""
    return list(readers(other_languages()))


@cache
def of_start() -> ClinicSettings:
    """Return the settings with which the site started: those of the environment."""
    return ClinicSettings(
        words={name: _words_of_start(name) for name in IN_WORDS},
        message_name=settings.CLINIC_MESSAGE_NAME,
        phone=settings.CLINIC_PHONE,
        open=settings.CLINIC_OPEN,
        urgent_late_minutes=settings.URGENT_LATE_MINUTES,
        contact_policy=settings.CONTACT_POLICY,
        color=settings.CLINIC_COLOR,
    )


def _words_of_start(name: str) -> dict[str, str]:
    first = {settings.LANGUAGE_CODE: getattr(settings, f"CLINIC_{name}")}
    others = {code: words.get(name, "") for code, words in settings.CLINIC_IN.items()}
    return {code: text for code, text in (first | {c: t for c, t in others.items() if t}).items() if text}


def read(texts: Mapping[str, str], version: int = 0) -> tuple[ClinicSettings, dict[str, str]]:
    """Read settings from texts; a setting without a text, or with one that cannot be used, is that of the start.

    Args:
        texts: keyed by the name of the variable. With an empty text, pages show what they show where nothing is set.
        version: the number of the version with these texts.

    Returns:
        the settings, and a sentence that says what is wrong with each text that cannot be used.
    """
    env = Environment({**texts, "TIME_ZONE": settings.TIME_ZONE if settings.TIME_ZONE_IS_SET else ""})
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, reader in readers(other_languages()).items():
        if name not in texts:
            continue
        try:
            if settings.PRODUCTION and is_of_an_example(name, texts[name]):
                raise ImproperlyConfigured(f"{name} is still the value of an example: set your own")
            found[name] = reader(env)
        except ImproperlyConfigured as error:
            faults[name] = capfirst(str(error).removeprefix(name).lstrip(": ")).rstrip(".") + "."
    return _over_start(found, version), faults


def _over_start(found: Mapping[str, Any], version: int) -> ClinicSettings:
    start = of_start()
    return ClinicSettings(
        words={name: _words(name, found, start.words[name]) for name in IN_WORDS},
        message_name=found.get("CLINIC_MESSAGE_NAME", start.message_name),
        phone=found.get("CLINIC_PHONE", start.phone),
        open=OpeningHours(
            week=found.get("CLINIC_OPEN", start.open).week,
            holidays=found.get("CLINIC_HOLIDAYS", start.open).holidays,
        ),
        urgent_late_minutes=found.get("URGENT_LATE_MINUTES", start.urgent_late_minutes),
        contact_policy={
            tier: found.get(f"CONTACT_POLICY_{tier}", start.contact_policy[tier]) for tier in TIERS
        },
        color=found.get("CLINIC_COLOR", start.color),
        version=version,
    )


def _words(name: str, found: Mapping[str, str], start: Mapping[str, str]) -> dict[str, str]:
    named = {settings.LANGUAGE_CODE: f"CLINIC_{name}"} | {
        code: name_in(name, code) for code in other_languages()
    }
    texts = {code: found.get(variable, start.get(code, "")) for code, variable in named.items()}
    return {code: text for code, text in texts.items() if text}
