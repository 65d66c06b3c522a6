"""Paired statistics against published examples, a second implementation, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from workbench.evaluation.paired import difference_interval, holm, mean_interval, sign_test


def pairs(both: int, lost: int, won: int, neither: int) -> tuple[list[int], list[int]]:
    """Right and wrong before and after, from the four counts."""
    before = [1] * (both + lost) + [0] * (won + neither)
    after = [1] * both + [0] * lost + [1] * won + [0] * neither
    return before, after


# Counts of pairs -> Newcombe's interval, method 10. The first two are examples that are printed in
# text books and statistics programs (Armitage & Berry's sputum specimens; Newcombe's table II).
PUBLISHED = {
    (20, 12, 2, 16): (-0.3292, -0.0562),
    (36, 12, 2, 0): (-0.3404, -0.0569),
    (14, 5, 0, 22): (-0.2265, -0.0115),
}


@pytest.mark.parametrize(("counts", "interval"), PUBLISHED.items())
def test_the_interval_of_a_paired_difference_is_the_published_one(
    counts: tuple[int, int, int, int], interval: tuple[float, float]
) -> None:
    change, found = difference_interval(*pairs(*counts), 0, share=True)
    assert change == pytest.approx((counts[2] - counts[1]) / sum(counts))
    assert (found.low, found.high) == pytest.approx(interval, abs=5e-5)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_the_exact_binomial_test(better: int, worse: int) -> None:
    if better + worse:
        second = binomtest(better, better + worse, 0.5).pvalue
        assert sign_test(better, worse) == pytest.approx(second)
    assert sign_test(better, worse) == sign_test(worse, better)


def test_mcnemar_of_the_sputum_specimens_is_the_printed_value() -> None:
    assert sign_test(2, 12) == pytest.approx(0.0129, abs=5e-5)


@pytest.mark.parametrize(
    ("given_p", "adjusted"),
    [
        ((0.01, 0.04, 0.03, 0.005), (0.03, 0.06, 0.06, 0.02)),
        ((0.9, 0.8), (1.0, 1.0)),
        ((0.02,), (0.02,)),
        ((), ()),
    ],
)
def test_p_values_are_adjusted_step_by_step(
    given_p: tuple[float, ...], adjusted: tuple[float, ...]
) -> None:
    assert holm(given_p) == pytest.approx(adjusted)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_an_interval_of_a_difference_turns_round_with_its_pairs(codes: list[int]) -> None:
    before, after = [c & 1 for c in codes], [c >> 1 for c in codes]
    change, there = difference_interval(before, after, 0, share=True)
    back, here = difference_interval(after, before, 0, share=True)
    assert back == pytest.approx(-change)
    assert (here.low, here.high) == pytest.approx((-there.high, -there.low))
    assert there.low - 1e-12 <= change <= there.high + 1e-12


def test_amounts_have_the_bootstrap_and_the_same_seed_gives_the_same_interval() -> None:
    values = [1.0, 1.0, 2.0, 5.0, 3.0]
    mean, first = mean_interval(values, 7, share=False)
    assert mean == 2.4 and first == mean_interval(values, 7, share=False)[1]
    assert first.low < mean < first.high
    same = mean_interval([1.0] * 5, 7, share=False)[1]
    assert (same.low, same.high) == (1.0, 1.0)  # an amount that never varies has no share's doubt


def test_the_intervals_hold_what_they_promise() -> None:
    """Binary pairs with correlation, and skewed amounts: 95 % intervals, 400 samples of each."""
    chance, covered = np.random.default_rng(3), {"shares": 0, "amounts": 0}
    for seed in range(400):
        ease = chance.random(80)
        before, after = ease < 0.7, (ease < 0.8) ^ (chance.random(80) < 0.1)
        truth = 0.8 * 0.9 + 0.2 * 0.1 - 0.7
        _, share = difference_interval(before.astype(int), after.astype(int), seed, share=True)
        covered["shares"] += share.low <= truth <= share.high
        first, second = chance.gamma(2, 1, 80), chance.gamma(2, 1.5, 80)
        _, amount = difference_interval(list(first), list(second), seed, share=False)
        covered["amounts"] += amount.low <= 1.0 <= amount.high
    print({name: hits / 400 for name, hits in covered.items()})
    assert all(0.92 <= hits / 400 <= 0.99 for hits in covered.values())
