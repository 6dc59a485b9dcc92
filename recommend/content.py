"""Sources and the comparison of the levels: read once, when the app starts. A broken file stops the start."""

import sys
from functools import cache

from django.conf import settings

from carenav.plumbing.i18n.localized_text import languages
from intake.content import questionnaire, questionnaire_versions, ruleset, safety_texts, safety_texts_of
from recommend.engine import ContentError
from recommend.levels.continuum import Continuum, load_continuum
from recommend.levels.schedule import Schedule, load_weeks
from recommend.levels.sources import Sources, load_sources
from recommend.rules.proof_files import Data, read_proof
from recommend.rules.stored_answers import load_mappings

HERE = settings.BASE_DIR / "recommend" / "levels"

__all__ = [
    "continuum",
    "load",
    "proof",
    "questionnaire",
    "questionnaire_versions",
    "ruleset",
    "safety_texts",
    "safety_texts_of",
    "sources",
    "weeks",
]


@cache
def sources() -> Sources:
    """Return the sources that rules and pages cite."""
    return load_sources(HERE / "sources.toml", languages())


@cache
def proof() -> Data:
    """Return the proof of the current rule set, as its file records it."""
    return read_proof(settings.RULESET, ruleset())


@cache
def continuum() -> Continuum:
    """Return the four levels of care side by side."""
    return load_continuum(HERE / "continuum.toml", sources(), languages())


@cache
def weeks() -> Schedule:
    """Return what a week of each level usually takes."""
    return load_weeks(HERE / "schedule.toml", sources(), languages())


def load() -> None:
    """Read everything now.

    Raises:
        ContentError: a file cannot be used, or a rule cites what is not there.
    """
    cited = [("rule", rule) for rule in ruleset().rules] + [("note", note) for note in ruleset().notes]
    for what, each in cited:
        if unknown := [source for source in each.sources if not sources().citable(source)]:
            raise ContentError(
                settings.RULESET, f"{what} {each.id}, sources", f"{unknown[0]!r} cannot be cited"
            )
    continuum()
    weeks()
    load_mappings(questionnaire().version)
    if sys.argv[1:2] != ["prove"]:  # the one command that makes the proof cannot wait for it
        proof()
