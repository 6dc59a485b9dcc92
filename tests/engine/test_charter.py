"""A charter cannot be emptied, thinned or weakened without a waiver that names what is lowered."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend import content as rules
from recommend.engine import ContentError, Level, RuleSet
from recommend.engine.analysis.proof import prove
from recommend.engine.charter import OnlyRaises, Week
from recommend.engine.ruleset_file import read_ruleset
from recommend.rules import charters
from recommend.rules.proof_files import prove_file
from tests.engine.command import FIRST

RULESET = settings.BASE_DIR / "recommend" / "rulesets" / "2026.2.toml"
CHARTER = settings.BASE_DIR / "recommend" / "charters" / "2.toml"
SHIPPED = CHARTER.read_text()

Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return read_ruleset(RULESET, content.questionnaire("2026.2").questions, languages())


@pytest.fixture
def nothing_proved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No charter was proved yet, so that only what charter 1 promised counts."""
    monkeypatch.setattr(charters, "PROOFS", tmp_path / "none")


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return edit


def without(kind: str, id: str) -> Edit:
    """Leave out one promise or waiver."""

    def edit(text: str) -> str:
        blocks = re.split(r"(?m)^(?=\[\[)", text)
        kept = [b for b in blocks if not (b.startswith(f"[[{kind}]]") and f' = "{id}"\n' in b)]
        assert len(kept) == len(blocks) - 1, id
        return "".join(kept)

    return edit


def without_all(kind: str) -> Edit:
    def edit(text: str) -> str:
        return "".join(b for b in re.split(r"(?m)^(?=\[\[)", text) if not b.startswith(f"[[{kind}]]"))

    return edit


AGAINST_CHARTER_1 = {
    "emptied": without_all("invariant"),
    "property dropped": without("invariant", "crisis-is-always-inpatient"),
    "week property dropped": without("invariant", "week-never-lowers-need"),
    "property reworded": replaced(
        "that carries a crisis mark, alone or", "that carries a crisis mark alone, not"
    ),
    "floor dropped": without("invariant", "withdrawal-danger"),
    "floor of thoughts dropped": without("invariant", "thoughts-are-never-weekly"),
    "floor of body dropped": without("invariant", "body-in-danger"),
    "floor of programs dropped": without("invariant", "program-goes-on"),
    "floor of hospital dropped": without("invariant", "never-straight-home"),
    "option dropped": replaced('["shakes", "opioid_storm", "seizure"]', '["shakes", "seizure"]'),
    "refusal dropped": replaced('{ suicidal_now = ["yes", "skip"] },\n  { suicide_plan', "{ suicide_plan"),
    "row dropped": replaced('{ emergency = ["hurt"] },', ""),
    "row narrowed": replaced(
        '{ suicidal_week = ["yes"], suicidal_now = ["skip"] }',
        '{ suicidal_week = ["yes"], suicidal_now = ["skip"], guns = ["reach"] }',
    ),
    "mapped row dropped": replaced(
        ', { recent_treatment = ["iop_done"], treatment_fit = ["not_enough"] }', ""
    ),
    "waiver dropped": without("waiver", "withdrawal-danger"),
    "property waiver dropped": without("waiver", "week-never-lowers-need"),
    "waiver expired": replaced("until = 2027-11-30", "until = 2020-11-30"),
    "waiver without a signer": replaced('who = "clinical lead"\n', ""),
    "waiver without an end": replaced("until = 2027-11-30\n", ""),
    "waiver of no promise": replaced('promise = "withdrawal-danger"', 'promise = "withdrawal"'),
    "waiver of no row": replaced(
        'rows = [{ withdrawal = ["seizure"] }]', 'rows = [{ withdrawal = ["sick"] }]'
    ),
    "waiver needless": replaced(
        'rows = [{ withdrawal = ["seizure"] }]',
        'rows = [{ withdrawal = ["shakes"] }, { withdrawal = ["seizure"] }]',
    ),
    "follows none": replaced('follows = "1"\n', ""),
    "follows itself": replaced('follows = "1"', 'follows = "2"'),
    "renumbered as the first": replaced('version = "2"\nfollows = "1"', 'version = "1"'),
    "about other questions": replaced('questionnaire = "2026.2"', 'questionnaire = "2026.1"'),
    "list row of two options": replaced('{ also = ["overdose"] }', '{ also = ["overdose", "eating"] }'),
    "reason missing": lambda text: re.sub(r"(?m)^reason = .*\n", "", text, count=1),
}

