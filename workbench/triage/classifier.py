"""A calibrated linear text classifier: fitted with scikit-learn, run without it.

One-vs-rest linear support vector machines with naive Bayes give the scores, cross-validated
scores give the calibration, and scores of messages whose label was left out give the chance that
a message belongs to no label. A fitted classifier is a vocabulary and a matrix, and is saved as
JSON and NumPy arrays: loading one never runs code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.triage.calibration import Calibration, fit_calibration
from workbench.triage.features import Block, blocks_of, counted, prepared
from workbench.triage.labelled import Labelled
from workbench.triage.machines import (
    FOLDS,
    Learn,
    Machine,
    Machines,
    Views,
    learner,
    lexical_machine,
    stranger_scores,
    unseen_scores,
)
from workbench.triage.saved import opened, write
from workbench.triage.scope import (
    FEWEST_LABELS,
    Scope,
    evidence,
    fit_scope,
    outside,
    place_of_other,
    scope_of,
)

QUICK_FOLDS = 3
"""Enough where many messages wait to be read: calibration is a matter of three numbers."""
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "words": 0.7,
    "chars": 0.8,
    "concepts": 0.7,
    "company": 1.0,
}

EVIDENCE = 0.025
"""Weight of naive Bayes beside the margin, for texts of the kind that will come."""
WRITTEN_EVIDENCE = 0.1
"""The same for messages that a team wrote: what customers send differs more from them than two
halves of one collection differ, and naive Bayes minds that less than the margin does."""
WRITTEN_WEIGHTS: Mapping[str, float] = {
    "words": 0.7,
    "chars": 1.0,
    "concepts": 0.7,
    "company": 0.5,
}
"""For the same reason, less of what only stands together by chance."""

FEWEST_TEXTS = 2
"""Texts of a label: one to learn from while the other is held back to try what was learnt."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TextClassifier:
    """Label probabilities for a text."""

    labels: tuple[str, ...]
    blocks: tuple[Block, ...]
    coefficients: NDArray[np.float32]
    """One row a feature, one column a label."""
    intercept: Floats
    calibration: Calibration
    scope: Scope | None = None
    """None where there are too few labels to tell strangers."""

    def scores(self, text: str) -> Floats:
        """Raw scores by label, in the order of `labels`."""
        ready = prepared(text)
        found = [block.rows(ready) for block in self.blocks]
        rows = np.concatenate([rows for rows, _ in found])
        values = np.concatenate([values for _, values in found])
        total: Floats = self.intercept + values.astype(np.float32) @ self.coefficients[rows]
        return total

    def scores_of(self, texts: Sequence[str]) -> Floats:
        """Raw scores of many texts, one row a text: the same numbers, many times faster."""
        ready = [prepared(text) for text in texts]
        width = len(self.coefficients)
        total = np.tile(self.intercept, (len(texts), 1))
        for block in self.blocks:
            total += block.matrix(ready, width) @ self.coefficients
        return total

    def read(self, text: str) -> tuple[Floats, float]:
        """Probabilities by label, and the chance that the text belongs to none."""
        scores = self.scores(text)
        chances = self.calibration.probabilities(scores)
        return chances, float(
            outside(self.scope, self.labels, scores[None, None], chances[None])[0]
        )

    def read_all(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """What `read` says about each of many texts."""
        scores = self.scores_of(texts)
        chances = self.calibration.probabilities(scores)
        return chances, outside(self.scope, self.labels, scores[None], chances)

    def probabilities(self, text: str) -> Floats:
        """Calibrated probabilities by label, in the order of `labels`."""
        return self.calibration.probabilities(self.scores(text))

    def predict(self, text: str) -> tuple[str, float]:
        """The likeliest label and its probability."""
        chances = self.probabilities(text)
        best = int(chances.argmax())
        return self.labels[best], float(chances[best])

    def save(self, folder: Path) -> None:
        """Write `classifier.json` and `classifier.npz` into a folder."""
        about = {
            "labels": self.labels,
            "calibration": asdict(self.calibration),
            "scope": asdict(self.scope) if self.scope else None,
            "blocks": [
                {"name": b.name, "weight": b.weight, "vocabulary": b.vocabulary}
                for b in self.blocks
            ],
        }
        arrays: dict[str, Any] = {f"idf_{block.name}": block.idf for block in self.blocks}
        parts = {"coefficients": self.coefficients, "intercept": self.intercept}
        write(folder, "classifier", about, arrays | parts)

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote; `Corrupt` when it is not whole."""
        with opened(folder, "classifier") as (about, arrays):
            return cls(
                labels=tuple(about["labels"]),
                blocks=tuple(
                    Block(b["name"], b["vocabulary"], arrays[f"idf_{b['name']}"], b["weight"])
                    for b in about["blocks"]
                ),
                coefficients=arrays["coefficients"],
                intercept=arrays["intercept"],
                calibration=Calibration(**about["calibration"]),
                scope=scope_of(about["scope"]),
            )


@dataclass(frozen=True)
class Fitted:
    """A classifier with the scikit-learn pipeline it came from and its cross-validated scores."""

    classifier: TextClassifier
    pipeline: Any
    """The peer that benchmarks compare with."""
    scores: Floats
    """Of each training text, by models that had not seen it."""


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    unlabelled: Sequence[str] = (),
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    penalty: float = 0.5,
    evidence: float = EVIDENCE,
    rare: int = 2,
    folds: int = FOLDS,
) -> Fitted:
    """Fit on labelled texts; deterministic.

    Args:
        unlabelled: texts of the same kind; where labels are few they teach much.
        weights: feature block -> weight.
        penalty: inverse regularisation strength C of the linear machines.
        evidence: weight of naive Bayes beside the margin.
        rare: features in fewer texts than this are dropped, but not words.
        folds: of the cross-validation that calibrates; fewer are faster.

    Raises:
        InputError: there are too few labels or texts to learn from.
    """
    from sklearn.pipeline import make_pipeline

    names, truth = numbered(labels)
    union, matrix = counted([*texts, *unlabelled], weights, rare)
    views, further = Views((matrix[: len(texts)],)), Views((matrix[len(texts) :],))
    learn = learner((lexical_machine(penalty, evidence),), further if unlabelled else None)
    learnt = learn_calibrated(learn, views, truth, names, folds)
    (machine,) = learnt.machines.heads
    classifier = TextClassifier(
        labels=names,
        blocks=blocks_of(union),
        coefficients=machine.coefficients.astype(np.float32),
        intercept=machine.intercept,
        calibration=learnt.calibration,
        scope=learnt.scope,
    )
    pipeline = make_pipeline(union, _estimator(machine, names))
    return Fitted(classifier, pipeline, learnt.scores)


def fit_written(rows: Sequence[Labelled], folds: int = QUICK_FOLDS) -> Fitted:
    """Fit on messages that a team wrote, as the reader of a POC does.

    Raises:
        InputError: there are too few labels or texts to learn from.
    """
    texts, labels = [row.text for row in rows], [row.label for row in rows]
    return fit(texts, labels, weights=WRITTEN_WEIGHTS, evidence=WRITTEN_EVIDENCE, folds=folds)


def _estimator(machine: Machine, names: tuple[str, ...]) -> Any:
    """The machine as scikit-learn would run it."""
    from sklearn.svm import LinearSVC

    estimator = LinearSVC()
    estimator.coef_, estimator.intercept_ = machine.coefficients.T, machine.intercept
    estimator.classes_ = np.array(names)
    return estimator


@dataclass(frozen=True)
class Learnt:
    """Machines with what cross-validation says about their scores."""

    machines: Machines
    calibration: Calibration
    scope: Scope | None
    scores: Floats
    """Sum over the machines, of each text by machines that had not seen it."""


def learn_calibrated(
    learn: Learn, views: Views, truth: NDArray[np.intp], names: Sequence[str], folds: int
) -> Learnt:
    """Machines taught by all texts; calibration and scope by texts that machines had not seen."""
    scores = unseen_scores(learn, views, truth, folds).sum(axis=0)
    return Learnt(
        machines=learn(views, truth, len(names)),
        calibration=fit_calibration(scores, truth),
        scope=_scope(learn, views, truth, names),
        scores=scores,
    )


def _scope(
    learn: Learn, views: Views, truth: NDArray[np.intp], names: Sequence[str]
) -> Scope | None:
    if np.sum(np.bincount(truth) >= FEWEST_TEXTS) < FEWEST_LABELS:
        return None
    other = place_of_other(names)
    heads, strange = stranger_scores(learn, views, truth, other)
    return fit_scope(evidence(heads, other), strange)


def numbered(labels: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """The labels in order, and the place of each text's label among them.

    Raises:
        InputError: fewer than two labels have the texts to learn from and to try it on.
    """
    names, truth = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise InputError(
            "There is nothing to tell apart", expected="labelled texts with at least two labels"
        )
    if np.sum(np.bincount(truth) >= FEWEST_TEXTS) < 2:
        raise InputError(
            f"{len(truth)} texts are too few to learn {len(names)} labels from",
            expected="at least ten texts for each label",
            next_step="Label more messages.",
        )
    return tuple(str(name) for name in names), truth
