"""How far the distribution of a feature moved, judged against what chance alone would do.

A fixed rule such as "PSI above 0.2 is drift" is wrong for small numbers: with 100 contacts and ten
classes an unchanged process averages 0.09 and passes 0.2 now and then, with a million it never
passes 0.001. So every value stands beside its expectation and 99th percentile under no change.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from workbench.errors import InputError
from workbench.measure.monitoring.catalogue import Feature, catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.readings import FeatureCounts, Ints, Readings
from workbench.records.base import Record

_ENOUGH = 5
"""Values that are expected less often than this are joined, or the null distribution fails."""
_TENTHS = 10


class FeatureDrift(Record):
    """One feature in one period, against the reference."""

    feature: str
    title: str
    start: date
    n: int
    reference_n: int
    psi: float
    """Population stability index: sum of (p - q) ln(p / q)."""
    psi_expected: float
    """Its mean if nothing changed."""
    psi_limit: float
    """Its 99th percentile if nothing changed."""
    js: float
    """Jensen-Shannon divergence in nats, 0 to ln 2."""
    js_limit: float
    p_value: float
    """Chance of such a PSI if nothing changed."""
    moved: tuple[str, ...]
    """The values whose share rose most, with both shares."""

    @property
    def drifted(self) -> bool:
        return self.psi > self.psi_limit


def drift_of(
    name: str, readings: Readings, days: range, reference: Ints, closed: Ints
) -> FeatureDrift | None:
    """One feature on some days against the reference; None where either has no contact.

    Open and closed days are expected to differ (nobody calls on a Sunday), so the reference is
    mixed in the proportion that the period has.

    Args:
        reference: Numbers of the reference's days.
        closed: Per day 1 where the service desk is closed, else 0.
    """
    counted = readings.features[name]
    seen = counted.counts[days.start : days.stop].sum(0)
    expected, ref_n = _expected(counted, days, reference, closed)
    if seen.sum() == 0 or ref_n == 0:
        return None
    labels, seen, expected = _joined(counted.values, seen, expected, catalogue().features[name])
    return _measured(name, readings.day(days.start), labels, seen, expected, ref_n)


def _expected(
    counted: FeatureCounts, days: range, reference: Ints, closed: Ints
) -> tuple[Floats, int]:
    """Contacts per value if the period were like the reference, and contacts in the reference."""
    now = np.arange(days.start, days.stop)
    expected, ref_n = np.zeros(len(counted.values)), 0
    for kind in (0, 1):
        n = counted.counts[now[closed[now] == kind]].sum()
        known = counted.counts[reference[closed[reference] == kind]].sum(0)
        if known.sum() == 0:
            known = counted.counts[reference].sum(0)
        expected += n * known / max(known.sum(), 1)
        ref_n += int(known.sum())
    return expected, ref_n


def _joined(
    values: tuple[str, ...], seen: Ints, expected: Floats, feature: Feature
) -> tuple[list[str], Ints, Floats]:
    """Neighbouring classes joined to tenths, rare words to one; each is expected often enough."""
    if feature.classes:
        order = np.argsort([int(value) for value in values])
        group = _tenths(expected[order])
        names = [f"tenth {number + 1}" for number in range(group.max() + 1)]
    else:
        order = np.argsort(-expected, kind="stable")
        common = max(int((expected[order] >= _ENOUGH).sum()), 1)
        group = np.minimum(np.arange(len(values)), common)
        names = [values[place] for place in order[:common]] + ["others"]
    size = group.max() + 1
    return (
        names[:size],
        np.bincount(group, seen[order], size).astype(np.int64),
        np.bincount(group, expected[order], size).astype(np.float64),
    )


def _tenths(expected: Floats) -> Ints:
    """Groups of neighbours with about a tenth of the mass, each expected often enough."""
    total = expected.sum()
    parts = int(np.clip(total / _ENOUGH, 1, _TENTHS))
    upper = np.cumsum(expected) - expected / 2
    group = np.minimum((upper / max(total, 1e-12) * parts).astype(np.int64), parts - 1)
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def _measured(
    name: str, start: date, labels: list[str], seen: Ints, expected: Floats, ref_n: int
) -> FeatureDrift:
    """PSI and JS with their null distribution.

    Under no change PSI / (1/n + 1/m) is asymptotically chi-square with one degree of freedom per
    value less one (Yurdakul and Naranjo, Journal of Risk Model Validation 14, 2020); JS is an
    eighth of it.
    """
    from scipy.special import chdtrc, chdtri

    n, freedom = int(seen.sum()), max(len(seen) - 1, 1)
    p: Floats = (seen + 0.5) / (n + 0.5 * len(seen))
    q: Floats = (expected + 0.5) / (expected.sum() + 0.5 * len(seen))
    unit = 1 / n + 1 / ref_n
    psi = float(((p - q) * np.log(p / q)).sum())
    limit = float(chdtri(freedom, 0.01)) * unit
    return FeatureDrift(
        feature=name,
        title=catalogue().features[name].title,
        start=start,
        n=n,
        reference_n=ref_n,
        psi=psi,
        psi_expected=freedom * unit,
        psi_limit=limit,
        js=_jensen_shannon(p, q),
        js_limit=limit / 8,
        p_value=float(chdtrc(freedom, psi / unit)),
        moved=_risen(labels, p, q),
    )


def _jensen_shannon(p: Floats, q: Floats) -> float:
    """Lin, IEEE Transactions on Information Theory 37 (1991) 145-151."""
    middle = (p + q) / 2
    return float((p * np.log(p / middle) + q * np.log(q / middle)).sum() / 2)


def _risen(labels: list[str], p: Floats, q: Floats) -> tuple[str, ...]:
    part = (p - q) * np.log(p / q)
    order = [place for place in np.argsort(-part) if p[place] > q[place]][:3]
    return tuple(f"{labels[place]}: {q[place]:.0%} to {p[place]:.0%}" for place in order)


def periods(readings: Readings, step: str) -> list[range]:
    """Days of each whole week, or each single day. Raises `InputError` for another step."""
    lengths = {"week": 7, "day": 1}
    if step not in lengths:
        raise InputError(f"Drift has no step {step!r}", expected="week or day")
    length = lengths[step]
    return [
        range(start, min(start + length, readings.days))
        for start in range(0, readings.days, length)
    ]
