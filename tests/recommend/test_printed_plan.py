"""The result page prints the plan, the whole plan, and in its cards nothing but the plan."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import strip_tags

from carenav.clinic.content import crisis_lines
from carenav.clinic.crisis_lines import Line
from recommend.result import views
from recommend.result.plan import PlanCard, PlanItem
from recommend.result.shown import ResultText
from tests.recommend.said import plainest_reader_of_each_text, random_people, snapshot_of
from tests.support.people import checked_draft_for
from tests.support.random_answers import Given

pytestmark = pytest.mark.django_db

LINES, CALL, PAPER = "(a crisis line)", "(the team)", "(the link to the plan)"
FOLD = "(what a fold is called)"


class CardReader(HTMLParser):
    """Reads the cards of the plan: what each prints, in blocks.

    The crisis lines under a text, the team's number and the link to the paper plan have tests of their own: each is
    one block here, without its words.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[list[str]] = []
        self.depth = 0
        self.block = ""
        self.words = ""

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        if tag == "section" and "card-plan" in classes:
            self.cards.append([])
            self.depth = 1
        elif not self.depth:
            return
        elif tag == "section":
            self.depth += 1
        elif tag in ("p", "h2", "h3", "summary") and not self.block:
            self.block, self.words = tag, FOLD if tag == "summary" else ""
            if "kind" in classes:
                self.words = LINES
            elif "ways" in classes:
                self.words = CALL
        elif tag == "a" and self.block == "p" and self.words not in (LINES, CALL):
            self.words = PAPER

    def handle_endtag(self, tag):
        if not self.depth:
            return
        if tag == "section":
            self.depth -= 1
        elif tag == self.block:
            self.cards[-1].append(self.words)
            self.block = ""

    def handle_data(self, data):
        if not self.depth:
            return
        if self.block:
            self.words += "" if self.words in (LINES, CALL, PAPER, FOLD) else data
        elif data.strip():
            self.cards[-1].append(data)


def printed(html: str) -> list[list[str]]:
    """What each card prints."""
    reader = CardReader()
    reader.feed(html)
    assert not reader.block
    return [[one_line(block) for block in card] for card in reader.cards]


def expected(shown: ResultText, place: str) -> list[list[str]]:
    """What each card of a plan should print."""
    return [blocks(card, crisis_lines().country(place).others) for card in shown.plan]


def blocks(card: PlanCard, lines: Iterable[Line]) -> list[str]:
    paper = [block for item in card.paper_plan for block in words(item)] + [PAPER] * bool(card.paper_plan)
    return [
        one_line(block)
        for block in (
            card.heading,
            *items(card.unfolded, lines),
            *paper,
            *[FOLD] * bool(card.folded),
            *items(card.folded, lines),
        )
    ]


def items(found: Iterable[PlanItem], lines: Iterable[Line]) -> Iterator[str]:
    for item in found:
        yield from words(item)
        yield from [LINES for line in lines if line.kind == item.lines]
        yield from [CALL] * bool(item.call)


def words(item: PlanItem) -> list[str]:
    return [*[item.title] * bool(item.title), *(unescape(strip_tags(str(part))) for part in item.paragraphs)]


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def check_page(given: Given, language: str, monkeypatch) -> None:
    """Compare the page with the value it was printed from."""
    seen: list[ResultText] = []

    def remembered(*args, **kwargs):
        seen.append(result_text(*args, **kwargs))
        return seen[-1]

    result_text = views.result_text
    with monkeypatch.context() as patch:
        patch.setattr(views, "safe_outcome", lambda _answers, _whose: snapshot_of(given))
        patch.setattr(views, "result_text", remembered)
        client = Client(headers={"accept-language": language})
        answers = {id: list(chosen) if len(chosen) > 1 else chosen[0] for id, chosen in given.items()}
        checked_draft_for(client, answers | {"share": "only_me"})
        html = client.get("/result/").content.decode()
    (shown,) = seen
    with translation.override(language):
        assert printed(html) == expected(shown, *given["place"]), given
    assert f'lang="{language}"' in html


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("count", [15, pytest.param(1_000, marks=pytest.mark.slow)])
def test_the_page_prints_exactly_the_plan(count, language, monkeypatch):
    for given in random_people(count, seed=6):
        check_page(given, language, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_of_the_plainest_reader_of_each_text_prints_exactly_the_plan(language, monkeypatch):
    for somebody in {id(each): each for each in plainest_reader_of_each_text().values()}.values():
        check_page(dict(somebody.completed.answers), language, monkeypatch)
