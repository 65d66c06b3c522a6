"""Intervals: known values, promised coverage, and limits."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.measure.intervals import (
    Interval,
    Moments,
    change_interval,
    clopper_pearson,
    clopper_pearson_upper,
    mean_interval,
    quantile_interval,
    quantile_ranks,
    rate_interval,
    wilson,
)
from workbench.measure.ranked import Values

RUNS = 2_000
Draw = Callable[[np.random.Generator], tuple[Interval, float]]


def moments(top: np.ndarray, bottom: np.ndarray) -> Moments:
    a, b = [int(x) for x in top], [int(x) for x in bottom]
    pairs = list(zip(a, b, strict=True))
    return Moments(
        n=sum(y > 0 for y in b),
        contacts=sum(x != 0 or y != 0 for x, y in pairs),
        numerator=sum(a),
        denominator=sum(b),
        nn=sum(x * x for x in a),
        nd=sum(x * y for x, y in pairs),
        dd=sum(y * y for y in b),
    )


def a_share(rng: np.random.Generator) -> tuple[Interval, float]:
    hits = int(rng.binomial(120, 0.08))
    return wilson(hits / 120, 120), 0.08


def a_clustered_rate(rng: np.random.Generator) -> tuple[Interval, float]:
    """Targets of one contact are met together more often than not."""
    due = rng.integers(0, 5, 300)
    met = rng.binomial(due, rng.beta(3.2, 0.8, 300))
    return rate_interval(moments(met, due)), 0.8


def a_skewed_mean(rng: np.random.Generator) -> tuple[Interval, float]:
    seconds = np.round(rng.lognormal(5, 1, 400)).astype(int)
    found = mean_interval(moments(seconds, np.ones(400, int)))
    assert found
    return found, float(np.exp(5.5))


def a_ratio_of_sums(rng: np.random.Generator) -> tuple[Interval, float]:
    """Cost of all contacts over those resolved, which cost less."""
    resolved = rng.random(400) < 0.6
    cost = np.round(rng.gamma(2, 100, 400) * np.where(resolved, 1, 2)).astype(int)
    found = mean_interval(moments(cost, resolved.astype(int)))
    assert found
    return found, (0.6 * 200 + 0.4 * 400) / 0.6


def a_median(rng: np.random.Generator) -> tuple[Interval, float]:
    return quantile_interval(Values(rng.exponential(1000, 75)), 0.5)[1], 1000 * np.log(2)


def a_ninetieth_percentile(rng: np.random.Generator) -> tuple[Interval, float]:
    return quantile_interval(Values(rng.exponential(1000, 75)), 0.9)[1], 1000 * np.log(10)


def a_change(rng: np.random.Generator) -> tuple[Interval, float]:
    before, now = rng.binomial(150, 0.5) / 150, rng.binomial(200, 0.62) / 200
    return change_interval(now, wilson(now, 200), before, wilson(before, 150)), 0.12


@pytest.mark.parametrize(
    ("draw", "least", "most"),
    [
        (a_share, 0.93, 0.97),
        (a_clustered_rate, 0.93, 0.97),
        (a_skewed_mean, 0.91, 0.97),
        (a_ratio_of_sums, 0.93, 0.97),
        (a_median, 0.94, 0.99),
        (a_ninetieth_percentile, 0.94, 0.99),
        (a_change, 0.93, 0.97),
    ],
)
def test_a_95_percent_interval_holds_the_truth_in_about_95_of_100_runs(
    draw: Draw, least: float, most: float
) -> None:
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(RUNS):
        interval, truth = draw(rng)
        held += interval.low <= truth <= interval.high
    assert least <= held / RUNS <= most


def test_the_upper_bound_fails_in_at_most_5_of_100_runs() -> None:
    rng = np.random.default_rng(5)
    wrong = rng.binomial(150, 0.03, RUNS)
    held = sum(clopper_pearson_upper(int(w), 150, 0.95) >= 0.03 for w in wrong)
    assert held / RUNS >= 0.945


@given(st.integers(1, 400), st.data())
def test_the_upper_bound_is_the_exact_binomial_one(n: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, n))
    bound = clopper_pearson_upper(wrong, n, 0.95)
    exact = stats.binomtest(wrong, n, alternative="less").proportion_ci(0.95, method="exact")
    assert bound == pytest.approx(exact.high, abs=1e-9)


@given(st.integers(1, 400), st.data())
def test_both_exact_bounds_together_agree_with_scipy(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    found = clopper_pearson(hits, n, 0.9)
    expected = stats.binomtest(hits, n).proportion_ci(0.9, method="exact")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_none_wrong_of_59_bounds_at_5_percent() -> None:
    assert clopper_pearson_upper(0, 59, 0.95) == pytest.approx(0.0495, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_wilson_agrees_with_scipy(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    found = wilson(hits / n, n)
    expected = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(1, 200), st.sampled_from((0.5, 0.9)))
def test_ranks_leave_at_most_half_of_the_error_on_each_side(n: int, share: float) -> None:
    low, high = quantile_ranks(n, share)
    assert 0 <= low < high <= n + 1
    assert stats.binom.cdf(low - 1, n, share) <= 0.025 < stats.binom.cdf(low, n, share)
    assert stats.binom.sf(high - 1, n, share) <= 0.025


def test_few_values_set_no_bound_at_all() -> None:
    assert quantile_interval(Values(np.array([7])), 0.9) == (7.0, Interval(-inf, inf))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from((0.5, 0.9)))
def test_a_quantile_is_the_inverse_of_the_distribution(values: list[int], share: float) -> None:
    found, _ = quantile_interval(Values(np.array(values)), share)
    assert found == np.quantile(values, share, method="inverted_cdf")


def test_a_mean_of_contacts_has_the_textbook_interval() -> None:
    values = np.array([3, 5, 8, 9, 14, 2, 7])
    found = mean_interval(moments(values, np.ones(7, int)))
    half = stats.t.ppf(0.975, 6) * values.std(ddof=1) / sqrt(7)
    assert found
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))


def test_one_contact_gives_no_interval_of_a_mean() -> None:
    assert mean_interval(moments(np.array([5]), np.array([1]))) is None


def test_targets_that_were_all_met_still_leave_doubt() -> None:
    met = np.full(20, 2)
    assert rate_interval(moments(met, met)) == wilson(1.0, 20)
