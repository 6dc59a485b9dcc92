"""Translate answers to one version of the questions into another version, as a mapping file says.

The comments at the top of ``2026.2.from-2026.1.toml``, beside the questionnaires, explain the file. A question or
option that the file does not name keeps its id and its meaning. An answer without a counterpart is dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .answers import AnswerError, AnswerPattern, Question, Questions, matches
from .content_file import ContentFile

Chosen = Mapping[str, tuple[str, ...]]
"""Chosen options by question id."""


@dataclass(frozen=True)
class Meaning:
    """What one old option becomes, if the other old answers match ``when``.

    Attributes:
        when: a row that the old answers must match; an empty row always matches.
        gives: the new chosen options, by question id; None if the old option has no counterpart.
    """

    when: AnswerPattern
    gives: Chosen | None


@dataclass(frozen=True)
class Translated:
    """Answers translated to the new version.

    Attributes:
        answers: chosen options by new question id, as far as they could be translated.
        ask_again: ids of questions of both versions whose old answer has no counterpart or another meaning now. They
            may have an answer in ``answers`` all the same.
        reasons: why the case is not comparable, as rows in words; empty if it is comparable.
    """

    answers: dict[str, tuple[str, ...]]
    ask_again: frozenset[str]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class VersionMapping:
    """One mapping file.

    Attributes:
        old: the questions that were answered.
        new: the questions that the answers are translated to.
        meanings: what each option becomes, by old question id and option; the first meaning whose ``when`` matches
            counts.
        ask_again: old options that kept their id but changed their meaning, by question id.
        not_comparable: rows of old answers; a case that matches one has no result under the new version.
        not_asked: ids of the new questions that the old version did not ask.
    """

    old: Questions
    new: Questions
    meanings: Mapping[str, Mapping[str, tuple[Meaning, ...]]]
    ask_again: Mapping[str, frozenset[str]]
    not_comparable: tuple[AnswerPattern, ...]
    not_asked: frozenset[str]

    def meaning(self, id: str, option: str, answers: Chosen) -> Chosen | None:
        """Return the new answers that one old option becomes, or None if it has no counterpart.

        Args:
            id: the old question.
            option: one of its options.
            answers: all old answers, which can decide between two meanings.

        Raises:
            AnswerError: the question does not offer the option.
        """
        if option not in self.old.all[id].offered:
            raise AnswerError(f"{id}: unknown option {option!r}")
        named = self.meanings.get(id, {}).get(option)
        if named is None:
            return {id: (option,)} if id in self.new.all else None
        return next(each.gives for each in named if matches([each.when], answers))

    def becomes(self, id: str) -> set[str]:
        """Return ids of the new questions that an old question can give an answer to."""
        named = self.meanings.get(id, {})
        given = {other for each in named.values() for meaning in each for other in meaning.gives or ()}
        return given | ({id} & self.new.all.keys())

    def reads(self, id: str) -> set[str]:
        """Return ids of the old questions whose answers decide what the options of an old question become."""
        return {
            other for each in self.meanings.get(id, {}).values() for meaning in each for other in meaning.when
        }


def translate(answers: Chosen, mapping: VersionMapping) -> Translated:
    """Translate answers to the old questions into answers to the new ones.

    Args:
        answers: chosen options by old question id.
        mapping: the mapping file.

    Raises:
        AnswerError: the old version has no such question or option.
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
    """Join the new options that several old answers became.

    For a list question, return all options except skip and exclusive ones, or the first if nothing else is left. For
    any other question, return the worst option.
    """
    options = dict.fromkeys(options)
    if question.kind == "one":
        return (max(options, key=question.by_concern.index),)
    together = tuple(each for each in options if each != "skip" and each not in question.exclusive)
    return together or (next(iter(options)),)


def row_in_words(row: AnswerPattern, questions: Questions) -> str:
    """Return a row of answers as text, such as ``losing_touch = brief, new or command``."""
    parts = []
    for id, options in row.items():
        *most, last = [each for each in questions.all[id].offered if each in options]
        parts.append(f"{id} = {', '.join(most)} or {last}" if most else f"{id} = {last}")
    return " and ".join(parts)


# ---- the file


def load_mapping(path: Path, old: Questions, new: Questions) -> VersionMapping:
    """Read and check a mapping file.

    Raises:
        ContentError: the file is not valid, or does not say what becomes of a question or option that is gone.
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
        """Refuse a file that does not say what becomes of an old question or option, or that omits a new question."""
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
