"""Who reads what: people to try, and every sentence of a result with the row that reads it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, product
from pathlib import Path
from random import Random
from tomllib import loads

from django.utils.html import escape
from django.utils.translation import get_language

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content as intake_content
from intake.safety.conditions import Facts
from intake.safety.shown import line_of, paragraphs_of
from intake.safety.texts import SafetyTexts, facts_of
from recommend import content
from recommend.engine import Completed, Decision, RuleSet, complete, decide, is_asked, rate
from recommend.engine.analysis.explanation import Reason, crisis_unknowns
from recommend.engine.analysis.sufficient_reason import sufficient_reason
from recommend.engine.scales import reaches
from recommend.result.shown import ResultText, ShownPhrases
from recommend.result.snapshot import unexplained
from recommend.result.stored_snapshot import RecommendationSnapshot
from recommend.result.text import result_text
from tests.recommend import readings
from tests.recommend.readings import OPEN, Answers, Row
from tests.support.people import WELL
from tests.support.random_answers import Given, anyone

PAGES = ("result", "crisis", "plan", "share", "contact", "desk")
"""The pages whose safety texts depend on all answers."""

PHRASES: Mapping[str, Mapping[str, Mapping[str, str]]] = loads(
    (Path(__file__).parent / "read_phrases.toml").read_text()
)
"""The short forms of answers, by question and option."""

SAFETY = ("emergency", "wish_dead", "burden", "suicidal_week", "past_attempt", "last_attempt", "suicidal_now",
          "suicide_plan", "self_injury", "harm_others", "guns")  # fmt: skip
"""The questions about staying safe."""


def safety_texts() -> SafetyTexts:
    return intake_content.safety_texts_of(content.ruleset())


@dataclass(frozen=True)
class Person:
    """Somebody, and what the engine says to them."""

    completed: Completed
    decision: Decision

    @property
    def answers(self) -> Answers:
        return Answers({id: frozenset(options) for id, options in self.completed.answers.items()})

    @cached_property
    def facts(self) -> Mapping[str, Facts]:
        """What is known of them, by page; only somebody with a crisis mark meets the crisis page."""
        known = facts_of(content.ruleset(), self.completed, self.decision, "result")
        pages = [page for page in PAGES if page != "crisis" or self.decision.crisis]
        return {page: replace(known, page=page) for page in pages}

    @cached_property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """The safety texts that they are shown: page and id."""
        texts = safety_texts()
        return tuple((page, text.id) for page, known in self.facts.items() for text in texts.shown(known))


def person(given: Mapping[str, tuple[str, ...]]) -> Person:
    """Somebody with these answers; what they left out is filled as the engine does."""
    ruleset = content.ruleset()
    signals = rate(ruleset, complete(ruleset.questions, given))
    return Person(signals.completed, decide(ruleset, signals))


def snapshot_of(given: Given, why: bool = False) -> RecommendationSnapshot:
    """What the engine says to somebody, as far as a plan needs it.

    Args:
        given: their answers.
        why: with the answers that are the reason; that takes long.
    """
    ruleset = content.ruleset()
    signals = rate(ruleset, complete(ruleset.questions, given))
    decision = decide(ruleset, signals)
    return replace(
        unexplained(ruleset, signals, decision),
        reasons=tuple(Reason(id, {}) for id in decision.decided_by),
        sufficient_reason=sufficient_reason(ruleset, signals) if why else {},
    )


def result_of(given: Given, why: bool = False) -> ResultText:
    """The result of somebody, in the active language; see :func:`snapshot_of`."""
    ruleset, snapshot = content.ruleset(), snapshot_of(given, why)
    answers = {id: list(chosen) if len(chosen) > 1 else chosen[0] for id, chosen in given.items()}
    shown = result_text(snapshot, answers, ruleset, content.questionnaire())
    if shown.reassures:  # only then does it matter what is open
        signals = rate(ruleset, complete(ruleset.questions, given))
        open_to_crisis = replace(snapshot, may_be_crisis=crisis_unknowns(ruleset, signals))
        shown = result_text(open_to_crisis, answers, ruleset, content.questionnaire())
    return shown


# ---------------------------------------------------------------- people


def random_people(count: int, seed: int) -> Iterator[Given]:
    chance, questions = Random(seed), content.ruleset().questions
    for _ in range(count):
        yield anyone(chance, questions)


def well() -> Given:
    return {id: (value,) if isinstance(value, str) else tuple(value) for id, value in WELL.items()}


def opened(changes: Mapping[str, tuple[str, ...]]) -> Given:
    """Somebody who is well but for these answers, and what must be answered for these to be asked or after them.

    A question that has to be opened is opened by the option of least concern that does so; a question that opens is
    answered with its option of least concern.
    """
    questions = content.ruleset().questions.all
    given = well() | changes
    for _ in questions:
        shut = [id for id in changes if not is_asked(questions[id], given)]
        if not shut:
            break
        opener, options = next(iter(questions[shut[0]].ask_if[0].items()))
        least = next(option for option in questions[opener].by_concern if option in options)
        given[opener] = (*(o for o in given.get(opener, ()) if o not in questions[opener].exclusive), least)
        if questions[opener].kind == "one":
            given[opener] = (least,)
    answers: Given = {}
    for id, question in questions.items():
        if is_asked(question, answers) and (id in given or not question.optional):
            answers[id] = given.get(id) or question.options[:1]
    return answers


def merged(parts: Iterable[Mapping[str, tuple[str, ...]]]) -> Given | None:
    """Answers put together; None where they do not go together."""
    questions = content.ruleset().questions.all
    whole: Given = {}
    for id, options in chain.from_iterable(part.items() for part in parts):
        both = tuple(dict.fromkeys((*whole.get(id, ()), *options)))
        alone = questions[id].kind == "one" or {"skip", *questions[id].exclusive} & {*both}
        if len(both) > 1 and alone:
            return None
        whole[id] = both
    return whole


def single_changes() -> Iterator[Given]:
    """Every option of every question, alone."""
    for id, question in content.ruleset().questions.all.items():
        for option in question.offered:
            if option not in question.stops:
                yield {id: (option,)}


def changes_to_reach(ruleset: RuleSet, point: int) -> Iterator[Given]:
    """Ways to raise every signal of a point, the ones of least concern first."""
    ways = []
    for signal, grade in ruleset.space.literals(point):
        needed = ruleset.space.at_least(signal, grade)
        raising: list[Given] = [
            {id: (option,)}
            for id, question in ruleset.questions.all.items()
            for option in question.offered
            if ruleset.rating(id, option).state & needed == needed
        ]
        for table in ruleset.frequencies:
            for band in ("some_days", "most_days", "daily"):
                if (
                    table.state(len(table.questions) * ("some_days", "most_days", "daily").index(band) + 3)
                    & needed
                ):
                    raising.append(dict.fromkeys(table.questions, (band,)))
        ways.append(raising[:4])
    for parts in product(*ways):
        if whole := merged(parts):
            yield whole


def plainest_for(points: Iterable[int]) -> Iterator[Given]:
    """The plainest person at each point: well, but for what raises its signals."""
    ruleset = content.ruleset()
    for point in ruleset.single_points(tuple(points)):
        for changes in changes_to_reach(ruleset, point):
            given = opened(changes)
            signals = rate(ruleset, complete(ruleset.questions, given))
            if reaches(signals.state, (point,)):
                yield given
                break


@cache
def plainest_people() -> tuple[Person, ...]:
    """Well but for one answer, or for what one point of a rule, a combined rating or a note needs."""
    ruleset = content.ruleset()
    conditions = [*ruleset.rules, *ruleset.combined, *(note for note in ruleset.notes if note.points)]
    found = [opened(changes) for changes in single_changes()]
    found += [given for each in conditions for given in plainest_for(each.points)]
    return tuple(person(given) for given in {repr(given): given for given in found}.values())


PLAINEST_FOR_TEXTS: Mapping[str, Given] = {
    "alone-violence": {"emergency": ("hurt", "about_to_others")},
    "withdrawal-tell": {"withdrawal": ("never_without",), "self_care": ("stopped",)},
    "withdrawal-over-tell": {"substance_use": ("mixed",), "withdrawal": ("over",), "self_care": ("stopped",)},
    "withdrawal-over": {"substance_use": ("mixed",), "withdrawal": ("over",)},
    "means-gun-others": {"harm_others": ("urges",), "guns": ("reach",)},
    "prescribed-today": {"also": ("stopped",), "withdrawal": ("prescribed",)},
    "pregnancy-if": {"also": ("pregnant",), "substance_use": ("concern",)},
    "older-if": {"age": ("65_plus",), "losing_touch": ("brief",)},
}
"""The plainest person for each text that needs more than one answer and no rule."""


@cache
def plainest_reader_of_each_text() -> Mapping[str, Person]:
    """For each text of a page that depends on all answers, who reads it with the fewest answers of concern."""
    people = [*plainest_people(), *(person(opened(changes)) for changes in PLAINEST_FOR_TEXTS.values())]
    found: dict[str, Person] = {}
    for somebody in sorted(people, key=differences):
        for _page, id in somebody.shown:
            found.setdefault(id, somebody)
    return found


def differences(somebody: Person) -> int:
    """How many answers are not those of somebody who is well."""
    return sum(well().get(id) != options for id, options in somebody.completed.answers.items())


# ---------------------------------------------------------------- what is said


@cache
def rows_of_words(language: str, place: str) -> dict[tuple[str, ...], list[tuple[str, Row]]]:
    """The rows that read an item of a plan, by its words. Call it in the language."""
    assert get_language() == language
    texts = safety_texts()
    found: dict[tuple[str, ...], list[tuple[str, Row]]] = {}

    def add(words: tuple[str, ...], what: str, row: Row) -> None:
        found.setdefault(tuple(map(str, words)), []).append((what, row))

    for id, row in readings.TEXTS.items():
        add(paragraphs_of(texts.all[id].text, place), f"text {id}", row)
    for step in texts.next_steps:
        if step.text:
            add(paragraphs_of(step.text, place), f"next step {step.id}", readings.STEPS[step.id])
    for level in content.continuum().levels:
        add((escape(level.next_step),), f"next step of {level.id}", readings.LEVEL_STEPS[level.id])
    for note in content.ruleset().notes:
        add((escape(str(LocalizedText(note.text))),), f"note {note.id}", readings.NOTES[note.id])
    return found


@cache
def rows_of_lines(language: str, place: str) -> dict[str, list[tuple[str, Row]]]:
    """The rows that read a headline or a first sentence. Call it in the language."""
    assert get_language() == language
    texts = safety_texts()
    found: dict[str, list[tuple[str, Row]]] = {"": [("no headline", Row(readings.anybody))]}
    for headline in texts.headlines:
        row = readings.HEADLINES[headline.id]
        found.setdefault(line_of(headline.text, place), []).append((f"headline {headline.id}", row))
    for step in texts.next_steps:
        if step.sentence:
            row = readings.SENTENCES[step.id]
            found.setdefault(line_of(step.sentence, place), []).append((f"sentence {step.id}", row))
    for level in content.continuum().levels:
        row = readings.LEVELS[level.id]
        found.setdefault(str(level.sentence), []).append((f"sentence of {level.id}", row))
    return found


def untrue(shown: ResultText, answers: Answers) -> list[str]:
    """Everything in a result that these answers do not imply, or that no row reads."""
    language, place = str(get_language()), next(iter(answers.place), "")
    lines, items = rows_of_lines(language, place), rows_of_words(language, place)
    said: list[tuple[str, list[tuple[str, Row]]]] = [
        (words, lines.get(words, [])) for words in (shown.headline, shown.sentence)
    ]
    for card in shown.plan:
        for item in (*card.items, *card.paper_plan):
            paragraphs = tuple(map(str, item.paragraphs))
            said.append((" ".join(paragraphs), items.get(paragraphs, [])))
    wrong = [words for words, rows in said if not any(row.reading(answers) for _what, row in rows)]
    for area in shown.areas:
        if area.said is None:
            reading = readings.AREAS.get((area.id, area.grade))
            if reading is None or not reading(answers):
                wrong.append(f"area {area.id}: {area.words}")
        else:
            wrong += untrue_phrases(area.said, answers, language)
    if shown.phrases:
        wrong += untrue_phrases(shown.phrases, answers, language)
    if shown.reassures and not readings.no_danger_named(answers):
        wrong.append("reassurance")
    return wrong


def untrue_phrases(phrases: ShownPhrases, answers: Answers, language: str) -> list[str]:
    """What a summary of answers says that nobody answered."""
    true = {
        PHRASES[id][option][language] for id in answers for option in answers[id] & PHRASES.get(id, {}).keys()
    }
    wrong = [str(phrase) for phrase in phrases.said if str(phrase) not in true]
    if phrases.about_safety and not any(
        answers.get(id, frozenset()) - OPEN - {"none", "no"} for id in SAFETY
    ):
        wrong.append("Some of your answers were about staying safe.")
    if phrases.left_open and not any(options & OPEN for options in answers.values()):
        wrong.append("You left some questions open.")
    return wrong
