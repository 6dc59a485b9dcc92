"""The pages about the rules, open to everyone: nothing is left out of them, and nothing is kept by them."""

import csv
import hashlib
import html
import io
import json
import re
import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from html.parser import HTMLParser
from itertools import combinations
from random import Random

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from carenav.plumbing.csv_cells import defused
from intake import answers as intake_answers
from intake import held
from recommend import content
from recommend.engine import Level
from recommend.engine.conditions import points_of
from recommend.engine.ruleset import Invariant
from recommend.engine.scales import FLAG, minimal
from recommend.rules import charters, pages
from recommend.rules.phrases import GRADES, KIND_WORDS, Phrase, at_grade, describe
from recommend.rules.promises import PROPERTY_WORDS, PromisesInWords
from recommend.rules.words import numbered
from tests.engine import command
from tests.support.database import count_queries
from tests.support.instruments import named_instruments
from tests.support.people import ALICE, CHARLIE, DANA, ERIN, HENRY, PEOPLE, WELL
from tests.support.results import WORST
from tests.support.tries import tries
from tests.support.walker import Page

PAGES = ["/how-we-decide/", "/where-sources-disagree/", "/proof/", "/try-it/"]
DOWNLOADS = ["/how-we-decide/rules.toml", "/how-we-decide/rules.csv"]

RULESET = content.ruleset()
QUESTIONNAIRE = content.questionnaire()
SPACE = RULESET.space
CHARTER = pages.promises().charter


def text_of(client: Client, path: str) -> str:
    """What a page says, without its tags, blanks made one."""
    found = client.get(path).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


