"""Template context of every page: the clinic and the crisis lines. Makes no database query."""

from datetime import datetime, time

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from carenav.clinic.content import crisis_lines
from carenav.clinic.crisis_lines import CountryLines
from carenav.clinic.in_force import clinic
from carenav.clinic.opening_hours import MIDNIGHT
from carenav.clinic.texts import COLORS
from carenav.plumbing.spelling import dialed


def place_lines(request: HttpRequest) -> CountryLines:
    """Return the crisis lines of the place that the person chose, or else of the clinic's country."""
    return crisis_lines().country(getattr(request, "carenav_place", None) or settings.COUNTRY)


IN_GENERAL = {
    "NAME": gettext_lazy("the clinic that runs this site"),
    "HOURS": gettext_lazy("in office hours"),
    "RESPONSE_TIME": gettext_lazy("as soon as they can, which may take a few days"),
}
"""What pages say if a setting has no text in their language, so that no sentence mixes two languages."""


def own_words(name: str) -> str:
    """Return a clinic setting in the language of the page; "" if it has no text in it.

    Args:
        name: one of ``texts.IN_WORDS``, such as "HOURS".
    """
    return clinic().words[name].get(get_language() or settings.LANGUAGE_CODE, "")


def of_clinic(name: str) -> object:
    """Return a clinic setting in the language of the page, or general words.

    The name of the clinic needs no translation: without one, it is as on the door.

    Args:
        name: one of ``texts.IN_WORDS``, such as "NAME".
    """
    on_the_door = clinic().words[name].get(settings.LANGUAGE_CODE) if name == "NAME" else ""
    return own_words(name) or on_the_door or IN_GENERAL[name]


def hours() -> str:
    """Return when the team reads answers, in the language of the page; "" if the settings do not say so."""
    return own_words("HOURS")


def color_sheet() -> str:
    """Return the path of the style sheet with the clinic's color, below ``static/``; "" for the usual color."""
    color = clinic().color
    return "" if color == COLORS[0] else f"patient/colors/{color}.css"


def before_period(words: str) -> str:
    """Return words without their last period, for a sentence that ends after them: "8 a.m. to 6 p.m"."""
    return words.removesuffix(".")


def open_now() -> str:
    """Return a short line that says whether the clinic is open now or when it opens; "" if no hours are set."""
    at = timezone.localtime()
    if until := clinic().open.open_until(at):
        return _("Open now") if until == MIDNIGHT else _("Open now, until %s") % _clock(until)
    opens = clinic().open.next_opening(at)
    return _opening(opens, (opens.date() - at.date()).days) if opens else ""


def _clock(at: time) -> str:
    # Translators: how a time of day is written, in Django's letters: P is "6 p.m.", "8:30 a.m." or "noon".
    return time_format(at, pgettext("time of day", "P"))


def _opening(opens: datetime, ahead: int) -> str:
    when = {"time": _clock(opens.time()), "day": date_format(opens, "l"), "date": date_format(opens)}
    if ahead == 0:
        return _("Closed now. Opens today at %(time)s") % when
    if ahead == 1:
        return _("Closed now. Opens tomorrow at %(time)s") % when
    if ahead < 7:
        return _("Closed now. Opens on %(day)s at %(time)s") % when
    return _("Closed now. Opens on %(date)s at %(time)s") % when


def site(request: HttpRequest) -> dict[str, object]:
    """Return the template context of every page.

    Returns:
        ``clinic``: a dict with name, is_named, phone, tel (a link), color_sheet, hours, response_time and backup_days
            (for how long backups keep what was deleted; None if that is not known).
        ``crisis``: the ``CountryLines`` of the person's place.
        ``crisis_text``: the first of its crisis lines that accepts text messages, or None.
        ``languages``: pairs of a language code and the language's own name.
    """
    crisis = place_lines(request)
    return {
        "clinic": {
            "name": of_clinic("NAME"),
            "is_named": bool(clinic().words["NAME"]),
            "phone": clinic().phone,
            "tel": f"tel:{dialed(clinic().phone)}",
            "color_sheet": color_sheet(),
            "hours": of_clinic("HOURS"),
            "response_time": of_clinic("RESPONSE_TIME"),
            "backup_days": settings.BACKUP_KEEP_DAYS if settings.BACKUP_DIR else None,
        },
        "languages": settings.LANGUAGES,
        "crisis": crisis,
        "crisis_text": next((line for line in crisis.crisis if line.text_to), None),
    }
