"""Compute what may be disclosed about a person without the answers of one segment, such as substance use.

Leaving out the answers is not enough: the level, the reasons, the areas and the marks disclose them too. So all of it
is computed again from the other answers alone, with the segment's questions answered least. The result is the same
whatever the answers of the segment are. Because no worse answer lowers anything (docs/adr/0001), it is true as a lower
bound: the person needs at least this level, each reason holds, each area is at least this strong.
docs/adr/0017-export-and-substance-use.md says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from intake import journey
from intake.questionnaire import QuestionItem, Questionnaire
from recommend.engine import Level, RuleSet, complete, rate
from recommend.engine.scales import reaches

Chosen = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class RedactedAnswers:
    """What the answers outside a segment disclose.

    Attributes:
        answers: the options chosen. "None of these" is not among them where a segment's options stand in the same list:
            it would tell of those.
        level: they ask for at least this level.
        reasons: ids of the rules that ask for it.
        areas: each area is at least of this grade.
        crisis, urgent: kinds that they carry.
    """

    answers: Chosen
    level: Level
    reasons: tuple[str, ...]
    areas: Mapping[str, str]
    crisis: tuple[str, ...]
    urgent: tuple[str, ...]


def redact(
    answers: journey.Answers, ruleset: RuleSet, questionnaire: Questionnaire, segment: str = "substance_use"
) -> RedactedAnswers:
    """Return what stored answers disclose without those of the segment.

    Args:
        answers: the answers as stored
        ruleset: the rule set that rated them
        questionnaire: the questions they answer
        segment: the segment to leave out, such as "substance_use"
    """
    outside = {
        id: _disclosable(questionnaire.wordings[id], options, segment)
        for id, options in journey.chosen(answers).items()
    }
    silent = {
        wording.id: outside.get(wording.id) or _least_answer(wording)
        for wording in questionnaire.wordings.values()
        if segment in wording.segments
    }
    signals = rate(ruleset, complete(ruleset.questions, outside | silent))
    level = ruleset.level_at(signals.state)
    return RedactedAnswers(
        answers={id: outside[id] for id in signals.completed.answers if outside.get(id)},
        level=level,
        reasons=tuple(
            rule.id for rule in ruleset.rules if rule.level == level and reaches(signals.state, rule.points)
        ),
        areas={area: ruleset.space.grade(signals.state, area) for area in ruleset.space.areas},
        crisis=signals.kinds("crisis"),
        urgent=signals.kinds("urgent"),
    )


def _disclosable(wording: QuestionItem, options: tuple[str, ...], segment: str) -> tuple[str, ...]:
    """Return the options that may be disclosed."""
    if segment not in wording.segments:
        return options
    hidden = wording.segments[segment] | wording.question.exclusive
    return tuple(option for option in options if option not in hidden)


def _least_answer(wording: QuestionItem) -> tuple[str, ...]:
    """Return an answer that says nothing about the segment: never an unknown one, which would count."""
    question = wording.question
    if question.kind == "one":
        return question.options[:1]
    return tuple(sorted(question.exclusive)[:1])