class Anchors(HTMLParser):
    """The ids and the links of one page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []


def said(text: str) -> str:
    return " ".join(str(text).split())


# ---- a condition in words

ALL, ONE = "All of these:", "At least one of these:"
IN_WORDS = {
    "suicide-now": "Thoughts of suicide right now, or being about to act on them",
    "medical-danger": "Signs that the body may need care today",
    "dangerous-withdrawal": "Withdrawal: shakes, sweats or a racing heart, or throwing up that does not stop, or worse",
    "severe-in-most-areas": (
        ALL,
        "At least 5 of the 7 areas: severe or worse",
        "Daily life: almost impossible, or basic care missed on most days, or worse",
        "Symptoms: strong, or worse",
    ),
    "serious-risk-alone-or-unsafe": (
        ALL,
        "Risk of harm: serious signs, or worse",
        (
            ONE,
            "Thoughts of suicide in the last 7 days, or that answer not given",
            "Suicide attempt: in the last year, or time not known, or worse",
        ),
        (
            ONE,
            "At night: no one there who would come",
            "Home: nowhere to live, or not safe there",
        ),
    ),
    "weekly-not-enough": (
        ALL,
        "Visits once a week or less, or medicine from a doctor, in the last 3 months",
        "Treatment that had a fair try and is not enough",
        "Symptoms: moderate, or not sure how often an eating problem happens, or worse",
        (
            ONE,
            "Symptoms: strong, or worse",
            "Daily life: very hard, or basic care missed on some days, or worse",
        ),
    ),
    "left-day-program-room-in-week": (
        ALL,
        "Hours a week for treatment: 9 to 19, or more",
        "A day program finished or left in the last 3 months",
    ),
}


def nested(phrase: Phrase) -> object:
    return (phrase.text, *map(nested, phrase.parts)) if phrase.parts else phrase.text


@pytest.mark.parametrize("id", IN_WORDS)
def test_condition_is_put_into_words(id):
    assert nested(describe(RULESET, RULESET.rule(id).when)) == IN_WORDS[id]


def points_by_words():
    """What each phrase that a condition is made of means, found without the parser."""
    meaning = {}
    for signal, scale in SPACE.scales.items():
        for grade in scale[1:]:
            words = at_grade(RULESET, signal, grade)
            further = ", or more" if signal == "weekly_hours" else ", or worse"
            words += "" if grade == scale[-1] else further
            assert words not in meaning, words
            meaning[words] = (SPACE.at_least(signal, grade),)
    grades = SPACE.scales[SPACE.areas[0]][1:]
    for grade in grades:
        each = [SPACE.at_least(area, grade) for area in SPACE.areas]
        for number in range(1, len(each) + 1):
            worse = "" if grade == grades[-1] else " or worse"
            words = f"At least {number} of the {len(each)} areas: {grade}{worse}"
            meaning[words] = minimal(sum(some) for some in combinations(each, number))
    return meaning


MEANING = points_by_words()


def meant(phrase: Phrase):
    """The minimal points of what a reader of the words would take them to say."""
    if not phrase.parts:
        return MEANING[phrase.text]
    parts = [meant(part) for part in phrase.parts]
    if phrase.text == ALL:
        return reduce(lambda a, b: minimal(p | q for p in a for q in b), parts)
    assert phrase.text == ONE
    return reduce(lambda a, b: minimal(a + b), parts)


CONDITIONS = [
    *((rule.id, rule.when) for rule in RULESET.rules),
    *((each.id, each.when) for each in RULESET.combined),
    *((note.id, note.when) for note in RULESET.notes if note.when),
]


@pytest.mark.parametrize("when", [when for _, when in CONDITIONS], ids=[id for id, _ in CONDITIONS])
def test_the_words_of_each_condition_mean_what_the_condition_means(when):
    assert meant(describe(RULESET, when)) == points_of(when, SPACE)


def literals():
    at_least = [f"{s} >= {g}" for s, scale in SPACE.scales.items() if scale != FLAG for g in scale[1:]]
    flags = [signal for signal, scale in SPACE.scales.items() if scale == FLAG]
    areas = [f"areas({g}) >= {n}" for g in SPACE.scales["risk"][1:] for n in (1, 2, 6, 7)]
    return st.sampled_from(at_least + flags + areas)


def joined(parts):
    def join(joint):
        return st.lists(parts, min_size=2, max_size=3).map(lambda some: "(" + f" {joint} ".join(some) + ")")

    return join("and") | join("or")


@given(st.recursive(literals(), joined, max_leaves=5))
@trying(max_examples=150, deadline=None)
def test_words_of_random_conditions_mean_the_condition(when):
    assert meant(describe(RULESET, when)) == points_of(when, SPACE)


def test_the_words_name_every_signal_of_the_condition():
    for rule in RULESET.rules:
        words = str(nested(describe(RULESET, rule.when)))
        for signal in set(re.findall(r"[a-z_]+", rule.when)) & SPACE.scales.keys():
            named = RULESET.words[signal].get("label", RULESET.words[signal].get("yes"))["en"]
            assert capfirst(named) in words, (rule.id, signal)


def test_nothing_of_the_rule_set_is_without_words():
    assert set(SPACE.scales[SPACE.areas[0]][1:]) == GRADES.keys()
    assert {kind for kinds in RULESET.kinds.values() for kind in kinds} == KIND_WORDS.keys()
    assert {each.id for each in CHARTER.invariants if each.property} == PROPERTY_WORDS.keys()


# ---- how we decide


def section(page: str, id: str) -> str:
    """What one part of a page says, from its anchor to the next part's."""
    found = re.search(
        rf'<(section|div)\b[^>]*\bid="{id}".*?(?=<(?:section|div)\b[^>]*\bid="|<h2|</main>)', page, re.S
    )
    assert found, id
    return said(html.unescape(re.sub(r"<[^>]+>", " ", found[0])))


@pytest.fixture(scope="module")
def rules_page():
    return Client().get("/how-we-decide/").content.decode()


def leaves(phrase):
    return [leaf for part in phrase.parts for leaf in leaves(part)] or [phrase.text]


