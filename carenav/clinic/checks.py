"""System checks of the clinic's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register

IN_WORDS = ("HOURS", "RESPONSE_TIME")


@register
def words_in_every_language(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Report each language in which pages use general words because a clinic setting has no translation."""
    found: list[CheckMessage] = []
    for code, _name in settings.LANGUAGES:
        for name in IN_WORDS:
            given = isinstance(
                getattr(settings, f"CLINIC_{name}"), str
            )  # if not, it is our own default, which is translated
            if code != settings.LANGUAGE_CODE and given and not settings.CLINIC_IN.get(code, {}).get(name):
                wanted = f"CLINIC_{name}_{code.upper().replace('-', '_')}"
                hint = f"Set {wanted}. Until then, pages in this language use general words."
                found.append(Info(f"{wanted} is not set, but CLINIC_{name} is.", hint=hint, id="clinic.I001"))
    return found
