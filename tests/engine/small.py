"""Small random questionnaires and rule sets, and a plain reading of them to compare the engine with.

A drawn world is small enough to write out every completed answer set and to try each of them. The rule set goes to the
engine as TOML through its loader. Here its conditions stay trees, and everything is found by trying.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from recommend.engine import Question, Questions, RuleSet
from recommend.engine.ruleset_file import read_ruleset

GRADES = ["none", "some", "much"]
LEVELS = ["outpatient", "iop", "php", "inpatient"]
WEEK = ("weekly_hours", "age", "share")  # some of the questions that may move the overlap zone only
UNSAID = ("skip", "unsure")

Answers = dict[str, tuple[str, ...]]
Tree = tuple[Any, ...]
"""A condition: ("at", signal, rank), ("areas", rank, number), ("and" or "or", tree, tree)."""


# ---- a plain reading


class Small:
    """One small questionnaire and one rule set on it.

    Args:
        questions: as values of the engine; only their fields are read here.
        raw: the rule set as its file has it, but that ``when`` is a tree.
    """

    def __init__(self, questions: list[Question], raw: dict[str, Any]) -> None:
        self.questions = questions
        self.raw = raw

    # -- what the engine gets

    def __repr__(self) -> str:
        """What a failure shows: no texts, which are all the same."""
        shown = ("ratings", "frequency", "combined", "rule", "invariant")
        rules = "\n".join(f"{key} = {toml(each)}" for key in shown for each in [in_words(self.raw[key])])
        return "\n".join(["", *map(str, self.questions), rules, ""])

    @cached_property
    def text(self) -> str:
        return "\n".join(f"{key} = {toml(value)}" for key, value in in_words(self.raw).items())

    @cached_property
    def ruleset(self) -> RuleSet:
        return self.read(self.text)

    def read(self, text: str) -> RuleSet:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "small.toml")
            path.write_text(text)
            return read_ruleset(path, Questions("1", {q.id: q for q in self.questions}))

    # -- answers

    def question(self, id: str) -> Question:
        return next(question for question in self.questions if question.id == id)

    @cached_property
    def scales(self) -> dict[str, list[str]]:
        graded = {name: scale for name, scale in self.raw["signals"].items() if name != "flags"}
        flags = {key: ["no", "yes"] for key in self.raw["signals"]["flags"]}
        return dict.fromkeys(self.raw["areas"], self.raw["grades"]) | graded | flags

    @cached_property
    def rated(self) -> list[str]:
        """The questions that give signals or marks."""
        summed = {id for table in self.raw["frequency"] for id in table["questions"]}
        return [q.id for q in self.questions if q.id in self.raw["ratings"] or q.id in summed]

    @cached_property
    def counted(self) -> list[Question]:
        """The rated questions, those that decide whether one of them is asked, and so on."""
        return self.with_openers(self.rated)

    @cached_property
    def looked_at(self) -> list[Question]:
        """The same, with the questions that a promise names."""
        rows = [row for invariant in self.raw["invariant"] for row in invariant["answers"]]
        return self.with_openers([*self.rated, *(id for row in rows for id in row)])

    def with_openers(self, ids: Iterable[str]) -> list[Question]:
        wanted = set(ids)
        for question in reversed(self.questions):
            if question.id in wanted:
                wanted |= {id for row in question.ask_if for id in row}
        return [question for question in self.questions if question.id in wanted]

    @staticmethod
    def counted_in(*worlds: "Small") -> list[Question]:
        """The questions that are counted in any of some rule sets on the same questions."""
        counted = {question.id for world in worlds for question in world.counted}
        return [question for question in worlds[0].questions if question.id in counted]

    @cached_property
    def everybody(self) -> list[Answers]:
        """Every completed answer set to the questions that are looked at."""
        return list(self.written_out(self.looked_at))

    def completed(self, given: Answers) -> Answers:
        """What is asked and left out is not said; what is not asked is dropped."""
        answers: Answers = {}
        for question in self.questions:
            if is_asked(question, answers):
                not_said = [*unsaid(question), *question.exclusive][0]
                answers[question.id] = given.get(question.id, (not_said,))
        return answers

    def in_order(self, id: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(option for option in self.question(id).offered if option in chosen)

    def rules(self, ids: list[str]) -> list[dict[str, Any]]:
        return [rule for rule in self.raw["rule"] if rule["id"] in ids]

    def written_out(self, questions: Sequence[Question]) -> Iterator[Answers]:
        def grow(answers: Answers, left: Sequence[Question]) -> Iterator[Answers]:
            if not left:
                yield answers
            elif is_asked(left[0], answers):
                for chosen in ways_to_answer(left[0]):
                    yield from grow(answers | {left[0].id: chosen}, left[1:])
            else:
                yield from grow(answers, left[1:])

        return grow({}, questions)

    def changed(
        self, answers: Answers, changes: Mapping[str, Iterable[tuple[str, ...]]]
    ) -> Iterator[Answers]:
        """Every completed answer set with one of the given answers to each of some questions, else as it was.

        A question that is asked now and was not before is answered in every way.
        """

        def grow(new: Answers, left: Sequence[Question]) -> Iterator[Answers]:
            if not left:
                yield new
                return
            id = left[0].id
            if not is_asked(left[0], new):
                yield from grow(new, left[1:])
                return
            kept = [answers[id]] if id in answers else ways_to_answer(left[0])
            for chosen in changes.get(id, kept):
                yield from grow(new | {id: chosen}, left[1:])

        return grow({}, self.looked_at)

    def worse(self, id: str, chosen: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The answers of more concern than a given one to an ordered question."""
        question = self.question(id)
        if question.kind == "one":
            return [
                other
                for other in ways_to_answer(question)
                if self.concern(id, other[0]) > self.concern(id, chosen[0])
            ]
        if chosen[0] in question.exclusive:
            return [other for other in ways_to_answer(question) if other[0] not in question.exclusive]
        if chosen == ("skip",):
            return [
                other for other in ways_to_answer(question) if not {*question.exclusive, "skip"} & {*other}
            ]
        return [other for other in ways_to_answer(question) if {*chosen} < {*other}]

    def concern(self, id: str, option: str) -> float:
        """The place of an option of a choose-one question: skip and unsure stand between the first and the second."""
        options = self.question(id).options
        if option in options:
            return options.index(option)
        rows = self.raw["ratings"].get(id, {})
        if option == "unsure" and "unsure" in rows and rows["unsure"] != rows.get(options[1], {}):
            same = [n for n, other in enumerate(options) if n > 1 and rows.get(other, {}) == rows["unsure"]]
            return same[0] if same else 0.5
        return 0.5

    def weight(self, answers: Answers) -> int:
        """How many answers say more than the least."""
        return sum(chosen != ways_to_answer(self.question(id))[0] for id, chosen in answers.items())

    # -- ratings, marks, levels

    def row(self, id: str, option: str) -> dict[str, Any]:
        rows: dict[str, dict[str, Any]] = self.raw["ratings"].get(id, {})
        if (
            id in self.raw["ratings"]
            and option == "unsure"
            and option not in rows
            and self.question(id).ordered
        ):
            return rows.get(self.question(id).options[1], {})
        return rows.get(option, {})

    def carries_crisis(self, id: str, chosen: tuple[str, ...]) -> bool:
        return any("crisis" in self.row(id, option) for option in chosen)

    def rate(self, answers: Answers) -> "Rated":
        signals = dict.fromkeys(self.scales, 0)
        marks: set[tuple[str, str]] = set()

        def give(row: Mapping[str, Any]) -> None:
            for name, value in row.items():
                if name in self.raw["marks"]:
                    marks.add((name, value))
                else:
                    rank = int(value) if value is True else self.scales[name].index(value)
                    signals[name] = max(signals[name], rank)

        for id, chosen in answers.items():
            for option in chosen:
                give(self.row(id, option))
        for table in self.raw["frequency"]:
            total = sum(self.times(id, answers[id][0]) for id in table["questions"] if id in answers)
            for grade, least in table["bands"].items():
                if total >= least:
                    give({table["raises"]: grade})
        single = dict(signals)
        for each in self.raw["combined"]:
            if self.holds(each["when"], single):
                give(each["gives"])
        fired = [rule for rule in self.raw["rule"] if self.holds(rule["when"], signals)]
        level = max((LEVELS.index(rule["at_least"]) for rule in fired), default=0)
        return Rated(
            level=level,
            areas={area: GRADES[signals[area]] for area in self.raw["areas"]},
            marks=marks,
            firm=max((LEVELS.index(rule["at_least"]) for rule in fired if is_firm(rule)), default=0),
            fired=[rule["id"] for rule in fired],
            deciding=[rule["id"] for rule in fired if LEVELS.index(rule["at_least"]) == level],
        )

    def times(self, id: str, option: str) -> int:
        return 1 if option in UNSAID else self.question(id).options.index(option)

    def holds(self, tree: Tree, signals: Mapping[str, int]) -> bool:
        match tree:
            case ("at", signal, rank):
                return signals[signal] >= rank
            case ("areas", rank, number):
                return sum(signals[area] >= rank for area in self.raw["areas"]) >= number
            case ("and", one, other):
                return self.holds(one, signals) and self.holds(other, signals)
            case (_, one, other):
                return self.holds(one, signals) or self.holds(other, signals)
        raise AssertionError(tree)

    def rated_as(self, answers: Answers) -> "Rated":
        """As ``rate``, remembered."""
        key = tuple(answers.items())
        if key not in self._known:
            self._known[key] = self.rate(answers)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[tuple[str, tuple[str, ...]], ...], "Rated"]:
        return {}

    def level(self, answers: Answers) -> int:
        return self.rated_as(answers).level


