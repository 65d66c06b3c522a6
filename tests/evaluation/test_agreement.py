"""Agreement of judges: kappa against a text book and scikit-learn, and when a judge is refused."""

from __future__ import annotations

from collections import Counter
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from workbench.errors import InputError
from workbench.evaluation.agreement import agreement, cohen_kappa

# Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003), table 18.1.
DIAGNOSES = {
    ("psychotic", "psychotic"): 75, ("psychotic", "neurotic"): 1, ("psychotic", "organic"): 4,
    ("neurotic", "psychotic"): 5, ("neurotic", "neurotic"): 4, ("neurotic", "organic"): 1,
    ("organic", "organic"): 10,
}  # fmt: skip


def columns(counts: dict[tuple[str, str], int]) -> tuple[dict[str, str], dict[str, str]]:
    """Judge and people by case id, from counts of (people, judge)."""
    rows = [pair for pair, n in counts.items() for _ in range(n)]
    judge = {f"case {n}": pair[1] for n, pair in enumerate(rows)}
    return judge, {f"case {n}": pair[0] for n, pair in enumerate(rows)}


def test_kappa_and_its_error_are_those_of_the_text_book() -> None:
    kappa, interval = cohen_kappa(DIAGNOSES)
    assert kappa == pytest.approx(0.68, abs=0.005)
    assert interval is not None
    assert (interval.high - interval.low) / 2 / 1.96 == pytest.approx(0.087, abs=0.001)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2))
def test_kappa_is_that_of_scikit_learn(rows: list[tuple[str, str]]) -> None:
    kappa, interval = cohen_kappa(Counter(rows))
    if len(set(sum(rows, ()))) == 1:
        assert kappa is None and interval is None
        return
    second = cohen_kappa_score(*zip(*rows, strict=True))
    assert kappa == pytest.approx(second) and not isnan(second)
    assert interval is not None and -1 <= interval.low <= kappa <= interval.high <= 1


@pytest.mark.parametrize(
    ("counts", "warned"),
    [
        ({("right", "right"): 60, ("wrong", "wrong"): 20, ("right", "wrong"): 4}, ""),
        ({("right", "right"): 60, ("wrong", "right"): 15, ("wrong", "wrong"): 5}, "below 0.6"),
        ({("right", "right"): 6, ("wrong", "wrong"): 4}, "Only 10 cases"),
        ({("right", "right"): 90}, "the same one thing"),
    ],
)
def test_a_judge_who_is_too_weak_is_refused(
    counts: dict[tuple[str, str], int], warned: str
) -> None:
    found = agreement(*columns(counts))
    assert warned in found.warning if warned else found.warning == ""
    assert sum(sum(row.values()) for row in found.confusion.values()) == found.cases
    assert found.agree_low <= found.agree <= found.agree_high


def test_only_cases_that_both_judged_count() -> None:
    found = agreement({"a": "right", "b": "right"}, {"b": "wrong", "c": "right"})
    assert (found.cases, found.only_judge, found.only_people) == (1, 1, 1)
    assert found.confusion == {"right": {"right": 0, "wrong": 0}, "wrong": {"right": 1, "wrong": 0}}
    with pytest.raises(InputError, match="none of both"):
        agreement({"a": "right"}, {"c": "right"})
