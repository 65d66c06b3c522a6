"""Which suggestion first: the chance that a person sends it, learned from what was sent before.

A logistic regression over the kind of suggestion, how it gets on with an unhappy customer, and how
often the same text and the same kind were sent for the intent so far. Past rates are shrunk towards
the rate of all suggestions, so that a new text starts in the middle and not at nought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.records.base import Record
from workbench.records.desk import SuggestionKind, Use

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_USES = 60
"""With fewer settled suggestions the order stays the fixed one: there is nothing to learn from."""

FIXED_ORDER = (
    SuggestionKind.DRAFT,
    SuggestionKind.MACRO,
    SuggestionKind.ARTICLE,
    SuggestionKind.OPENING,
)
"""How suggestions stand before anything was learned."""

_SHRINKAGE = 6.0
"""Settled suggestions that the overall rate counts for in a text's own rate."""

_RIDGE = 1.0
_STEPS = 30


class Candidate(Record):
    """What ranking knows of a suggestion before anybody has seen it."""

    kind: SuggestionKind
    key: str
    intent: str
    sentiment: float


@dataclass
class _Counts:
    """How often something was shown and sent."""

    shown: Counter[Hashable] = field(default_factory=Counter)
    sent: Counter[Hashable] = field(default_factory=Counter)

    def add(self, what: Hashable, sent: bool) -> None:
        self.shown[what] += 1
        self.sent[what] += sent

    def rate(self, what: Hashable, overall: float, leave_out: bool | None = None) -> float:
        """Share sent, shrunk towards `overall`; `leave_out`: an outcome not to count."""
        left = leave_out is not None
        shown = self.shown[what] - left
        sent = self.sent[what] - bool(leave_out)
        return (sent + _SHRINKAGE * overall) / (shown + _SHRINKAGE)


@dataclass(frozen=True)
class Ranking:
    """Gives each candidate its chance. Without weights it has learned nothing yet."""

    counts: _Counts
    overall: float
    learned_from: int
    weights: tuple[float, ...] = ()

    def chance(self, candidate: Candidate) -> float:
        """Chance that a person sends the suggestion, 0-1."""
        if not self.weights:
            return self.counts.rate((candidate.kind, candidate.key), self.overall)
        import numpy as np

        row = np.array(_features(candidate, self.counts, self.overall))
        return float(1 / (1 + np.exp(-row @ np.array(self.weights))))

    def order(self, candidates: Sequence[Candidate]) -> list[int]:
        """Positions of the candidates, the best first; the fixed order where nothing was learned
        and between equals."""
        fixed = [FIXED_ORDER.index(candidate.kind) for candidate in candidates]
        if not self.weights:
            return sorted(range(len(candidates)), key=lambda i: fixed[i])
        chances = [self.chance(candidate) for candidate in candidates]
        return sorted(range(len(candidates)), key=lambda i: (-chances[i], fixed[i]))


def learn(uses: Sequence[Use]) -> Ranking:
    """The ranking that these uses teach; their order does not matter."""
    counts = _Counts()
    for use in uses:
        for what in _counted(_candidate(use)):
            counts.add(what, use.outcome.sent)
    sent = sum(use.outcome.sent for use in uses)
    overall = (sent + 1) / (len(uses) + 3)
    if len(uses) < FEWEST_USES or sent in (0, len(uses)):
        return Ranking(counts, overall, 0)
    import numpy as np

    # A use must not tell its own outcome by the rate that it is part of.
    rows = [_features(_candidate(use), counts, overall, use.outcome.sent) for use in uses]
    labels = np.array([float(use.outcome.sent) for use in uses])
    return Ranking(counts, overall, len(uses), tuple(_fit(np.array(rows), labels)))


class RankingReport(Record):
    """What learning is worth: mean reciprocal rank of what was sent, on uses after the split."""

    learned_from: int
    tested_on: int
    """Sets of two or more suggestions of which one was sent."""
    split_at: datetime | None
    before: float
    """In the fixed order."""
    after: float
    """In the order learned from uses before the split."""


def measure(uses: Sequence[Use], share: float = 0.7) -> RankingReport:
    """Learn from the first `share` of the uses in time, test on the sets that came later."""
    known = sorted(uses, key=lambda use: use.at)
    if not known:
        return RankingReport(learned_from=0, tested_on=0, split_at=None, before=0.0, after=0.0)
    split = known[int(share * (len(known) - 1))].at
    past = [use for use in known if use.at <= split]
    tests = [s for s in _sets(use for use in known if use.at > split) if _tests_order(s)]
    return RankingReport(
        learned_from=len(past),
        tested_on=len(tests),
        split_at=split,
        before=mean_reciprocal_rank(learn(()), tests),
        after=mean_reciprocal_rank(learn(past), tests),
    )


def mean_reciprocal_rank(ranking: Ranking, sets: Sequence[Sequence[Use]]) -> float:
    """Mean of 1 / rank of the first sent suggestion (Voorhees 1999); 0 without sets."""
    found = [_reciprocal_rank(ranking, shown) for shown in sets]
    return sum(found) / len(found) if found else 0.0


def _reciprocal_rank(ranking: Ranking, shown: Sequence[Use]) -> float:
    order = ranking.order([_candidate(use) for use in shown])
    ranks = (rank for rank, place in enumerate(order, 1) if shown[place].outcome.sent)
    return 1 / next(ranks)


def _sets(uses: Iterable[Use]) -> list[list[Use]]:
    """Uses that were shown together."""
    found: dict[tuple[str, int], list[Use]] = {}
    for use in uses:
        found.setdefault((use.conversation_id, use.turn), []).append(use)
    return list(found.values())


def _tests_order(shown: Sequence[Use]) -> bool:
    return len(shown) > 1 and any(use.outcome.sent for use in shown)


def _candidate(use: Use) -> Candidate:
    return Candidate(kind=use.kind, key=use.key, intent=use.intent, sentiment=use.sentiment)


def _counted(candidate: Candidate) -> tuple[Hashable, Hashable]:
    return (candidate.kind, candidate.key), (candidate.kind, candidate.intent, "intent")


def _features(
    candidate: Candidate, counts: _Counts, overall: float, leave_out: bool | None = None
) -> list[float]:
    """Kind, kind x how unhappy the customer is, and the log odds of the two past rates."""
    unhappy = max(0.0, -candidate.sentiment)
    is_kind = [float(candidate.kind is kind) for kind in FIXED_ORDER]
    rates = (counts.rate(what, overall, leave_out) for what in _counted(candidate))
    return [*is_kind, *(unhappy * one for one in is_kind), *(_log_odds(rate) for rate in rates)]


def _log_odds(share: float) -> float:
    from math import log

    return log(share / (1 - share))


def _fit(rows: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ridge logistic regression by Newton's method (Hastie, Tibshirani, Friedman 2009, 4.4.1)."""
    import numpy as np

    weights: NDArray[np.float64] = np.zeros(rows.shape[1])
    ridge = _RIDGE * np.eye(rows.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (labels - chances) - _RIDGE * weights
        curve = (rows.T * (chances * (1 - chances))) @ rows + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return weights