@dataclass(frozen=True)
class Rated:
    """What one completed answer set means."""

    level: int
    areas: dict[str, str]
    marks: set[tuple[str, str]]
    firm: int
    """The level that the rules ask for without those of the overlap zone."""
    fired: list[str]
    deciding: list[str]

    @property
    def crises(self) -> set[str]:
        return {kind for mark, kind in self.marks if mark == "crisis"}


def is_firm(rule: Mapping[str, Any]) -> bool:
    return not rule["overlap"] or rule["at_least"] != "iop"


def ways_to_answer(question: Question) -> list[tuple[str, ...]]:
    """Every answer that can be given to a question, the least first."""
    if question.kind == "one":
        return [(option,) for option in [*question.options, *unsaid(question)]]
    together = [option for option in question.options if option not in question.exclusive]
    lists = [some for size in range(1, len(together) + 1) for some in combinations(together, size)]
    return [(option,) for option in [*sorted(question.exclusive), *unsaid(question)]] + lists


def unsaid(question: Question) -> list[str]:
    return ["skip"] * question.skip + ["unsure"] * question.unsure


def is_asked(question: Question, answers: Answers) -> bool:
    if not question.ask_if:
        return True
    return any(all(set(answers.get(id, ())) & row[id] for id in row) for row in question.ask_if)