@pytest.mark.parametrize("rule", RULESET.rules, ids=lambda rule: rule.id)
def test_each_rule_is_there_with_its_condition_and_what_it_rests_on(rules_page, rule):
    shown = section(rules_page, f"rule-{rule.id}")
    assert said(rule.because["en"]) in shown
    assert rule.when in shown
    for leaf in leaves(describe(RULESET, rule.when)):
        assert said(leaf) in shown
    assert_cited(shown, rule.sources)
    for id in rule.sources:
        if id in content.sources().contradictions:
            assert f'href="/where-sources-disagree/#{id}"' in rules_page
    assert ("std" in rule.sources) == ("Usual clinical practice" in shown)
    assert rule.overlap == ("the week decides" in shown)


def test_rules_stand_by_level_highest_first(rules_page):
    places = [rules_page.index(f'id="level-{level.id}"') for level in sorted(Level, reverse=True)]
    assert places == sorted(places)
    for level, start, end in zip(
        sorted(Level, reverse=True), places, [*places[1:], len(rules_page)], strict=True
    ):
        shown = re.findall(r'id="rule-([a-z0-9-]+)"', rules_page[start:end])
        assert shown == [rule.id for rule in RULESET.rules if rule.level == level]
    for rule in RULESET.rules:  # from the list of contents, and as a permalink
        assert rules_page.count(f'href="#rule-{rule.id}"') == 2


@pytest.mark.parametrize("id", numbered(content.questionnaire()))
def test_each_question_is_there_with_what_its_answers_mean(rules_page, id):
    shown = section(rules_page, f"question-{id}")
    wording = content.questionnaire().wordings[id]
    assert said(wording.text) in shown
    if id not in RULESET.rated:
        assert "No answer to this one changes the level." in shown
        return
    place = 0
    for option, text in wording.options.items():
        assert said(text) in shown[place:]
        place = shown.index(said(text), place) + len(said(text))
        for literal in SPACE.literals(RULESET.rating(id, option).state):
            assert said(at_grade(RULESET, *literal)) in shown[place:]
        for _, kind in RULESET.rating(id, option).marks:
            assert str(KIND_WORDS[kind]) in shown[place:]
        if id in RULESET.steps:
            assert f"adds {RULESET.steps[id][option]}" in shown[place:]


def test_a_question_that_is_not_always_asked_says_when(rules_page):
    assert (
        "Only counted if question 5 is anything but “No”, or question 6 is anything but “No”, "
        "or question 7 is anything but “No”, or question 8 is anything but “No”."
    ) in section(rules_page, "question-suicidal_now")
    assert "Only counted if question 8 is “Yes”." in section(rules_page, "question-last_attempt")


def test_ratings_together_the_sum_notes_and_promises_are_there(rules_page):
    page = said(html.unescape(re.sub(r"<[^>]+>", " ", rules_page)))
    for each in RULESET.combined:
        shown = section(rules_page, f"combined-{each.id}")
        assert said(each.because["en"]) in shown
        assert each.when in shown
        for literal in SPACE.literals(each.gives.state):
            assert said(at_grade(RULESET, *literal)) in shown
    for least, grade in ((3, "mild"), (6, "moderate"), (9, "severe")):
        assert f"{least} or more: {at_grade(RULESET, 'symptoms', grade)}" in page
    for note in RULESET.notes:
        shown = section(rules_page, f"note-{note.id}")
        assert said(note.text["en"]) in shown
        for row in note.rows:
            for id, options in row.items():
                assert all(
                    said(text) in shown for text in content.questionnaire().wordings[id].chosen(options)
                )
    assert CHARTER.version == "2"
    for promise in (*CHARTER.invariants, *CHARTER.bounds):
        assert_promised(rules_page, promise)


