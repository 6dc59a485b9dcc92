"""Find the charter that a rule set must keep, and refuse one that was removed, changed or weakened."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from intake.questionnaire import Questionnaire
from recommend.engine import ContentError, RuleSet
from recommend.engine.charter import Charter
from recommend.engine.charter_change import AnswerMapping, weakenings
from recommend.engine.charter_file import load_charter
from recommend.engine.content_file import ContentFile

FOLDER = settings.BASE_DIR / "recommend" / "charters"
PROOFS = settings.BASE_DIR / "recommend" / "rulesets"
BEFORE_CHARTERS = (2026, 1)
"""The last version of rule sets that name no charter. They must keep charter 1."""


def charter_for(ruleset: RuleSet, path: Path, charter: Path | None = None) -> Charter:
    """Read and fully check the charter that a rule set must keep.

    Args:
        ruleset: the rule set.
        path: its file, for messages.
        charter: a charter file to read instead of the shipped one.

    Raises:
        ContentError: no charter is named, its file is missing, or a promise is dropped or weakened.
    """
    shipped = charter_path(ruleset, path)
    version = shipped.stem
    if charter is None and not shipped.is_file():
        raise ContentError(path, "charter", f"there is no charter {version!r}")
    return checked_charter(charter or shipped, ruleset, path)


def charter_path(ruleset: RuleSet, path: Path) -> Path:
    """Return the path of the shipped charter of a rule set, even if that file does not exist.

    Args:
        ruleset: the rule set.
        path: its file, for messages.

    Raises:
        ContentError: the rule set must name a charter and does not.
    """
    version = ruleset.charter or ("1" if _older_than_charters(ruleset.version) else None)
    if version is None:
        raise ContentError(
            path, "charter", "missing: a rule set later than 2026.1 names the charter it keeps"
        )
    return FOLDER / f"{version}.toml"


@cache
def charter_to_show(version: str) -> tuple[Charter, Questionnaire | None]:
    """Read a shipped charter for pages.

    A waiver that has expired is included: the page shows its date and must not fail because of it.

    Args:
        version: the version of the charter, such as "2".

    Returns:
        the charter, and the questions that its waivers are about; None if it follows no charter.
    """
    path = FOLDER / f"{version}.toml"
    raw = ContentFile(path).raw
    before = _before(path, raw)
    questions = content.questionnaire_named(raw.get("questionnaire"), path).questions
    charter = load_charter(path, questions, before.questions if before else None, languages())
    return charter, content.questionnaire(before.questions.version) if before else None


def checked_charter(path: Path, ruleset: RuleSet, ruleset_path: Path) -> Charter:
    """Read a charter, and compare it with what was proved before and with the charter it follows.

    Args:
        path: the charter's file.
        ruleset: the rule set that must keep it.
        ruleset_path: the rule set's file, for messages.

    Raises:
        ContentError: the charter is about other questions than the rule set, promises something else than when it was
            proved, or weakens a promise.
    """
    raw = ContentFile(path).raw
    questions = content.questionnaire_named(raw.get("questionnaire"), path).questions
    if questions.version != ruleset.questions.version:
        raise ContentError(
            ruleset_path,
            "charter",
            f"{path.name} is about questions {questions.version}, the rule set about others",
        )
    before = _before(path, raw)
    charter = load_charter(path, questions, before.questions if before else None, languages())
    _refuse_silent_change(charter, path)
    if before is not None:
        for place, problem in weakenings(
            before, charter, _mapping(before, charter, path), timezone.localdate()
        ):
            raise ContentError(path, place, problem)
    return charter


def promises_digest(charter: Charter) -> str:
    """Return the SHA-256 of what a charter promises and waives, without its wording."""
    return hashlib.sha256(json.dumps(charter.promises()).encode()).hexdigest()


def _older_than_charters(version: str) -> bool:
    parts = version.split(".")
    return all(part.isdecimal() for part in parts) and tuple(map(int, parts)) <= BEFORE_CHARTERS


def _before(path: Path, raw: dict[str, object]) -> Charter | None:
    """Read the previous charter, which this one must name under ``follows``; None if there is none.

    It is the shipped charter with the next lower version.

    Args:
        path: the file of the charter, for messages.
        raw: its parsed TOML.
    """
    own = raw.get("version")
    if not isinstance(own, str) or not own.isdecimal():
        raise ContentError(path, "version", f"expected a whole number from 1, not {own!r}")
    lower = [
        int(each.stem)
        for each in FOLDER.glob("*.toml")
        if each.stem.isdecimal() and int(each.stem) < int(own)
    ]
    expected = str(max(lower)) if lower else None
    if raw.get("follows") != expected:
        wanted = (
            f"expected {expected!r}, the charter before"
            if expected
            else "there is no charter before this one"
        )
        raise ContentError(path, "follows", wanted)
    if expected is None:
        return None
    file = FOLDER / f"{expected}.toml"
    earlier = ContentFile(file).raw
    questions = content.questionnaire_named(earlier.get("questionnaire"), file).questions
    before = _before(file, earlier)
    loaded = load_charter(file, questions, before.questions if before else None, languages())
    _refuse_silent_change(loaded, file)
    return loaded


def _mapping(before: Charter, after: Charter, path: Path) -> AnswerMapping:
    if before.questions.version == after.questions.version:
        return AnswerMapping({})
    file = content.mapping_path(after.questions.version, before.questions.version)
    if not file.is_file():
        raise ContentError(path, "questionnaire", f"{file.name} is missing: what do the old answers mean?")
    return AnswerMapping(ContentFile(file).raw)


def _refuse_silent_change(charter: Charter, path: Path) -> None:
    """Refuse a charter whose promises changed, but not its version, after a rule set was proved with it."""
    for proof in sorted(PROOFS.glob("*.proof.json")):
        try:
            data = json.loads(proof.read_text())
        except ValueError:
            continue
        if data.get("charter") == charter.version and data.get("promises_sha256") != promises_digest(charter):
            raise ContentError(
                path,
                "version",
                f"charter {charter.version} promised something else when {proof.name} was written: "
                "give it a new version that follows it",
            )
