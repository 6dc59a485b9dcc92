"""How soon somebody must see to a case, and why, from the stored recommendation.

====== =============================================================================== =================
tier   who is in it                                                                    seen to within
====== =============================================================================== =================
Now    a crisis mark                                                                   30 minutes
Today  an urgent mark; a recommended evaluation today, whatever the marks; no level;   the office day
       or so little known that a safety question without an answer may be a crisis
Soon   a day program is recommended                                                    next office day
Routine everybody else                                                                 the clinic's limit
====== =============================================================================== =================
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
"""Why a case without a mark is urgent."""

LITTLE = KNOWN[-1]


def tier_of(snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet) -> Tier:
    """Return the tier of a case.

    Args:
        snapshot: the recommendation.
        answers: the answers that it was made of.
        ruleset: the rule set that decided.
    """
    if snapshot.crisis:
        return Tier.NOW
    if is_priority(snapshot.level_id, (), snapshot.urgent) or may_hide_a_crisis(snapshot, answers, ruleset):
        return Tier.TODAY
    return Tier.SOON if snapshot.level == Level.PHP else Tier.ROUTINE


def may_hide_a_crisis(snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet) -> bool:
    """Whether little is known, and an answer to a question left open could be a crisis."""
    if not snapshot.may_be_crisis:
        return False
    asked = complete(ruleset.questions, journey.chosen(answers)).answers
    return how_much_is_known(ruleset, asked, snapshot.unknown) == LITTLE


def reasons_of(snapshot: RecommendationSnapshot, tier: Tier) -> str:
    """Return why a case is urgent, as :attr:`Case.urgent_because` stores it; "" for one that is not."""
    kinds = list(dict.fromkeys([*snapshot.crisis, *snapshot.urgent]))
    if kinds or tier not in (Tier.NOW, Tier.TODAY):
        return ",".join(kinds)
    if snapshot.level is None:
        return NO_LEVEL
    return EVALUATION if snapshot.level == Level.INPATIENT else UNANSWERED


def reasons_in_words(case: Case) -> str:
    """Say why a case is urgent: "danger of suicide, dangerous withdrawal"; "" for one that is not."""
    kinds = filter(None, case.urgent_because.split(","))
    return ", ".join(str(OWN_WORDS.get(kind) or KIND_WORDS.get(kind, kind)) for kind in kinds)


def classify(
    case: Case, snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet
) -> None:
    """Set what a recommendation says about the urgency of a case, and until when it must be contacted.

    The caller saves it.
    """
    tier = tier_of(snapshot, answers, ruleset)
    case.tier, case.urgent = tier, tier in (Tier.NOW, Tier.TODAY)
    case.urgent_because = reasons_of(snapshot, tier)
    case.contact_by = contact_by(tier, case.opened_at)
