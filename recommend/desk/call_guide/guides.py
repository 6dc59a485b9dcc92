"""The call guides: what to ask a person by phone, one content file for each kind of urgency.

====================== ====================================================================================
key                    meaning
====================== ====================================================================================
``title``              the kind of urgency, as staff read it
``kinds``              it is for cases with a crisis or urgent mark of one of these kinds
``resources``          or whose result carries one of these kinds of resources
``signed_off``         by whom and when a clinical lead approved it: ``{ by = "...", on = 2026-12-01 }``. Left
                       out, the page says that nobody has. Take it out when you change a question
``question``           3 to 5: ``id``, ``ask`` as it is spoken in each language, and ``then``, what to do, if
                       that cannot wait for the end of the call
====================== ====================================================================================

The questions are our own. They follow no test or scale, and have no score.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText, languages
from recommend.engine import RuleSet

HERE = Path(__file__).parent
FEWEST, MOST = 3, 5


@dataclass(frozen=True)
class SignOff:
    """Which clinical lead approved a guide, and when."""

    by: str
    on: date


@dataclass(frozen=True)
class GuideQuestion:
    """One question of a guide. ``id`` is unique among all guides: the file's name, a full stop, its own."""

    id: str
    ask: LocalizedText
    then: str = ""


@dataclass(frozen=True)
class Guide:
    """What to ask in one kind of urgency."""

    id: str
    title: str
    kinds: Collection[str]
    resources: Collection[str]
    signed_off: SignOff | None
    questions: tuple[GuideQuestion, ...]

    def is_for(self, marks: Collection[str], resources: Collection[str]) -> bool:
        """Return whether it is for a case with these kinds of marks and resources."""
        return not set(self.kinds).isdisjoint(marks) or not set(self.resources).isdisjoint(resources)


@cache
def guides() -> tuple[Guide, ...]:
    """Read all guides.

    Raises:
        ContentError: a file cannot be used.
    """
    return tuple(load_guide(path, languages()) for path in sorted(HERE.glob("*.toml")))


def load_guide(path: Path, languages: Sequence[str]) -> Guide:
    """Read and check one guide.

    Raises:
        ContentError: with file, place and what is wrong.
    """
    file = ContentFile(path, languages)
    raw = file.table("the file", file.raw, ["title", "question"], ["kinds", "resources", "signed_off"])
    if not ("kinds" in raw or "resources" in raw):
        file.fail("the file", "'kinds' or 'resources' is missing")
    questions = tuple(
        _question(file, path.stem, place, table) for place, table in file.each("question", raw["question"])
    )
    if not FEWEST <= len(questions) <= MOST:
        file.fail("question", f"expected {FEWEST} to {MOST} questions")
    return Guide(
        id=path.stem,
        title=file.word("title", raw["title"]),
        kinds=file.words("kinds", raw["kinds"]) if "kinds" in raw else (),
        resources=file.words("resources", raw["resources"]) if "resources" in raw else (),
        signed_off=_sign_off(file, raw["signed_off"]) if "signed_off" in raw else None,
        questions=questions,
    )


def _question(file: ContentFile, guide: str, place: str, raw: object) -> GuideQuestion:
    table = file.table(place, raw, ["id", "ask"], ["then"])
    then = file.word(f"{place}, then", table["then"]) if "then" in table else ""
    return GuideQuestion(f"{guide}.{table['id']}", file.text(f"{place}, ask", table["ask"]), then)


def _sign_off(file: ContentFile, raw: object) -> SignOff:
    table = file.table("signed_off", raw, ["by", "on"])
    if not isinstance(table["on"], date):
        file.fail("signed_off, on", "expected a date, such as 2026-12-01")
    return SignOff(file.word("signed_off, by", table["by"]), table["on"])


def kinds_without_a_guide(ruleset: RuleSet) -> set[str]:
    """Return the kinds of crisis and urgent marks of a rule set for which there is nothing to ask."""
    known = {kind for guide in guides() for kind in guide.kinds}
    return {kind for mark in ("crisis", "urgent") for kind in ruleset.kinds[mark]} - known
