"""Show patients' pages with settings that are not saved yet, as patients will see them."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override

from carenav.clinic.clinic_settings import ClinicSettings
from carenav.clinic.context import of_clinic
from carenav.clinic.in_force import preview
from intake import static_pages
from recommend import content
from recommend.result.snapshot import outcome_of
from recommend.result.text import result_text
from recommend.result.views import level_context, team_near

PEOPLE = settings.BASE_DIR / "recommend" / "desk" / "demo" / "people.toml"


def result_page(request: HttpRequest) -> HttpResponse:
    """Show the result of a made-up person who sent their answers."""
    answers, ruleset = made_up_answers(), content.ruleset()
    team = team_near(answers, promise=str(of_clinic("RESPONSE_TIME")))
    shown = result_text(outcome_of(ruleset, answers), answers, ruleset, content.questionnaire(), team=team)
    context = {"result": shown, "ruleset": ruleset.version, "made_on": timezone.localdate()}
    return render(
        request, "patient/result.html", context | {"reference": "–"} | level_context(shown, answers, ruleset)
    )


def made_up_answers() -> dict[str, Any]:
    """Return the answers of the first person of the demo."""
    raw = tomllib.loads(PEOPLE.read_text(encoding="utf-8"))
    usual = {question: values[0] for question, values in raw["vary"].items()}
    return raw["calm"] | usual | raw["person"][0]["answers"] | {"share": "send"}


PAGES: Mapping[str, tuple[str, Callable[[HttpRequest], HttpResponse]]] = {
    "start": ("Start page", static_pages.start),
    "help": ("Crisis help", static_pages.help_now),
    "result": ("A result", result_page),
}
"""The pages that can be previewed: a name and the view, by the value of the button."""


def buttons() -> list[tuple[str, str, str]]:
    """Return the value, the name of the page and the language of each button."""
    return [
        (f"{key}.{code}", name, language)
        for key, (name, _view) in PAGES.items()
        for code, language in settings.LANGUAGES
    ]


def previewed(request: HttpRequest, asked: str, value: ClinicSettings) -> HttpResponse:
    """Return a patients' page with these settings.

    Args:
        request: the request of the administrator.
        asked: the value of the button, such as "start.en"; the first page for one that does not exist.
        value: the settings.
    """
    offered = [each for each, _name, _language in buttons()]
    page, _, language = (asked if asked in offered else offered[0]).partition(".")
    seen = HttpRequest()  # a first visit of nobody: the administrator's cookies are not read
    seen.method, seen.path, seen.path_info = "GET", "/", "/"
    seen.LANGUAGE_CODE = language
    with preview(value), override(language):
        return PAGES[page][1](seen)
