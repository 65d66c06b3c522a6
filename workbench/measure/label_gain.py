"""What labels have brought, and what more of them would bring: accuracy with and without them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from workbench.measure.intervals import wilson, z_score
from workbench.measure.tables import format_value
from workbench.records.base import Record
from workbench.triage.classifier import fit_written
from workbench.triage.labelled import Labelled, digest
from workbench.triage.machines import FOLDS
from workbench.triage.pool import message_id

NEXT = 50
"""Labels whose worth is foretold."""
NOT_WORTH_IT = 0.001
"""Accuracy below which fifty more labels are no longer worth a person's time."""
MOST_LABELS = 5_000
"""Further labels up to which the curve is trusted to go on as it did."""
PARTS = (0.2, 0.4)
"""Shares of the labels that the curve's first points are fitted on."""
FEWEST_A_LABEL = 3
"""Labels of each intent below which a classifier is not worth fitting."""
CROSS_VALIDATED = 0.8
"""Share of the labels that each of the five cross-validated classifiers is fitted on."""
_DRAWS = 400


class Estimate(Record):
    """A share, or a difference of shares, with its 95 % interval; `n` messages stand behind it."""

    value: float
    low: float
    high: float
    n: int


class CurvePoint(Record):
    """Accuracy on messages that a classifier fitted on so many labels has not seen."""

    labels: int
    accuracy: Estimate


class Competence(Record):
    """How well one intent is recognised."""

    intent: str
    labels: int
    by_people: int
    """Of these, given here."""
    accuracy: Estimate
    """Share of its messages that are recognised, cross-validated."""


class Gain(Record):
    """What labels have brought and what the next would bring."""

    labels: int
    by_people: int
    accuracy: Estimate
    """Over all labelled messages, each read by a classifier that has not seen it."""
    before: Estimate | None = None
    """On the messages that people labelled here, without their labels; None: there are none."""
    after: Estimate | None = None
    """On the same messages, each read by a classifier that knows the others' labels."""
    change: Estimate | None = None
    """After minus before, message by message."""
    curve: tuple[CurvePoint, ...]
    """By number of labels."""
    next_labels: Estimate
    """Accuracy that the next fifty labels would bring, drawn as those so far; `n` is fifty."""
    still_useful: int
    """Further labels until fifty more bring less than a tenth of a point; 5,000 means more."""
    intents: tuple[Competence, ...]
    """Worst recognised first."""

    def __str__(self) -> str:
        lines = [f"{self.labels:,} labels, {self.by_people:,} given here"]
        lines += [f"{name:34} {_told(value)}" for name, value in self._figures() if value]
        lines.append(f"{'labels still useful':34} {self.still_useful_in_words}")
        lines += ["", f"{'intent':24} {'labels':>6} {'here':>5}  recognised (95 %)"]
        lines += [
            f"{row.intent:24} {row.labels:6} {row.by_people:5}  {_told(row.accuracy)}"
            for row in self.intents
        ]
        return "\n".join(lines)

    @property
    def still_useful_in_words(self) -> str:
        if self.still_useful >= MOST_LABELS:
            return f"{MOST_LABELS:,} or more"
        if not self.still_useful:
            return f"none drawn at random: {NEXT} bring less than 0.1 points"
        return f"about {self.still_useful:,}"

    def _figures(self) -> Sequence[tuple[str, Estimate | None]]:
        return (
            ("accuracy, cross-validated", self.accuracy),
            ("messages labelled here: before", self.before),
            ("messages labelled here: after", self.after),
            ("change", self.change),
            (f"the next {NEXT} labels would bring", self.next_labels),
        )


def kept_gain(folder: Path, others: Sequence[Labelled], people: Sequence[Labelled]) -> Gain:
    """The gain of these very labels: as measured before, or measured now and kept in `folder`."""
    path = folder / f"gain-{digest(others, people)}.json"
    try:
        return Gain.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        measured = label_gain(others, people)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(measured.model_dump_json(), encoding="utf-8")
        return measured


def label_gain(others: Sequence[Labelled], people: Sequence[Labelled]) -> Gain:
    """Measure what the labels of people bring beside the others.

    Args:
        others: labelled messages that the POC had.
        people: those that people labelled here; a wording in both counts here.
    """
    here = {message_id(row.text) for row in people}
    others = [row for row in others if message_id(row.text) not in here]
    rows = [*others, *people]
    seen_right = _cross_validated(rows)
    curve = _curve(rows, seen_right)
    law = _Law.through(curve)
    before, after, change = _on_people(others, people, seen_right[len(others) :])
    return Gain(
        labels=len(rows),
        by_people=len(people),
        accuracy=_share(seen_right),
        before=before,
        after=after,
        change=change,
        curve=curve,
        next_labels=law.worth(len(rows)),
        still_useful=law.still_useful(len(rows)),
        intents=_competence(rows, here, seen_right),
    )


Right = NDArray[np.bool_]
"""One entry a message: whether it was read right."""


def _cross_validated(rows: Sequence[Labelled]) -> Right:
    fitted = fit_written(rows, folds=FOLDS)
    told = np.array(fitted.classifier.labels)[fitted.scores.argmax(axis=1)]
    right: Right = told == np.array([row.label for row in rows])
    return right


