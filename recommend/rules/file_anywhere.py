"""Read a rule set from any path, such as a draft on a clinical lead's computer, with the questions it names."""

from pathlib import Path

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend.engine import ContentError, Questions, RuleSet, load_ruleset
from recommend.engine.content_file import ContentFile
from recommend.engine.ruleset_file import read_ruleset


def load_from(path: Path) -> RuleSet:
    """Load a rule set that is fit to decide.

    Raises:
        ContentError: the file is not valid, or names a version of the questions that does not exist.
    """
    return load_ruleset(path, _questions_named_in(path), languages())


def read_from(path: Path) -> RuleSet:
    """Read a rule set only to examine it. It may rate a worse answer lower than a milder one, which no proof accepts.

    Raises:
        ContentError: the file is not valid, or names a version of the questions that does not exist.
    """
    return read_ruleset(path, _questions_named_in(path), languages())


def _questions_named_in(path: Path) -> Questions:
    raw = ContentFile(path).raw
    if "questionnaire" not in raw:
        raise ContentError(path, "the file", "'questionnaire' is missing")
    return content.questionnaire_named(raw["questionnaire"], path).questions
