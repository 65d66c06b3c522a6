"""A classifier that reads a message twice: by its words, and by an encoder's sense of meaning.

The lexical machine knows names and rare words, the dense one knows that "the money never came"
and "payment has not arrived" are near. The dense view are kernel features: nearness to landmarks
among the known messages (Nyström; Williams & Seeger 2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Corrupt
from workbench.triage.calibration import Calibration
from workbench.triage.classifier import (
    DEFAULT_WEIGHTS,
    EVIDENCE,
    TextClassifier,
    learn_calibrated,
    numbered,
)
from workbench.triage.features import blocks_of, counted
from workbench.triage.machines import FOLDS, Views, learner, lexical_machine, softmax_machine
from workbench.triage.ports import Encoder
from workbench.triage.saved import opened, write
from workbench.triage.scope import Scope, outside, scope_of

LANDMARKS = 2_000
"""Known messages to which nearness is measured."""
REACH = 2.0
"""Distance at which nearness has fallen to 1/e, over the spread of known messages."""

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Nearness:
    """Nearness of vectors to landmarks: 1 for the same, towards 0 for what is far."""

    landmarks: Rows
    reach: float
    """Squared distance at which nearness has fallen to 1/e."""

    def __call__(self, rows: Rows) -> Rows:
        """One row a vector, one column a landmark."""
        squares = (rows**2).sum(axis=1)[:, None] + self._squares
        distances = np.maximum(squares - 2 * rows @ self.landmarks.T, 0)
        return np.asarray(np.exp(-distances / self.reach), np.float32)

    @cached_property
    def _squares(self) -> Rows:
        return np.asarray((self.landmarks**2).sum(axis=1), np.float32)


@dataclass(frozen=True)
class CombinedClassifier:
    """Label probabilities for a text from two machines, one with an encoder."""

    lexical: TextClassifier
    encoder: Encoder
    nearness: Nearness
    coefficients: NDArray[np.float32]
    """One row a landmark, one column a label."""
    intercept: Floats
    calibration: Calibration
    scope: Scope | None

    @property
    def labels(self) -> tuple[str, ...]:
        return self.lexical.labels

    def probabilities(self, text: str) -> Floats:
        """Calibrated probabilities by label, in the order of `labels`."""
        return self.read(text)[0]

    def read(self, text: str) -> tuple[Floats, float]:
        """Probabilities by label, and the chance that the text belongs to none."""
        chances, strange = self._told(
            np.stack([self.lexical.scores(text)[None], self._dense([text])])
        )
        return chances[0], float(strange[0])

    def read_all(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """What `read` says about each of many texts."""
        return self._told(np.stack([self.lexical.scores_of(texts), self._dense(texts)]))

    def _told(self, heads: Floats) -> tuple[Floats, Floats]:
        chances = self.calibration.probabilities(heads.sum(axis=0))
        return chances, outside(self.scope, self.labels, heads, chances)

    def _dense(self, texts: Sequence[str]) -> Floats:
        near = self.nearness(self.encoder.encode(texts))
        return np.asarray(near @ self.coefficients + self.intercept, np.float64)

    def save(self, folder: Path) -> None:
        """Write the lexical half and `combined.json` and `combined.npz` into a folder."""
        self.lexical.save(folder)
        about = {
            "encoder": self.encoder.digest,
            "reach": self.nearness.reach,
            "calibration": asdict(self.calibration),
            "scope": asdict(self.scope) if self.scope else None,
        }
        arrays = {
            "landmarks": self.nearness.landmarks,
            "coefficients": self.coefficients,
            "intercept": self.intercept,
        }
        write(folder, "combined", about, arrays)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> CombinedClassifier:
        """Read what `save` wrote; `Corrupt` when it is not whole, or made with another encoder."""
        lexical = TextClassifier.load(folder)
        with opened(folder, "combined") as (about, arrays):
            if about["encoder"] != encoder.digest:
                raise Corrupt(f"The classifier in {folder} was fitted with another encoder")
            return cls(
                lexical=lexical,
                encoder=encoder,
                nearness=Nearness(arrays["landmarks"], float(about["reach"])),
                coefficients=arrays["coefficients"],
                intercept=arrays["intercept"],
                calibration=Calibration(**about["calibration"]),
                scope=scope_of(about["scope"]),
            )


def fit_combined(
    texts: Sequence[str],
    labels: Sequence[str],
    encoder: Encoder,
    *,
    unlabelled: Sequence[str] = (),
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    penalty: float = 0.5,
    evidence: float = EVIDENCE,
    rare: int = 2,
    folds: int = FOLDS,
) -> CombinedClassifier:
    """Fit both machines on labelled texts; deterministic.

    Args:
        encoder: used as it is, never trained.
        unlabelled: texts of the same kind; where labels are few they teach much.
        weights: lexical feature block -> weight.
        penalty: inverse regularisation strength C of the lexical machines.
        evidence: weight of naive Bayes beside the margin.
        rare: lexical features in fewer texts than this are dropped, but not words.
        folds: of the cross-validation that calibrates; fewer are faster.

    Raises:
        InputError: there are too few labels or texts to learn from.
    """
    names, truth = numbered(labels)
    everything = [*texts, *unlabelled]
    union, words = counted(everything, weights, rare)
    vectors = encoder.encode(everything)
    nearness = _landmarks(vectors)
    near, whitening = nearness(vectors), _whitening(nearness)
    views = Views((words, near @ whitening))
    known, further = views[: len(texts)], views[len(texts) :]
    learn = learner(
        (lexical_machine(penalty, evidence), softmax_machine), further if unlabelled else None
    )
    learnt = learn_calibrated(learn, known, truth, names, folds)
    lexical, dense = learnt.machines.heads
    return CombinedClassifier(
        lexical=TextClassifier(
            labels=names,
            blocks=blocks_of(union),
            coefficients=lexical.coefficients.astype(np.float32),
            intercept=lexical.intercept,
            calibration=learnt.calibration,
        ),
        encoder=encoder,
        nearness=nearness,
        coefficients=(whitening @ dense.coefficients).astype(np.float32),
        intercept=dense.intercept,
        calibration=learnt.calibration,
        scope=learnt.scope,
    )


def _landmarks(vectors: Rows) -> Nearness:
    """Landmarks drawn evenly at random; the reach follows the spread of all vectors."""
    drawn = np.random.default_rng(0).permutation(len(vectors))[:LANDMARKS]
    return Nearness(vectors[np.sort(drawn)], REACH * float(vectors.var(axis=0).sum()))


def _whitening(nearness: Nearness) -> Rows:
    """What turns nearness into features whose inner product is nearness again."""
    values, axes = np.linalg.eigh(nearness(nearness.landmarks).astype(np.float64))
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-5)), np.float32)
