"""A second, slow and obvious reading of the questionnaire and the rule set, to compare the engine with.

It works on the raw TOML and shares no line with ``recommend.engine``: a condition becomes a Python expression, a range
is found by trying every way to replace what is not known. Where the two readings differ, one of them is wrong.
"""

import itertools
import json
import random
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]
QUESTIONNAIRE = BASE / "intake" / "questionnaires" / "2026.1.toml"
RULESET = BASE / "recommend" / "rulesets" / "2026.1.toml"

Answers = dict[str, Any]
Signals = dict[str, int]

STOPS = {"who": ("other",), "age": ("under_13", "13_17")}
ABOUT = ("emergency", "who", "age", "place")
WEEK = ("weekly_hours", "free_times", "work_around")


class Refused(Exception):
    """These answers are no valid answers."""


class Oracle:
    """All the design says about answers, from the two files as they are."""

    def __init__(self, questionnaire: Mapping[str, Any], rules: Mapping[str, Any]) -> None:
        self.questionnaire = questionnaire
        self.rules = rules
        self.questions: dict[str, dict[str, Any]] = {}
        self.options: dict[str, list[str]] = {}
        self.exclusive: dict[str, set[str]] = {}
        for question in (q for section in questionnaire["section"] for q in section["question"]):
            options = question.get("options", [])
            if isinstance(options, str):
                options = questionnaire["option_list"][options]
            self.questions[question["id"]] = question
            self.options[question["id"]] = [o["id"] for o in options] or ["no", "yes"]
            self.exclusive[question["id"]] = {o["id"] for o in options if o.get("exclusive")}
        self.scales: dict[str, list[str]] = dict.fromkeys(rules["areas"], rules["grades"])
        for signal, scale in rules["signals"].items():
            if signal == "flags":
                self.scales |= {flag: ["no", "yes"] for flag in scale}
            else:
                self.scales[signal] = scale
        self.conditions: dict[str, Any] = {}

    # ------------------------------------------------------------------ conditions

    def holds(self, when: str, signals: Signals) -> bool:
        """Evaluate a condition: translated once to a Python expression over ``signals``."""
        if when not in self.conditions:
            pattern = r"areas\((\w+)\) >= (\d+)|(\w+) >= (\w+)|(\w+)"
            self.conditions[when] = eval("lambda s, count: " + re.sub(pattern, self._python, when))

        def count(grade: int) -> int:
            return sum(signals[area] >= grade for area in self.rules["areas"])

        return bool(self.conditions[when](signals, count))

    def _python(self, match: re.Match[str]) -> str:
        grade, number, signal, value, word = match.groups()
        if grade:
            return f"count({self.rules['grades'].index(grade)}) >= {number}"
        if signal:
            return f"s[{signal!r}] >= {self.scales[signal].index(value)}"
        return str(word) if word in ("and", "or") else f"s[{word!r}] >= {self.scales[word].index('yes')}"

    @staticmethod
    def any_row(rows: list[dict[str, list[str]]], answers: Answers) -> bool:
        """Is one of these rows true: was each question in it answered with one of the listed options?"""
        return any(
            all(set(chosen(answers, key)) & set(wanted) for key, wanted in row.items()) for row in rows
        )

    # ------------------------------------------------------------------ answers

    def is_rated(self, key: str) -> bool:
        return key in self.rules["ratings"] or any(
            key in block["questions"] for block in self.rules.get("frequency", [])
        )

    def asked(self, key: str, answers: Answers) -> bool:
        rows = self.questions[key].get("ask_if")
        return rows is None or self.any_row(rows, answers)

    def offered(self, key: str) -> list[str]:
        """Every option, skip and unsure included where they are offered."""
        question = self.questions[key]
        return self.options[key] + [word for word in ("skip", "unsure") if question.get(word)]

    def has_crisis(self, key: str, answers: Answers) -> bool:
        return any("crisis" in self.row(key, option) for option in chosen(answers, key))

    def check(self, answers: Any) -> None:
        """Refuse answers that are malformed, whatever is asked."""
        if not isinstance(answers, dict):
            raise Refused("answers are no object")
        for key, answer in answers.items():
            if key not in self.questions:
                raise Refused(f"unknown question {key}")
            many = self.questions[key]["type"] == "many"
            if not isinstance(answer, list if many else str):
                raise Refused(f"wrong type for {key}")
            given = answer if many else [answer]
            if not all(isinstance(option, str) and option in self.offered(key) for option in given):
                raise Refused(f"unknown option of {key}")
            if len(set(given)) < len(given):
                raise Refused(f"an option of {key} stands twice")
            if len(given) > 1 and set(given) & (self.exclusive[key] | {"skip"}):
                raise Refused(f"an option of {key} stands alone")

    def complete(self, answers: Answers) -> Answers:
        """Fill what is asked and left out, drop what is not asked, in the order of the file."""
        self.check(answers)
        completed: Answers = {}
        for key in self.questions:
            self._complete_one(key, answers, completed)
        return completed

    def accepts(self, answers: Answers) -> bool:
        """Return whether a person can have given these answers."""
        try:
            self.complete(answers)
        except Refused:
            return False
        return True

    def _complete_one(self, key: str, answers: Answers, completed: Answers) -> None:
        """Add what counts as the answer to one question; ``completed`` holds all the questions before it."""
        question = self.questions[key]
        if not self.asked(key, completed):
            if self.has_crisis(key, answers):
                raise Refused(f"a crisis answer to {key}, which is not asked")
        elif answers.get(key):
            completed[key] = answers[key]
        elif key == "emergency":
            completed[key] = ["none"]
        elif question.get("skip"):
            completed[key] = ["skip"] if question["type"] == "many" else "skip"
        elif question.get("unsure"):
            completed[key] = "unsure"

    def unknown(self, answers: Answers) -> list[str]:
        """Asked, rated questions answered skip or unsure, or left out."""
        return [
            key
            for key in self.complete(answers)
            if self.is_rated(key) and (not answers.get(key) or set(chosen(answers, key)) & {"skip", "unsure"})
        ]

    # ------------------------------------------------------------------ rating

    def row(self, key: str, option: str) -> dict[str, Any]:
        rows = self.rules["ratings"].get(key, {})
        if option == "unsure" and option not in rows:
            option = self.options[key][1] if self.questions[key].get("ordered", True) else ""
        row: dict[str, Any] = rows.get(option, {})
        return row

    def rate(self, completed: Answers) -> tuple[Signals, dict[str, set[str]], list[str]]:
        """Signals, marks, and the combined ratings that hold, for completed answers."""
        signals = dict.fromkeys(self.scales, 0)
        marks: dict[str, set[str]] = {mark: set() for mark in self.rules["marks"]}
        for key in completed:
            for option in chosen(completed, key):
                self._raise(signals, marks, self.row(key, option))
        for block in self.rules.get("frequency", []):
            total = sum(self._times(key, completed[key]) for key in block["questions"])
            for grade, least in block["bands"].items():
                if total >= least:
                    self._raise(signals, marks, {block["raises"]: grade})
        singles = dict(signals)
        combined = [block for block in self.rules["combined"] if self.holds(block["when"], singles)]
        for block in combined:
            self._raise(signals, marks, block["gives"])
        return signals, marks, [block["id"] for block in combined]

    def _raise(self, signals: Signals, marks: dict[str, set[str]], row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            if name in marks:
                marks[name].add(value)
            else:
                rank = int(value) if isinstance(value, bool) else self.scales[name].index(value)
                signals[name] = max(signals[name], rank)

    def _times(self, key: str, option: str) -> int:
        return self.options[key].index("some_days" if option == "unsure" else option)

    # ------------------------------------------------------------------ deciding

    def fired(self, signals: Signals) -> list[dict[str, Any]]:
        return [rule for rule in self.rules["rule"] if self.holds(rule["when"], signals)]

    def level(self, completed: Answers) -> int:
        """The level, as its rank, of completed answers."""
        return self.level_of(self.rate(completed)[0])

    def level_of(self, signals: Signals) -> int:
        return max([self.rules["levels"].index(rule["at_least"]) for rule in self.fired(signals)], default=0)

    def notes(self, answers: Answers) -> list[str]:
        completed = self.complete(answers)
        signals, _, _ = self.rate(completed)
        return [
            note["id"]
            for note in self.rules["note"]
            if ("when" in note and self.holds(note["when"], signals))
            or ("answers" in note and self.any_row(note["answers"], completed))
        ]

    def stop(self, answers: Answers) -> str | None:
        return next((answers[key] for key, stops in STOPS.items() if answers.get(key) in stops), None)

    def decide(self, answers: Answers) -> dict[str, Any]:
        """What the command line answers, but for ``id`` and ``range``."""
        completed = self.complete(answers)
        if stop := self.stop(answers):
            return {"level": None, "stop": stop}
        signals, marks, _ = self.rate(completed)
        level = self.rules["levels"][self.level(completed)]
        unknown = self.unknown(answers)
        return {
            "level": level,
            "reasons": sorted(rule["id"] for rule in self.fired(signals) if rule["at_least"] == level),
            "crisis": sorted(marks["crisis"]),
            "urgent": sorted(marks["urgent"]),
            "areas": {area: self.rules["grades"][signals[area]] for area in self.rules["areas"]},
            "unknown": sorted(unknown),
            "provisional": bool(unknown),
            "ruleset": self.rules["version"],
            "questionnaire": self.questionnaire["version"],
        }

    # ------------------------------------------------------------------ range

    def replacements(self, key: str) -> list[Any]:
        """Every way to answer: no skip, no unsure, nothing that carries a crisis by itself."""
        calm = [option for option in self.options[key] if "crisis" not in self.row(key, option)]
        if self.questions[key]["type"] != "many":
            return calm
        together = [option for option in calm if option not in self.exclusive[key]]
        alone = [[option] for option in calm if option in self.exclusive[key]]
        return alone + [
            list(some)
            for size in range(1, len(together) + 1)
            for some in itertools.combinations(together, size)
        ]

    def worlds(
        self, answers: Answers, pick: Callable[[list[Any]], list[Any]], limit: int
    ) -> list[Answers] | None:
        """The sets of completed answers that the given ones leave open, with the replacements that ``pick`` picks.

        None where there are more than ``limit``. A combined crisis may come up in one; ``level_in`` leaves it out.
        """
        completed = self.complete(answers)
        unknown = self.unknown(answers)
        given = {key: answer for key, answer in completed.items() if key not in unknown}
        worlds: list[Answers] = [{}]
        for key in self.questions:
            ways = (
                [given[key]] if key in given else pick(self.replacements(key)) if self.is_rated(key) else []
            )
            lost = self.has_crisis(key, given)
            grown = []
            for world in worlds:
                if ways and self.asked(key, world):
                    grown += [world | {key: answer} for answer in ways]
                elif not lost:
                    grown.append(world)
            worlds = grown
            if len(worlds) > limit:
                return None
        return worlds

    def range(self, answers: Answers, limit: int) -> list[str] | None:
        """The lowest and highest level by trying every world; None where there are more than ``limit``."""
        worlds = self.worlds(answers, list, limit)
        if worlds is None:
            return None
        completed = self.complete(answers)
        levels = {self.level_in(world, completed) for world in worlds} - {None}
        return [self.rules["levels"][n] for n in (min(levels), max(levels | {self.level(completed)}))]

    def level_in(self, world: Answers, completed: Answers) -> int | None:
        """The level of a world; None where it holds a combined crisis that the answers as they are do not."""
        signals, _, combined = self.rate(world)
        crises = {block["id"] for block in self.rules["combined"] if "crisis" in block["gives"]} & set(
            combined
        )
        if crises and not crises <= set(self.rate(completed)[2]):
            return None
        return self.level_of(signals)

    def settling(self, answers: Answers) -> str | None:
        """The unknown question whose own answers, all else as it counts, spread the level most; the first of equals."""
        completed = self.complete(answers)
        unknown = self.unknown(answers)
        spreads = {key: self._spread(key, completed) for key in completed if key in unknown}
        widest = max(spreads.values(), default=0)
        return next((key for key, spread in spreads.items() if spread == widest), None) if widest else None

    def _spread(self, key: str, completed: Answers) -> int:
        levels = set()
        for answer in self.replacements(key):
            try:
                levels.add(self.level_in(self.complete(completed | {key: answer}), completed))
            except Refused:  # it would leave a crisis answer unasked
                continue
        known = levels - {None}
        return max(known) - min(known) if known else 0

    # ------------------------------------------------------------------ drawing answers

    def random_answers(self, rng: random.Random) -> Answers:
        """Draw one person: mostly plausible, of any severity, with gaps, skips, and answers nobody asked for."""
        severity = rng.choice([0.0, 0.05, 0.1, 0.2, 0.4, 0.7])
        left_out = rng.choice([0.0, 0.0, 0.05, 0.3, 0.95])
        not_said = rng.choice([0.0, 0.0, 0.03, 0.08, 0.4])
        in_crisis = rng.random() < 0.15
        answers: Answers = {}
        completed: Answers = {}
        for key, question in self.questions.items():
            asked = self.asked(key, completed)
            if rng.random() >= (left_out if asked else 0.8):
                options = [option for option in self.options[key] if option not in STOPS.get(key, ())]
                if not in_crisis or not asked:
                    options = [option for option in options if "crisis" not in self.row(key, option)]
                unsaid = [
                    word for word in ("skip", "unsure") if question.get(word) and rng.random() < not_said
                ]
                draw = self._draw_list if question["type"] == "many" else self._draw_one
                answers[key] = draw(rng, key, unsaid or options, severity)
            self._complete_one(key, answers, completed)
        return answers

    def _draw_one(self, rng: random.Random, key: str, options: list[str], severity: float) -> str:
        if not self.is_rated(key) or not self.questions[key].get("ordered", True) or key in WEEK:
            return rng.choice(options)
        return options[sum(rng.random() < severity for _ in options[1:])]

    def _draw_list(self, rng: random.Random, key: str, options: list[str], severity: float) -> list[str]:
        rate = severity / 3 if self.is_rated(key) else 0.3
        together = [option for option in options if option not in self.exclusive[key] and rng.random() < rate]
        rng.shuffle(together)
        return together or options[:1]


def chosen(answers: Answers, key: str) -> list[str]:
    """The options chosen for a question, as a list whatever its type."""
    answer = answers.get(key, [])
    return answer if isinstance(answer, list) else [answer]


def shipped() -> Oracle:
    """The oracle over the files that carenav ships."""
    return Oracle(tomllib.loads(QUESTIONNAIRE.read_text()), tomllib.loads(RULESET.read_text()))


def bad_lines() -> list[tuple[str, bytes]]:
    """Input lines of the command that must be refused: what is wrong, and the line without its end."""

    def line(answers: Any) -> bytes:
        return json.dumps({"id": "bad", "answers": answers}).encode()

    return [
        ("not JSON", b"wish_dead: yes"),
        ("JSON cut short", b'{"id": "bad", "answers": {"wish_dead": "yes"'),
        ("two objects on a line", b'{"id": "a", "answers": {}} {"id": "b", "answers": {}}'),
        ("not UTF-8", b'{"id": "bad", "answers": {"wish_dead": "\xff"}}'),
        ("brackets without end", b"[" * 100_000),
        ("a number of 5,000 digits", b"1" * 5_000),
        ("no JSON number", b'{"id": "bad", "answers": {}, "weight": NaN}'),
        ("a list", b"[]"),
        ("a text", b'"answers"'),
        ("null", b"null"),
        ("answers missing", b'{"id": "bad"}'),
        ("answers null", line(None)),
        ("answers a list", line([])),
        ("answers a list of pairs", line([["wish_dead", "yes"]])),
        ("answers a text", line("wish_dead")),
        ("unknown question", line({"mood": "low"})),
        ("question with a capital", line({"Wish_dead": "yes"})),
        ("question with a space after it", line({"wish_dead ": "yes"})),
        ("empty question id", line({"": "yes"})),
        ("unknown option", line({"wish_dead": "maybe"})),
        ("option with a space after it", line({"wish_dead": "yes "})),
        ("option with a capital", line({"wish_dead": "Yes"})),
        ("empty option", line({"wish_dead": ""})),
        ("option of another question", line({"trend": "very"})),
        ("unknown option in a list", line({"also": ["pregnant", "tired"]})),
        ("list for a choose-one", line({"home": ["stable"]})),
        ("empty list for a choose-one", line({"home": []})),
        ("list for a yes-no", line({"wish_dead": ["yes"]})),
        ("text for a list question", line({"also": "none"})),
        ("skip of a list question as a text", line({"also": "skip"})),
        ("object for a list question", line({"also": {"none": True}})),
        ("number", line({"wish_dead": 1})),
        ("zero", line({"wish_dead": 0})),
        ("true", line({"wish_dead": True})),
        ("false", line({"wish_dead": False})),
        ("null answer", line({"wish_dead": None})),
        ("null for a list question", line({"also": None})),
        ("false for a list question", line({"also": False})),
        ("object", line({"wish_dead": {"yes": True}})),
        ("number in a list", line({"also": [1]})),
        ("null in a list", line({"also": [None]})),
        ("list in a list", line({"also": [["none"]]})),
        ("object in a list", line({"also": [{}]})),
        ("NUL in an option", line({"wish_dead": "yes\0"})),
        ("NUL in a question", line({"wish_dead\0": "yes"})),
        ("NUL in a list", line({"also": ["none\0"]})),
        ("NUL byte in the line", b'{"id": "bad", "answers": {"wish_dead": "yes\0"}}'),
        ("NUL in the id", json.dumps({"id": "a\0b", "answers": {}}).encode()),
        ("half of a character pair in an option", b'{"id": "bad", "answers": {"wish_dead": "\\ud800"}}'),
        ("none with an emergency", line({"emergency": ["none", "hurt"]})),
        ("none with others", line({"also": ["pregnant", "none"]})),
        ("none with others about the week", line({"work_around": ["none", "cost"]})),
        ("skip with others", line({"also": ["skip", "eating"]})),
        ("the same option twice", line({"also": ["pregnant", "pregnant"]})),
        ("none twice", line({"emergency": ["none", "none"]})),
        ("skip with none", line({"also": ["none", "skip"]})),
        ("skip of emergency", line({"emergency": ["skip"]})),
        ("skip of who", line({"who": "skip"})),
        ("skip of a question that offers unsure", line({"home": "skip"})),
        ("skip of free times", line({"free_times": ["skip"]})),
        ("skip of work_around", line({"work_around": ["skip"]})),
        ("unsure of a question that offers skip", line({"wish_dead": "unsure"})),
        ("unsure of substance use", line({"substance_use": "unsure"})),
        ("unsure of a list question", line({"also": ["unsure"]})),
        ("unsure of age", line({"age": "unsure"})),
        ("unsure of share", line({"share": "unsure"})),
        ("crisis answer not asked: no attempt", line({"past_attempt": "no", "last_attempt": "past_week"})),
        (
            "crisis answer not asked: attempt not said",
            line({"past_attempt": "skip", "last_attempt": "past_week"}),
        ),
        ("crisis answer not asked: attempt left out", line({"last_attempt": "past_week"})),
        (
            "crisis answer not asked: no thoughts",
            line(
                {
                    "wish_dead": "no",
                    "burden": "no",
                    "suicidal_week": "no",
                    "past_attempt": "no",
                    "suicidal_now": "yes",
                }
            ),
        ),
        ("crisis answer not asked: plan without thoughts", line({"suicide_plan": "plan"})),
        (
            "crisis answer not asked: intent, thoughts not said",
            line({"wish_dead": "skip", "suicide_plan": "intent"}),
        ),
    ]
