"""What the monitoring stands on: exact tests, null distributions, decision intervals."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workbench.config import HoursSettings
from workbench.errors import InputError
from workbench.measure.monitoring import compare
from workbench.measure.monitoring.control import Design, decision_interval
from workbench.measure.monitoring.drift import FeatureDrift, drift_of, periods
from workbench.measure.monitoring.readings import FeatureCounts, Readings, TermCounts
from workbench.measure.monitoring.seasons import expected_contacts
from workbench.measure.monitoring.vocabulary import new_terms

NOBODY = np.zeros((0, 0), dtype=np.int64)
MONDAY = date(2025, 11, 3)


def readings(arrivals: np.ndarray, features: dict[str, FeatureCounts] | None = None) -> Readings:
    """Days of one intent, with the features that a test asks about."""
    return Readings(
        first=MONDAY,
        until=MONDAY + timedelta(days=len(arrivals)),
        intents=("all",),
        arrivals=arrivals[:, None],
        of={},
        hits={},
        amounts={},
        features=features or {},
        terms=TermCounts((), NOBODY),
        policies=(None,) * len(arrivals),
    )


# Exact comparisons

COUNTS = st.tuples(st.integers(1, 60), st.integers(1, 400)).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n[0]), st.integers(0, n[1]))
)


@given(COUNTS)
@settings(max_examples=300, deadline=None)
def test_the_tail_is_that_of_the_hypergeometric_distribution(counts) -> None:
    (n, ref_n), hits, ref_hits = counts
    ((p,),) = [compare.p_more([hits], [n], [ref_hits], [ref_n])]
    exact = stats.hypergeom.sf(hits - 1, n + ref_n, hits + ref_hits, n)
    assert p == pytest.approx(exact, rel=1e-6) or (p == 1 and exact > 0.005)


def test_a_rank_sum_per_stratum_is_the_one_of_mann_and_whitney() -> None:
    rng = np.random.default_rng(3)
    for size in (8, 40, 200):
        one, other = rng.integers(0, 20, size), rng.integers(2, 24, 300)
        counts, reference = (np.bincount(x, minlength=40)[None, :] for x in (one, other))
        (p,), together = compare.p_lower(counts, reference)
        told = stats.mannwhitneyu(
            one, other, alternative="less", method="asymptotic", use_continuity=False
        )
        assert p == pytest.approx(told.pvalue, rel=1e-9) == together


def test_a_change_of_mix_alone_is_no_rise() -> None:
    """Two strata with rates of 2 % and 40 % that do not change; the second one grows tenfold."""
    hits, n = np.array([2, 400]), np.array([100, 1000])
    ref_hits, ref_n = np.array([20, 40]), np.array([1000, 100])
    assert compare.p_more_in_all(hits, n, ref_hits, ref_n) > 0.4
    pooled = compare.p_more([hits.sum()], [n.sum()], [ref_hits.sum()], [ref_n.sum()])
    assert pooled[0] < 1e-9, "which a comparison without strata would call certain"


def test_weeks_of_independent_contacts_do_not_scatter_in_excess() -> None:
    rng = np.random.default_rng(5)
    n = np.full(200, 150)
    assert compare.excess_spread(rng.binomial(n, 0.2), n) == pytest.approx(1, abs=0.2)
    wild = rng.binomial(n, rng.beta(4, 16, 200))
    assert compare.excess_spread(wild, n) > 3
    assert compare.excess_spread(np.array([0, 3, 0, 0, 0, 0, 1]), np.full(7, 150)) == 1


def test_the_worst_days_are_those_with_the_fault() -> None:
    n = np.array([9, 8, 7, 9, 10, 2, 1, 12])
    hits = np.array([0, 0, 5, 7, 6, 0, 0, 0])
    assert compare.worst_days(hits, n, usual=0.01, unusual=0.6) == (2, 4)


# Drift of a distribution

SHARES = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])


def drifted(now: np.ndarray, reference: np.ndarray) -> FeatureDrift:
    """One week of counts against four weeks of a reference."""
    daily = np.zeros((35, len(now)), dtype=np.int64)
    daily[0], daily[28] = reference, now
    counted = FeatureCounts(tuple("abcdef"), daily)
    told = readings(daily.sum(1), {"intent": counted})
    nothing_closed = np.zeros(35, dtype=np.int64)
    found = drift_of("intent", told, range(28, 35), np.arange(28), nothing_closed)
    assert found is not None
    return found


@pytest.mark.parametrize("n", [100, 400, 2000])
def test_psi_of_an_unchanged_process_is_as_large_as_expected(n: int, capsys) -> None:
    rng = np.random.default_rng(n)
    drawn = [
        drifted(rng.multinomial(n, SHARES), rng.multinomial(5 * n, SHARES)) for _ in range(600)
    ]
    psi = np.array([one.psi for one in drawn])
    over = np.mean([one.drifted for one in drawn])
    with capsys.disabled():
        print(
            f"\nPSI, n = {n}, nothing changed: mean {psi.mean():.4f} (expected "
            f"{drawn[0].psi_expected:.4f}), over its limit {over:.1%} (promised 1 %), over the "
            f"fixed 0.1: {np.mean(psi > 0.1):.1%}"
        )
    assert psi.mean() == pytest.approx(drawn[0].psi_expected, rel=0.12)
    assert over <= 0.025
    assert np.mean([one.js > one.js_limit for one in drawn]) <= 0.025


def test_a_small_shift_of_many_contacts_is_drift_though_a_fixed_rule_never_sees_it() -> None:
    shifted = SHARES + np.array([-0.03, 0.03, 0, 0, 0, 0])
    found = drifted((shifted * 20_000).astype(int), (SHARES * 100_000).astype(int))
    assert found.drifted and found.psi < 0.1
    assert found.moved[0].startswith("b: 25% to 28%")


@given(st.lists(st.integers(0, 500), min_size=6, max_size=6).filter(sum))
@settings(max_examples=100, deadline=None)
def test_psi_and_js_stay_within_their_bounds(counts: list[int]) -> None:
    found = drifted(np.array(counts), (SHARES * 5_000).astype(int))
    assert found.psi >= 0 and 0 <= found.js <= np.log(2) and 0 <= found.p_value <= 1


def test_a_week_of_holidays_is_compared_with_closed_days() -> None:
    """On open days half of the customers call, on closed days nobody: no drift at Christmas."""
    closed = np.array([0, 0, 0, 0, 0, 1, 1] * 4 + [0, 1, 1, 1, 1, 1, 1])
    daily = np.array([[0, 80] if is_closed else [80, 80] for is_closed in closed])
    told = readings(daily.sum(1), {"channel": FeatureCounts(("phone", "chat"), daily)})
    found = drift_of("channel", told, range(28, 35), np.arange(28), closed)
    assert found is not None and found.psi == pytest.approx(0, abs=1e-9)


def test_drift_has_steps_of_weeks_and_days_only() -> None:
    told = readings(np.ones(10, dtype=np.int64))
    assert [len(each) for each in periods(told, "week")] == [7, 3]
    assert len(periods(told, "day")) == 10
    with pytest.raises(InputError, match="week or day"):
        periods(told, "hour")


# Control charts


@pytest.mark.parametrize(
    ("usual", "n", "length"), [(0.05, 60, 100), (0.02, 200, 370), (0.2, 40, 200)]
)
def test_the_decision_interval_keeps_the_declared_run_length(usual, n, length, capsys) -> None:
    design = Design(usual, usual + 0.05)
    limit = decision_interval(design.usual, design.shifted, n, length)
    rng, total, alarms = np.random.default_rng(9), np.zeros(3000), 0
    for _ in range(1500):
        total = np.maximum(total + design.step(rng.binomial(n, usual, 3000), n), 0)
        alarms += int((total > limit).sum())
        total[total > limit] = 0
    found = 3000 * 1500 / alarms
    with capsys.disabled():
        print(f"\nCUSUM {usual:.0%} of {n}: h = {limit:.2f}, run length {found:.0f} of {length}")
    assert found >= 0.85 * length
    assert found <= 1.3 * length or n * usual < 5, "whole counts make it longer, never shorter"


def test_a_shift_that_matters_is_found_within_few_weeks() -> None:
    design = Design(0.05, 0.10)
    limit = decision_interval(design.usual, design.shifted, 180, 10_000)
    rng, delays = np.random.default_rng(2), []
    for _ in range(300):
        total, week = 0.0, 0
        while total <= limit:
            week, total = week + 1, max(total + design.step(rng.binomial(180, 0.10), 180), 0)
        delays.append(week)
    assert np.mean(delays) < 5


def test_an_estimate_that_happens_to_be_low_does_not_make_the_chart_nervous() -> None:
    assert Design.of(0, 300, 0.05).usual > 0.005
    assert Design.of(300, 6000, 0.05).usual == pytest.approx(0.05, abs=0.005)


# Seasons and words

HOLIDAY = date(2025, 12, 25)
WEEKDAYS = (1.5, 1.12, 1.0, 0.96, 0.88, 0.24, 0.14)


def test_mondays_the_start_of_the_month_and_holidays_are_expected() -> None:
    days = [MONDAY + timedelta(days=number) for number in range(140)]
    mean = np.array([WEEKDAYS[d.weekday()] * (1.4 if d.day <= 5 else 1.0) for d in days]) * 60
    mean[days.index(HOLIDAY)] = 60 * 0.14
    counts = np.random.default_rng(1).poisson(mean)
    hours = HoursSettings(holidays=(HOLIDAY,))
    for start in range(84, 140, 7):
        told = expected_contacts(readings(counts), range(start, start + 7), np.arange(start), hours)
        assert told.mean == pytest.approx(mean[start : start + 7].sum(), rel=0.08)
        assert abs(counts[start : start + 7].sum() - told.mean) < 3.5 * told.spread


def test_new_words_are_named_as_the_phrase_that_holds_them() -> None:
    terms = ("in zephyr", "invoice", "pass", "zephyr", "zephyr pass")
    counts = np.array([[0, 200, 3, 0, 0]] * 5 + [[9, 190, 33, 30, 30]])
    found = new_terms(TermCounts(terms, counts), np.full(6, 240), np.array([5]), np.arange(5), 1e-4)
    assert [one.term for one in found] == ["zephyr pass"]
    assert (found[0].n, found[0].of, found[0].reference_n) == (30, 240, 0)
    quiet = new_terms(TermCounts(terms, counts), np.full(6, 240), np.array([4]), np.arange(4), 1e-4)
    assert quiet == ()
