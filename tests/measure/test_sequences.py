"""Confidence sequences keep their promise at all looks together; a test for one look does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sqrt

import numpy as np
import pytest
import ville
from streams import clustered_shares, costs, handle_times, observed, shares

from workbench.measure.experiments.exact import bounds, difference_of_shares, log_evidence
from workbench.measure.experiments.observations import Observations, running
from workbench.measure.experiments.peeking import naive_outside, peek
from workbench.measure.experiments.sequences import (
    FROM_CASES,
    FROM_CUSTOMERS,
    Sequence,
    difference,
    mixture_radius,
)
from workbench.measure.intervals import Moments, ratio_variance

ALPHA = 0.05
Make = Callable[[np.random.Generator], Observations]


def leaves(sequence: Sequence, truth: float) -> bool:
    return bool(((sequence.low > truth) | (sequence.high < truth)).any())


def ceiling(runs: int) -> float:
    """What a promise of 5 % may show in a simulation: two standard errors more."""
    return ALPHA + 2 * sqrt(ALPHA * (1 - ALPHA) / runs)


def test_peeking_at_equal_arms_raises_few_false_alarms_where_a_usual_test_raises_many() -> None:
    found = peek(runs=500, contacts=3000)
    at_the_end = peek(runs=500, contacts=3000, looks=1)
    print(f"\n{found}\n{at_the_end}")
    assert found.looks == 3000
    assert found.always_valid <= ALPHA
    assert 0.2 <= found.naive <= 0.6
    assert at_the_end.naive <= ceiling(500)


EQUAL: dict[str, tuple[Make, float, bool]] = {
    "share 30 %": (lambda rng: shares(rng, 3000, 0.3, 0.3), 0.05, True),
    "share 3 %": (lambda rng: shares(rng, 3000, 0.03, 0.03), 0.02, True),
    "share by customer": (lambda rng: clustered_shares(rng, 3000), 0.1, True),
    "handle time": (lambda rng: handle_times(rng, 3000), 60, False),
    "cost": (lambda rng: costs(rng, 3000), 1e8, False),
}


def false_alarms(make: Make, effect: float, is_share: bool, runs: int) -> tuple[float, float]:
    """Share of A/A runs in which the sequence, and the usual test, ever called a difference."""
    ours = naive = 0
    for run in range(runs):
        seen = make(np.random.default_rng([7, run]))
        ours += leaves(difference(seen, effect, ALPHA, share=is_share), 0.0)
        naive += bool(naive_outside(seen, ALPHA).any())
    return ours / runs, naive / runs


@pytest.mark.parametrize("kind", EQUAL)
def test_equal_arms_are_rarely_called_different_whatever_is_measured(kind: str) -> None:
    runs = 500
    ours, naive = false_alarms(*EQUAL[kind], runs)
    print(f"\n{kind}, {runs} A/A runs looked at every step: {ours:.1%} (usual test {naive:.1%})")
    assert ours <= ALPHA
    assert naive > 0.2


DIFFERENT: dict[str, tuple[Make, float, float, bool]] = {
    "share 0.30 -> 0.40": (lambda rng: shares(rng, 3000, 0.30, 0.40), 0.10, 0.10, True),
    "handle time +100 s": (lambda rng: handle_times(rng, 6000, 100.0), 100.0, 100.0, False),
}


@pytest.mark.parametrize("kind", DIFFERENT)
def test_a_planted_difference_is_covered_at_all_looks_and_seen(kind: str) -> None:
    make, truth, scale, is_share = DIFFERENT[kind]
    runs, missed, seen = 500, 0, 0
    for run in range(runs):
        stream = make(np.random.default_rng([11, run]))
        sequence = difference(stream, scale, ALPHA, share=is_share)
        missed += leaves(sequence, truth)
        seen += bool((sequence.low > 0).any())
    print(f"\n{kind}: truth ever outside {missed / runs:.1%}, seen in {seen / runs:.0%} of runs")
    assert missed / runs <= ceiling(runs)
    assert seen / runs >= 0.8


def test_the_radius_is_that_of_an_independent_implementation() -> None:
    x = np.random.default_rng(3).lognormal(0, 1, 2000)
    theirs = ville.AsymptoticCS(alpha=ALPHA, t_opt=500, min_samples=2).fit(x)
    n = np.arange(1, len(x) + 1)
    shifted = x - x[0]
    variance = (np.cumsum(shifted**2) - np.cumsum(shifted) ** 2 / n)[1:] / (n[1:] - 1)
    scale = np.sqrt(variance / theirs.rho_)
    ours = [mixture_radius(v / k, s, ALPHA) for v, k, s in zip(variance, n[1:], scale, strict=True)]
    assert np.allclose(ours, (theirs.upper_ - theirs.lower_)[1:] / 2, rtol=1e-9)


def test_the_evidence_against_a_share_is_that_of_an_independent_implementation() -> None:
    x = (np.random.default_rng(4).random(400) < 0.2).astype(float)
    theirs = ville.BernoulliTest(0.35).fit(x)
    ours = log_evidence(0.35, np.cumsum(x), np.arange(1, 401))
    assert np.allclose(np.exp(ours), theirs.e_values_, rtol=1e-9)


@pytest.mark.parametrize(
    ("s0", "n0", "s1", "n1"), [(3, 50, 20, 60), (0, 40, 0, 35), (0, 10, 10, 10), (0, 0, 2, 9)]
)
def test_the_exact_interval_is_what_a_search_over_all_pairs_finds(
    s0: int, n0: int, s1: int, n1: int
) -> None:
    p = np.linspace(0, 1, 1501)
    with np.errstate(divide="ignore"):
        together = log_evidence(p, s0, n0)[:, None] + log_evidence(p, s1, n1)[None, :]
    inside = together < -np.log(ALPHA)
    differences = (p[None, :] - p[:, None])[inside]
    low, high = bounds(s0, n0, s1, n1, ALPHA)
    assert low[0] == pytest.approx(differences.min(), abs=2e-3)
    assert high[0] == pytest.approx(differences.max(), abs=2e-3)


def test_rare_cases_raise_few_false_alarms_and_a_real_difference_is_found_exactly() -> None:
    runs = 100
    equal, worse = (
        [
            difference_of_shares(shares(np.random.default_rng([5, run]), 1200, *chances), ALPHA)
            for run in range(runs)
        ]
        for chances in ((0.04, 0.04), (0.03, 0.12))
    )
    alarms = sum(leaves(one, 0.0) for one in equal) / runs
    missed = sum(leaves(one, 0.09) for one in worse) / runs
    found = sum(bool((one.low > 0).any()) for one in worse) / runs
    print(f"\nexact, 4 % in both arms: {alarms:.1%} alarms; 3 % -> 12 %: seen in {found:.0%}")
    assert alarms <= ceiling(runs) and missed <= ceiling(runs)
    assert found >= 0.9


def test_running_sums_are_the_sums_over_customers_at_every_look() -> None:
    seen = handle_times(np.random.default_rng(8), 400)
    arm = running(seen, seen.treated)
    for look in (0, 57, 399):
        mine = np.flatnonzero(seen.treated[: look + 1])
        per_customer = [
            (seen.numerator[rows].sum(), seen.denominator[rows].sum())
            for customer in np.unique(seen.customer[mine])
            if len(rows := mine[seen.customer[mine] == customer])
        ]
        n = np.array([one for one, _ in per_customer])
        d = np.array([one for _, one in per_customer])
        found = (arm.customers[look], arm.nn[look], arm.nd[look], arm.dd[look])
        assert found == pytest.approx((len(n), n @ n, n @ d, d @ d))


def test_the_variance_is_that_of_the_kpis_when_every_contact_is_a_customer() -> None:
    seen = shares(np.random.default_rng(9), 300, 0.4, 0.4)
    arm = running(seen, seen.treated)
    hits, n = int(arm.numerator[-1]), int(arm.denominator[-1])
    sums = Moments(n=n, contacts=n, numerator=hits, denominator=n, nn=hits, nd=hits, dd=n)
    assert arm.variance[-1] == pytest.approx(ratio_variance(sums))


def test_contacts_that_repeat_one_another_tell_no_more_than_one() -> None:
    once = shares(np.random.default_rng(10), 400, 0.4, 0.4)
    repeat = partial(np.repeat, repeats=5)
    five = observed(repeat(once.customer), repeat(once.treated), repeat(once.numerator))
    single, often = (difference(one, 0.1, ALPHA, share=True) for one in (once, five))
    assert often.high[-1] - often.low[-1] == pytest.approx(single.high[-1] - single.low[-1])


def test_a_sequence_begins_when_both_arms_hold_enough() -> None:
    seen = shares(np.random.default_rng(12), 400, 0.2, 0.2)
    sequence = difference(seen, 0.1, ALPHA, share=True)
    begun = int(np.argmax(np.isfinite(sequence.low)))
    for mine in (seen.treated, ~seen.treated):
        arm = running(seen, mine)
        assert arm.customers[begun] >= FROM_CUSTOMERS
        assert arm.numerator[begun] >= FROM_CASES
    assert not np.isfinite(sequence.low[:begun]).any() and begun > 2 * FROM_CUSTOMERS
