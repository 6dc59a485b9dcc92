"""System checks of the clinic's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register

from carenav.clinic.clinic_settings import other_languages
from carenav.clinic.in_force import clinic
from carenav.clinic.texts import name_in


@register
def words_in_every_language(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Report each language in which pages use general words because a clinic setting has no translation."""
    found: list[CheckMessage] = []
    for code in other_languages():
        for name in ("HOURS", "RESPONSE_TIME"):
            words = clinic().words[name]
            if settings.LANGUAGE_CODE in words and code not in words:
                wanted = name_in(name, code)
                hint = f"Set {wanted}. Until then, pages in this language use general words."
                found.append(Info(f"{wanted} is not set, but CLINIC_{name} is.", hint=hint, id="clinic.I001"))
    return found
