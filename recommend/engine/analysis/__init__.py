"""Analyze rule sets and decisions: reasons, counterfactuals, proofs and differences."""

from .explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
