"""Load and cache the content files about levels, sources and proofs.

``RecommendConfig.ready`` calls :func:`load`, so the server does not start with a file that is not valid.
"""

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
    """Return the proof of the rule set in use, as its proof file records it."""
    return read_proof(settings.RULESET, ruleset())


@cache
def continuum() -> Continuum:
    """Return the texts of the four levels of care and the table that compares them."""
    return load_continuum(HERE / "continuum.toml", sources(), languages())


@cache
def weeks() -> Schedule:
    """Return what a week of each level usually takes."""
    return load_weeks(HERE / "schedule.toml", sources(), languages())


def load() -> None:
    """Read all content files now, and check that every source that a rule or note cites exists.

    Raises:
        ContentError: a file is not valid, or a rule or note cites a source that cannot be cited.
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
    if sys.argv[1:2] != ["prove"]:  # this command writes the proof, so it cannot need it
        proof()
