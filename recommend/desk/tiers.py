"""Work out the tier of a case, that is, how soon staff must act on it, and why, from the stored recommendation.

======= ============================================================================== =================
tier    cases                                                                          first contact
======= ============================================================================== =================
Now     with a crisis mark                                                             in 30 minutes
Today   with an urgent mark; with a same-day evaluation (inpatient) recommended; with  same office day
        no level; or with little known, and a safety question without an answer that
        may hide a crisis
Soon    with a day program (PHP) recommended                                           next office day
Routine all others                                                                     in 3 office days
======= ============================================================================== =================

The time limits are the defaults of the settings CONTACT_POLICY_NOW and so on.
"""

from intake import journey
from intake.safety.conditions import KNOWN
from intake.safety.texts import how_much_is_known
from recommend.desk.models import Case, Tier
from recommend.desk.reaching import contact_by
from recommend.engine import Level, RuleSet, complete
from recommend.result.snapshot import is_priority
from recommend.result.stored_snapshot import RecommendationSnapshot
from recommend.rules.phrases import KIND_WORDS

NO_LEVEL, EVALUATION, UNANSWERED = "no_level", "evaluation", "unanswered"
OWN_WORDS = {
    NO_LEVEL: "no recommendation, needs review",
    EVALUATION: "same-day evaluation recommended",
    UNANSWERED: "safety questions not answered",
}
"""The reasons why a case without a mark is urgent, in words."""

LITTLE = KNOWN[-1]


def tier_of(snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet) -> Tier:
    """Return the tier of a case.

    Args:
        snapshot: the recommendation.
        answers: the answers for which it was made.
        ruleset: the rule set that made it.
    """
    if snapshot.crisis:
        return Tier.NOW
    if is_priority(snapshot.level_id, (), snapshot.urgent) or may_hide_a_crisis(snapshot, answers, ruleset):
        return Tier.TODAY
    return Tier.SOON if snapshot.level == Level.PHP else Tier.ROUTINE


def may_hide_a_crisis(snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet) -> bool:
    """Return whether little is known and a question without a known answer could have a crisis answer."""
    if not snapshot.may_be_crisis:
        return False
    asked = complete(ruleset.questions, journey.chosen(answers)).answers
    return how_much_is_known(ruleset, asked, snapshot.unknown) == LITTLE


def reasons_of(snapshot: RecommendationSnapshot, tier: Tier) -> str:
    """Return why a case is urgent, in the form of ``Case.urgent_because``; "" if it is not urgent."""
    kinds = list(dict.fromkeys([*snapshot.crisis, *snapshot.urgent]))
    if kinds or tier not in (Tier.NOW, Tier.TODAY):
        return ",".join(kinds)
    if snapshot.level is None:
        return NO_LEVEL
    return EVALUATION if snapshot.level == Level.INPATIENT else UNANSWERED


def reasons_in_words(case: Case) -> str:
    """Return why a case is urgent in words, such as "danger of suicide, dangerous withdrawal"; "" if it is not."""
    kinds = filter(None, case.urgent_because.split(","))
    return ", ".join(str(OWN_WORDS.get(kind) or KIND_WORDS.get(kind, kind)) for kind in kinds)


def classify(
    case: Case, snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet
) -> None:
    """Set the tier of a case, why it is urgent, and by when the first contact is due. The caller must save it.

    Args:
        case: the case.
        snapshot: the recommendation.
        answers: the answers for which it was made.
        ruleset: the rule set that made it.
    """
    tier = tier_of(snapshot, answers, ruleset)
    case.tier, case.urgent = tier, tier in (Tier.NOW, Tier.TODAY)
    case.urgent_because = reasons_of(snapshot, tier)
    case.contact_by = contact_by(tier, case.opened_at)
