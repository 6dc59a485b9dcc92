"""Read a mix file. Any mistake raises ContentError with file, place and problem."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import isclose
from pathlib import Path
from statistics import NormalDist
from typing import Any, NoReturn

from recommend.engine import ContentError
from recommend.rules.mix import Added, Draw, Fixed, Item, Mix, Mixes, Picked, Row


def load_mix(path: Path) -> Mixes:
    """Read and check a mix file.

    Raises:
        ContentError: The file is not valid.
    """
    return _Loader(path).load()


class _Loader:
    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ContentError(path, "the file", str(error)) from error

    def load(self) -> Mixes:
        raw = self.table(
            "the file", self.raw, ("version", "seed", "people", "lists", "sources", "mix", "skip", "draw")
        )
        if not isinstance(raw["version"], str):
            self.fail("version", "expected a text")
        self.lists = frozenset(self.words("lists", raw["lists"]))
        self.sources = self.table("sources", raw["sources"], ())
        by_name = {name: self.read_mix(f"mix {name}", mix) for name, mix in self.some("mix", raw["mix"])}
        self.shifts = frozenset.intersection(*(frozenset(mix.shifts) for mix in by_name.values()))
        self.drawn: dict[str, frozenset[str]] = {}
        if not isinstance(raw["draw"], list) or not raw["draw"]:
            self.fail("draw", "expected tables, [[draw]]")
        draws = tuple(self.read_draw(number, draw) for number, draw in enumerate(raw["draw"], 1))
        skip = self.table("skip", raw["skip"], ("percent", "questions", "source"))
        self.check_source("skip", skip)
        return Mixes(
            version=raw["version"],
            seed=self.whole("seed", raw["seed"]),
            people=self.whole("people", raw["people"]),
            lists=self.lists,
            by_name=by_name,
            draws=draws,
            skip_percent=self.percent("skip, percent", skip["percent"]),
            skippable=tuple(
                self.known("skip, questions", id, self.drawn, "question")
                for id in self.words("skip, questions", skip["questions"])
            ),
        )

    def read_mix(self, place: str, raw: object) -> Mix:
        table = {key: self.number(f"{place}, {key}", value) for key, value in self.some(place, raw)}
        if "mean" not in table:
            self.fail(place, "'mean' is missing")
        return Mix(table.pop("mean"), table)

    def read_draw(self, number: int, raw: object) -> Draw:
        place = f"draw number {number}"
        keys = ("answer", "percent", "weights", "chance")
        table = self.table(place, raw, ("question",), (*keys, "rho", "shift", "instead_of", "when", "source"))
        question = table["question"]
        if not isinstance(question, str) or not question:
            self.fail(place, "expected the id of a question")
        place = f"draw number {number}, {question}"
        if sum(key in table for key in keys) != 1:
            self.fail(place, f"expected one of {', '.join(keys)}")
        when = self.read_when(f"{place}, when", table.get("when", {}))
        how = self.read_how(place, question, table)
        self.drawn[question] = self.drawn.get(question, frozenset()) | {*how.options}
        return Draw(question, how, when)

    def read_when(self, place: str, raw: object) -> Row:
        return {
            self.known(place, id, self.drawn, "earlier question"): frozenset(
                self.known(f"{place}, {id}", option, self.drawn[id], "option drawn before")
                for option in self.words(f"{place}, {id}", options)
            )
            for id, options in self.table(place, raw, ()).items()
        }

    def read_how(self, place: str, question: str, table: dict[str, Any]) -> Fixed | Picked | Item | Added:
        for key, needed in (("rho", "percent"), ("shift", "rho"), ("instead_of", "chance")):
            if key in table and needed not in table:
                self.fail(place, f"{key!r} needs {needed!r}")
        if "answer" in table:
            return self.read_answer(place, question, table["answer"])
        self.check_source(place, table)
        if "chance" in table:
            return self.read_added(place, question, table)
        if "weights" in table:
            return Picked(self.weights(f"{place}, weights", table["weights"]))
        weights = self.weights(f"{place}, percent", table["percent"])
        if not isclose(total := sum(weights.values()), 100):
            self.fail(f"{place}, percent", f"expected a sum of 100, got {total:g}")
        return self.read_item(place, table, weights) if "rho" in table else Picked(weights)

    def read_answer(self, place: str, question: str, raw: object) -> Fixed:
        if question in self.lists:
            return Fixed(self.words(f"{place}, answer", raw))
        if not isinstance(raw, str) or not raw:
            self.fail(f"{place}, answer", "expected the id of an option")
        return Fixed((raw,))

    def read_item(self, place: str, table: dict[str, Any], weights: Mapping[str, float]) -> Item:
        rho = self.number(f"{place}, rho", table["rho"])
        if not 0 <= rho <= 1:
            self.fail(f"{place}, rho", "expected a number from 0 to 1")
        total = sum(weights.values())
        up_to = list(accumulate(weight / total for weight in weights.values()))[:-1]
        shift = table.get("shift")
        if shift is not None:
            self.known(f"{place}, shift", shift, self.shifts, "number of every mix")
        return Item(rho, tuple(weights), tuple(NormalDist().inv_cdf(share) for share in up_to), shift)

    def read_added(self, place: str, question: str, table: dict[str, Any]) -> Added:
        if question not in self.lists:
            self.fail(f"{place}, chance", "only a list question takes several options")
        percent = {
            option: self.percent(f"{place}, chance, {option}", chance)
            for option, chance in self.some(f"{place}, chance", table["chance"])
        }
        instead_of = table.get("instead_of")
        if instead_of is not None:
            drawn = self.drawn.get(question, frozenset())
            self.known(f"{place}, instead_of", instead_of, drawn, "option drawn before")
        return Added(percent, instead_of)

    def check_source(self, place: str, table: dict[str, Any]) -> None:
        self.known(f"{place}, source", table.get("source"), self.sources, "source")

    # ---- shapes

    def fail(self, place: str, problem: str) -> NoReturn:
        raise ContentError(self.path, place, problem)

    def table(
        self, place: str, raw: object, required: Sequence[str], optional: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Check that a part is a table with all required keys, and return it.

        If ``required`` is not empty, also refuse keys that are neither required nor optional.
        """
        if not isinstance(raw, dict):
            self.fail(place, "expected a table")
        if missing := [key for key in required if key not in raw]:
            self.fail(place, f"{missing[0]!r} is missing")
        if required and (unknown := [key for key in raw if key not in {*required, *(optional or ())}]):
            self.fail(place, f"unknown key {unknown[0]!r}")
        return raw

    def some(self, place: str, raw: object) -> Iterable[tuple[str, Any]]:
        """Return the keys and values of a table with at least one entry."""
        return self.table(place, raw, ()).items() or self.fail(place, "expected at least one entry")

    def words(self, place: str, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or not raw or not all(isinstance(word, str) and word for word in raw):
            self.fail(place, "expected a list of ids, not empty")
        if len(set(raw)) < len(raw):
            self.fail(place, "an id is named twice")
        return tuple(raw)

    def known(self, place: str, raw: object, known: Iterable[str], what: str) -> str:
        if not isinstance(raw, str) or raw not in known:
            self.fail(place, f"{raw!r} is not a known {what}")
        return raw

    def number(self, place: str, raw: object) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < float("inf"):
            self.fail(place, "expected a number")
        return float(raw)

    def whole(self, place: str, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
            self.fail(place, "expected a whole number above 0")
        return raw

    def percent(self, place: str, raw: object) -> float:
        if not 0 <= (value := self.number(place, raw)) <= 100:
            self.fail(place, "expected a percentage from 0 to 100")
        return value

    def weights(self, place: str, raw: object) -> dict[str, float]:
        """Check that a part has two or more options, each with a weight above 0, and return it."""
        found = {option: self.number(f"{place}, {option}", value) for option, value in self.some(place, raw)}
        if len(found) < 2 or min(found.values()) <= 0:
            self.fail(place, "expected two options or more, each above 0")
        return found