# ---- TOML


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return json.dumps(value)


def in_words(value: Any) -> Any:
    """The same with each condition written out."""
    if isinstance(value, dict):
        return {key: condition(each) if key == "when" else in_words(each) for key, each in value.items()}
    return [in_words(each) for each in value] if isinstance(value, list) else value


def condition(tree: Tree, inside: str = "or") -> str:
    """A condition as a rule set writes it, with parentheses where they are needed."""
    match tree:
        case ("at", signal, rank):
            return signal if signal.startswith("flag") else f"{signal} >= {GRADES[rank]}"
        case ("areas", rank, number):
            return f"areas({GRADES[rank]}) >= {number}"
        case (joint, one, other):
            text = f"{condition(one, joint)} {joint} {condition(other, joint)}"
            return f"({text})" if (joint, inside) == ("or", "and") else text
    raise AssertionError(tree)


# ---- drawing


SIGNALS = {"area_a": 2, "area_b": 2, "other": 2, "flag_a": 1, "flag_b": 1}
"""Every signal that can occur, with its highest rank."""


def trees(signals: Mapping[str, int]) -> st.SearchStrategy[Tree]:
    """Conditions over some signals."""
    leaves: list[Tree] = [("at", name, rank) for name, top in signals.items() for rank in range(1, top + 1)]
    if {"area_a", "area_b"} <= set(signals):
        leaves += [("areas", rank, number) for rank in (1, 2) for number in (1, 2)]
    leaf, joint = st.sampled_from(leaves), st.sampled_from(["and", "or"])
    both = st.tuples(joint, leaf, leaf)
    return (
        leaf
        | both
        | st.tuples(joint, both, leaf)
        | st.tuples(joint, leaf, both)
        | st.tuples(joint, both, both)
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> list[Question]:
    """Three to five questions. A worse answer never closes one, as the loader of questionnaires demands."""
    number = draw(st.integers(3, 5))
    week = draw(st.sampled_from([(), (WEEK[0],), WEEK[:2]]))
    ids = [*(f"q{n}" for n in range(number - len(week))), *week]
    questions: list[Question] = []
    for id in draw(st.permutations(ids)):
        many = draw(st.integers(0, 4)) == 0
        skip = draw(st.booleans())
        unsure = not many and (not skip or draw(st.integers(0, 5)) == 0)
        questions.append(
            Question(
                id=id,
                kind="many" if many else "one",
                options=("none", "a", "b") if many else ("a", "b", "c")[: draw(st.integers(2, 3))],
                skip=skip,
                unsure=unsure,
                ordered=many or draw(st.integers(0, 4)) > 0,
                exclusive=frozenset(["none"] if many else []),
                ask_if=draw(openings(questions)) if questions else (),
            )
        )
    return questions


@st.composite
def openings(draw: st.DrawFn, earlier: list[Question]) -> tuple[dict[str, frozenset[str]], ...]:
    """When a question is asked; mostly always."""
    rows = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        asked = draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique_by=lambda q: q.id))
        rows.append({question.id: frozenset(draw(upper_options(question))) for question in asked})
    return tuple(rows)


