"""How likely it is that a section answers a question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CUT_OFF = 0.5
"""A section below this probability is not offered as an answer."""
_INTERCEPT, _IN_HEADING, _ALIKE = -3.6, 4.6, 6.9
"""Logistic regression of `answers the question` on the two measures, fitted on the questions that
were set aside for tuning."""


@dataclass(frozen=True)
class Match:
    """How well the terms of a question and of a section go together; both 0-1."""

    in_heading: float
    """Share of the question's weight that title and heading have, rare terms weighing more."""
    alike: float
    """Cosine of the vectors of question and section."""

    @property
    def probability(self) -> float:
        strength = _INTERCEPT + _IN_HEADING * self.in_heading + _ALIKE * self.alike
        return 1 / (1 + math.exp(-strength))


def share_named(question: Sequence[str], heading: Sequence[str], rarity: dict[str, float]) -> float:
    """Share of the question's weight whose terms stand in the heading; unknown ones weigh most."""
    unknown = max(rarity.values(), default=1.0)
    weights = {term: rarity.get(term, unknown) for term in question}
    named = sum(weight for term, weight in weights.items() if term in set(heading))
    return named / (sum(weights.values()) or 1.0)