AGAINST_ITS_PROOF = {
    "bounds dropped": without_all("bound"),
    "bound dropped": without("bound", "frequency-alone-is-outpatient"),
    "bound raised": replaced('at_most = "outpatient"', 'at_most = "iop"'),
    "bound on less": replaced('"low_mood", "trend"]', '"low_mood"]'),
    "refusals excepted": replaced(
        '"suicide_plan", "withdrawal"]\nat_most', '"suicide_plan", "guns", "withdrawal"]\nat_most'
    ),
    "people excepted": replaced("areas(severe) >= 4", "areas(severe) >= 3"),
    "steps raised": replaced("at_most_levels = 1", "at_most_levels = 2"),
    "new floor dropped": without("invariant", "thoughts-way-and-gun"),
    "new floor lowered": replaced(
        '{ withdrawal = ["sick"] }]\nat_least = "iop"', '{ withdrawal = ["craving"] }]\nat_least = "iop"'
    ),
    "week thinned": replaced('"insurance", ', ""),
    "comparison thinned": replaced('  { question = "weekly_hours", answer = "h1", than = "unsure" },\n', ""),
    "age set free": lambda text: re.sub(r"(?m)^only_raises = .*\n", "", text, count=1),
    "waiver prolonged": replaced("until = 2027-11-30", "until = 2099-11-30"),
}


def read(edit: Edit, ruleset: RuleSet, tmp_path: Path) -> None:
    path = tmp_path / "2.toml"
    path.write_text(edit(SHIPPED))
    charters.charter_for(ruleset, RULESET, path)


@pytest.mark.parametrize("edit", AGAINST_CHARTER_1.values(), ids=AGAINST_CHARTER_1)
def test_charter_weaker_than_the_one_before_is_refused(
    edit: Edit, ruleset: RuleSet, tmp_path: Path, nothing_proved: None
) -> None:
    with pytest.raises(ContentError):
        read(edit, ruleset, tmp_path)


@pytest.mark.parametrize("edit", AGAINST_ITS_PROOF.values(), ids=AGAINST_ITS_PROOF)
def test_charter_changed_after_its_proof_is_refused(edit: Edit, ruleset: RuleSet, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="promised something else"):
        read(edit, ruleset, tmp_path)


def test_shipped_charter_is_accepted_and_may_be_reworded(ruleset: RuleSet, tmp_path: Path) -> None:
    read(lambda text: text, ruleset, tmp_path)
    read(replaced("Having time is not a need.", "Having the time is not a need."), ruleset, tmp_path)


def test_waiver_expires_after_its_last_day(
    ruleset: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charters.timezone, "localdate", lambda: date(2027, 11, 30))
    read(lambda text: text, ruleset, tmp_path)
    monkeypatch.setattr(charters.timezone, "localdate", lambda: date(2027, 12, 1))
    with pytest.raises(ContentError, match="expired"):
        read(lambda text: text, ruleset, tmp_path)


@pytest.mark.parametrize(
    ("new", "problem"),
    [("", "names the charter"), ('charter = "99"\n', "no charter"), ('charter = "1"\n', "about questions")],
    ids=["none named", "file missing", "about other questions"],
)
def test_ruleset_without_its_charter_is_refused(new: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "2026.2.toml"
    text = RULESET.read_text().replace('charter = "2"\n', new, 1)
    # a file that names no charter reads its notes as 2026.1 did, and is refused for the charter all the same
    path.write_text(text)
    with pytest.raises(ContentError, match=problem):
        prove_file(path)


@pytest.mark.parametrize(
    ("beside", "proved"),
    [("risk >= severe or symptoms >= extreme", True), ("risk >= severe", False)],
    ids=["needs named", "need left out"],
)
def test_week_question_raises_only_beside_the_named_needs(beside: str, proved: bool) -> None:
    week = Week(only_raises=(OnlyRaises("nights", beside, Level.INPATIENT),))
    first = rules.ruleset(FIRST)
    charter = replace(charters.charter_for(first, settings.RULESET.with_stem(FIRST)), week=week)
    checks = {check.id: check for check in prove(first, charter).checks}
    assert checks["week-never-lowers-need"].proved is proved