def assert_promised(page, promise):
    """Its level, answers and parts are there, with the reason and each source."""
    shown = section(page, f"promise-{promise.id}")
    assert said(CHARTER.reasons[promise.id]["en"]) in shown
    assert_cited(shown, CHARTER.sources[promise.id])
    level = promise.level if isinstance(promise, Invariant) else promise.at_most
    assert level is None or str(content.continuum().level(level.id).name) in shown
    wordings = content.questionnaire().wordings
    if isinstance(promise, Invariant):
        assert (promise.property or "") in shown
        for row in promise.rows:
            for id, options in row.items():
                named = [option for option in wordings[id].options if option in options]
                others = [option for option in wordings[id].options if option not in options]
                but = len(others) == 1 and len(named) > 1
                assert said(wordings[id].text) in shown
                assert all(said(text) in shown for text in wordings[id].chosen(others if but else named))
        return
    assert all(said(wordings[id].text) in shown for id in (*promise.only, *promise.but))
    for signal, grade in (promise.cap or {}).items():
        assert signal == "areas" or said(at_grade(RULESET, signal, grade)) in shown
    for leaf in leaves(describe(RULESET, promise.unless)) if promise.unless else ():
        assert said(leaf) in shown


def assert_cited(shown, ids):
    for id in ids:
        if id == "std":
            assert "Usual clinical practice. This is not in the sources." in shown
        elif fact := content.sources().facts.get(id):
            for part in (fact.value, fact.document.title, fact.section, id):
                assert said(part) in shown
        else:
            assert said(content.sources().contradictions[id].about) in shown


def test_age_is_not_promised_to_move_nothing_where_it_raises_a_level(rules_page):
    shown = section(rules_page, "promise-week-never-lowers-need")
    assert "Age never lowers a level. It raises one only beside other dangers" in shown
    assert "their age and their place never lower" not in shown


def test_the_whole_set_can_be_downloaded(client):
    response = client.get(reverse("recommend:rules_toml"))
    assert response.headers["Content-Type"] == "application/toml"
    assert response.headers["Content-Disposition"] == 'attachment; filename="carenav-rules-2026.2.toml"'
    assert hashlib.sha256(response.content).hexdigest() == RULESET.digest == content.proof()["ruleset_sha256"]


def test_rules_csv_reads_back_to_the_rule_set(client):
    response = client.get(reverse("recommend:rules_csv"))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="carenav-rules-2026.2.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    found = {kind: [row["id"] for row in rows if row["kind"] == kind] for kind in {r["kind"] for r in rows}}
    file = tomllib.loads(settings.RULESET.read_text())
    assert {*found["rating"]} >= {
        f"{id} = {option}" for id, each in file["ratings"].items() for option in each
    }
    assert found["sum"] == [" + ".join(each["questions"]) for each in file["frequency"]]
    for kind in ("combined", "rule", "note"):
        assert found[kind] == [each["id"] for each in file[kind]]
    promised = tomllib.loads((charters.FOLDER / "2.toml").read_text())
    for kind in ("invariant", "bound"):
        assert found[kind] == [each["id"] for each in promised[kind]]
    for row in (row for row in rows if row["kind"] in ("invariant", "bound")):
        (each,) = [each for each in promised["invariant"] + promised["bound"] if each["id"] == row["id"]]
        assert row["level"] == each.get("at_least", each.get("at_most", ""))
        assert (row["because"], row["sources"].split()) == (each["reason"]["en"], each["sources"])
        assert row["condition"]
    gives = {row["id"]: row["gives"] for row in rows}
    assert gives["self_care = stopped"] == "functioning extreme and self_care_failing yes, crisis self_care"
    assert gives["weekly_hours = unsure"] == "weekly_hours h3"
    assert gives["recent-attempt-and-thoughts-this-week"] == "risk extreme, crisis suicide"
    assert gives[found["sum"][0]] == "symptoms mild from 3, symptoms moderate from 6, symptoms severe from 9"
    for row, rule in zip((row for row in rows if row["kind"] == "rule"), RULESET.rules, strict=True):
        assert Level.of(row["level"]) is rule.level
        assert points_of(row["condition"], SPACE) == rule.points
        assert row["because"] == rule.because["en"]
        assert tuple(row["sources"].split()) == rule.sources
        assert row["overlap"] == ("yes" if rule.overlap else "no")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("＝1+1", "'＝1+1"),
        (" =1", "' =1"),
        ("a = b", "a = b"),
        ("", ""),
    ],
)
def test_no_spreadsheet_runs_a_cell(cell, safe):
    assert defused(cell) == safe


