"""Stored answers of any version, read as answers to the questions of one rule set.

A mapping file beside the questionnaires says what they mean (:mod:`recommend.engine.version_mapping`). What has no
counterpart is left out and counts as not known. A case with an answer that means something else now is not comparable.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from intake import content
from intake.answers import Answers, chosen
from recommend.engine import AnswerError, Questions
from recommend.engine.answers import as_json
from recommend.engine.version_mapping import VersionMapping, load_mapping, translate


class ReadAnswers(NamedTuple):
    """One set of stored answers, in the questions of the rule set.

    Attributes:
        answers: As a submission stores them; None if nobody can have given the stored ones, so that the engine fails.
        reasons: Why no result of the rule set can stand beside the stored one; empty if one can.
    """

    answers: Answers | None
    reasons: tuple[str, ...] = ()


@dataclass
class Comparability:
    """How many stored cases could be compared, and why the others could not.

    Attributes:
        compared: All that were.
        carried_over: Those of them that answered another version, by version.
        apart: Cases with an answer that means something else now, by the version they answered.
        reasons: Those cases by version and reason; a case can have several.
        unmapped: Cases of versions that no mapping file leads from, by version.
    """

    compared: int = 0
    carried_over: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)

    def lines(self, version: str) -> Iterator[str]:
        """Say it for a reader.

        Args:
            version: The questions of the rule set.
        """
        for old, count in sorted(self.carried_over.items()):
            yield (
                f"{count:,} of these answered questionnaire {old} and were read as answers to {version}; "
                f"what only {version} asks counts as not known"
            )
        for old, count in sorted(self.apart.items()):
            yield (
                f"{count:,} answered questionnaire {old}: not comparable, "
                f"an answer means something else in {version} (one case can have several):"
            )
            reasons = [(-number, why) for (at, why), number in self.reasons.items() if at == old]
            yield from (f"{-number:10,}  {why}" for number, why in sorted(reasons))
        for old, count in sorted(self.unmapped.items()):
            yield (
                f"{count:,} answered questionnaire {old}: not comparable, "
                f"the rule set is made for {version} and there is no {content.mapping_path(version, old).name}"
            )


class AnswersReader:
    """Reads stored answers for one rule set and keeps count.

    Args:
        questions: The questions of the rule set.
    """

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.tally = Comparability()

    def read(self, version: str, answers: Answers) -> ReadAnswers:
        """Read the answers to one version.

        Raises:
            ContentError: The mapping file, or the questionnaire that was answered, cannot be used.
        """
        if version == self.questions.version:
            self.tally.compared += 1
            return ReadAnswers(answers)
        mapping = self.mapping(version)
        if mapping is None:
            self.tally.unmapped[version] += 1
            return ReadAnswers(None, (f"there is no mapping from questionnaire {version}",))
        read = _read(answers, mapping)
        if read.reasons:
            self.tally.apart[version] += 1
            self.tally.reasons.update((version, why) for why in read.reasons)
        else:
            self.tally.compared += 1
            self.tally.carried_over[version] += 1
        return read

    def mapping(self, version: str) -> VersionMapping | None:
        """Return what leads from a version to the questions of the rule set; None if nothing does."""
        path = content.mapping_path(self.questions.version, version)
        return _mapping(path, version, self.questions.version) if path.is_file() else None


def load_mappings(version: str) -> None:
    """Read every mapping file that leads to a version, so that a broken one stops the start.

    Raises:
        ContentError: One cannot be used.
    """
    for path in sorted(settings.QUESTIONNAIRE.parent.glob(f"{version}.from-*.toml")):
        _mapping(path, path.stem.removeprefix(f"{version}.from-"), version)


@cache
def _mapping(path: Path, old: str, new: str) -> VersionMapping:
    return load_mapping(path, content.questionnaire(old).questions, content.questionnaire(new).questions)


def _read(answers: Answers, mapping: VersionMapping) -> ReadAnswers:
    try:
        found = translate(chosen(answers), mapping)
    except (AnswerError, TypeError):  # TypeError: a stored answer that is neither an option nor a list
        return ReadAnswers(None)
    return ReadAnswers(as_json(mapping.new, found.answers), found.reasons)
