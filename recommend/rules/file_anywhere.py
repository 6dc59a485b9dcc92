"""Read a rule set from any path, such as a draft on a clinical lead's own computer."""

from pathlib import Path

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend.engine import RuleSet
from recommend.engine.content_file import ContentFile
from recommend.engine.ruleset_file import read_ruleset


def read_from(path: Path) -> RuleSet:
    """Read a rule set with the questions that it names. Its rows may fall; only a proof says so.

    Raises:
        ContentError: it cannot be used, or names a questionnaire that is not there.
    """
    questionnaire = content.questionnaire_named(ContentFile(path).raw.get("questionnaire"), path)
    return read_ruleset(path, questionnaire.questions, languages())
