"""Values by rank are those of all values in order, from runs as from one heap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.measure.ranked import Runs, Values

whole_numbers = st.integers(min_value=-1_000, max_value=2_000_000_000)


@given(st.lists(st.lists(whole_numbers, max_size=40), min_size=1, max_size=12), st.data())
def test_every_rank_of_some_runs_is_that_of_their_values_in_order(
    lists: list[list[int]], data: st.DataObject
) -> None:
    lengths = np.array([len(each) for each in lists])
    runs = Runs.of(np.array([v for each in lists for v in each], np.int64), lengths)
    chosen = data.draw(st.lists(st.integers(0, len(lists) - 1), unique=True))
    expected = sorted(value for place in chosen for value in lists[place])
    found = runs.chosen(np.array(chosen, np.intp))
    assert len(found) == len(expected)
    assert found.at(range(1, len(expected) + 1)) == expected


@pytest.mark.parametrize("distinct", [1, 2, 40, 100_000])
def test_many_values_are_found_whether_they_repeat_or_not(distinct: int) -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, distinct, 50_000)
    runs = Runs.of(values, np.full(100, 500)).chosen(np.arange(100))
    ranks = [1, 2, 499, 25_000, 45_000, 50_000]
    assert runs.at(ranks) == [float(np.sort(values)[rank - 1]) for rank in ranks]
    assert Values(values).at(ranks) == runs.at(ranks)


def test_no_values_have_no_ranks() -> None:
    empty = Runs.of(np.empty(0, np.int64), np.zeros(3, np.int64)).chosen(np.arange(3))
    assert len(empty) == len(Values(np.empty(0))) == 0
    assert empty.at([]) == Values(np.empty(0)).at([]) == []