def upper_options(question: Question) -> st.SearchStrategy[list[str]]:
    """Some options such that a worse answer is among them if a milder one is."""
    if question.kind == "many":
        together = [option for option in question.options if option not in question.exclusive]
        some = st.lists(st.sampled_from(together), min_size=1, unique=True)
        return some | st.just([*together, "skip"]) if question.skip else some
    if not question.ordered:
        return st.lists(st.sampled_from(question.offered), min_size=1, unique=True)
    order = list(question.by_concern)
    return st.integers(1, len(order) - 1).map(lambda least: order[least:])


@st.composite
def rows_for(draw: st.DrawFn, question: Question, rises: bool) -> dict[str, dict[str, Any]]:
    """Ratings of one question; where they rise, each option raises and marks at least what a milder one does."""
    rows: dict[str, dict[str, Any]] = {}
    kept: dict[str, str] = {}  # the marks that a worse option must not lose
    ranks: dict[str, int] = {}
    order = [*question.options[:1], *unsaid(question), *question.options[1:]]
    for option in order:
        least = ranks if rises else {}
        silent = option == order[0] and draw(st.integers(0, 3)) > 0
        names = [] if silent else draw(st.lists(st.sampled_from(list(SIGNALS)), max_size=2))
        raised = least | {name: min(SIGNALS[name], least.get(name, 0) + 1) for name in names}
        if question.kind == "one" or option in (order[0], "skip"):
            ranks = raised
        rows[option] = {name: grade(name, rank) for name, rank in raised.items()}
        if option not in (order[0], *UNSAID) and draw(st.integers(0, 4)) == 0:
            rows[option][draw(st.sampled_from(["crisis", "crisis", "urgent", "resources"]))] = "k"
        if rises and question.kind == "one" and option not in UNSAID:
            rows[option] |= kept
            kept = {mark: "k" for mark in ("crisis", "urgent") if mark in rows[option]}
    if question.unsure and question.ordered:
        last = rows[question.options[-1]]
        own = draw(st.sampled_from(["none", "its own", "as the last"]))
        if own == "none" and "crisis" not in rows[question.options[1]]:
            del rows["unsure"]
        elif own == "as the last" and "crisis" not in last:
            rows["unsure"] = last
    return rows


def grade(signal: str, rank: int) -> Any:
    return True if signal.startswith("flag") else GRADES[rank]


