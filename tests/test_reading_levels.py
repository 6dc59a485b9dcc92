"""How hard everything a patient reads is, in every language; `make reading` prints the hardest ten of each kind."""

import re
from collections.abc import Callable, Iterable, Mapping

import pytest
from django.conf import settings

from carenav.clinic.content import crisis_lines
from carenav.plumbing.i18n import messages
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content as intake_content
from intake.questionnaire import QuestionItem
from intake.safety.texts import SafetyText
from recommend import content
from tests.support.languages import Shown, catalogue, forms
from tests.support.people import ONE_FOR_EACH_LEVEL, checked_draft_for
from tests.support.reading import ease, grade

LEAST = 30
"""Shorter texts count only together with their neighbours."""

# For English a school grade at most, for Spanish an ease at least; a new language needs a measure of its own.
MEASURES: Mapping[str, Callable[[str], float]] = {"en": grade, "es": ease}
EASE = 70
GRADES = {
    "questions": 6,
    "safety": 6,
    "lines": 8,
    "phrases": 6,
    "reasons": 8,
    "notes": 8,
    "levels": 8,
    "weeks": 8,
    "pages": 8,
}

Passages = dict[str, str]

ONLY_NAMES = {"free_times": "the options are days of the week and parts of the day"}


def length(text: str) -> int:
    return len(re.findall(r"\w+", text))


def sentence(text: str) -> str:
    """A text that ends, so that it does not run into the next one."""
    text = re.sub(r"%\(\w+\)[sd]", "7", re.sub(r"<[^>]+>", "", text)).strip()
    return text if re.search(r"[.?!:]”?$", text) else f"{text}."


def together(texts: Iterable[tuple[str, str]]) -> Passages:
    """Neighbours, joined until they are long enough to be measured."""
    found: list[tuple[str, str]] = []
    name, text = "", ""
    for each, words in texts:
        name, text = name or each, f"{text}\n{sentence(words)}".strip()
        if length(text) >= LEAST:
            found.append((name, text))
            name, text = "", ""
    if text and found:
        found[-1] = (found[-1][0], f"{found[-1][1]}\n{text}")
    return dict(found)


def questions(language: str) -> Passages:
    """Each question with its options."""
    return together(
        (wording.id, "\n".join(sentence(text[language]) for text in (wording.text, *options_of(wording))))
        for section in intake_content.questionnaire().sections
        for wording in section.wordings
    )


def options_of(wording: QuestionItem) -> Iterable[LocalizedText]:
    return () if wording.id in ONLY_NAMES else wording.options.values()


def safety(language: str) -> Passages:
    return together(
        (text.id, in_words(text, language)) for text in intake_content.safety_texts().all.values()
    )


def in_words(text: SafetyText, language: str) -> str:
    """A safety text as somebody in the United States reads it."""
    title = sentence(text.title.filled(language, "us")) if text.title else ""
    return f"{title}\n{text.filled(language, 'us', '8 to 6').replace('**', '')}".strip()


def lines(language: str) -> Passages:
    return together(
        (line.id, line.note[language])
        for country in crisis_lines().countries
        for line in country.lines
        if line.note
    )


def phrases(language: str) -> Passages:
    """What a result says of the answers that decided it."""
    return together(
        (f"{wording.id} {option}", sentence(short[language]))
        for wording in intake_content.questionnaire().wordings.values()
        for option, short in wording.short.items()
    )


def reasons(language: str) -> Passages:
    """The reasons of the last version that shows them to patients: cases decided with it still do."""
    ruleset = content.ruleset("2026.1")
    return together((each.id, each.because[language]) for each in (*ruleset.rules, *ruleset.combined))


def notes(language: str) -> Passages:
    return together((note.id, note.text[language]) for note in content.ruleset().notes)


def levels(language: str) -> Passages:
    return together(
        (f"{level.id} {name}", getattr(level, name)[language])
        for level in content.continuum().levels
        for name in ("sentence", "week", "next_step")
    )


def weeks(language: str) -> Passages:
    return together(
        (f"{id} {name}", getattr(week, name)[language])
        for id, week in content.weeks().levels.items()
        for name in ("usual", "fits", "ask", "source")
        if getattr(week, name)
    )


def pages(language: str) -> Passages:
    """The words of each template, by paragraphs that stand beside each other."""
    translated = None if language == "en" else catalogue(language)
    by_file: dict[str, list[tuple[str, str]]] = {}
    for path in messages.sources():
        place = path.relative_to(messages.ROOT).as_posix()
        for text, context in messages.messages(path):
            id = forms(text)[0]
            words = id if translated is None else forms(translated.get(id, context).string)[0]
            by_file.setdefault(place, []).append((f"{place}: {id[:40]}", words))
    return {name: text for texts in by_file.values() for name, text in together(texts).items()}


PASSAGES: Mapping[str, Callable[[str], Passages]] = {
    "questions": questions,
    "safety": safety,
    "lines": lines,
    "phrases": phrases,
    "reasons": reasons,
    "notes": notes,
    "levels": levels,
    "weeks": weeks,
    "pages": pages,
}


def hardest(kind: str, language: str) -> list[tuple[float, str]]:
    """Every passage with its measure, the hardest first."""
    passages: Passages = PASSAGES[kind](language)
    found = [(round(MEASURES[language](text), 1), name) for name, text in passages.items()]
    return sorted(found, reverse=language == "en")


def too_hard(kind: str, language: str, measured: float) -> bool:
    return measured > GRADES[kind] if language == "en" else measured < EASE


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("kind", PASSAGES)
def test_everything_is_easy_to_read(kind, language):
    assert language in MEASURES, (
        "a new language needs a measure of how hard it reads: tests/support/reading.py"
    )
    found = hardest(kind, language)
    assert len(found) >= 5
    print(f"\n{kind}, {language}, the hardest ten:", *found[:10], sep="\n  ")  # read by `make reading`
    assert [each for each in found if too_hard(kind, language, each[0])] == []


def read_aloud(html: str) -> str:
    return "\n".join(sentence(text) for text in Shown(html).texts)


@pytest.mark.django_db
@pytest.mark.parametrize("person", ONE_FOR_EACH_LEVEL, ids=str)
def test_a_whole_result_is_easy_to_read_in_spanish(client, person):
    checked_draft_for(client, person.answers | {"share": "only_me"})
    page = client.get("/result/", headers={"Accept-Language": "es"})
    assert page.status_code == 200
    assert ease(read_aloud(page.content.decode())) >= EASE


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/help-now/", "/nowhere/", "/privacy/", "/save/"])
def test_a_whole_page_is_easy_to_read_in_spanish(client, url):
    page = client.get(url, headers={"Accept-Language": "es"}, follow=True)
    assert Shown(page.content.decode()).language == "es"
    assert ease(read_aloud(page.content.decode())) >= EASE


def test_short_texts_count_with_their_neighbours():
    long = " ".join(["word"] * 29)
    assert together([("a", "One"), ("b", long), ("c", "End"), ("d", "x")]) == {
        "a": f"One.\n{long}.\nEnd.\nx."
    }
