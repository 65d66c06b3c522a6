"""Linear machines: how they are fitted, taught by unlabelled texts too, and tried on unseen ones.

A text has one view or several: sparse lexical features, and dense ones where there is an encoder.
One machine is fitted on each view, and the sum of their scores decides. Labels are integers here,
0 to n - 1; a machine that has never seen a label scores it `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.triage.calibration import softmax

FOLDS = 5
"""Parts of which each is read by machines that were taught by the others."""
GROUPS = 3
"""Parts into which labels are dealt when messages of unknown intents are imitated."""
UNKNOWN = -3.0
TOLERANCE = 1e-2
"""Where the margin's fit ends: going on takes longer and changes no answer."""
RARE_WORDS = 0.005
"""Count that naive Bayes lends to words a label was never seen with."""
DENSE = 0.5
"""Weight of the dense machine beside the lexical one."""
RIDGE = 0.003
"""Penalty of the dense machine on large coefficients."""
STEPS = 15
"""Steps after which its fit ends."""
ROUNDS = (0.4, 0.6, 0.8)
"""Share of the unlabelled texts, surest first, that each round of self-training believes."""
SELF_TAUGHT = 0.3
"""Weight of a text that the machines have labelled themselves."""

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True)
class Views:
    """The same texts seen in one way or several: matrices with one row a text."""

    matrices: tuple[Any, ...]

    def __getitem__(self, rows: Any) -> Views:
        return Views(tuple(matrix[rows] for matrix in self.matrices))

    def above(self, other: Views) -> Views:
        """These texts, then the others."""
        pairs = zip(self.matrices, other.matrices, strict=True)
        return Views(tuple(_stacked(one, two) for one, two in pairs))


def _stacked(above: Any, below: Any) -> Any:
    from scipy.sparse import issparse, vstack

    return vstack([above, below]).tocsr() if issparse(above) else np.vstack([above, below])


@dataclass(frozen=True)
class Machine:
    """Scores of labels as a linear function of one view."""

    coefficients: Floats
    """One row a feature, one column a label."""
    intercept: Floats
    """One a label."""

    def scores(self, matrix: Any) -> Floats:
        """One row a text, one column a label."""
        return np.asarray(matrix @ self.coefficients) + self.intercept


@dataclass(frozen=True)
class Machines:
    """One machine a view."""

    heads: tuple[Machine, ...]

    def scores(self, views: Views) -> Floats:
        """Scores by head, text and label."""
        pairs = zip(self.heads, views.matrices, strict=True)
        return np.stack([head.scores(matrix) for head, matrix in pairs])


Fit = Callable[[Any, Labels, int, Floats], Machine]
"""Fits a machine on one view: matrix, label of each row, number of labels, weight of each row."""
Learn = Callable[[Views, Labels, int], Machines]


def lexical_machine(penalty: float, evidence: float) -> Fit:
    """Squared-hinge machines, one a label, with evidence of naive Bayes in their coefficients.

    Naive Bayes knows words that occur once or twice, on which a margin teaches little (after Wang
    & Manning 2012). Both are linear, so that their sum costs nothing at run time.
    """

    def fit(matrix: Any, truth: Labels, labels: int, weights: Floats) -> Machine:
        from sklearn.naive_bayes import MultinomialNB
        from sklearn.svm import LinearSVC

        margin = LinearSVC(C=penalty, tol=TOLERANCE, random_state=0).fit(matrix, truth, weights)
        bayes = MultinomialNB(alpha=RARE_WORDS, fit_prior=False).fit(matrix, truth, weights)
        rows, shift = margin.coef_, margin.intercept_
        if len(rows) == 1:  # Two labels share one row in scikit-learn.
            rows, shift = np.concatenate([-rows, rows]), np.concatenate([-shift, shift])
        told = bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)
        return _with_unknown(rows.T + evidence * told.T, shift, margin.classes_, labels)

    return fit


def softmax_machine(matrix: Any, truth: Labels, labels: int, weights: Floats) -> Machine:
    """Multinomial logistic regression on a dense view.

    The labels compete for each message, which tells many labels apart better than least squares,
    one label at a time. Each step solves the same system, that of a fixed bound on the curvature
    (Böhning 1992), from a point ahead of the last two (Nesterov 1983); ending after a few keeps
    the machine from learning single messages by heart.
    """
    from scipy.linalg import cho_factor, cho_solve

    present = np.unique(truth)
    seen = np.column_stack([matrix, np.ones(len(matrix), matrix.dtype)])
    wanted, counts = truth[:, None] == present, weights[:, None].astype(matrix.dtype)
    bound = (counts * seen).T @ seen / 2
    system = cho_factor(bound + RIDGE * np.eye(len(bound)))
    rows = last = np.zeros((len(bound), len(present)))
    for step in range(STEPS):
        ahead = rows + step / (step + 3) * (rows - last)
        missed = counts * (wanted - softmax(seen @ ahead.astype(matrix.dtype)))
        rows, last = ahead + cho_solve(system, seen.T @ missed - RIDGE * ahead), rows
    return _with_unknown(DENSE * rows[:-1], DENSE * rows[-1], present, labels)


