"""Comparisons of a week with the reference that are right for small numbers too.

All of them condition on the totals, so no rate has to be known in advance. `n` is a week's count
of contacts, `hits` how many of them showed it; `ref_n` and `ref_hits` the same of the reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.measure.monitoring.readings import Ints

Floats = NDArray[np.floating[Any]]
_A_WEEK = 5
"""Hits a week below which the scatter of weeks says nothing."""
_LIKELY = 2.0
"""Standard deviations below which a count is not worth an exact tail."""
_LONGEST_TAIL = 2_000
"""Terms of a tail that are summed; beyond two deviations the rest is nothing."""


def p_more(hits: Any, n: Any, ref_hits: Any, ref_n: Any) -> Floats:
    """Chance of at least so many hits if nothing changed, per cell; 1 where it is plainly likely.

    Fisher's exact test, one-sided: the tail of the hypergeometric distribution.
    """
    hits, n, ref_hits, ref_n = (np.asarray(x, dtype=np.int64) for x in (hits, n, ref_hits, ref_n))
    total, marked = n + ref_n, hits + ref_hits
    expected = marked * n / np.maximum(total, 1)
    variance = expected * (1 - marked / np.maximum(total, 1)) * ref_n / np.maximum(total - 1, 1)
    spread = np.sqrt(np.maximum(variance, 1e-12))
    look = (ref_n > 0) & (hits > expected + _LIKELY * spread)
    p: Floats = np.ones(np.broadcast_shapes(hits.shape, ref_n.shape))
    if look.any():
        p[look] = _hypergeometric_tail(hits[look], n[look], marked[look], total[look])
    return p


def _hypergeometric_tail(hits: Ints, n: Ints, marked: Ints, total: Ints) -> Floats:
    """Chance of at least `hits` marked ones among `n` drawn of `total`, `marked` in all."""
    from scipy.special import gammaln

    def choices(of: Ints, chosen: Ints) -> Floats:
        found: Floats = gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1)
        return found

    most = np.minimum(n, marked)
    width = min(int((most - hits).max()) + 1, _LONGEST_TAIL)
    k = hits[:, None] + np.arange(width)
    inside = k <= most[:, None]
    k = np.where(inside, k, hits[:, None])
    one = choices(marked[:, None], k) + choices((total - marked)[:, None], n[:, None] - k)
    one -= choices(total, n)[:, None]
    tail: Floats = np.minimum(np.where(inside, np.exp(one), 0.0).sum(1), 1.0)
    return tail


def p_more_in_all(hits: Ints, n: Ints, ref_hits: Ints, ref_n: Ints) -> float:
    """The same for all strata together, each compared with itself, so that a change of mix is none.

    Sum of the strata's expectations as in Mantel and Haenszel (1959); the Poisson tail is a bound,
    since the hypergeometric distribution spreads less.
    """
    from scipy.special import pdtrc

    known = (n > 0) & (ref_n > 0)
    total = (n + ref_n)[known]
    expected = float((((hits + ref_hits) * n)[known] / total).sum())
    found = hits[known].sum()
    return float(pdtrc(found - 1, expected)) if expected > 0 and found else 1.0


def p_lower(counts: Ints, reference: Ints) -> tuple[Floats, float]:
    """Chance that classes lie so low if nothing changed: per stratum, and for all strata together.

    Wilcoxon's rank sum with ties; strata joined as by van Elteren (1960), unweighted.

    Args:
        counts, reference: Strata x classes, in rising order of the amount.
    """
    from scipy.special import ndtr

    score, spread = _rank_sums(counts, reference)
    known = spread > 0
    z = np.where(known, score / np.sqrt(np.where(known, spread, 1)), 0.0)
    joined = spread.sum()
    overall = score.sum() / np.sqrt(joined) if joined > 0 else 0.0
    return ndtr(z), float(ndtr(overall))


def _rank_sums(counts: Ints, reference: Ints) -> tuple[Floats, Floats]:
    """Rank sum of the counts less its expectation, and its variance, per stratum."""
    both = counts + reference
    n, m, total = counts.sum(-1), reference.sum(-1), both.sum(-1)
    middle = np.cumsum(both, axis=-1) - (both - 1) / 2
    score = (counts * middle).sum(-1) - n * (total + 1) / 2
    ties = (both**3 - both).sum(-1) / np.maximum(total * (total - 1), 1)
    spread = n * m / 12 * np.maximum(total + 1 - ties, 0)
    return score, np.where((n > 0) & (m > 0), spread, 0.0)


def excess_spread(hits: Ints, n: Ints) -> float:
    """How much more the weeks of a reference scatter than independent contacts would; at least 1.

    Pearson's chi-square over its degrees of freedom. Counts divided by it are about as sure as
    independent ones (quasi-likelihood: McCullagh and Nelder 1989, section 4.5).
    """
    used = n > 0
    if used.sum() < 6 or hits.sum() < _A_WEEK * used.sum() or hits.sum() == n.sum():
        return 1.0
    p = hits.sum() / n.sum()
    chi_square = ((hits[used] - p * n[used]) ** 2 / (p * (1 - p) * n[used])).sum()
    return max(1.0, float(chi_square / (used.sum() - 1)))


def worst_days(hits: Ints, n: Ints, usual: float, unusual: float) -> tuple[int, int]:
    """First and last day of the stretch that looks most like `unusual` rather than `usual`.

    The stretch with the largest log-likelihood ratio, found in one pass (Kadane's algorithm).
    """
    usual, unusual = max(usual, 1e-4), min(max(unusual, 2e-4), 1 - 1e-4)
    gains = hits * np.log(unusual / usual) + (n - hits) * np.log((1 - unusual) / (1 - usual))
    best, best_range, start, running = -np.inf, (0, len(hits) - 1), 0, 0.0
    for day, gain in enumerate(gains):
        if running <= 0:
            start, running = day, 0.0
        running += gain
        if running > best and n[day] > 0:
            best, best_range = running, (start, day)
    first = best_range[0] + int(np.argmax(hits[best_range[0] : best_range[1] + 1] > 0))
    return first, best_range[1]
