"""The call guides: what to ask a person by phone. There is one content file for each kind of urgency.

====================== ====================================================================================
key                    meaning
====================== ====================================================================================
``title``              the kind of urgency, as staff read it
``kinds``              the guide is used if a case has a crisis or urgent mark of one of these kinds
``resources``          the guide is also used if its result has one of these kinds of resources
``signed_off``         which clinical lead approved it and when: ``{ by = "...", on = 2026-12-01 }``. Without
                       it, the page says that nobody has. Remove it when you change a question
``question``           3 to 5 tables with ``id``; ``ask``, the spoken question in each language; optionally
                       ``then``, what to do at once, before the call ends; and optionally ``same_as``, the id
                       of a question in the questionnaire. If the person did not answer that one, it is asked
                       in place of this one
====================== ====================================================================================

The questions are our own. They come from no test or scale, and have no score.
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
    """One question of a guide.

    Attributes:
        id: unique among all guides: the id of the guide, a full stop, and the id in the file.
        ask: the spoken question.
        then: what to do at once; "" if nothing.
        same_as: the id of the same question in the questionnaire; "" if there is none.
    """

    id: str
    ask: LocalizedText
    then: str = ""
    same_as: str = ""


@dataclass(frozen=True)
class Guide:
    """The questions for one kind of urgency. The attributes are those of the file; ``id`` is the file's name."""

    id: str
    title: str
    kinds: Collection[str]
    resources: Collection[str]
    signed_off: SignOff | None
    questions: tuple[GuideQuestion, ...]

    def is_for(self, marks: Collection[str], resources: Collection[str]) -> bool:
        """Return whether the guide is used for a case with these kinds of marks and resources."""
        return not set(self.kinds).isdisjoint(marks) or not set(self.resources).isdisjoint(resources)


@cache
def guides() -> tuple[Guide, ...]:
    """Return all guides, read once.

    Raises:
        ContentError: a file cannot be used.
    """
    return tuple(load_guide(path, languages()) for path in sorted(HERE.glob("*.toml")))


def load_guide(path: Path, languages: Sequence[str]) -> Guide:
    """Read and check one guide.

    Raises:
        ContentError: the file has a fault; the message names file, place and fault.
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
    table = file.table(place, raw, ["id", "ask"], ["then", "same_as"])
    then, same_as = (
        file.word(f"{place}, {key}", table[key]) if key in table else "" for key in ("then", "same_as")
    )
    return GuideQuestion(f"{guide}.{table['id']}", file.text(f"{place}, ask", table["ask"]), then, same_as)


def _sign_off(file: ContentFile, raw: object) -> SignOff:
    table = file.table("signed_off", raw, ["by", "on"])
    if not isinstance(table["on"], date):
        file.fail("signed_off, on", "expected a date, such as 2026-12-01")
    return SignOff(file.word("signed_off, by", table["by"]), table["on"])


def kinds_without_a_guide(ruleset: RuleSet) -> set[str]:
    """Return the kinds of crisis and urgent marks of a rule set that no guide is for."""
    known = {kind for guide in guides() for kind in guide.kinds}
    return {kind for mark in ("crisis", "urgent") for kind in ruleset.kinds[mark]} - known
