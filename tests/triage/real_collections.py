"""The tasks on real collections by which readers are measured, with and without an encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.triage.evaluate import auroc
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.ports import IntentClassifier

Fit = Callable[[Sequence[str], Sequence[str]], IntentClassifier]
Rows = tuple[Labelled, ...]


def banking(real_data: Path) -> tuple[Rows, Rows]:
    """Messages of Banking77 to learn from, and those to score."""
    folder = real_data / "banking77"
    return read_labelled(folder / "train.csv"), read_labelled(folder / "test.csv")


def share_right(
    classifier: IntentClassifier, chances: NDArray[np.float64], truth: Sequence[str]
) -> float:
    told = np.array(classifier.labels)[chances.argmax(axis=1)]
    return float(np.mean(told == np.array(truth)))


def quarters_untaught(
    real_data: Path, fit: Fit
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]]:
    """Three times, a quarter of Banking77's intents is left out of the fit.

    Yields:
        Chances by label, the out-of-scope score and whether it is of such an intent, one row a
        message to score.
    """
    train, test = banking(real_data)
    names = sorted({row.label for row in train})
    for seed in range(3):
        unknown = set(np.random.default_rng(seed).permutation(names)[: len(names) // 4])
        taught = [row for row in train if row.label not in unknown]
        classifier = fit([row.text for row in taught], [row.label for row in taught])
        chances, outside = classifier.read_all([row.text for row in test])
        yield chances, outside, np.array([row.label in unknown for row in test])


def clinc(real_data: Path, fit: Fit) -> tuple[float, float]:
    """Accuracy on CLINC150's intents, and AUROC of its out-of-scope messages."""
    data = json.loads((real_data / "clinc150" / "data_full.json").read_text("utf-8"))
    classifier = fit(*zip(*data["train"], strict=True))
    known, truth = zip(*data["test"], strict=True)
    chances, inside = classifier.read_all(known)
    _, outside = classifier.read_all([text for text, _ in data["oos_test"]])
    strange = np.arange(len(inside) + len(outside)) >= len(inside)
    area = auroc(np.concatenate([inside, outside]), strange)
    assert area is not None
    return share_right(classifier, chances, truth), area