# ---- where the sources disagree


def test_each_contradiction_says_who_says_what_and_what_is_done(client):
    page = client.get("/where-sources-disagree/").content.decode()
    for each in content.sources().contradictions.values():
        shown = section(page, each.id)
        for part in (each.about, each.resolution, *(v.says for v in each.values)):
            assert said(part) in shown
        for value in each.values:
            assert value.document.title in shown
        for rule in RULESET.rules:
            assert (each.id in rule.sources) == (rule.id in re.split("[ ,]+", shown)), (each.id, rule.id)


def test_each_gap_and_each_document_is_there(client):
    page = client.get("/where-sources-disagree/").content.decode()
    for gap in content.sources().gaps.values():
        shown = section(page, gap.id)
        assert said(gap.text) in shown
        assert said(gap.filled_by) in shown
    text = text_of(client, "/where-sources-disagree/")
    for document in content.sources().documents.values():
        assert text.count(said(document.title)) >= 1
        assert not document.states or said(document.states) in text


# ---- the proof


def test_each_check_is_on_the_page_with_the_counts_and_what_was_proved(client):
    page = client.get("/proof/").content.decode()
    proof = content.proof()
    for check in proof["checks"]:
        assert page.count(f"<code>{check['id']}</code>") == 1, check["id"]
    text = text_of(client, "/proof/")
    assert f"all {len(proof['checks'])} checks" in text
    total = sum(proof["combinations"].values())
    for number in (*proof["combinations"].values(), total):
        assert f" {number:,} " in text
    for hash in (proof["ruleset_sha256"], proof["questionnaire_sha256"]):
        assert hash in text
    assert proof["charter_sha256"] == CHARTER.digest
    assert proof["charter_sha256"] in text
    for words in (
        "2026.2",
        "Engine, version 1",
        "charter 2",
        "python manage.py prove",
        "recommend/rulesets/2026.2.toml",
        "recommend/charters/2.toml",
    ):
        assert words in text
    for promise in (*CHARTER.invariants, *CHARTER.bounds):
        assert_promised(page, promise)


def test_each_waiver_is_on_the_proof_page_with_who_why_and_until(client):
    page = client.get("/proof/").content.decode()
    assert len(CHARTER.waivers) == page.count('id="waiver-') == 5
    assert 'href="#waivers"' in page
    before = content.questionnaire("2026.1").wordings
    for waiver in CHARTER.waivers:
        shown = section(page, f"waiver-{waiver.promise}")
        for part in (waiver.promise, waiver.why["en"], waiver.who, date_format(waiver.until, "DATE_FORMAT")):
            assert said(part) in shown
        for row in waiver.rows:
            for id, options in row.items():
                assert said(before[id].text) in shown
                assert all(said(text) in shown for text in before[id].chosen(options))
        assert ("no longer holds as it was written there" in shown) == (not waiver.rows)


def test_a_waiver_that_has_run_out_is_still_on_the_page(client, monkeypatch):
    late = datetime(2031, 2, 3, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: late)
    charters.charter_to_show.cache_clear()
    assert client.get("/proof/").content.decode().count('id="waiver-') == 5


def test_the_first_charter_had_no_waiver_and_its_own_words_on_age(client, settings):
    charter, before = charters.charter_to_show("1")
    ruleset, questionnaire = content.ruleset("2026.1"), content.questionnaire("2026.1")
    shown = PromisesInWords(charter, ruleset, questionnaire, before)
    assert shown.waivers() == []
    said_of = {each.id: each.property for each in shown.promises()}
    assert said_of["week-never-lowers-need"] == PROPERTY_WORDS["week-never-lowers-need"]


