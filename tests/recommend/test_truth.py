"""No sentence of a result says anything about a person that the answers do not imply.

The sentences are read in ``readings.py``, apart from the conditions under which they are shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import pytest
from django.utils import translation

from recommend import content
from tests.recommend import readings
from tests.recommend.readings import ASKS, IF, Row
from tests.recommend.said import (
    PAGES,
    PHRASES,
    Person,
    person,
    plainest_people,
    plainest_reader_of_each_text,
    random_people,
    result_of,
    safety_texts,
    untrue,
)
from tests.recommend.widened import MARKS, Widened, everything_said, fate, reason, widened

LANGUAGES = ("en", "es")
SENTENCE_END = re.compile(r"(?<=[.!?])[)”]*\s+|\n\n")
FIRST_WORD = re.compile(r"[^\s,:.]*")
ABOUT_YOU = re.compile(
    r"(?<!\bon )\byour\b|\byou(’re| are| have| had| drink| took| use| used| felt| feel| did| told| hurt)\b"
)


# ---------------------------------------------------------------- the table


def read() -> Iterator[tuple[str, Row, Callable[[str], str], bool]]:
    """Every text that a row reads: its name, the row, its words by language, and whether it is a form."""
    texts, ruleset = safety_texts(), content.ruleset()
    for id, text in texts.all.items():
        yield f"text {id}", readings.TEXTS[id], text.text.text.__getitem__, text.kind == "plan"
    for kind in texts.crisis_kinds:
        yield f"crisis {kind.id}", readings.CRISIS_KINDS[kind.id], kind.sentence.text.__getitem__, False
    for headline in texts.headlines:
        yield (
            f"headline {headline.id}",
            readings.HEADLINES[headline.id],
            headline.text.text.__getitem__,
            False,
        )
    for step in texts.next_steps:
        if step.sentence:
            yield f"sentence {step.id}", readings.SENTENCES[step.id], step.sentence.text.__getitem__, False
        if step.text:
            yield f"next step {step.id}", readings.STEPS[step.id], step.text.text.__getitem__, False
    for level in content.continuum().levels:
        yield f"sentence of {level.id}", readings.LEVELS[level.id], level.sentence.__getitem__, False
    for note in ruleset.notes:
        yield f"note {note.id}", readings.NOTES[note.id], dict(note.text).__getitem__, False


def test_every_text_is_read():
    texts, ruleset = safety_texts(), content.ruleset()
    levels = [level.id for level in content.continuum().levels]
    assert set(readings.TEXTS) == set(texts.all)
    assert set(readings.CRISIS_KINDS) == {kind.id for kind in texts.crisis_kinds}
    assert set(readings.HEADLINES) == {headline.id for headline in texts.headlines}
    assert set(readings.SENTENCES) == {step.id for step in texts.next_steps if step.sentence}
    assert set(readings.STEPS) == {step.id for step in texts.next_steps if step.text}
    assert set(readings.LEVELS) == set(readings.LEVEL_STEPS) == set(levels)
    assert set(readings.NOTES) == {note.id for note in ruleset.notes}
    assert {area for area, grade in readings.AREAS if grade == "none"} == set(ruleset.areas)


def test_every_short_form_of_an_answer_was_read_as_it_is():
    wordings = content.questionnaire().wordings
    assert {
        id: {
            option: {language: words[language] for language in LANGUAGES}
            for option, words in item.short.items()
        }
        for id, item in wordings.items()
        if item.short
    } == PHRASES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_something_that_is_read_or_only_asks(language):
    """A sentence is quoted in its row, is a question, or begins with "If" or with a verb that asks for something."""
    unread = []
    for name, row, words_in, is_form in read():
        words = words_in(language).replace("**", "")
        quoted = (*row.says.get(language, ()), *row.general.get(language, ()))
        unread += [f"{name}: no longer says {quote!r}" for quote in quoted if quote not in words]
        if row.form:
            assert is_form, name
            continue
        for sentence in SENTENCE_END.split(words):
            first = re.sub(r"^[(“¿¡\s]+", "", sentence).lower()
            begins = first.startswith(tuple(f"{each} " for each in IF[language]))
            asks = f" {FIRST_WORD.match(first)[0]} " in ASKS[language]
            is_quoted = any(quote in sentence for quote in quoted)
            is_question = sentence.rstrip("”) ").endswith("?")
            is_free = begins or is_question or (asks and not (language == "en" and ABOUT_YOU.search(first)))
            if not (is_free or is_quoted):
                unread.append(f"{name}: {sentence}")
    assert unread == [], "\n".join(unread)


def test_a_text_about_nobody_begins_with_if_or_asks_or_tells_of_the_world():
    """The file says which texts state nothing about the person; whoever read them must agree or know better."""
    for id, text in safety_texts().all.items():
        assert text.true_when is None or readings.TEXTS[id].says, id


# ---------------------------------------------------------------- everybody


def check_result(somebody: Person, why: bool = False) -> None:
    given = dict(somebody.completed.answers)
    assert untrue(result_of(given, why), somebody.answers) == [], given


def check_texts(somebody: Person) -> None:
    """Check the safety texts of every page, and what the crisis page says first."""
    answers = somebody.answers
    wrong = [(page, id) for page, id in somebody.shown if not readings.TEXTS[id].reading(answers)]
    wrong += [
        ("crisis", kind)
        for kind in somebody.decision.crisis
        if not readings.CRISIS_KINDS[kind].reading(answers)
    ]
    assert wrong == [], somebody.completed.answers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [100, pytest.param(50_000, marks=pytest.mark.slow)])
def test_every_sentence_of_a_result_is_implied_by_the_answers(count, language):
    with translation.override(language):
        for given in random_people(count, seed=LANGUAGES.index(language)):
            somebody = person(given)
            check_result(somebody)
            check_texts(somebody)


@pytest.mark.parametrize("count", [2, pytest.param(1_000, marks=pytest.mark.slow)])
def test_every_short_reason_is_something_the_person_said(count):
    with translation.override("en"):
        for given in random_people(count, seed=4):
            check_result(person(given), why=True)


US_ONLY = re.compile(r"(?<!-)\b988\b|\b211\b|\b1-8\d\d-|SafeSpot|Veteran|\bVA\b|By law|gun shops")
AT_HOME = re.compile(r"\bat home\b|\bnights at\b|\byour home\b|\ben (su )?casa\b", re.IGNORECASE)
BEING_SAFE_AT_HOME = re.compile(r"being safe at home|a salvo en su casa")
"""Said to somebody who is hurt or threatened where they live."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_plan_fits_where_the_person_is_and_lives(count, language):
    """No number or custom of the United States elsewhere, and no home for somebody without a safe one."""
    with translation.override(language):
        for given in random_people(count, seed=7):
            plan = result_of(given).plan
            said = " ".join(str(part) for card in plan for item in card.items for part in item.paragraphs)
            if given["place"] != ("us",):
                assert not US_ONLY.search(said), given
            if {"no_home", "unsafe"} & {*given["home"]}:
                assert not AT_HOME.search(BEING_SAFE_AT_HOME.sub("", said)), given


