"""Compute what may be disclosed about a person without the answers of one segment, such as substance use.

It is not enough to leave out the answers, because the level, the reasons, the areas and the marks disclose them too.
So everything is computed again from the other answers, with the least answers to the segment's questions. The result
does not depend on the person's answers in the segment. Because no worse answer lowers anything (docs/adr/0001), it is
true as a lower bound: the person needs at least this level, each reason holds, and each area is at least this strong.
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
        answers: the chosen options. An exclusive option such as "None of these" is left out if options of the segment
            are in the same list, because it would disclose that they were not chosen.
        level: the person needs at least this level.
        reasons: ids of the rules that ask for this level.
        areas: the grade that each area has at least.
        crisis, urgent: the kinds of marks that these answers carry.
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
    """Return what stored answers disclose without those of a segment.

    Args:
        answers: the answers as stored.
        ruleset: the rule set that rated them.
        questionnaire: the questions that were answered.
        segment: the segment to leave out, such as "substance_use".
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
    """Return the chosen options of one question that may be disclosed."""
    if segment not in wording.segments:
        return options
    hidden = wording.segments[segment] | wording.question.exclusive
    return tuple(option for option in options if option not in hidden)


def _least_answer(wording: QuestionItem) -> tuple[str, ...]:
    """Return the least answer to a question of the segment: never skip or unsure, which count as unknown."""
    question = wording.question
    if question.kind == "one":
        return question.options[:1]
    return tuple(sorted(question.exclusive)[:1])