def test_the_page_shows_no_more_than_the_file_proves(client, monkeypatch):
    fewer = {**content.proof(), "checks": content.proof()["checks"][:2], "date": "2031-02-03"}
    monkeypatch.setattr(content, "proof", lambda: fewer)
    page = client.get("/proof/").content.decode()
    assert re.findall(
        r"<code>((?:reachable|decides-alone):[a-z0-9-]+|rows-rise|[a-z]+-[a-z0-9-]+)</code>", page
    ) == [fewer["checks"][1]["id"]]
    assert "all 2 checks" in page
    assert "Feb. 3, 2031" in page


@pytest.mark.parametrize(
    ("part", "total", "shown"),
    [
        (1, 2, "50.00 %"),
        (1, 3, "33.33 %"),
        (0, 5, "0.00 %"),
        (5, 5, "100.00 %"),
        (1, 10**7, "0.000010 %"),
        (3, 2000, "0.15 %"),
    ],
)
def test_share_is_shown_with_two_significant_digits(part, total, shown):
    assert pages.share(part, total).replace("\N{NO-BREAK SPACE}", " ") == shown


# ---- try it


def tried(answers):
    """The page after the redirect that answers the post."""
    return Client().post("/try-it/", answers, follow=True)


def read(response) -> Page:
    return Page(response.content.decode())


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_the_cast_gets_level_and_reasons_at_once(person):
    response = tried(person.answers)
    page = read(response)
    assert response.status_code == 200
    assert (page.level, sorted(page.rules)) == (person.level, sorted(person.rules))
    for rule in person.rules:
        assert f"/how-we-decide/#rule-{rule}" in page.links


def random_answers(random: Random) -> dict:
    """Some answers by the questions, also ones that nobody would be asked for; the more well, the less concern."""
    well = random.random()
    answers = {}
    for wording in (wording for section_ in intake_answers.sections() for wording in section_.wordings):
        question = wording.question
        chance = random.random()
        if chance < 0.15 * (1 - well):
            continue
        crisis = [option for option in question.options if RULESET.rating(question.id, option).crisis]
        rare = {*crisis, *question.stops} if random.random() < 0.97 else set()
        offered = [option for option in question.offered if option not in rare]
        option = WELL.get(question.id, offered[0]) if chance < well else random.choice(offered)
        answers[question.id] = [option] if question.kind == "many" and isinstance(option, str) else option
    return answers


def test_try_it_agrees_with_the_command_line():
    random = Random(2026)
    rare = [{"who": "other"}, {"worry": "no-such-answer"}]
    cases = [*rare, *(random_answers(random) for _ in range(tries(40, 200)))]
    lines = [json.dumps({"id": n, "answers": answers}).encode() for n, answers in enumerate(cases)]
    outputs, _ = command.run(lines, RULESET.version)
    seen = set()
    for answers, output in zip(cases, outputs, strict=True):
        response = tried(answers)
        page = read(response)
        if "error" in output:
            assert page.title.startswith("Error:"), output
            assert page.level is None
            seen.add("error")
            continue
        assert response.status_code == 200, (output, answers)
        assert page.level == output["level"]
        assert page.rules == output.get("reasons", [])
        if "stop" in output:
            assert "the rules give no level" in page.text
            seen.add("stop")
            continue
        count = len(output["unknown"])
        assert (f"{count} questions that count" in page.text) == (count > 1)
        assert bool(output["crisis"] or output["urgent"] or page.level == "inpatient") == (
            "speak of danger" in page.text
        )
        seen.add(page.level)
    assert seen == {"error", "stop", *(level.id for level in Level)}


def test_questions_left_out_count_as_unknown():
    response = tried({})
    command_line = command.ask({"nothing": {}}, RULESET.version)["nothing"]
    assert response.status_code == 200
    assert read(response).level == command_line["level"]
    assert f"{len(command_line['unknown'])} questions that count" in read(response).text


