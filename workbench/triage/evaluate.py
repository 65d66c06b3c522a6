"""How well the keyless classifiers do on any labelled file: fit on one, score on another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.records.base import Record
from workbench.records.signals import SOMETHING_ELSE
from workbench.triage.classifier import TextClassifier, fit
from workbench.triage.labelled import Labelled, read_labelled

BINS = 15
"""Bins of the calibration error."""
COVERAGE = 0.8
"""Share of texts, surest first, on which selective accuracy is taken."""
MOST_CONFUSIONS = 25


class LabelScore(Record):
    """One label: of the texts that have it, and of those that were given it."""

    label: str
    texts: int
    precision: float
    recall: float
    f1: float


class Confusion(Record):
    """Texts of one label that were given another."""

    label: str
    taken_for: str
    texts: int


class Evaluation(Record):
    """Figures of one fit and score. Rates are 0-1."""

    train_texts: int
    test_texts: int
    labels: int
    accuracy: float
    macro_f1: float
    """Mean F1 over the labels of the test file."""
    calibration_error: float
    """Expected calibration error, 15 equal bins of confidence (Naeini et al. 2015)."""
    selective_accuracy: float
    """Accuracy on the surest 80 % of the texts."""
    fit_seconds: float
    milliseconds_per_text: float
    """Mean time to score one text."""
    strangers: int = 0
    """Test texts that belong to no intent: labelled so, or with a label nobody taught."""
    stranger_auroc: float | None = None
    """Chance that a stranger gets a higher out-of-scope score than another text; None: there are
    none. All other figures leave strangers out."""
    by_label: tuple[LabelScore, ...]
    """Worst F1 first."""
    confusions: tuple[Confusion, ...]
    """Most frequent first, at most 25."""

    def __str__(self) -> str:
        figures = {
            "accuracy": f"{self.accuracy:.4f}",
            "macro F1": f"{self.macro_f1:.4f}",
            "calibration error": f"{self.calibration_error:.4f}",
            "accuracy on the surest 80 %": f"{self.selective_accuracy:.4f}",
            "fit": f"{self.fit_seconds:.1f} s",
            "one text": f"{self.milliseconds_per_text:.3f} ms",
        }
        if self.stranger_auroc is not None:
            figures["strangers told apart"] = f"AUROC {self.stranger_auroc:.4f}"
        head = (
            f"{self.train_texts:,} texts fitted, {self.test_texts:,} scored, {self.labels} labels"
        )
        return "\n".join([head, *(f"{name:28} {value}" for name, value in figures.items())])


def evaluate_intents(train: Path, test: Path) -> Evaluation:
    """Fit the intent classifier on one labelled CSV file and score it on another.

    Raises:
        InputError: a file cannot be used; names file and line.
    """
    return _evaluate(read_labelled(train), read_labelled(test))


def evaluate_sentiment(train: Path, test: Path) -> Evaluation:
    """Fit the sentiment classifier on one labelled CSV file and score it on another.

    Raises:
        InputError: a file cannot be used; names file and line.
    """
    return _evaluate(read_labelled(train), read_labelled(test))


def _evaluate(train: Sequence[Labelled], test: Sequence[Labelled]) -> Evaluation:
    started = perf_counter()
    classifier = fit([row.text for row in train], [row.label for row in train]).classifier
    fitted = perf_counter()
    found = [classifier.read(row.text) for row in test]
    scored = perf_counter()
    taught = set(classifier.labels) - {SOMETHING_ELSE}
    strange = np.array([row.label not in taught for row in test])
    if strange.all():
        raise InputError(
            "No test text has a label of the training texts",
            expected="two files with the same labels",
        )
    outside = np.array([chance for _, chance in found])
    known = np.flatnonzero(~strange)
    figures = score(
        classifier,
        np.array([found[i][0] for i in known]),
        [test[int(i)].label for i in known],
        train_texts=len(train),
        fit_seconds=fitted - started,
        milliseconds_per_text=1000 * (scored - fitted) / len(test),
    )
    strangers = {"strangers": int(strange.sum()), "stranger_auroc": auroc(outside, strange)}
    return figures.model_copy(update=strangers)


class FewLabels(Record):
    """Accuracy where only a few texts of each label are labelled and the others lie beside."""

    per_label: int
    accuracy: float
    """Mean over the draws, 0-1."""
    draws: tuple[float, ...]
    """Accuracy of each draw."""

    def __str__(self) -> str:
        each = ", ".join(f"{one:.4f}" for one in self.draws)
        return f"{self.per_label} texts of each label: accuracy {self.accuracy:.4f} ({each})"


def evaluate_few(train: Path, test: Path, per_label: int, seeds: int = 5) -> FewLabels:
    """Fit on a few texts of each label and all others without theirs, as a POC begins.

    Args:
        per_label: labelled texts of each label.
        seeds: draws of these texts.

    Raises:
        InputError: a file cannot be used; names file and line.
    """
    rows, asked = read_labelled(train), read_labelled(test)
    draws = tuple(_accuracy_of_few(rows, asked, per_label, seed) for seed in range(seeds))
    return FewLabels(per_label=per_label, accuracy=float(np.mean(draws)), draws=draws)


def _accuracy_of_few(
    train: Sequence[Labelled], test: Sequence[Labelled], per_label: int, seed: int
) -> float:
    few, rest = few_of_each(train, per_label, seed)
    unlabelled = [row.text for row in rest]
    texts, labels = [row.text for row in few], [row.label for row in few]
    classifier = fit(texts, labels, unlabelled=unlabelled).classifier
    chances, _ = classifier.read_all([row.text for row in test])
    told = [classifier.labels[i] for i in chances.argmax(axis=1)]
    return float(np.mean([label == row.label for label, row in zip(told, test, strict=True)]))


def few_of_each(
    rows: Sequence[Labelled], count: int, seed: int
) -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    """So many rows of each label, drawn at random, and all other rows.

    Args:
        count: rows of each label; a label that has fewer gives all it has.
        seed: the same seed always draws the same rows.
    """
    drawn: Counter[str] = Counter()
    few: list[Labelled] = []
    rest: list[Labelled] = []
    for i in np.random.default_rng(seed).permutation(len(rows)):
        row = rows[int(i)]
        (few if drawn[row.label] < count else rest).append(row)
        drawn[row.label] += 1
    return tuple(few), tuple(rest)


def auroc(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve, as the Mann-Whitney statistic; None where one side is missing."""
    from scipy.stats import rankdata

    positive, negative = int(wanted.sum()), int((~wanted).sum())
    if not positive or not negative:
        return None
    ranks = float(rankdata(scores)[wanted].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def score(
    classifier: TextClassifier,
    chances: NDArray[np.float64],
    truth: Sequence[str],
    *,
    train_texts: int,
    fit_seconds: float,
    milliseconds_per_text: float,
) -> Evaluation:
    """Figures from label probabilities, one row a text, and the right labels."""
    told = [classifier.labels[i] for i in chances.argmax(axis=1)]
    right = np.array([a == b for a, b in zip(told, truth, strict=True)])
    confidence = chances.max(axis=1)
    table = _by_label(truth, told)
    return Evaluation(
        train_texts=train_texts,
        test_texts=len(truth),
        labels=len(classifier.labels),
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([row.f1 for row in table])),
        calibration_error=calibration_error(confidence, right),
        selective_accuracy=_selective(confidence, right),
        fit_seconds=fit_seconds,
        milliseconds_per_text=milliseconds_per_text,
        by_label=table,
        confusions=_confusions(truth, told),
    )


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance between confidence and accuracy over equal bins, weighted by their texts."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(distances))


def _selective(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    kept = max(1, round(COVERAGE * len(right)))
    surest = np.argsort(-confidence, kind="stable")[:kept]
    return float(right[surest].mean())


def _by_label(truth: Sequence[str], told: Sequence[str]) -> tuple[LabelScore, ...]:
    given, true = Counter(told), Counter(truth)
    hits = Counter(a for a, b in zip(truth, told, strict=True) if a == b)
    rows = [
        LabelScore(
            label=label,
            texts=texts,
            precision=hits[label] / given[label] if given[label] else 0.0,
            recall=hits[label] / texts,
            f1=2 * hits[label] / (given[label] + texts),
        )
        for label, texts in true.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.f1, row.label)))


def _confusions(truth: Sequence[str], told: Sequence[str]) -> tuple[Confusion, ...]:
    pairs = Counter((a, b) for a, b in zip(truth, told, strict=True) if a != b)
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Confusion(label=label, taken_for=other, texts=texts)
        for (label, other), texts in ranked[:MOST_CONFUSIONS]
    )
