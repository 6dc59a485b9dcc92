"""Give access to the content files: questionnaires, pages, rule sets and safety texts.

Each file is read once. :func:`load` reads today's files when the app starts, so a broken file stops the start.
"""

from functools import cache
from pathlib import Path

from django.conf import settings

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import languages
from intake.pages_file import Page, Pages, load_pages
from intake.questionnaire import Questionnaire, check_short_phrases, load_questionnaire
from intake.safety.texts import SafetyTexts
from intake.safety.texts_file import load_safety_texts
from recommend.engine import ContentError, RuleSet, load_ruleset
from recommend.engine.version_mapping import VersionMapping, load_mapping

HERE = settings.BASE_DIR / "intake"


@cache
def questionnaire(version: str = settings.QUESTIONNAIRE.stem) -> Questionnaire:
    """Return a version of the questionnaire, by default the one that people are asked today."""
    return load_questionnaire(settings.QUESTIONNAIRE.with_stem(version), languages())


@cache
def pages() -> Pages:
    """Return the pages of today's questionnaire."""
    return load_pages(HERE / "pages" / settings.QUESTIONNAIRE.name, languages(), questionnaire())


def page_of(question: str) -> Page:
    """Return the page that asks the question with this id.

    Raises:
        StopIteration: no page asks it.
    """
    return next(page for page in pages().questions if any(each.id == question for each in page.wordings))


def questionnaire_versions() -> list[str]:
    """Return every version of the questionnaire that has a file, such as "2026.2", newest first.

    Mapping files in the same folder, such as ``2026.2.from-2026.1.toml``, do not count.
    """
    paths = settings.QUESTIONNAIRE.parent.glob("*.toml")
    return sorted((path.stem for path in paths if ".from-" not in path.name), reverse=True)


def mapping_path(version: str, before: str) -> Path:
    """Return the path of the file that maps answers of version ``before`` to ``version``."""
    return settings.QUESTIONNAIRE.with_name(f"{version}.from-{before}.toml")


@cache
def mapping_from(before: str) -> VersionMapping | None:
    """Return the mapping of answers from an earlier version to today's questions; None if it has no file.

    Raises:
        ContentError: the mapping file, or the questionnaire of the earlier version, cannot be used.
    """
    path = mapping_path(questionnaire().version, before)
    if not path.is_file():
        return None
    return load_mapping(path, questionnaire(before).questions, questionnaire().questions)


def versions_to_go_on_with() -> list[str]:
    """Return the versions whose drafts a person can continue: today's, and those with a mapping to it."""
    today = questionnaire().version
    return [today, *(each for each in questionnaire_versions() if mapping_path(today, each).is_file())]


def questionnaire_named(version: object, by: Path) -> Questionnaire:
    """Return the questionnaire of the version that another content file names.

    Args:
        version: the value in that file, not yet checked; should be a string such as "2026.2".
        by: the path of that file, for the error message.

    Raises:
        ContentError: the value is not a string, or there is no such version.
    """
    if not isinstance(version, str) or not settings.QUESTIONNAIRE.with_stem(version).is_file():
        raise ContentError(by, "questionnaire", f"unknown version {version!r}")
    return questionnaire(version)


@cache
def ruleset(version: str = settings.RULESET.stem) -> RuleSet:
    """Return a rule set, by default the one that decides new answers and says which of them are a crisis.

    Raises:
        ContentError: the file, or the questionnaire that it names, cannot be used.
    """
    path = settings.RULESET.with_stem(version)
    named = questionnaire_named(ContentFile(path).raw.get("questionnaire"), path)
    loaded = load_ruleset(path, named.questions, languages())
    check_short_phrases(named, loaded.rated, settings.QUESTIONNAIRE.with_stem(named.version))
    return loaded


def safety_texts() -> SafetyTexts:
    """Return the safety texts for new answers."""
    return safety_texts_of(ruleset())


def safety_path(questionnaire: str) -> Path:
    """Return the path of the safety texts for a version of the questionnaire, such as "2026.2"."""
    return HERE / "safety" / f"{questionnaire}.toml"


@cache
def safety_texts_of(ruleset: RuleSet) -> SafetyTexts:
    """Return the safety texts for the questions of a rule set.

    Raises:
        ContentError: the file cannot be used, or names a question, rule or mark that does not exist.
    """
    questions = ruleset.questions
    return load_safety_texts(
        safety_path(questions.version),
        languages(),
        questions,
        [section.id for section in questionnaire(questions.version).sections],
        ruleset,
    )


def load() -> None:
    """Read today's content files now, so that later calls need no file.

    Raises:
        ContentError: a file cannot be used.
    """
    for read in (questionnaire, pages, ruleset, safety_texts):
        read()
