"""Turn answers into a level of care and its reasons, with pure functions.

The stages are :func:`complete`, :func:`rate`, :func:`decide` and :func:`.analysis.explain`. The engine imports only the
standard library. It does not know requests, models, clocks, settings or the wording of questions.
"""

from .answers import AnswerError, Completed, Question, Questions, check, complete, is_asked, screened_out
from .decision import Decision, decide
from .errors import ContentError
from .levels import Level
from .rating import CrisisAnswer, Signals, crisis_answers, rate
from .ruleset import RuleSet
from .ruleset_file import load_ruleset

__all__ = [
    "AnswerError",
    "Completed",
    "ContentError",
    "CrisisAnswer",
    "Decision",
    "Level",
    "Question",
    "Questions",
    "RuleSet",
    "Signals",
    "check",
    "complete",
    "crisis_answers",
    "decide",
    "is_asked",
    "load_ruleset",
    "rate",
    "screened_out",
]