def test_every_text_has_a_plainest_reader():
    pages = {id: text.places for id, text in safety_texts().all.items()}
    assert set(plainest_reader_of_each_text()) == {id for id in pages if pages[id] & {*PAGES}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plainest_reader_of_each_text_reads_nothing_untrue(language):
    with translation.override(language):
        for somebody in {id(each): each for each in plainest_reader_of_each_text().values()}.values():
            check_result(somebody)


def test_the_plainest_person_of_each_rule_and_note_reads_no_untrue_safety_text():
    for somebody in plainest_people():
        check_texts(somebody)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plainest_person_of_each_rule_and_note_reads_nothing_untrue(language):
    with translation.override(language):
        for somebody in plainest_people():
            check_result(somebody)


# ---------------------------------------------------------------- conditions that are too wide


def survivors(mutants: Iterable[Widened]) -> list[str]:
    """Conditions that may be too wide unnoticed: nobody reads anything untrue, and no row says why that is right.

    A text that says nothing about the person needs no reason.
    """
    return [
        f"{mutant}: {end}"
        for mutant in mutants
        if mutant.said.row.says and not reason(mutant) and (end := fate(mutant)) != "untrue"
    ]


def test_some_conditions_with_one_option_more_are_noticed():
    """A sample; the slow test tries all. Marks are left out: it takes long to find who has one."""
    mutants = [each for said in everything_said() for each in widened(said) if each.added[0] not in MARKS]
    assert len(mutants) > 800
    assert survivors(mutants[::15]) == []


@pytest.mark.slow
def test_every_condition_with_one_option_more_is_noticed():
    fates = [(each, fate(each)) for said in everything_said() for each in widened(said)]
    alive = [(each, end) for each, end in fates if end != "untrue" and each.said.row.says]
    assert [f"{each}: {end}" for each, end in alive if not reason(each)] == []
    assert [
        f"{each}: {end}" for each, end in alive if end == "true" and reason(each) == readings.NOBODY
    ] == []
    needed = {(each.said.name, reason(each)) for each, _end in alive}
    given = {(said.name, why) for said in everything_said() for why in said.row.survives.values()}
    assert given - needed == set()
    assert sum(end == "untrue" for _each, end in fates) >= NOTICED


NOTICED = 745
"""Of about 1,350: how many of the widened conditions, of texts about nobody too, somebody would notice."""
