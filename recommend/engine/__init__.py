"""The engine: pure functions from answers to a level of care and its reasons.

One verb per stage, each in a file of its own: :func:`complete`, :func:`rate`, :func:`decide`, :func:`explain`.
It imports the standard library only and knows no request, model, clock, setting or wording of a question.
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
