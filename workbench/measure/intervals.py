"""Confidence intervals for the kinds of numbers that KPIs are: shares, rates, means, quantiles.

All functions take sums or counts, never rows; only `quantile_interval` asks for values, by rank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil, inf, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.measure.ranked import Ranked


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval; an infinite end means that the data set no bound there."""

    low: float
    high: float


@dataclass(frozen=True)
class Moments:
    """Sums over contacts of a numerator N and a denominator D, all exact integers."""

    n: int
    """Contacts with D > 0."""
    contacts: int
    """Contacts that enter either sum."""
    numerator: int
    denominator: int
    nn: int = 0
    """Sum of N x N; `nd` and `dd` likewise."""
    nd: int = 0
    dd: int = 0


def moments_of_days(numerators: Iterable[int], denominators: Iterable[int]) -> Moments:
    """Sums over simulated days, each one observation."""
    pairs = list(zip(map(int, numerators), map(int, denominators), strict=True))
    return Moments(
        n=sum(d > 0 for _, d in pairs),
        contacts=len(pairs),
        numerator=sum(n for n, _ in pairs),
        denominator=sum(d for _, d in pairs),
        nn=sum(n * n for n, _ in pairs),
        nd=sum(n * d for n, d in pairs),
        dd=sum(d * d for _, d in pairs),
    )


@cache
def z_score(confidence: float) -> float:
    """Standard normal quantile of a two-sided interval, e.g. 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(share: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a share of `n` independent trials.

    Wilson, JASA 22 (1927) 209-212. `n` need not be whole: see `rate_interval`.
    """
    z = z_score(confidence)
    shrink = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z / shrink * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return Interval(low, high)


def clopper_pearson_upper(wrong: int, n: int, confidence: float = 0.95) -> float:
    """One-sided exact upper bound of a binomial share: at most this, `confidence` sure.

    Clopper & Pearson, Biometrika 26 (1934) 404-413, as a quantile of the beta distribution.
    """
    from scipy.special import betaincinv

    return 1.0 if wrong >= n else float(betaincinv(wrong + 1, n - wrong, confidence))


def clopper_pearson_lower(wrong: int, n: int, confidence: float = 0.95) -> float:
    """The same from below: at least this, `confidence` sure."""
    return 1 - clopper_pearson_upper(n - wrong, n, confidence)


def clopper_pearson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """The two-sided exact interval: each end leaves half of the risk."""
    one_sided = 0.5 + confidence / 2
    return Interval(
        clopper_pearson_lower(hits, n, one_sided), clopper_pearson_upper(hits, n, one_sided)
    )


def ratio_variance(sums: Moments) -> float:
    """Linearised variance of a ratio of sums over independent contacts.

    Cochran, Sampling Techniques (1977), section 6.3; the delta method of Deng, Knoblich & Lu
    (KDD 2018): sum((N - R D)^2) / (sum D)^2 with n / (n - 1). Worked out in whole numbers, because
    the three terms nearly cancel.
    """
    a, b = sums.numerator, sums.denominator
    residual = sums.nn * b * b - 2 * a * b * sums.nd + a * a * sums.dd
    return residual / b**4 * sums.contacts / (sums.contacts - 1) if sums.contacts > 1 else inf


def rate_interval(sums: Moments, confidence: float = 0.95) -> Interval:
    """Interval of things among things (targets met among targets due) clustered in contacts.

    Wilson's interval at the effective sample size p (1 - p) / var of the linearised variance;
    Korn & Graubard, Survey Methodology 24 (1998) 193-201. Contacts that all agree give no
    variance: they count as one observation each.
    """
    share = sums.numerator / sums.denominator
    variance = ratio_variance(sums)
    clustered = 0 < variance < inf and 0 < share < 1
    return wilson(share, share * (1 - share) / variance if clustered else sums.n, confidence)


def mean_interval(sums: Moments, confidence: float = 0.95) -> Interval | None:
    """Student interval of a ratio of sums with its linearised variance; None below two contacts."""
    from scipy.special import stdtrit

    if sums.contacts < 2:
        return None
    half = float(stdtrit(sums.contacts - 1, 0.5 + confidence / 2)) * sqrt(ratio_variance(sums))
    mean = sums.numerator / sums.denominator
    return Interval(mean - half, mean + half)


def quantile_ranks(n: int, share: float, confidence: float = 0.95) -> tuple[int, int]:
    """Ranks (from 1) of the order statistics that bound the `share` quantile of `n` values.

    Each tail leaves at most (1 - confidence) / 2; rank 0 or n + 1 means no bound on that side.
    David & Nagaraja, Order Statistics (2003), section 7.1: P(X_(r) <= q) = P(Bin(n, p) >= r).
    """
    tail = (1 - confidence) / 2
    return _largest_rank(n, share, tail), n + 1 - _largest_rank(n, 1 - share, tail)


def _largest_rank(n: int, share: float, tail: float) -> int:
    """The largest r with P(Bin(n, share) < r) <= tail; 0 when there is none."""
    from scipy.special import bdtr

    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if bdtr(middle - 1, n, share) <= tail else (low, middle - 1)
    return low


def quantile_interval(
    values: Ranked, share: float, confidence: float = 0.95
) -> tuple[float, Interval]:
    """The `share` quantile (the smallest value that at least that share does not exceed) and its
    distribution-free interval from binomial order statistics."""
    n = len(values)
    low, high = quantile_ranks(n, share, confidence)
    rank = max(1, ceil(n * share - 1e-9))
    wanted = sorted({r for r in (low, rank, high) if 1 <= r <= n})
    value_at = dict(zip(wanted, values.at(wanted), strict=True))
    return value_at[rank], Interval(value_at.get(low, -inf), value_at.get(high, inf))


def change_interval(
    now: float, now_interval: Interval, before: float, before_interval: Interval
) -> Interval:
    """Interval of `now - before` for two independent estimates from their own intervals.

    MOVER: Zou & Donner, Statistics in Medicine 27 (2008) 1693-1702; Newcombe's method for shares.
    """
    difference = now - before
    down = sqrt((now - now_interval.low) ** 2 + (before_interval.high - before) ** 2)
    up = sqrt((now_interval.high - now) ** 2 + (before - before_interval.low) ** 2)
    return Interval(difference - down, difference + up)