def _scored(train: Sequence[Labelled], test: Sequence[Labelled]) -> Right:
    classifier = fit_written(train).classifier
    chances, _ = classifier.read_all([row.text for row in test])
    right: Right = np.array(classifier.labels)[chances.argmax(axis=1)] == [r.label for r in test]
    return right


def _curve(rows: Sequence[Labelled], cross_validated: Right) -> tuple[CurvePoint, ...]:
    """Accuracy over the number of labels, each point on all the messages it was not fitted on."""
    order = _dealt(rows)
    points = []
    for part in PARTS:
        size = round(part * len(rows))
        train, test = ([rows[i] for i in places] for places in (order[:size], order[size:]))
        if size >= FEWEST_A_LABEL * len({row.label for row in rows}):
            points.append(CurvePoint(labels=size, accuracy=_share(_scored(train, test))))
    whole = CurvePoint(labels=round(CROSS_VALIDATED * len(rows)), accuracy=_share(cross_validated))
    return (*points, whole)


def _dealt(rows: Sequence[Labelled]) -> list[int]:
    """All rows in a repeatable order in which the labels take turns by their share."""
    shuffled = np.random.default_rng(0).permutation(len(rows))
    many: dict[str, int] = {}
    for row in rows:
        many[row.label] = many.get(row.label, 0) + 1
    place: dict[str, int] = {}
    turn = np.zeros(len(rows))
    for i in shuffled:
        label = rows[i].label
        place[label] = place.get(label, 0) + 1
        turn[i] = place[label] / (many[label] + 1)
    return [int(i) for i in np.argsort(turn, kind="stable")]


def _on_people(
    others: Sequence[Labelled], people: Sequence[Labelled], after: Right
) -> tuple[Estimate | None, Estimate | None, Estimate | None]:
    """Before, after and change on the messages that people labelled."""
    if not people or len({row.label for row in others}) < 2:
        return None, None, None
    before = _scored(others, people)
    return _share(before), _share(after), _difference(before, after)


def _difference(before: Right, after: Right) -> Estimate:
    """After minus before on the same messages, with the interval of Agresti & Min (2005).

    Half a message is added to each of the four outcomes, so that few messages that all agree are
    not taken for certainty.
    """
    lost, won = int((before & ~after).sum()) + 0.5, int((~before & after).sum()) + 0.5
    n = len(before) + 2
    centre = (won - lost) / n
    half = z_score(0.95) * float(np.sqrt(won + lost - (won - lost) ** 2 / n)) / n
    value = float(after.mean() - before.mean())
    return Estimate(value=value, low=centre - half, high=centre + half, n=len(before))


def _competence(rows: Sequence[Labelled], here: set[str], right: Right) -> tuple[Competence, ...]:
    labels = np.array([row.label for row in rows])
    mine = np.array([message_id(row.text) in here for row in rows])
    found = [
        Competence(
            intent=str(label),
            labels=int((labels == label).sum()),
            by_people=int(mine[labels == label].sum()),
            accuracy=_share(right[labels == label]),
        )
        for label in np.unique(labels)
    ]
    return tuple(sorted(found, key=lambda one: (one.accuracy.value, one.intent)))


class _Law:
    """Error falls with a power of the number of labels (Cortes et al. 1994; Figueroa et al. 2012).

    The curve's points are drawn again and again within their errors, so that the foretold worth
    has an interval.
    """

    def __init__(self, height: Any, power: Any) -> None:
        self._height, self._power = height, power
        """Logarithm of the error at one label, and the power; first the points as measured."""

    @classmethod
    def through(cls, curve: Sequence[CurvePoint]) -> _Law:
        """The line through the points, log error over log labels, for every draw of them."""
        random = np.random.default_rng(0)
        labels = np.log([point.labels for point in curve])
        error = np.array([1 - point.accuracy.value for point in curve])
        texts = np.array([point.accuracy.n for point in curve])
        spread = np.sqrt(np.maximum(error * (1 - error), 1 / texts) / texts)
        drawn = error + np.vstack(
            [np.zeros(len(error)), random.normal(0, spread, (_DRAWS, len(error)))]
        )
        logs = np.log(np.clip(drawn, 1e-4, 1))
        away = labels - labels.mean()
        # An error that seems to grow with labels is chance: more of them do no harm.
        power = np.minimum((logs @ away) / max(float(away @ away), 1e-9), 0)
        return cls(logs.mean(axis=1) - power * labels.mean(), power)

    def worth(self, labels: int) -> Estimate:
        """Accuracy that the next labels bring."""
        gained = self._error(labels) - self._error(labels + NEXT)
        low, high = np.quantile(gained[1:], (0.025, 0.975))
        return Estimate(value=float(gained[0]), low=float(low), high=float(high), n=NEXT)

    def still_useful(self, labels: int) -> int:
        for more in range(0, MOST_LABELS, NEXT):
            if self.worth(labels + more).value < NOT_WORTH_IT:
                return more
        return MOST_LABELS

    def _error(self, labels: int) -> Any:
        return np.exp(self._height + self._power * np.log(labels))


def _share(right: Right) -> Estimate:
    value = float(right.mean())
    interval = wilson(value, len(right))
    return Estimate(value=value, low=interval.low, high=interval.high, n=len(right))


def _told(one: Estimate) -> str:
    value, low, high = (format_value(v, "share") for v in (one.value, one.low, one.high))
    return f"{value} ({low} to {high}, n {one.n:,})"
