"""A calibrated linear text classifier: fitted with scikit-learn, run without it.

One-vs-rest linear support vector machines with naive Bayes give the scores, cross-validated
scores give the calibration. A fitted classifier is a vocabulary and a matrix, and is saved as
JSON and NumPy arrays: loading one never runs code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Corrupt, InputError
from workbench.triage.calibration import Calibration, fit_calibration
from workbench.triage.features import Block, blocks_of, prepared, vectorizers

DEFAULT_WEIGHTS: Mapping[str, float] = {"words": 0.7, "chars": 1.0, "concepts": 0.7}
FOLDS = 5
RARE_WORDS = 0.005
"""Count that naive Bayes lends to words a label was never seen with."""
EVIDENCE = 0.1
"""Weight of naive Bayes beside the margin."""


@dataclass(frozen=True)
class TextClassifier:
    """Label probabilities for a text."""

    labels: tuple[str, ...]
    blocks: tuple[Block, ...]
    coefficients: NDArray[np.float32]
    """One row a feature, one column a label."""
    intercept: NDArray[np.float64]
    calibration: Calibration

    def scores(self, text: str) -> NDArray[np.float64]:
        """Raw scores by label, in the order of `labels`."""
        ready = prepared(text)
        total = self.intercept.copy()
        for block in self.blocks:
            rows, values = block.rows(ready)
            total += values @ self.coefficients[rows]
        return total

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Calibrated probabilities by label, in the order of `labels`."""
        return self.calibration.probabilities(self.scores(text))

    def predict(self, text: str) -> tuple[str, float]:
        """The likeliest label and its probability."""
        chances = self.probabilities(text)
        best = int(chances.argmax())
        return self.labels[best], float(chances[best])

    def save(self, folder: Path) -> None:
        """Write `classifier.json` and `classifier.npz` into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {
            "labels": self.labels,
            "calibration": asdict(self.calibration),
            "blocks": [
                {"name": b.name, "weight": b.weight, "vocabulary": b.vocabulary}
                for b in self.blocks
            ],
        }
        (folder / "classifier.json").write_text(
            json.dumps(about, ensure_ascii=False), encoding="utf-8"
        )
        arrays: dict[str, Any] = {f"idf_{block.name}": block.idf for block in self.blocks}
        arrays |= {"coefficients": self.coefficients, "intercept": self.intercept}
        np.savez(folder / "classifier.npz", **arrays)

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote; `Corrupt` when it is not whole."""
        try:
            about = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as arrays:
                return cls(
                    labels=tuple(about["labels"]),
                    blocks=tuple(
                        Block(b["name"], b["vocabulary"], arrays[f"idf_{b['name']}"], b["weight"])
                        for b in about["blocks"]
                    ),
                    coefficients=arrays["coefficients"],
                    intercept=arrays["intercept"],
                    calibration=Calibration(**about["calibration"]),
                )
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise Corrupt(
                f"The classifier in {folder} cannot be read ({error})",
                next_step="Delete the folder; it is fitted again from the labelled messages.",
            ) from error


@dataclass(frozen=True)
class Fitted:
    """A classifier with the scikit-learn pipeline it came from and its cross-validated scores."""

    classifier: TextClassifier
    pipeline: Any
    """The peer that benchmarks compare with."""
    scores: NDArray[np.float64]
    """Of each training text, by models that had not seen it."""


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    penalty: float = 0.5,
    rare: int = 2,
) -> Fitted:
    """Fit on labelled texts; deterministic.

    Args:
        weights: feature block -> weight.
        penalty: inverse regularisation strength C of the linear machines.
        rare: character n-grams and concept pairs in fewer texts than this are dropped.
    """
    from sklearn.pipeline import make_pipeline

    names, truth = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise InputError(
            "There is nothing to tell apart", expected="labelled texts with at least two labels"
        )
    blocks = vectorizers(dict(weights), rare)
    matrix = blocks.fit_transform(texts)
    machine = _machine(matrix, truth, penalty)
    scores = _unseen_scores(matrix, truth, penalty)
    classifier = TextClassifier(
        labels=tuple(str(name) for name in names),
        blocks=blocks_of(blocks),
        coefficients=np.ascontiguousarray(machine.coef_.T, dtype=np.float32),
        intercept=machine.intercept_,
        calibration=fit_calibration(scores, truth),
    )
    machine.classes_ = names
    return Fitted(classifier, make_pipeline(blocks, machine), scores)


def _machine(matrix: Any, truth: NDArray[np.intp], penalty: float) -> Any:
    """One linear machine a label, with evidence of naive Bayes added to its coefficients.

    Naive Bayes knows words that occur once or twice, on which a margin teaches little (after Wang
    & Manning 2012). Both are linear, so that their sum costs nothing at run time.
    """
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=penalty, random_state=0).fit(matrix, truth)
    evidence = MultinomialNB(alpha=RARE_WORDS, fit_prior=False).fit(matrix, truth)
    told = evidence.feature_log_prob_ - evidence.feature_log_prob_.mean(axis=0)
    if len(machine.coef_) == 1:  # Two labels share one row in scikit-learn.
        machine.coef_ = np.concatenate([-machine.coef_, machine.coef_])
        machine.intercept_ = np.concatenate([-machine.intercept_, machine.intercept_])
    machine.coef_ = machine.coef_ + EVIDENCE * told
    return machine


def _unseen_scores(matrix: Any, truth: NDArray[np.intp], penalty: float) -> NDArray[np.float64]:
    """Scores of every example by a machine fitted on the other folds."""
    fold = _folds(truth)
    scores = np.full((len(truth), int(truth.max()) + 1), -2.0)
    for held_out in range(FOLDS):
        here, rest = fold == held_out, fold != held_out
        machine = _machine(matrix[rest], truth[rest], penalty)
        found = matrix[here] @ machine.coef_.T + machine.intercept_
        scores[np.ix_(here, machine.classes_)] = found
    return scores


def _folds(truth: NDArray[np.intp]) -> NDArray[np.intp]:
    """Every label dealt out evenly, in a shuffled but repeatable order."""
    fold = np.empty(len(truth), np.intp)
    order = np.random.default_rng(0).permutation(len(truth))
    for label in np.unique(truth):
        of_label = order[truth[order] == label]
        fold[of_label] = (np.arange(len(of_label)) + label) % FOLDS
    return fold
