"""What can be said about a rule set or a decision: reasons, counterfactuals, proofs and differences."""

from .explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
