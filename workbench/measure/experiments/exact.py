"""Confidence sequences for the difference of two shares, exact at every n.

For each arm the beta-binomial mixture compares all chances p with one (Robbins 1970; Howard,
Ramdas, McAuliffe & Sekhon, Annals of Statistics 49, 2021):

    E(p) = B(1 + hits, 1 + misses) / ( p^hits (1 - p)^misses )

is a martingale that starts at 1 while p is the truth. The product over both arms is one too, so by
Ville's inequality the pairs (p of control, p of arm) whose product stays below 1 / alpha contain
the true pair at all looks with probability 1 - alpha. The interval is what p of arm minus p of
control can be over these pairs; the set is convex, so both ends are found along its border.

Holds while each contact of an arm counts with the same chance whatever came before. Contacts of
one customer that go wrong together break that: then the asymptotic sequence is the right one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.measure.experiments.observations import Floats, Ints, Observations, running
from workbench.measure.experiments.sequences import Sequence

_STEPS = 60


def difference_of_shares(
    seen: Observations, alpha: float, looks: Ints | slice = slice(None)
) -> Sequence:
    """The difference of two shares after every contact, or after those at some positions."""
    control, arm = running(seen, ~seen.treated), running(seen, seen.treated)
    before, after = ((a.numerator[looks], a.denominator[looks]) for a in (control, arm))
    low, high = bounds(*before, *after, alpha)
    return Sequence((arm.ratio - control.ratio)[looks], low, high)


def bounds(s0: Any, n0: Any, s1: Any, n1: Any, alpha: float) -> tuple[Floats, Floats]:
    """Lower and upper end of p1 - p0 for `s` hits among `n` contacts in each arm."""
    arrays = [np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (s0, n0, s1, n1)]
    s0, n0, s1, n1 = np.broadcast_arrays(*arrays)
    return -_upper(s1, n1, s0, n0, alpha), _upper(s0, n0, s1, n1, alpha)


def log_evidence(p: Any, hits: Any, n: Any) -> Any:
    """log E(p): how much better all chances together explain the data than p does."""
    from scipy.special import betaln, xlog1py, xlogy

    return betaln(1 + hits, 1 + n - hits) - xlogy(hits, p) - xlog1py(n - hits, -p)


def _upper(s0: Floats, n0: Floats, s1: Floats, n1: Floats, alpha: float) -> Floats:
    """The largest p1 - p0 inside the border, by bisection over its slope."""
    low, high = np.full(s0.shape, -20.0), np.full(s0.shape, 30.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        p0, p1 = _tangent(s0, n0, s1, n1, np.exp(middle))
        outside = log_evidence(p0, s0, n0) + log_evidence(p1, s1, n1) > -np.log(alpha)
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    p0, p1 = _tangent(s0, n0, s1, n1, np.exp(high))
    return p1 - p0


def _tangent(s0: Floats, n0: Floats, s1: Floats, n1: Floats, slope: Floats) -> tuple[Floats, ...]:
    """Where log E of the arm rises, and that of the control falls, with this slope."""
    return 1 - _rising(n0 - s0, n0, slope), _rising(s1, n1, slope)


def _rising(hits: Floats, n: Floats, slope: Floats) -> Floats:
    """The p with (n p - hits) / (p (1 - p)) = slope, free of cancellation."""
    free = n - slope
    root = np.sqrt(free * free + 4 * slope * hits)
    with np.errstate(divide="ignore", invalid="ignore"):
        small, large = 2 * hits / (free + root), (root - free) / (2 * slope)
    p: Floats = np.clip(np.where(free > 0, small, large), 0.0, 1.0)
    return p
