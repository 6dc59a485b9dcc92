"""Put conditions, grades and marks of a rule set into words, in the language of the request."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine import RuleSet
from recommend.engine.conditions import AreasAtLeast, AtLeast, Condition, Joined, parse

MORE_IS_POSSIBLE = ("weekly_hours",)
"""Signals that grow with what a person can do, not with concern: a page says "or more", not "or worse"."""

GRADES = {
    "mild": gettext_lazy("mild"),
    "moderate": gettext_lazy("moderate"),
    "severe": gettext_lazy("severe"),
    "extreme": gettext_lazy("extreme"),
}

MARK_WORDS = {
    "crisis": gettext_lazy("The crisis page comes next"),
    "urgent": gettext_lazy("Comes first, on the result and for the intake team"),
    "resources": gettext_lazy("The result begins with"),
}

KIND_WORDS = {
    "medical": gettext_lazy("the body in danger"),
    "suicide": gettext_lazy("danger of suicide"),
    "violence": gettext_lazy("danger for others"),
    "psychosis": gettext_lazy("losing touch with what is real"),
    "self_care": gettext_lazy("basic needs not met"),
    "withdrawal": gettext_lazy("dangerous withdrawal"),
    "pregnancy": gettext_lazy("alcohol, drugs or pills in a pregnancy"),
    "crisis_lines": gettext_lazy("crisis lines"),
    "unsafe_home": gettext_lazy("help where home is not safe"),
    "no_home": gettext_lazy("help to find a place to live"),
    "perinatal": gettext_lazy("help around a birth"),
    "naloxone": gettext_lazy("what helps against an overdose"),
    "eating": gettext_lazy("help with eating problems"),
}


@dataclass(frozen=True)
class Phrase:
    """A condition in words: one phrase, or a heading ("All of these:") with the parts that it is about."""

    text: str
    parts: tuple["Phrase", ...] = ()


def describe(ruleset: RuleSet, when: str) -> Phrase:
    """Put a condition into words, using the parser that the engine uses.

    Args:
        ruleset: the rule set whose words are used.
        when: the condition as the rule set writes it.
    """
    return _phrase(ruleset, parse(when, ruleset.space))


def _phrase(ruleset: RuleSet, condition: Condition) -> Phrase:
    if isinstance(condition, Joined):
        heading = _("All of these:") if condition.joint == "and" else _("At least one of these:")
        return Phrase(heading, tuple(_phrase(ruleset, part) for part in condition.parts))
    if isinstance(condition, AreasAtLeast):
        return Phrase(_areas(ruleset, condition))
    return Phrase(_at_least(ruleset, condition))


def _areas(ruleset: RuleSet, condition: AreasAtLeast) -> str:
    areas = ruleset.space.areas
    grade = str(GRADES.get(condition.grade, condition.grade))
    if condition.grade != ruleset.space.scales[areas[0]][-1]:
        grade = _("%(grade)s or worse") % {"grade": grade}
    return _("At least %(number)s of the %(all)s areas: %(grade)s") % {
        "number": condition.number,
        "all": len(areas),
        "grade": grade,
    }


def _at_least(ruleset: RuleSet, condition: AtLeast) -> str:
    phrase = at_grade(ruleset, condition.signal, condition.grade)
    if condition.grade == ruleset.space.scales[condition.signal][-1]:
        return phrase
    further = _("or more") if condition.signal in MORE_IS_POSSIBLE else _("or worse")
    return f"{phrase}, {further}"


def at_grade(ruleset: RuleSet, signal: str, grade: str) -> str:
    """Return a signal at a grade in words, such as "Daily life: almost impossible". A flag has its own phrase."""
    words = ruleset.words[signal]
    phrase = str(LocalizedText(words[grade]))
    return f"{LocalizedText(words['label'])}: {phrase}" if "label" in words else capfirst(phrase)