@pytest.mark.parametrize(
    ("answers", "said_so"),
    [
        ({"who": "other"}, "answers for another person"),
        ({"age": "13_17"}, "for adults"),
        ({"age": "under_13"}, "for adults"),
    ],
)
def test_try_it_for_others_or_minors_gives_no_level_and_says_why(answers, said_so):
    page = read(tried(ALICE.answers | answers))
    assert page.level is None
    assert said_so in page.text


def help_comes_first(response) -> bool:
    main = response.content.decode().partition("<main")[2]
    lines = main.find('class="crisis-block"')
    focus = main.find(" autofocus")  # the first one has it
    first = 0 < focus < lines < main.index("<h1")
    return first and "speak of danger" in main and main.count('class="crisis-block"') == 1


@pytest.mark.parametrize(
    "answers",
    [
        DANA.answers,
        ERIN.answers,
        HENRY.answers,
        {"suicidal_now": "yes"},  # never asked with these answers: refused, and helped all the same
        {"emergency": ["none", "about_to"]},  # no answer that a form takes
        WELL | {"harm_others": "may_act", "functioning": "no such option"},
        {"who": "other", "emergency": ["hurt"]},
    ],
)
def test_where_an_answer_speaks_of_danger_help_comes_first(answers):
    assert help_comes_first(tried(answers))


def test_the_lines_are_those_of_the_place_that_was_chosen():
    page = tried(DANA.answers | {"place": "gb"}).content.decode()
    assert 'href="tel:116123"' in page
    assert "tel:988" not in page


def test_try_it_without_danger_has_the_lines_at_the_foot():
    response = tried(CHARLIE.answers)
    main, _, foot = response.content.decode().partition("</main>")
    assert "crisis-block" not in main
    assert foot.count('class="crisis-block"') == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"functioning": "no such option"},
        {"emergency": ["none", "body"]},
        {"also": ["skip", "baby"]},
        {"suicide_plan": "plan", "wish_dead": "no"},
    ],
)
def test_answers_that_nobody_can_give_are_refused_at_the_question(answers):
    response = tried(WELL | answers)
    page = read(response)
    assert response.status_code == 200
    assert page.level is None
    assert page.title.startswith("Error:")
    (id,) = [id for id in answers if id in response.context["form"].errors]
    assert any(link.startswith(f"#id_{id}_") for link in page.links)


def test_an_option_sent_twice_counts_once():
    assert (
        read(tried(WELL | {"also": ["opioids", "opioids"]})).level
        == read(tried(WELL | {"also": ["opioids"]})).level
    )


def test_try_it_has_every_question_but_sharing_all_optional(client):
    page = client.get("/try-it/").content.decode()
    form = read(client.get("/try-it/")).form
    shortcuts = [name for name in form.offered if name.startswith("free_times_every_")]
    assert len(shortcuts) == 3
    asked = [name for name in form.offered if name not in shortcuts]
    assert asked == [id for id in content.questionnaire().wordings if id != "share"]
    assert " required" not in page
    assert "(optional)" not in page
    assert "Only counted if question 8 is “Yes”." in text_of(client, "/try-it/")
    assert "all four questions on this page" not in page


def test_the_answers_stay_in_the_form():
    page = read(tried(CHARLIE.answers))
    assert page.form.chosen["functioning"] == ["extremely"]


# ---- all of them


@pytest.mark.parametrize("path", PAGES + DOWNLOADS)
@pytest.mark.django_db
def test_public_pages_need_no_database(client, path):
    with count_queries() as statements:
        assert client.get(path).status_code == 200
    assert statements == []


