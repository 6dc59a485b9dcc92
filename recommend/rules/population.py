"""Draw the synthetic people of a mix file, with their answers to the questions of one version.

A mix file names the questions of one version. For another version, a file beside it, such as
``2026.2.as-2026.1.toml``, says how the same people would answer that version. So two rule sets on different questions
can decide for the same people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from intake import content
from recommend.engine import AnswerError, ContentError, Questions, check
from recommend.engine.version_mapping import VersionMapping, load_mapping, translate
from recommend.rules.mixes import Mixes, load_mix, people

FOLDER = Path(settings.BASE_DIR) / "recommend" / "mixes"


@dataclass(frozen=True)
class Population:
    """One mix file, read for the questions of one version.

    Attributes:
        path: The mix file.
        mixes: Its mixes and draws.
        drawn: The questions that it names.
        retold: The mapping from these to the version that is read; None if that is the same version.
    """

    path: Path
    mixes: Mixes
    drawn: Questions
    retold: VersionMapping | None

    def people(self, name: str, count: int, seed: int) -> Iterator[dict[str, tuple[str, ...]]]:
        """Draw the people of one mix, as chosen options by question id.

        Args:
            name: The mix.
            count: How many people to draw.
            seed: Seed of the random generator.

        Raises:
            ContentError: The mix file draws an answer that the questions do not allow.
        """
        for raw in people(self.mixes, name, count, seed):
            try:
                chosen = check(self.drawn, raw)
            except AnswerError as error:
                raise ContentError(self.path, f"mix {name}", f"nobody can answer so: {error}") from error
            yield translate(chosen, self.retold).answers if self.retold else chosen


def load_population(questions: Questions, path: Path | None = None) -> Population:
    """Read a mix file for the questions of one version.

    Args:
        questions: The questions that a rule set reads.
        path: The mix file; by default the shipped one.

    Raises:
        ContentError: The file is not valid, or it names other questions and no file maps them to these.
    """
    path = path or _shipped(questions.version)
    mixes = load_mix(path)
    if mixes.version not in content.questionnaire_versions():
        raise ContentError(path, "version", f"unknown version {mixes.version!r} of the questions")
    drawn = content.questionnaire(mixes.version).questions
    _check_fits(mixes, drawn, path)
    if mixes.version == questions.version:
        return Population(path, mixes, drawn, None)
    file = FOLDER / f"{mixes.version}.as-{questions.version}.toml"
    if not file.is_file():
        wanted = f"the rule set reads questionnaire {questions.version}, and there is no {file.name}"
        raise ContentError(path, "version", f"{mixes.version!r}: {wanted}")
    return Population(path, mixes, drawn, load_mapping(file, drawn, questions))


def _shipped(version: str) -> Path:
    """Return the path of a version's own mix file, or else of the newest one that is mapped to this version."""
    own = FOLDER / f"{version}.toml"
    others = sorted(FOLDER.glob(f"*.as-{version}.toml"), reverse=True)
    if own.is_file() or not others:
        return own
    return FOLDER / f"{others[0].name.split('.as-')[0]}.toml"


def _check_fits(mixes: Mixes, questions: Questions, path: Path) -> None:
    """Refuse a mix file with a question or option that does not exist, even one that is rarely drawn."""
    for id, options in mixes.options.items():
        if id not in questions.all:
            raise ContentError(path, f"draw, {id}", f"questionnaire {questions.version} has no such question")
        if unknown := sorted(options - {*questions.all[id].offered}):
            raise ContentError(path, f"draw, {id}", f"unknown option {unknown[0]!r}")
        if (questions.all[id].kind == "many") != (id in mixes.lists):
            raise ContentError(path, "lists", f"expected exactly the list questions; {id!r} is wrong")