def _with_unknown(rows: Floats, shift: Floats, present: Labels, labels: int) -> Machine:
    """A machine for all labels from one for those that were present."""
    coefficients = np.zeros((len(rows), labels))
    intercept = np.full(labels, UNKNOWN)
    coefficients[:, present], intercept[present] = rows, shift
    return Machine(coefficients, intercept)


def learner(fits: tuple[Fit, ...], unlabelled: Views | None = None) -> Learn:
    """Learns from labelled texts and, where there are such, from its own surest labels of others.

    Self-training (Scudder 1965) takes the surest texts of every label, so that no label runs away
    with the rest (Zou et al. 2018), and counts them less than what people labelled.
    """

    def learn(views: Views, truth: Labels, labels: int) -> Machines:
        ones = np.ones(len(truth))
        machines = _fitted(fits, views, truth, labels, ones)
        for share in ROUNDS:
            if unlabelled is None:
                break
            told, chosen = _surest(machines.scores(unlabelled).sum(axis=0), share)
            weights = np.concatenate([ones, np.full(len(chosen), SELF_TAUGHT)])
            both, taught = views.above(unlabelled[chosen]), np.concatenate([truth, told])
            machines = _fitted(fits, both, taught, labels, weights)
        return machines

    return learn


def _fitted(
    fits: tuple[Fit, ...], views: Views, truth: Labels, labels: int, weights: Floats
) -> Machines:
    pairs = zip(fits, views.matrices, strict=True)
    return Machines(tuple(fit(matrix, truth, labels, weights) for fit, matrix in pairs))


def _surest(scores: Floats, share: float) -> tuple[Labels, Labels]:
    """Labels of the surest texts by the lead of the best score, and which texts these are."""
    told = scores.argmax(axis=1)
    two = np.partition(scores, -2, axis=1)[:, -2:]
    lead = two[:, 1] - two[:, 0]
    chosen = []
    for label in np.unique(told):
        here = np.flatnonzero(told == label)
        kept = max(1, int(share * len(here)))
        chosen.append(here[np.argsort(-lead[here], kind="stable")[:kept]])
    places = np.concatenate(chosen)
    return told[places], places


def unseen_scores(learn: Learn, views: Views, truth: Labels, folds: int = FOLDS) -> Floats:
    """Scores, by head, text and label, of machines taught by the other folds."""
    labels, fold = int(truth.max()) + 1, _folds(truth, folds)
    scores = np.empty((len(views.matrices), len(truth), labels))
    for held_out in range(folds):
        here = fold == held_out
        machines = learn(views[~here], truth[~here], labels)
        scores[:, here] = machines.scores(views[here])
    return scores


def stranger_scores(
    learn: Learn, views: Views, truth: Labels, other: int | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Scores of every text by machines that have seen neither it nor a third of the labels.

    Args:
        other: the label of messages without an intent, which every machine sees.

    Returns:
        Scores by head, text and label, and which texts are strangers to their machines.
    """
    labels, fold = int(truth.max()) + 1, _folds(truth, GROUPS)
    group = np.random.default_rng(0).permutation(labels) % GROUPS
    if other is not None:
        group[other] = GROUPS
    scores = np.empty((len(views.matrices), len(truth), labels))
    for held_out in range(GROUPS):
        here = fold == held_out
        rest = ~here & (group[truth] != held_out)
        machines = learn(views[rest], truth[rest], labels)
        scores[:, here] = machines.scores(views[here])
    return scores, (group[truth] == fold) | (truth == other)


def _folds(truth: Labels, count: int) -> Labels:
    """Every label dealt out evenly, in a shuffled but repeatable order."""
    fold = np.empty(len(truth), np.intp)
    order = np.random.default_rng(0).permutation(len(truth))
    for label in np.unique(truth):
        of_label = order[truth[order] == label]
        fold[of_label] = (np.arange(len(of_label)) + label) % count
    return fold