@pytest.mark.django_db
def test_trying_stores_nothing_and_logs_nothing(caplog):
    client = Client()
    models = apps.get_models()
    before = {model: model.objects.count() for model in models}
    client.get("/try-it/")
    with count_queries() as statements:
        assert client.post("/try-it/", DANA.answers, follow=True).status_code == 200
        assert client.post("/try-it/", {"age": "13_17"}, follow=True).status_code == 200
    assert statements == []
    assert {model: model.objects.count() for model in models} == before
    assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME, held.cookie_name("try")}
    assert caplog.records == []
    tried({"functioning": "canary"})
    assert "canary" not in caplog.text


def test_what_is_tried_goes_through_the_browser_unreadable_and_of_one_length():
    lengths = set()
    for answers in ({}, WELL, WORST, {"functioning": "no such option"}):
        client = Client()
        response = client.post("/try-it/", answers)
        assert (response.status_code, response["Location"]) == (302, "/try-it/")
        cookie = client.cookies[held.cookie_name("try")]
        assert cookie["httponly"]
        assert "extremely" not in cookie.value
        lengths.add(len(cookie.value))
    assert len(lengths) == 1
    assert max(lengths) < 4000


@pytest.mark.parametrize("answers", [{}, WELL, WORST, ALICE.answers | {"free_times": ["varies"]}])
def test_every_answer_comes_back_as_it_was_chosen(answers):
    chosen = read(tried(answers)).form.chosen
    for id, value in answers.items():
        assert sorted(chosen[id]) == ([value] if isinstance(value, str) else sorted(["", *value]))
    filled = [id for id in content.questionnaire().wordings if chosen.get(id, [""]) != [""]]
    assert sorted(filled) == sorted(answers)


def test_the_browser_forgets_what_was_tried_at_a_press_and_by_itself(client, monkeypatch):
    client.post("/try-it/", CHARLIE.answers)
    assert "functioning" in read(client.get("/try-it/")).form.chosen
    page = read(client.post("/try-it/", CHARLIE.answers | {"clear": "yes"}, follow=True))
    assert (page.level, page.form.chosen.get("functioning")) == (None, None)
    client.post("/try-it/", CHARLIE.answers)
    later = time.time() + held.COOKIE_SECONDS + 1
    monkeypatch.setattr("intake.held.time.time", lambda: later)
    assert read(client.get("/try-it/")).level is None


def test_what_was_tried_with_other_questions_is_forgotten(client, monkeypatch):
    client.post("/try-it/", CHARLIE.answers)
    monkeypatch.setattr(content, "questionnaire", lambda *_: replace(QUESTIONNAIRE, version="2031.1"))
    assert read(client.get("/try-it/")).level is None


def test_a_post_from_elsewhere_is_refused():
    assert Client(enforce_csrf_checks=True).post("/try-it/", WELL).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_they_say_what_they_are_and_can_be_reached_from_every_page(client, path):
    response = client.get(path)
    page = read(response)
    assert page.name == "info"
    assert response.headers["Cache-Control"] == "no-store"
    assert "/about/" in page.links
    assert {"/how-we-decide/", "/where-sources-disagree/", "/proof/", "/try-it/"} <= set(
        read(client.get("/about/")).links
    )
    assert named_instruments(text_of(client, path)) == set()


def test_pages_about_the_rules_are_one_link_away_and_never_on_the_crisis_page(client):
    about_the_rules = {"/about/", *PAGES}
    assert about_the_rules & set(read(client.get("/privacy/")).links) == {"/about/"}
    assert about_the_rules & set(read(client.get("/help-now/")).links) == set()


def test_every_link_between_them_leads_to_something(client):
    anchors = {path: Anchors(client.get(path).content.decode()) for path in PAGES}
    for path, found in anchors.items():
        assert len(found.ids) == len(set(found.ids)), path
        for link in found.links:
            page, _, fragment = link.partition("#")
            if page in ("", *PAGES):
                assert not fragment or fragment in anchors[page or path].ids, (path, link)
            elif page in DOWNLOADS:
                assert client.get(page).status_code == 200
