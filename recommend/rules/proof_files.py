"""Write and read the proof file beside a rule set: what was proved, about which files and by which engine version.

The server does not start with a rule set whose proof is missing or is about other files.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from intake.questionnaire import check_short_phrases
from recommend.engine import ContentError, RuleSet
from recommend.engine.analysis.checks import Check
from recommend.engine.analysis.proof import ENGINE, Proof, prove
from recommend.engine.answers import as_json
from recommend.engine.charter import Charter
from recommend.engine.content_file import ContentFile
from recommend.engine.ruleset_file import read_ruleset
from recommend.rules.charters import charter_for, promises_digest

Data = dict[str, Any]


def proof_path(ruleset_path: Path) -> Path:
    """Return the path of the proof file: ``2026.1.proof.json`` beside ``2026.1.toml``."""
    return ruleset_path.with_suffix(".proof.json")


def prove_file(path: Path, charter: Path | None = None) -> Proof:
    """Read a rule set, with the questions and the charter it names, and prove it.

    Args:
        path: the rule set.
        charter: a charter file to prove instead of the shipped one that the rule set names.

    Raises:
        ContentError: a file is not valid, or the charter drops or weakens a promise.
    """
    file = ContentFile(path)
    questionnaire = content.questionnaire_named(file.raw.get("questionnaire"), path)
    ruleset = read_ruleset(path, questionnaire.questions, languages())
    check_short_phrases(questionnaire, ruleset.rated, settings.QUESTIONNAIRE.with_stem(questionnaire.version))
    return prove(ruleset, charter_for(ruleset, path, charter))


def as_data(proof: Proof) -> Data:
    """Return what ``prove --json`` prints about a proof."""
    loaded = {"id": "loads", "proved": True, "counterexample": None}
    return {
        "proved": proof.proved,
        "checks": [loaded, *(check_as_data(proof.ruleset, check) for check in proof.checks)],
        "combinations": {level.id: count for level, count in proof.combinations.items()},
    }


def refusal_as_data(error: ContentError) -> Data:
    """Return what ``prove --json`` prints about a file that is not valid."""
    refused = {"id": "loads", "proved": False, "counterexample": None, "problem": str(error)}
    return {"proved": False, "checks": [refused], "combinations": {}}


def check_as_data(ruleset: RuleSet, check: Check) -> Data:
    data: Data = {"id": check.id, "proved": check.proved, "counterexample": None}
    if check.counterexample is not None:
        data["counterexample"] = as_json(ruleset.questions, check.counterexample)
    if check.instead is not None:
        data["instead"] = as_json(ruleset.questions, check.instead)
    return data


def write_proof(path: Path, proof: Proof, today: date) -> Path | None:
    """Write the proof of a rule set beside its file, unless the proof file says the same except for the date.

    Args:
        path: the rule set's file.
        proof: its proof.
        today: the date to write.

    Returns:
        the path of the proof file; None if it was not written.
    """
    data = made_of(path, proof.ruleset, proof.charter) | {"date": today.isoformat()} | as_data(proof)
    target = proof_path(path)
    try:
        before = json.loads(target.read_text())
    except (OSError, ValueError):
        before = None
    if isinstance(before, dict) and before | {"date": data["date"]} == data:
        return None
    target.write_text(json.dumps(data, indent=1) + "\n")
    return target


def made_of(path: Path, ruleset: RuleSet, charter: Charter | None = None) -> Data:
    """Return the versions and digests of the files that a proof is about, and the engine version.

    Args:
        path: the rule set's file.
        ruleset: the rule set.
        charter: its charter; by default the one it names.
    """
    questionnaire = content.questionnaire_named(ruleset.questions.version, path)
    charter = charter or charter_for(ruleset, path)
    return {
        "ruleset": ruleset.version,
        "ruleset_sha256": ruleset.digest,
        "questionnaire": questionnaire.version,
        "questionnaire_sha256": questionnaire.digest,
        "charter": charter.version,
        "charter_sha256": charter.digest,
        "promises_sha256": promises_digest(charter),
        "engine": ENGINE,
    }


def read_proof(path: Path, ruleset: RuleSet) -> Data:
    """Read the proof of a rule set, and check that it is about exactly these files.

    Raises:
        ContentError: the proof is missing, not valid, about other files, or does not prove the rule set.
    """
    try:
        data: Data = json.loads(proof_path(path).read_text())
    except (OSError, ValueError) as error:
        raise ContentError(
            proof_path(path), "the file", f"no proof: run manage.py prove --write ({error})"
        ) from error
    for key, value in made_of(path, ruleset).items():
        if data.get(key) != value:
            raise ContentError(
                proof_path(path), key, "the proof is of something else: run manage.py prove --write"
            )
    if data.get("proved") is not True:
        raise ContentError(proof_path(path), "proved", "the rule set is not proved")
    return data
