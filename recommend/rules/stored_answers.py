"""Read stored answers of any version as answers to the questions of one rule set.

A mapping file beside the questionnaires translates them (see :mod:`recommend.engine.version_mapping`). An answer
without a counterpart is left out and counts as not known. A case with an answer that now means something else is not
comparable.
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
    """One case's answers, translated to the questions of the rule set.

    Attributes:
        answers: In the form that a submission stores; None if the stored ones are not possible answers, or cannot be
            translated.
        reasons: Why the case is not comparable; empty if it is comparable.
    """

    answers: Answers | None
    reasons: tuple[str, ...] = ()


@dataclass
class Comparability:
    """How many stored cases could be compared, and why the others could not.

    Attributes:
        compared: How many could be compared.
        carried_over: How many of these answered another version, by that version.
        apart: How many could not because an answer now means something else, by the version they answered.
        reasons: Those cases by version and reason; one case can have several reasons.
        unmapped: How many could not because no mapping file exists for their version, by that version.
    """

    compared: int = 0
    carried_over: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)

    def lines(self, version: str) -> Iterator[str]:
        """Yield lines to print.

        Args:
            version: The version of the rule set's questions.
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
    """Translates stored answers for one rule set, and counts them in ``tally``.

    Args:
        questions: The questions of the rule set.
    """

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.tally = Comparability()

    def read(self, version: str, answers: Answers) -> ReadAnswers:
        """Translate one case's answers, and count the case.

        Args:
            version: The questionnaire that was answered.
            answers: The answers as stored.

        Raises:
            ContentError: The mapping file, or the questionnaire that was answered, is not valid.
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
        """Return the mapping from a version to the questions of the rule set, or None if there is no such file."""
        path = content.mapping_path(self.questions.version, version)
        return _mapping(path, version, self.questions.version) if path.is_file() else None


def load_mappings(version: str) -> None:
    """Read every mapping file that leads to a version, so that the server does not start with an invalid one.

    Raises:
        ContentError: A file is not valid.
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
