"""Statistics of one sample and of two measurements of the same things, exact where they can be."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from workbench.measure.intervals import Interval, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 4_000
"""Bootstrap samples; the ends of an interval then stand to within about 0.02 of its width."""


def sign_test(better: int, worse: int) -> float:
    """Two-sided exact p-value of `better` against `worse` pairs if neither were likelier.

    For pairs of right and wrong answers this is McNemar's exact test: Dixon & Mood, JASA 41 (1946)
    557-566; McNemar, Psychometrika 12 (1947) 153-157. Pairs that agree say nothing.
    """
    from scipy.special import bdtr

    n = better + worse
    return min(1.0, 2 * float(bdtr(min(better, worse), n, 0.5))) if n else 1.0


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for their number, in their order.

    Holm, Scandinavian Journal of Statistics 6 (1979) 65-70: at most one in twenty families of
    questions without any difference has an adjusted value below 0.05.
    """
    adjusted, highest = dict[int, float](), 0.0
    for place, (index, p) in enumerate(sorted(enumerate(p_values), key=lambda pair: pair[1])):
        highest = max(highest, min(1.0, p * (len(p_values) - place)))
        adjusted[index] = highest
    return tuple(adjusted[index] for index in range(len(p_values)))


def mean_interval(
    values: Sequence[float], seed: int, *, share: bool, confidence: float = 0.95
) -> tuple[float, Interval]:
    """The mean of independent values with an interval.

    A share of zeros and ones has Wilson's interval; anything else the percentile bootstrap (Efron
    & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3).
    """
    mean = sum(values) / len(values)
    if share and _binary(values):
        return mean, wilson(mean, len(values), confidence)
    return mean, _bootstrap(values, seed, confidence)


def difference_interval(
    before: Sequence[float],
    after: Sequence[float],
    seed: int,
    *,
    share: bool,
    confidence: float = 0.95,
) -> tuple[float, Interval]:
    """The mean of `after - before` over pairs, with an interval.

    Shares of zeros and ones have Newcombe's paired interval; anything else the percentile
    bootstrap over pairs.
    """
    if share and _binary(before) and _binary(after):
        return _newcombe(before, after, confidence)
    gaps = [b - a for a, b in zip(before, after, strict=True)]
    return sum(gaps) / len(gaps), _bootstrap(gaps, seed, confidence)


def _newcombe(
    before: Sequence[float], after: Sequence[float], confidence: float
) -> tuple[float, Interval]:
    """Difference of two paired shares: Newcombe, Statistics in Medicine 17 (1998) 2635-2650,
    method 10, with the correlation of the pairs corrected for continuity where it is positive."""
    n = len(before)
    both = sum(1 for pair in zip(before, after, strict=True) if pair == (1, 1))
    lost = sum(before) - both
    won = sum(after) - both
    first, second = sum(before) / n, sum(after) / n
    a, b = wilson(first, n, confidence), wilson(second, n, confidence)
    phi = _correlation(both, lost, won, n - both - lost - won)
    down, up = (second - b.low, a.high - first), (b.high - second, first - a.low)
    gap = second - first
    return gap, Interval(gap - _leg(*down, phi), gap + _leg(*up, phi))


def _leg(one: float, other: float, phi: float) -> float:
    return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _correlation(both: float, lost: float, won: float, neither: float) -> float:
    """Phi of the table of pairs, shrunk by half the sample where it is positive."""
    margins = (both + lost) * (won + neither) * (both + won) * (lost + neither)
    if not margins:
        return 0.0
    product = both * neither - lost * won
    if product > 0:
        product = max(product - (both + lost + won + neither) / 2, 0.0)
    return product / sqrt(margins)


def _bootstrap(values: Sequence[float], seed: int, confidence: float) -> Interval:
    import numpy as np

    sample: NDArray[np.float64] = np.asarray(values, dtype=float)
    chance = np.random.default_rng(seed)
    drawn = chance.choice(sample, size=(DRAWS, len(sample))).mean(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Interval(float(low), float(high))


def _binary(values: Sequence[float]) -> bool:
    return set(values) <= {0, 1}