@st.composite
def rulesets(draw: st.DrawFn, questions: list[Question], rises: bool) -> dict[str, Any]:
    """A rule set on some questions, as its file has it, but that ``when`` is a tree."""
    frequency = draw(frequencies(questions))
    summed = {id for table in frequency for id in table["questions"]}
    left = [question for question in questions if question.id not in summed]
    rated = [question for question in left if draw(st.integers(0, 5)) > 0] or left or questions[:0]
    ratings = {question.id: draw(rows_for(question, rises)) for question in rated}
    combined = []
    for number in range(draw(st.sampled_from([0, 1, 1, 2]))):
        crisis = draw(st.integers(0, 2)) == 0
        signals = {
            n: top for n, top in SIGNALS.items() if not (crisis and frequency and n.startswith("area"))
        }
        gives: dict[str, Any] = {"crisis": "k"} if crisis else {"urgent": "k"} if draw(st.booleans()) else {}
        for name in draw(st.lists(st.sampled_from(list(SIGNALS)), min_size=0 if gives else 1, max_size=2)):
            gives[name] = grade(name, draw(st.integers(1, SIGNALS[name])))
        combined.append(texts({"id": f"c{number}", "when": draw(trees(signals)), "gives": gives}, "because"))
    rules = []
    for number in range(draw(st.integers(1, 5))):
        level = draw(st.sampled_from(LEVELS[1:]))
        rule = {"id": f"r{number}", "at_least": level, "when": draw(trees(SIGNALS))}
        rules.append(texts(rule | {"overlap": level == "iop" and draw(st.booleans())}, "because"))
    invariants = []
    for number in range(draw(st.integers(0, 3))):
        asked = draw(st.lists(st.sampled_from(questions), min_size=1, max_size=2, unique_by=lambda q: q.id))
        row = {
            q.id: draw(st.lists(st.sampled_from(q.offered), min_size=1, max_size=2, unique=True))
            for q in asked
        }
        invariants.append(
            {"id": f"i{number}", "answers": [row], "at_least": draw(st.sampled_from(LEVELS[1:]))}
        )
    text = {"en": "words"}
    graded = {name: {"label": text} | dict.fromkeys(GRADES, text) for name, top in SIGNALS.items() if top > 1}
    return {
        "version": "1",
        "questionnaire": "1",
        "levels": LEVELS,
        "grades": GRADES,
        "unspoken": ["other"],
        "may_change": [(rated or questions)[0].id],
        "areas": {"area_a": text, "area_b": text},
        "signals": {"other": GRADES, "flags": ["flag_a", "flag_b"]},
        "marks": {"crisis": ["k"], "urgent": ["k"], "resources": ["k"]},
        "ratings": ratings,
        "frequency": frequency,
        "combined": combined,
        "rule": rules,
        "invariant": invariants,
        "words": graded | {"flags": {"flag_a": text, "flag_b": text}},
    }


def texts(table: dict[str, Any], key: str) -> dict[str, Any]:
    return table | {key: {"en": "words"}, "sources": ["std"]}


@st.composite
def frequencies(draw: st.DrawFn, questions: list[Question]) -> list[dict[str, Any]]:
    """Mostly none; else one sum of some of the questions that can be added up."""
    countable = [question for question in questions[1:] if question.kind == "one" and question.ordered]
    if not countable or draw(st.integers(0, 2)):
        return []
    added = draw(st.lists(st.sampled_from(countable), min_size=1, max_size=2, unique_by=lambda q: q.id))
    some = draw(st.integers(1, 3))
    bands = {"some": some, "much": some + draw(st.integers(1, 2))}
    table = {"questions": [question.id for question in added], "raises": "area_a", "bands": bands}
    return [table | {"sources": ["std"]}]


@st.composite
def worlds(draw: st.DrawFn, rises: bool | None = None) -> Small:
    """A small questionnaire with a rule set; by default its rows mostly rise."""
    questions = draw(questionnaires())
    rising = draw(st.sampled_from([True, True, False])) if rises is None else rises
    return Small(questions, draw(rulesets(questions, rising)))


@st.composite
def two_rulesets(draw: st.DrawFn) -> tuple[Small, Small]:
    """Two rule sets on the same questions; often the second is the first with one part of the other."""
    questions = draw(questionnaires())
    one, other = draw(rulesets(questions, True)), draw(rulesets(questions, True))
    part = draw(st.sampled_from(["all", "rule", "rule", "combined", "ratings", "none"]))
    if part == "all" or {*one["ratings"]} & {id for table in other["frequency"] for id in table["questions"]}:
        return Small(questions, one), Small(questions, other)
    if part == "ratings":
        id = draw(st.sampled_from(sorted({*one["ratings"]} & {*other["ratings"]}) or [""]))
        changed = {id: other["ratings"][id]} if id else {}
        return Small(questions, one), Small(questions, one | {"ratings": one["ratings"] | changed})
    if part == "combined" and one["frequency"]:
        part = "rule"  # a combined crisis of the other may read what is added up here
    return Small(questions, one), Small(questions, one | ({part: other[part]} if part != "none" else {}))
