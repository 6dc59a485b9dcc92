"""A second, independent reading of clinical version 2026.2, used to check the engine.

It was written from the comments of the questionnaire and rule files alone and shares no code with the engine.
It evaluates every condition directly over grades, needs only the standard library, and ignores keys it does not
know, so texts may be plain strings or tables by language.
"""

import itertools
import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Answers = dict[str, Any]
State = dict[str, int]
Marks = dict[str, set[str]]

BASE = Path(__file__).resolve().parents[2]
QUESTIONNAIRE = BASE / "intake" / "questionnaires" / "2026.2.toml"
RULES = BASE / "recommend" / "rulesets" / "2026.2.toml"
CHARTER = BASE / "recommend" / "charters" / "2.toml"

# What the comments say in words and no key in the files says.
NOT_RATED = {"who", "place", "free_times", "work_around", "insurance", "share"}
NEVER_FILLED = {"who", "age", "place", "free_times", "work_around", "insurance", "share"}
STOPS = {"who": ["other"], "age": ["under_13", "13_17"]}
FREQUENCY = ["never", "some_days", "most_days", "daily"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK = [f"{day}_{part}" for day in DAYS for part in ("morning", "afternoon", "evening")] + ["varies"]
CANNOT_MOVE_BEYOND_IOP = ["who", "place", "weekly_hours", "free_times", "work_around", "insurance", "share"]
MARKS = ("crisis", "urgent", "resources")


class Refused(Exception):
    """A line that nobody can have answered."""


class Unreadable(ValueError):
    """A condition outside the language of the rules."""


class Oracle:
    """One questionnaire and one rule set, with the promises made about them.

    Args:
        questionnaire: path of the questionnaire file.
        rules: path of the rule file.
        charter: path of the file with ``[[invariant]]`` and ``[[bound]]``; the rule file itself if not given.
    """

    def __init__(self, questionnaire: Path, rules: Path, charter: Path | None = None) -> None:
        asked = tomllib.loads(Path(questionnaire).read_text())
        self.rules = tomllib.loads(Path(rules).read_text())
        self.charter = tomllib.loads(Path(charter).read_text()) if charter else self.rules
        self.version = {"ruleset": self.rules["version"], "questionnaire": asked["version"]}
        self.questions = {
            question["id"]: question for section in asked["section"] for question in section["question"]
        }
        lists = {"frequency": FREQUENCY, "week": WEEK} | {
            name: [option["id"] for option in options]
            for name, options in asked.get("option_list", {}).items()
        }
        self.options: dict[str, list[str]] = {}
        for key, question in self.questions.items():
            options = question.get("options", ["no", "yes"])
            if isinstance(options, str):
                options = lists["week" if options.startswith("mon_") else options]
            self.options[key] = [o if isinstance(o, str) else o["id"] for o in options]
        self.levels: list[str] = self.rules["levels"]
        grades = self.rules["grades"]
        self.scales: dict[str, list[str]] = dict.fromkeys(self.rules["areas"], grades)
        self.scales |= {name: scale for name, scale in self.rules["signals"].items() if name != "flags"}
        self.flags: list[str] = self.rules["signals"]["flags"]
        self.areas = list(self.rules["areas"])
        self.ratings: dict[str, dict[str, Any]] = self.rules["ratings"]
        self.frequencies: list[dict[str, Any]] = self.rules.get("frequency", [])
        self.summed = {key for block in self.frequencies for key in block["questions"]}
        rated = set(self.ratings) | self.summed
        if rated != set(self.questions) - NOT_RATED:
            raise ValueError(f"rated in one file only: {rated ^ (set(self.questions) - NOT_RATED)}")
        self._parsed: dict[str, Any] = {}

    # ------------------------------------------------------------ questions

    def many(self, key: str) -> bool:
        return self.questions[key]["type"] == "many"

    def exclusive(self, key: str) -> list[str]:
        """Return the options of a list question that stand alone, as "None of these" does."""
        options = self.questions[key].get("options", [])
        return [o["id"] for o in options if isinstance(o, dict) and o.get("exclusive")]

    def is_rated(self, key: str) -> bool:
        return key not in NOT_RATED

    def is_ordered(self, key: str) -> bool:
        return self.is_rated(key) and not self.many(key) and self.questions[key].get("ordered", True)

    def refusal(self, key: str) -> str | None:
        """Return the way offered not to answer: ``skip``, ``unsure`` or None."""
        question = self.questions[key]
        if question.get("skip"):
            return "skip"
        if question["type"] == "one" and self.is_rated(key) and key not in NEVER_FILLED:
            return "unsure"
        return None

    def offered(self, key: str) -> list[str]:
        """Every option id that is a good answer, ``skip`` or ``unsure`` included."""
        refusal = "unsure" if key == "insurance" else self.refusal(key)
        return self.options[key] + ([refusal] if refusal and refusal not in self.options[key] else [])

    def asked(self, key: str, completed: Answers) -> bool:
        rows = self.questions[key].get("ask_if")
        return rows is None or self.any_row(rows, completed)

    @staticmethod
    def any_row(rows: Iterable[Mapping[str, list[str]]], completed: Answers) -> bool:
        return any(
            all(set(chosen(completed, key)) & set(listed) for key, listed in row.items()) for row in rows
        )

    def check(self, answers: Any) -> None:
        """Refuse answers that the questions do not offer.

        Raises:
            Refused: names what cannot be answered like this.
        """
        if not isinstance(answers, dict):
            raise Refused("answers must be an object")
        for key, value in answers.items():
            if key not in self.questions:
                raise Refused(f"no question {key!r}")
            if self.many(key) != isinstance(value, list):
                raise Refused(f"{key}: one option or a list, as the question is")
            given = value if isinstance(value, list) else [value]
            if not all(isinstance(option, str) and option in self.offered(key) for option in given):
                raise Refused(f"{key}: not offered")
            if len(set(given)) < len(given):
                raise Refused(f"{key}: twice")
            alone = {*self.exclusive(key), "skip"} if self.many(key) else set()
            if len(given) > 1 and alone & set(given):
                raise Refused(f"{key}: stands alone")

    def complete(self, answers: Answers) -> Answers:
        """Fill what was asked and left out, drop what was not asked, in the order of the file."""
        completed: Answers = {}
        for key in self.questions:
            if not self.asked(key, completed):
                continue
            value = answers.get(key)
            if value in (None, []):
                refusal = self.refusal(key)
                if key == "emergency":
                    value = ["none"]
                elif refusal is None:
                    continue
                else:
                    value = [refusal] if self.many(key) else refusal
            completed[key] = value
        return completed

    def unknown(self, answers: Answers) -> list[str]:
        """Return the asked, rated questions that were refused or left out, in the order of the file."""
        completed = self.complete(answers)
        return [
            key
            for key in self.questions
            if self.is_rated(key)
            and self.asked(key, completed)
            and (answers.get(key) in (None, []) or set(chosen(completed, key)) & {"skip", "unsure"})
        ]

    def stop(self, completed: Answers) -> str | None:
        return next(
            (completed[key] for key in self.questions if completed.get(key) in STOPS.get(key, ())), None
        )

    # ------------------------------------------------------------ ratings

    def counted(self, key: str, option: str) -> str:
        """Return the option an answer counts as: "unsure" without a row is the second of an ordered list."""
        if option == "unsure" and "unsure" not in self.ratings.get(key, {}) and self.is_ordered(key):
            return self.options[key][1]
        return option

    def row(self, key: str, option: str) -> dict[str, Any]:
        return self.ratings.get(key, {}).get(self.counted(key, option), {})

    def least_state(self) -> State:
        return dict.fromkeys([*self.scales, *self.flags], 0)

    def rank(self, signal: str, value: str | bool) -> int:
        return int(value) if isinstance(value, bool) else self.scales[signal].index(value)

    def _raise(self, state: State, marks: Marks, row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            if name in MARKS:
                marks[name] |= {value} if isinstance(value, str) else set(value)
            else:
                state[name] = max(state[name], self.rank(name, value))

    def rate_rows(self, rows: Iterable[Mapping[str, Any]]) -> tuple[State, Marks]:
        """Return the state and marks of these rows, combined ratings included."""
        state, marks = self.least_state(), {mark: set() for mark in MARKS}
        for row in rows:
            self._raise(state, marks, row)
        together = [block["gives"] for block in self.holding(state)]
        for row in together:
            self._raise(state, marks, row)
        return state, marks

    def holding(self, state: State) -> list[dict[str, Any]]:
        """Return the combined ratings that hold on the signals of single answers."""
        return [block for block in self.rules.get("combined", []) if self.holds(block["when"], state)]

    def single_rows(self, completed: Answers) -> list[dict[str, Any]]:
        rows = [self.row(key, option) for key in completed for option in chosen(completed, key)]
        for block in self.frequencies:
            total = sum(
                self.options[key].index(self.counted(key, completed[key])) for key in block["questions"]
            )
            rows += [{block["raises"]: grade} for grade, least in block["bands"].items() if total >= least]
        return rows

    def rate(self, completed: Answers) -> tuple[State, Marks]:
        """Return the signals and marks of completed answers."""
        return self.rate_rows(self.single_rows(completed))

    def carries_crisis(self, key: str, options: Iterable[str]) -> bool:
        return any("crisis" in self.row(key, option) for option in options)

    # ------------------------------------------------------------ conditions and rules

    def holds(self, when: str, state: State) -> bool:
        if when not in self._parsed:
            self._parsed[when] = Parser(when).parse()
        return self._evaluate(self._parsed[when], state)

    def _evaluate(self, node: Any, state: State) -> bool:
        kind = node[0]
        if kind == "or":
            return any(self._evaluate(part, state) for part in node[1])
        if kind == "and":
            return all(self._evaluate(part, state) for part in node[1])
        if kind == "areas":
            least = self.rules["grades"].index(node[1])
            return sum(state[area] >= least for area in self.areas) >= node[2]
        if kind == "flag":
            if node[1] not in self.flags:
                raise ValueError(f"{node[1]} is not a flag")
            return state[node[1]] == 1
        return state[node[1]] >= self.rank(node[1], node[2])

    def fired(self, state: State) -> list[dict[str, Any]]:
        return [rule for rule in self.rules["rule"] if self.holds(rule["when"], state)]

    def level_at(self, state: State) -> int:
        """Return the highest level that any rule asks for; with no rule, the lowest there is."""
        return max((self.levels.index(rule["at_least"]) for rule in self.fired(state)), default=0)

    def level(self, completed: Answers) -> int:
        return self.level_at(self.rate(completed)[0])

    def notes(self, answers: Answers) -> list[str]:
        completed = self.complete(answers)
        state, _ = self.rate(completed)
        return [
            note["id"]
            for note in self.rules.get("note", [])
            if ("when" in note and self.holds(note["when"], state))
            or ("answers" in note and self.any_row(note["answers"], completed))
        ]

    def resources(self, answers: Answers) -> list[str]:
        return sorted(self.rate(self.complete(answers))[1]["resources"])

    # ------------------------------------------------------------ the whole answer

    def decide(self, answers: Any) -> dict[str, Any]:
        """Return what the command must say, without the id.

        Raises:
            Refused: a bad line.
        """
        self.check(answers)
        completed = self.complete(answers)
        for key in answers:
            if key not in completed and self.carries_crisis(key, chosen(answers, key)):
                raise Refused(f"{key}: a crisis answer to a question that is not asked")
        state, marks = self.rate(completed)
        kinds = {mark: sorted(marks[mark]) for mark in ("crisis", "urgent")}
        if stop := self.stop(completed):
            return {"level": None, "stop": stop} | kinds | self.version
        level = self.level_at(state)
        unknown = self.unknown(answers)
        return {
            "level": self.levels[level],
            "reasons": sorted(
                rule["id"] for rule in self.fired(state) if rule["at_least"] == self.levels[level] and level
            ),
            **kinds,
            "areas": {area: self.scales[area][state[area]] for area in sorted(self.areas)},
            "unknown": sorted(unknown),
            "provisional": bool(unknown),
            "range": self.range(answers),
            **self.version,
        }

    def answer_line(self, line: bytes) -> dict[str, Any]:
        """Answer one good JSON line as the command does, ``{"id", "error"}`` where the answers are refused."""
        case = json.loads(line)
        try:
            return {"id": case.get("id")} | self.decide(case.get("answers"))
        except Refused as refused:
            return {"id": case.get("id"), "error": str(refused)}

    # ------------------------------------------------------------ range and settling

    def replacements(self, key: str) -> list[Any]:
        """Every answer to this question that says something, carries no crisis and does not stop."""
        free = [
            option
            for option in self.options[key]
            if not self.carries_crisis(key, [option])
            and option not in STOPS.get(key, ())
            and option != "unsure"
        ]
        if not self.many(key):
            return free
        alone = self.exclusive(key)
        joined = [option for option in free if option not in alone]
        subsets = [
            list(some) for size in range(1, len(joined) + 1) for some in itertools.combinations(joined, size)
        ]
        return [[option] for option in free if option in alone] + subsets

    def kept(self, answers: Answers) -> Answers:
        """Return the completed answers that are known: they stay as they are in every world."""
        unknown = set(self.unknown(answers))
        return {key: value for key, value in self.complete(answers).items() if key not in unknown}

    def worlds(self, answers: Answers, choices: Any = None) -> Iterator[Answers]:
        """Every completed answer set that replaces the unknowns, with what they open, and carries no new crisis.

        A world in which a known crisis answer would not be asked is a bad line and so is left out.

        Args:
            answers: the answers as given.
            choices: from a question to the answers tried for it; ``replacements`` if not given.
        """
        choices = choices or self.replacements
        known = self.kept(answers)
        now = self.crises(self.complete(answers))
        crisis_keys = {key for key in known if self.carries_crisis(key, chosen(known, key))}

        def go_on(keys: list[str], so_far: Answers) -> Iterator[Answers]:
            for place, key in enumerate(keys):
                if not self.asked(key, so_far):
                    if key in crisis_keys:
                        return
                    continue
                if key in known:
                    so_far = so_far | {key: known[key]}
                elif self.is_rated(key):
                    for value in choices(key):
                        yield from go_on(keys[place + 1 :], so_far | {key: value})
                    return
            if self.crises(so_far) <= now:
                yield so_far

        yield from go_on(list(self.questions), {})

    def crises(self, completed: Answers) -> set[str]:
        """Return what carries a crisis here: answers, and the ids of combined ratings."""
        alone = self.rate_rows([])[0]
        for row in self.single_rows(completed):
            self._raise(alone, {mark: set() for mark in MARKS}, row)
        return {
            f"{key} {option}"
            for key in completed
            for option in chosen(completed, key)
            if self.carries_crisis(key, [option])
        } | {block["id"] for block in self.holding(alone) if "crisis" in block["gives"]}

    def range_by_trying_all(self, answers: Answers) -> list[str]:
        """Return the range by its definition, world by world; only for few unknowns."""
        levels = [self.level(world) for world in self.worlds(answers)]
        now = self.level(self.complete(answers))
        return [self.levels[min(levels)], self.levels[max([*levels, now])]]

    def range(self, answers: Answers) -> list[str]:
        """Return the lowest and the highest level without trying every world.

        Rows of an ordered question rise and no condition can say "less", so for the lowest level every unknown
        takes its first option; for the highest, its last without a crisis (a list: all of them at once). Only
        questions that a combined crisis reads are tried in every way, since there "more" may be ruled out. A known
        crisis stays in every world, so nothing is tried there.
        """
        now = self.level(self.complete(answers))
        if not self.unknown(answers) or self.crises(self.complete(answers)):
            return [self.levels[now]] * 2
        lowest = min(self.level(w) for w in self.worlds(answers, lambda key: self.replacements(key)[:1]))
        highest = now
        for world in self.worlds(answers, self._most):
            highest = max(highest, self.level(world))
            if highest == len(self.levels) - 1:
                break
        return [self.levels[lowest], self.levels[highest]]

    def _most(self, key: str) -> list[Any]:
        read = self._read_by_combined_crises()
        every = self.replacements(key)
        if not self.many(key):
            if any(set(self.row(key, option)) & read for option in self.options[key]):
                return every[::-1]
            return every[-1:]
        joined = every[-1]
        touched = [option for option in joined if set(self.row(key, option)) & read]
        rest = [option for option in joined if option not in touched]
        without = [
            [option for option in joined if option in rest or option in some]
            for size in range(len(touched), -1, -1)
            for some in itertools.combinations(touched, size)
        ]
        return [value for value in without if value] + every[:1]

    def _read_by_combined_crises(self) -> set[str]:
        names = set()
        for block in self.rules.get("combined", []):
            if "crisis" in block["gives"]:
                names |= set(re.findall(r"[a-z_0-9]+", block["when"])) & {*self.scales, *self.flags}
        return names

    def settling(self, answers: Answers) -> str | None:
        """Return the unknown whose own answers spread the level most, the first in the file; None if none does."""
        spreads = {key: self._spread(key, answers) for key in self.unknown(answers)}
        best = max(spreads, key=lambda key: spreads[key], default=None)
        return best if best is not None and spreads[best] else None

    def _spread(self, key: str, answers: Answers) -> int:
        others = self.complete(answers)
        levels = [
            self.level(self.complete({k: v for k, v in others.items() if k != key} | {key: value}))
            for value in self.replacements(key)
        ]
        return max(levels) - min(levels)

    # ------------------------------------------------------------ invariants and bounds

    def breaks(self, answers: Answers) -> list[str]:
        """Return the promises of the charter that this one answer set breaks, in the order of the file.

        A stopped answer set is judged as if it went on: no promise speaks of stops.
        """
        completed = self.complete(answers)
        state, marks = self.rate(completed)
        level = self.level_at(state)
        broken = []
        for promise in self.charter.get("invariant", []):
            if "answers" in promise:
                kept = not self.any_row(promise["answers"], completed)
                kept = kept or level >= self.levels.index(promise["at_least"])
            else:
                kept = self._properties()[promise["id"]](completed, state, marks, level)
            if not kept:
                broken.append(promise["id"])
        for bound in self.charter.get("bound", []):
            if bound.get("one_step"):
                if self._steps_too_far(bound, completed):
                    broken.append(bound["id"])
            elif level > self.levels.index(bound["at_most"]) and self._within(bound, completed, state):
                broken.append(bound["id"])
        return broken

    def _properties(self) -> dict[str, Any]:
        return {
            "crisis-is-always-inpatient": lambda completed, state, marks, level: (
                not marks["crisis"] or level == self.levels.index("inpatient")
            ),
            "week-never-lowers-need": self._week_keeps,
            "a-worse-answer-never-lowers": self._worse_keeps,
        }

    def _week_keeps(self, completed: Answers, state: State, marks: Marks, level: int) -> bool:
        overlap = {self.levels.index("outpatient"), self.levels.index("iop")}
        for key in CANNOT_MOVE_BEYOND_IOP:
            ways = [*self.options[key], *filter(None, [self.refusal(key)])]
            for way in ways:
                other, _ = self.rate(self.complete(completed | {key: [way] if self.many(key) else way}))
                moved = self.level_at(other)
                if moved == level:
                    continue
                higher = other if moved > level else state
                if {moved, level} != overlap or not all(
                    rule.get("overlap") for rule in self.fired(higher) if rule["at_least"] == "iop"
                ):
                    return False
        levels = {age: self.level(self.complete(completed | {"age": age})) for age in ("18_64", "65_plus")}
        if levels["18_64"] == levels["65_plus"]:
            return True
        read = state["psychosis"] or state["mania"] or (state["dependent"] and state["heavy_use"])
        return bool(
            read
            and levels["65_plus"] == self.levels.index("inpatient")
            and levels["18_64"] < levels["65_plus"]
        )

    def ladder(self, key: str) -> list[str]:
        """Return the options of an ordered question from least to most, skip or unsure just above the least.

        ``withdrawal = unsure`` stands with craving, ``weekly_hours = unsure`` with h3.
        """
        options = list(self.options[key])
        refusal = self.refusal(key)
        if refusal:
            place = options.index("craving") if key == "withdrawal" else 1
            options.insert(place, refusal)
        return options

    def _worse_keeps(self, completed: Answers, state: State, marks: Marks, level: int) -> bool:
        for key, value in completed.items():
            if not self.is_ordered(key):
                continue
            ladder = self.ladder(key)
            for worse in ladder[ladder.index(value) + 1 :]:
                after = self.complete(completed | {key: worse})
                # What opens is unknown, which is never less than its least answer: take that least answer.
                for opened in after.keys() - completed.keys():
                    after[opened] = self.least(opened)
                if self.level(self.complete(after)) < level:
                    return False
        return True

    def least(self, key: str) -> Any:
        return [self.options[key][0]] if self.many(key) else self.options[key][0]

    def _steps_too_far(self, bound: Mapping[str, Any], completed: Answers) -> list[str]:
        """Return the questions whose refusal moves the level further from the least answer than allowed."""
        too_far = []
        for key in self.questions:
            refusal = self.refusal(key)
            if not self.is_rated(key) or refusal is None or key in bound["but"]:
                continue
            if not self.asked(key, completed):
                continue
            least = self.complete(completed | {key: self.least(key)})
            refused = self.complete(completed | {key: [refusal] if self.many(key) else refusal})
            for way, other in ((least, refused), (refused, least)):
                for opened in way.keys() - other.keys():
                    way[opened] = self.least(opened)
            if "unless" in bound and self.holds(bound["unless"], self.rate(least)[0]):
                continue
            if abs(self.level(refused) - self.level(least)) > bound["at_most_levels"]:
                too_far.append(key)
        return too_far

    def _within(self, bound: Mapping[str, Any], completed: Answers, state: State) -> bool:
        """Whether a bound speaks of this answer set."""
        if "cap" in bound:
            cap = self.bound_state(bound)
            return all(state[name] <= cap[name] for name in state)
        return all(
            key in bound["only"] or not self.is_rated(key) or completed[key] == self.least_calm(key)
            for key in completed
        )

    def least_calm(self, key: str) -> Any:
        """Return the least concerning answer of an adult, so never "under 13"."""
        return "18_64" if key == "age" else self.least(key)

    def bound_state(self, bound: Mapping[str, Any]) -> State:
        """Return the state at which a bound is judged.

        ``only``: all offered options of the named questions at once, skip and unsure among them; a question that may
        open and is not named has its least answer; combined ratings are applied. ``cap``: the named grades and flags,
        ``areas`` for all seven; combined ratings are not applied.
        """
        if "cap" in bound:
            state = self.least_state()
            for name, value in bound["cap"].items():
                if name == "areas":
                    state |= {area: max(state[area], self.rank(area, value)) for area in self.areas}
                elif name == "flags":
                    state |= dict.fromkeys(value, 1)
                else:
                    state[name] = self.rank(name, value)
            return state
        named = bound["only"]
        rows = [self.row(key, option) for key in named for option in self.offered(key)]
        for key, question in self.questions.items():
            opens = question.get("ask_if", [{}])
            opened = any(all(part in named for part in row) for row in opens)
            if key not in named and self.is_rated(key) and opened:
                rows.append(self.row(key, self.options[key][0]))
        for block in self.frequencies:
            total = sum(len(self.options[key]) - 1 for key in block["questions"] if key in named)
            rows += [{block["raises"]: grade} for grade, least in block["bands"].items() if total >= least]
        return self.rate_rows(rows)[0]

    def holds_bound(self, bound: Mapping[str, Any]) -> bool:
        """Whether ``only`` or ``cap`` is proved: the level at its state is at most the one it promises."""
        return self.level_at(self.bound_state(bound)) <= self.levels.index(bound["at_most"])

    # ------------------------------------------------------------ made-up people

    def random_answers(self, rng: random.Random) -> Answers:
        """Draw an answer set that the questions allow: mostly few concerning answers, some left out.

        Some sets answer questions that are not asked, but never with a crisis answer, so each is a good line.
        """
        concern = rng.choice([0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
        left_out = rng.choice([0, 0, 0.03, 0.2, 0.6])
        refuses = rng.choice([0, 0, 0.05, 0.3])
        unasked = rng.choice([0, 0, 0.5])
        answers: Answers = {}
        completed: Answers = {}
        for key in self.questions:
            asked = self.asked(key, completed)
            if not asked and rng.random() >= unasked:
                continue
            if asked and rng.random() < left_out:
                completed = self.complete(answers)
                continue
            value = self._draw(rng, key, concern, refuses)
            if not asked and self.carries_crisis(key, value if isinstance(value, list) else [value]):
                continue
            answers[key] = value
            completed = self.complete(answers)
        return answers

    def _draw(self, rng: random.Random, key: str, concern: float, refuses: float) -> Any:
        refusal = self.refusal(key)
        if refusal and rng.random() < refuses:
            return [refusal] if self.many(key) else refusal
        options = self.options[key]
        if not self.many(key):
            if key in STOPS and rng.random() > 0.02:
                options = [option for option in options if option not in STOPS[key]]
            if self.is_rated(key) and rng.random() >= concern:
                return next(option for option in options if option not in STOPS.get(key, ()))
            return rng.choice(options)
        joined = [option for option in options if option not in self.exclusive(key)]
        alone = [option for option in options if option in self.exclusive(key)]
        if alone and rng.random() >= concern:
            return [rng.choice(alone)]
        return rng.sample(joined, min(len(joined), rng.choice([1, 1, 1, 2, 2, 3, 5])))


class Parser:
    """Recursive descent over ``>=``, ``and``, ``or``, ``( )`` and ``areas(grade)``; ``and`` binds tighter."""

    TOKENS = re.compile(r"\s*(>=|[()]|[a-z_0-9]+)")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            match = self.TOKENS.match(text, place)
            if not match:
                raise Unreadable(f"cannot read {text[place:]!r} in {text!r}")
            self.tokens.append(match[1])
            place = match.end()
        self.place = 0

    def parse(self) -> Any:
        node = self._or()
        if self.place < len(self.tokens):
            raise Unreadable(f"{self._next()!r} is too much in {self.text!r}")
        return node

    def _peek(self) -> str | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise Unreadable(f"{self.text!r} ends too early")
        self.place += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._next() != wanted:
            raise Unreadable(f"expected {wanted!r} in {self.text!r}")

    def _or(self) -> Any:
        parts = [self._and()]
        while self._peek() == "or":
            self._next()
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else ("or", parts)

    def _and(self) -> Any:
        parts = [self._one()]
        while self._peek() == "and":
            self._next()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else ("and", parts)

    def _one(self) -> Any:
        token = self._next()
        if token == "(":
            node = self._or()
            self._expect(")")
            return node
        if token in (">=", ")", "and", "or"):
            raise Unreadable(f"{token!r} is out of place in {self.text!r}")
        if token == "areas":
            self._expect("(")
            grade = self._next()
            self._expect(")")
            self._expect(">=")
            return ("areas", grade, int(self._next()))
        if self._peek() == ">=":
            self._next()
            return ("at_least", token, self._next())
        return ("flag", token)


def chosen(answers: Answers, key: str) -> list[str]:
    """Return the options chosen for one question, none if there is no answer."""
    value = answers.get(key, [])
    return value if isinstance(value, list) else [value]


def shipped() -> Oracle:
    """Return the oracle on the files of the project."""
    return Oracle(QUESTIONNAIRE, RULES, CHARTER if CHARTER.exists() else None)


def bad_lines() -> list[tuple[str, bytes]]:
    """Lines that must be refused, each with what is wrong with it."""

    def line(answers: Any) -> bytes:
        return json.dumps({"id": "bad", "answers": answers}).encode()

    return [
        ("no such question", line({"mood": "low"})),
        ("no such option", line({"wish_dead": "maybe"})),
        ("an option of 2026.1 that is gone", line({"wish_dead": "yes", "suicide_plan": "passing"})),
        ("one option where a list is asked", line({"home": "stable"})),
        ("one treatment where a list is asked", line({"recent_treatment": "weekly"})),
        ("a list where one option is asked", line({"wish_dead": ["yes"]})),
        ("an option twice", line({"also": ["eating", "eating"]})),
        ("none beside another", line({"also": ["none", "eating"]})),
        ("skip beside another", line({"home": ["skip", "strain"]})),
        ("stable beside strain", line({"home": ["stable", "strain"]})),
        ("unsure where skip is offered", line({"wish_dead": "unsure"})),
        ("skip where unsure is offered", line({"functioning": "skip"})),
        ("unsure where neither is offered", line({"age": "unsure"})),
        ("skip in the emergency list", line({"emergency": ["skip"]})),
        ("null as an answer", line({"wish_dead": None})),
        ("a number as an answer", line({"nervous": 1})),
        ("true as an answer", line({"wish_dead": True})),
        ("answers as a list", line([])),
        ("no answers", b'{"id": "bad"}'),
        ("a crisis answer that is not asked: right now", line(NO_THOUGHTS | {"suicidal_now": "yes"})),
        ("a crisis answer that is not asked: a plan", line(NO_THOUGHTS | {"suicide_plan": "plan"})),
        ("a crisis answer that is not asked: part of me", line(NO_THOUGHTS | {"suicide_plan": "intent"})),
        ("a crisis answer that is not asked: an attempt", line(NO_THOUGHTS | {"last_attempt": "past_week"})),
    ]


NO_THOUGHTS = {"wish_dead": "no", "burden": "no", "suicidal_week": "no", "past_attempt": "no"}
