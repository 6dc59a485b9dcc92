"""Template context of every page: the clinic and the crisis lines. Never touches the database."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from carenav.clinic.content import crisis_lines
from carenav.clinic.crisis_lines import CountryLines, dialled


def place_lines(request: HttpRequest) -> CountryLines:
    """Return the crisis lines of the place the person named, else those of the clinic's country."""
    return crisis_lines().country(getattr(request, "carenav_place", None) or settings.COUNTRY)


def of_clinic(name: str) -> object:
    """Return what the clinic says about itself, in the language of the page where the settings have it."""
    in_language = settings.CLINIC_IN.get(get_language() or settings.LANGUAGE_CODE, {})
    return in_language.get(name) or getattr(settings, f"CLINIC_{name}")


def hours() -> str:
    """Return when the team reads answers, as the settings say it in the language of the page; empty: they don't."""
    return str(of_clinic("HOURS")) if settings.CLINIC_HOURS_KNOWN else ""


def site(request: HttpRequest) -> dict[str, object]:
    """Return the template context of every page.

    ``clinic`` (name, phone, tel, hours, response_time), ``crisis`` (CountryLines) and ``crisis_text``: the first of its
    crisis lines that can be reached by text message, or None; ``languages``: code and own name of each.
    """
    crisis = place_lines(request)
    return {
        "clinic": {
            "name": of_clinic("NAME"),
            "phone": settings.CLINIC_PHONE,
            "tel": f"tel:{dialled(settings.CLINIC_PHONE)}",
            "hours": of_clinic("HOURS"),
            "response_time": of_clinic("RESPONSE_TIME"),
        },
        "languages": settings.LANGUAGES,
        "crisis": crisis,
        "crisis_text": next((line for line in crisis.crisis if line.text_to), None),
    }
