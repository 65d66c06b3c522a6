"""Confidence that fell, and times that grew, in one intent or over all of them."""

from __future__ import annotations

from math import log2

import numpy as np

from workbench.measure.monitoring import compare
from workbench.measure.monitoring.catalogue import CLASSES, catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.examiner import WINDOWS, Examiner, When
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.symptom import Symptom, surest


def amount(examiner: Examiner, name: str, when: When) -> Symptom | None:
    """Confidence that fell, or a time that grew, in one intent or over all."""
    signal = catalogue().amounts[name]
    found = [
        amount_over(examiner, name, weeks, reference)
        for weeks, reference in examiner.windows(signal, when)
    ]
    return surest(found)


def amount_over(examiner: Examiner, name: str, weeks: range, reference: Ints) -> Symptom | None:
    counts, usual = (examiner.amounts[name][part].sum(0) for part in (weeks, reference))
    moved = _worse(name, counts, usual)
    flip = slice(None) if name == "confidence" else slice(None, None, -1)
    p, together = compare.p_lower(counts[:, flip], usual[:, flip])
    tested = max(int(((counts.sum(1) > 0) & (usual.sum(1) > 0)).sum()), 1)
    single = np.where(moved >= _classes(examiner, name), p * tested, 1.0)
    weights = counts.sum(1) * (usual.sum(1) > 0)
    if (moved * weights).sum() < _classes(examiner, name) * weights.sum() / 2:
        together = 1.0
    p_value = min(float(single.min()), together) * 2 * len(WINDOWS)
    if p_value >= 0.05:
        return None
    return _symptom(examiner, name, p_value, weeks.start, single, (counts, usual))


def _symptom(
    examiner: Examiner,
    name: str,
    p: float,
    week: int,
    single: Floats,
    seen: tuple[Ints, Ints],
) -> Symptom:
    places = np.flatnonzero(single < 0.01)
    places = places[np.argsort(single[places], kind="stable")]
    counts, usual = (part[places] if len(places) else part for part in seen)
    return Symptom(
        name=name,
        p_value=min(p, 1.0),
        first_week=week,
        intents=tuple(examiner.readings.intents[place] for place in places),
        now=mean_amount(name, counts),
        usual=mean_amount(name, usual, mix=counts),
        n=int(counts.sum()),
        reference_n=int(usual.sum()),
    )


def _worse(name: str, counts: Ints, usual: Ints) -> Floats:
    """Classes by which the mean got worse, per intent."""
    change = _mean_class(counts) - _mean_class(usual)
    known = (counts.sum(1) > 0) & (usual.sum(1) > 0)
    return np.where(known, -change if name == "confidence" else change, 0.0)


def _classes(examiner: Examiner, name: str) -> float:
    """The smallest shift that matters, in classes."""
    shift = examiner.shift(name)
    return shift * CLASSES if name == "confidence" else 2.5 * log2(shift)


def mean_amount(name: str, counts: Ints, mix: Ints | None = None) -> float:
    """The mean as people know it, confidence or seconds, for the mix of intents of `mix`.

    Args:
        counts, mix: Intents x classes; `mix` None: that of the counts themselves.
    """
    weights = (counts if mix is None else mix).sum(1)
    return _value(name, float((weights * _mean_class(counts)).sum() / max(weights.sum(), 1)))


def _value(name: str, mean_class: float) -> float:
    """A mean class as a number that people know: confidence, or seconds."""
    if name == "confidence":
        return (mean_class + 0.5) / CLASSES
    return float(2 ** ((mean_class + 0.5) / 2.5) - 1)


def _mean_class(counts: Ints) -> Floats:
    mean: Floats = (counts * np.arange(CLASSES)).sum(-1) / np.maximum(counts.sum(-1), 1)
    return mean
