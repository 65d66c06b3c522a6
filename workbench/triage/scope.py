"""Whether a message belongs to any known intent: a score of its own, beside the confidence.

Probabilities of labels share out 1 among the labels there are, so a message that belongs to none
can still be given to one with confidence. The raw scores of one-vs-rest machines know better: when
none of them says yes, the message is a stranger (Shu et al. 2017). The curve from scores to a
chance is fitted on known messages whose intent was left out of the fit, so it needs no strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.records.signals import SOMETHING_ELSE

USUAL_SHARE = 0.1
"""Share of messages without a known intent for which the chance is told."""
FEWEST_LABELS = 6
"""Labels below which leaving some out says nothing about strangers."""

Floats = NDArray[np.float64]


def evidence(heads: Floats, other: int | None) -> Floats:
    """What scores say about strangeness, one row a text.

    Args:
        heads: scores by machine, text and label; the sum over machines decides.
        other: column of the messages without an intent, if such were labelled.

    Returns:
        Best known score and its lead; each head's score for the best, where there are several;
        score of `other`.
    """
    total = heads.sum(axis=0)
    known = total if other is None else np.delete(total, other, axis=1)
    two = np.partition(known, -2, axis=1)[:, -2:]
    columns = [two[:, 1], two[:, 1] - two[:, 0]]
    if len(heads) > 1:
        best = np.where(np.arange(total.shape[1]) == other, -np.inf, total).argmax(axis=1)
        columns += [head[np.arange(len(best)), best] for head in heads]
    if other is not None:
        columns.append(total[:, other])
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Scope:
    """The chance that a message belongs to no known intent, where one message in ten does not."""

    weights: tuple[float, ...]
    shift: float

    def outside(self, found: Floats) -> Floats:
        """Chances from rows of `evidence`."""
        odds = np.clip(found @ np.asarray(self.weights) + self.shift, -30, 30)
        chances: Floats = 1 / (1 + np.exp(-odds))
        return chances


def place_of_other(labels: Sequence[str]) -> int | None:
    """The column of messages without an intent; None when no such message was labelled."""
    return labels.index(SOMETHING_ELSE) if SOMETHING_ELSE in labels else None


def outside(scope: Scope | None, labels: Sequence[str], heads: Floats, chances: Floats) -> Floats:
    """The chance of each text to belong to no known intent.

    It is what the scores say, or the probability of the label that says so, where that is more.

    Args:
        heads: scores by machine, text and label.
        chances: probabilities, in the same shape.
    """
    other = place_of_other(labels)
    said = np.zeros(len(chances)) if other is None else chances[:, other]
    return np.maximum(scope.outside(evidence(heads, other)), said) if scope else said


def scope_of(saved: dict[str, Any] | None) -> Scope | None:
    """What `dataclasses.asdict` wrote."""
    return Scope(tuple(saved["weights"]), float(saved["shift"])) if saved else None


def fit_scope(found: Floats, strange: NDArray[np.bool_]) -> Scope:
    """A logistic curve on evidence of messages, moved to the usual share of strangers."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = found.mean(axis=0), found.std(axis=0) + 1e-9
    curve = LogisticRegression().fit((found - middle) / spread, strange)
    weights = curve.coef_[0] / spread
    learnt, usual = strange.mean(), USUAL_SHARE
    prior = np.log(usual / (1 - usual)) - np.log(learnt / (1 - learnt))
    shift = float(curve.intercept_[0] - weights @ middle + prior)
    return Scope(tuple(float(weight) for weight in weights), shift)
