"""A calibrated linear text classifier: fitted with scikit-learn, run without it.

One-vs-rest linear support vector machines give the scores, cross-validated scores give the
calibration. A fitted classifier is a vocabulary and a matrix, and is saved as JSON and NumPy
arrays: loading one never runs code.
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
    from sklearn.svm import LinearSVC

    names, truth = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise InputError(
            "There is nothing to tell apart", expected="labelled texts with at least two labels"
        )
    pipeline = make_pipeline(vectorizers(dict(weights), rare), LinearSVC(C=penalty, random_state=0))
    matrix = pipeline[0].fit_transform(texts)
    machine = pipeline[-1].fit(matrix, names[truth])
    scores = _unseen_scores(matrix, truth, penalty)
    coefficients, intercept = _columns(machine.coef_, machine.intercept_)
    classifier = TextClassifier(
        labels=tuple(str(name) for name in names),
        blocks=blocks_of(pipeline[0]),
        coefficients=coefficients,
        intercept=intercept,
        calibration=fit_calibration(scores, truth),
    )
    return Fitted(classifier, pipeline, scores)


def _unseen_scores(matrix: Any, truth: NDArray[np.intp], penalty: float) -> NDArray[np.float64]:
    """Scores of every example by a machine fitted on the other folds."""
    from sklearn.svm import LinearSVC

    fold = _folds(truth)
    scores = np.full((len(truth), int(truth.max()) + 1), -2.0)
    for held_out in range(FOLDS):
        here, rest = fold == held_out, fold != held_out
        machine = LinearSVC(C=penalty, random_state=0).fit(matrix[rest], truth[rest])
        found = machine.decision_function(matrix[here])
        columns = np.stack([-found, found], axis=1) if found.ndim == 1 else found
        scores[np.ix_(here, machine.classes_)] = columns
    return scores


def _folds(truth: NDArray[np.intp]) -> NDArray[np.intp]:
    """Every label dealt out evenly, in a shuffled but repeatable order."""
    fold = np.empty(len(truth), np.intp)
    order = np.random.default_rng(0).permutation(len(truth))
    for label in np.unique(truth):
        of_label = order[truth[order] == label]
        fold[of_label] = (np.arange(len(of_label)) + label) % FOLDS
    return fold


def _columns(
    coefficients: NDArray[np.float64], intercept: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """One column a label, also for two labels, which scikit-learn keeps as one."""
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients, coefficients])
        intercept = np.concatenate([-intercept, intercept])
    return np.ascontiguousarray(coefficients.T, dtype=np.float32), intercept.astype(np.float64)
