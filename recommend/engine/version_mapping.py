"""What answers to one version of the questions mean in another, as a mapping file says. Nothing is guessed.

The comments at the top of ``2026.2.from-2026.1.toml`` beside the questionnaires explain the file. Whatever it does not
name keeps its id and its meaning; an answer without a counterpart is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .answers import AnswerError, AnswerPattern, Question, Questions, matches
from .content_file import ContentFile

Chosen = Mapping[str, tuple[str, ...]]
"""Chosen options by question, as the engine reads them."""


@dataclass(frozen=True)
class Meaning:
    """What one old option becomes, while the other old answers are as ``when`` says.

    Attributes:
        when: a row that the old answers must match; an empty one always holds.
        gives: the new answers, by question; None if it has no counterpart.
    """

    when: AnswerPattern
    gives: Chosen | None


@dataclass(frozen=True)
class Translated:
    """Answers in the new version.

    Attributes:
        answers: what could be carried over.
        ask_again: new questions whose old answer does not say enough, although they may have one now.
        reasons: why the whole cannot be compared with an answer to the new questions; empty if it can.
    """

    answers: dict[str, tuple[str, ...]]
    ask_again: frozenset[str]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class VersionMapping:
    """One mapping file.

    Attributes:
        old: the questions that were answered.
        new: the questions that the answers are read as.
        meanings: by old question and option, what it becomes; the first that holds counts.
        ask_again: old options whose meaning changed under the same id, by question.
        not_comparable: rows of old answers; a case that has one of them has no result of the new version.
        not_asked: new questions that the old version did not ask.
    """

    old: Questions
    new: Questions
    meanings: Mapping[str, Mapping[str, tuple[Meaning, ...]]]
    ask_again: Mapping[str, frozenset[str]]
    not_comparable: tuple[AnswerPattern, ...]
    not_asked: frozenset[str]

    def meaning(self, id: str, option: str, answers: Chosen) -> Chosen | None:
        """Return the new answers that one old option becomes, or None if it has no counterpart."""
        if option not in self.old.all[id].offered:
            raise AnswerError(f"{id}: unknown option {option!r}")
        named = self.meanings.get(id, {}).get(option)
        if named is None:
            return {id: (option,)} if id in self.new.all else None
        return next(each.gives for each in named if matches([each.when], answers))

    def becomes(self, id: str) -> set[str]:
        """Return the new questions that an old one can give an answer to."""
        named = self.meanings.get(id, {})
        given = {other for each in named.values() for meaning in each for other in meaning.gives or ()}
        return given | ({id} & self.new.all.keys())

    def reads(self, id: str) -> set[str]:
        """Return the old questions that decide what an old one becomes."""
        return {
            other for each in self.meanings.get(id, {}).values() for meaning in each for other in meaning.when
        }


def translate(answers: Chosen, mapping: VersionMapping) -> Translated:
    """Read answers to the old questions as answers to the new ones.

    Args:
        answers: chosen options by old question.
        mapping: the mapping file.

    Raises:
        AnswerError: the old version does not offer such an answer.
    """
    given: dict[str, list[str]] = {}
    again: set[str] = set()
    for id, options in answers.items():
        if id not in mapping.old.all:
            raise AnswerError(f"unknown question {id!r}")
        for option in options:
            meaning = mapping.meaning(id, option, answers)
            for question, chosen in (meaning or {}).items():
                given.setdefault(question, []).extend(chosen)
            if id in mapping.new.all and (meaning is None or option in mapping.ask_again.get(id, ())):
                again.add(id)
    return Translated(
        {id: _together(mapping.new.all[id], options) for id, options in given.items()},
        frozenset(again),
        tuple(row_in_words(row, mapping.old) for row in mapping.not_comparable if matches([row], answers)),
    )


def _together(question: Question, options: Iterable[str]) -> tuple[str, ...]:
    """Join what several old answers become: the worst one, or a list without those that stand alone."""
    options = dict.fromkeys(options)
    if question.kind == "one":
        return (max(options, key=question.by_concern.index),)
    together = tuple(each for each in options if each != "skip" and each not in question.exclusive)
    return together or (next(iter(options)),)


def row_in_words(row: AnswerPattern, questions: Questions) -> str:
    """Write a row of answers for a reader, such as ``losing_touch = brief, new or command``."""
    parts = []
    for id, options in row.items():
        *most, last = [each for each in questions.all[id].offered if each in options]
        parts.append(f"{id} = {', '.join(most)} or {last}" if most else f"{id} = {last}")
    return " and ".join(parts)


# ---- the file


def load_mapping(path: Path, old: Questions, new: Questions) -> VersionMapping:
    """Read and check a mapping file.

    Raises:
        ContentError: with file, place and what is wrong; also for an answer whose counterpart it should name.
    """
    return _Loader(path, old, new).load()


class _Loader(ContentFile):
    def __init__(self, path: Path, old: Questions, new: Questions) -> None:
        super().__init__(path)
        self.old, self.new = old, new
        self.offered = {id: question.offered for id, question in old.all.items()}

    def load(self) -> VersionMapping:
        not_asked = f"unknown_in_{self.new.version.replace('.', '_')}"
        sections = ("ask_again", "comparable", not_asked, "left_out")
        raw = self.table("the file", self.raw, (), (*self.old.all, *sections))
        left_out = self.questions("left_out", raw, self.old)
        found = VersionMapping(
            self.old,
            self.new,
            {id: self.read_question(id, raw[id]) for id in raw if id in self.old.all},
            {
                id: frozenset(self.names(f"ask_again, {id}", options, self.offered[id], "option"))
                for id, options in self.table("ask_again", raw.get("ask_again", {}), (), self.old.all).items()
            },
            self.read_rows("comparable", raw),
            self.questions(not_asked, raw, self.new),
        )
        self.check_all_named(found, left_out, not_asked)
        return found

    def questions(self, key: str, raw: dict[str, Any], known: Questions) -> frozenset[str]:
        if key not in raw:
            return frozenset()
        table = self.table(key, raw[key], ("questions",))
        return frozenset(self.names(f"{key}, questions", table["questions"], known.all, "question"))

    def read_rows(self, key: str, raw: dict[str, Any]) -> tuple[AnswerPattern, ...]:
        if key not in raw:
            return ()
        return self.rows(f"{key}, no", self.table(key, raw[key], ("no",))["no"], self.offered)

    def read_question(self, id: str, raw: object) -> dict[str, tuple[Meaning, ...]]:
        table = self.table(id, raw, (), ("many", *self.offered[id]))
        return {
            option: tuple(self.read_meanings(f"{id}, {option}", row))
            for option, row in table.items()
            if option != "many"
        }

    def read_meanings(self, place: str, raw: object) -> list[Meaning]:
        if not isinstance(raw, dict) or "if" not in raw:
            return [Meaning({}, self.read_answers(place, raw))]
        table = self.table(place, raw, ("if", "then", "else"))
        [when] = self.rows(f"{place}, if", [table["if"]], self.offered)
        return [
            Meaning(when, self.read_answers(f"{place}, then", table["then"])),
            Meaning({}, self.read_answers(f"{place}, else", table["else"])),
        ]

    def read_answers(self, place: str, raw: object) -> Chosen | None:
        if raw == "unknown":
            return None
        found = {}
        for id, options in self.table(place, raw, (), self.new.all).items():
            question = self.new.all[id]
            listed = [options] if question.kind == "one" else options
            found[id] = self.names(f"{place}, {id}", listed, question.offered, "option")
        return found

    def became_list(self, id: str) -> bool:
        return self.old.all[id].kind == "one" and self.new.all[id].kind == "many"

    def check_all_named(self, found: VersionMapping, left_out: frozenset[str], not_asked: str) -> None:
        """Refuse a file that leaves an answer without a counterpart and does not say so."""
        for id, offered in self.offered.items():
            if id not in self.new.all:
                if id not in left_out:
                    self.fail(id, f"questionnaire {self.new.version} does not ask it: name it under left_out")
                continue
            if self.raw.get(id, {}).get("many", False) is not self.became_list(id):
                self.fail(id, "expected many = true exactly where the question became a list")
            kept = set(self.new.all[id].offered) | set(found.meanings.get(id, {}))
            if missing := [option for option in offered if option not in kept]:
                self.fail(id, f"option {missing[0]!r} is gone: what does it become?")
        added = [id for id in self.new.all if id not in self.old.all]
        if found.not_asked != {*added}:
            self.fail(not_asked, f"expected the questions that were added: {', '.join(added)}")
