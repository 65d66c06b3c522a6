"""Erlang C against published tables, Erlang A against the chain of states that it describes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.measure.staffing.erlang import Load, expected, people_needed, rostered

# Contacts an hour, handle time and seconds to answer, service level, most occupancy; then people,
# answered in time, occupancy and share that waits, as pyworkforce 0.5.1 computes them.
PYWORKFORCE = [
    (200, 180, 20, 0.8, 0.85, 14, 0.8883500192, 0.7142857143, 0.1741319336),
    (20, 300, 30, 0.8, 0.85, 4, 0.9188504707, 0.4166666667, 0.1024758157),
    (2, 180, 20, 0.8, 0.85, 1, 0.9095162582, 0.1000000000, 0.1000000000),
    (800, 240, 10, 0.8, 0.85, 63, 0.9077445841, 0.8465608466, 0.1380117418),
    (2000, 360, 20, 0.9, 0.9, 223, 0.9801206239, 0.8968609865, 0.0713402438),
    (25, 720, 60, 0.95, 0.95, 10, 0.9761978803, 0.5000000000, 0.0361053592),
    (28, 120, 20, 0.7, 1, 2, 0.7513982234, 0.4666666667, 0.2969696970),
    (4400, 330, 20, 0.8, 0.95, 425, 0.9460494267, 0.9490196078, 0.2005772846),
]


@pytest.mark.parametrize("row", PYWORKFORCE)
def test_erlang_c_gives_the_people_and_figures_of_another_implementation(row):
    per_hour, handle_s, within_s, answered, occupancy, people, in_time, busy, waits = row
    found = people_needed(
        Load(per_hour, handle_s), answered=answered, within_s=within_s, occupancy=occupancy
    )
    assert found.people == people
    assert (found.answered_within, found.occupancy, found.waits) == pytest.approx(
        (in_time, busy, waits), abs=1e-9
    )


def chain_of_states(load: Load, people: int) -> tuple[float, float, float]:
    """Share that waits, share that gives up, mean wait: from the probability of every state."""
    arrivals, service, impatience = (
        load.contacts_per_hour / 3600,
        1 / load.handle_s,
        1 / load.patience_s,
    )
    states = np.arange(1, people + 3000)
    leaving = np.minimum(states, people) * service + np.maximum(states - people, 0) * impatience
    weights = np.concatenate([[0.0], np.cumsum(np.log(arrivals / leaving))])
    chance = np.exp(weights - weights.max())
    chance /= chance.sum()
    queue = float((chance * np.maximum(np.arange(len(chance)) - people, 0)).sum())
    return float(chance[people:].sum()), impatience * queue / arrivals, queue / arrivals


loads = st.builds(
    Load,
    contacts_per_hour=st.floats(1, 3000),
    handle_s=st.floats(20, 900),
    patience_s=st.floats(5, 600),
)


@settings(max_examples=150, deadline=None)
@given(loads, st.integers(1, 300))
def test_erlang_a_is_what_the_chain_of_states_says(load, people):
    found = expected(load, people)
    waits, gives_up, wait = chain_of_states(load, people)
    assert found.waits == pytest.approx(waits, abs=1e-7)
    assert found.gives_up == pytest.approx(gives_up, abs=1e-7)
    assert found.mean_wait_s == pytest.approx(wait, abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(loads, st.integers(1, 200), st.floats(0, 120))
def test_one_more_person_never_makes_anything_worse(load, people, within_s):
    now, more = (expected(load, n, within_s) for n in (people, people + 1))
    assert more.answered_within >= now.answered_within - 1e-9
    assert more.gives_up <= now.gives_up + 1e-9
    assert more.occupancy <= now.occupancy + 1e-9


def test_endless_patience_is_the_limit_of_long_patience():
    patient, endless = (expected(Load(600, 240, p), 45) for p in (1e9, math.inf))
    assert patient.answered_within == pytest.approx(endless.answered_within, abs=1e-5)
    assert patient.waits == pytest.approx(endless.waits, abs=1e-5)


@pytest.mark.parametrize(
    ("load", "people"), [(Load(0, 240), 0), (Load(100, 0), 0), (Load(0, 0, 60), 3)]
)
def test_no_work_needs_nobody(load, people):
    found = expected(load, people)
    assert (found.waits, found.answered_within, found.occupancy) == (0, 1, 0)
    assert people_needed(load).people == 0


def test_too_few_patient_people_have_a_queue_without_end():
    found = expected(Load(600, 240), 40)
    assert (found.mean_wait_s, found.answered_within, found.occupancy) == (math.inf, 0, 1)


@pytest.mark.parametrize(
    ("people", "shrinkage", "roster"), [(14, 0.3, 20), (63, 0.1, 70), (0, 0.5, 0)]
)
def test_the_roster_allows_for_those_who_are_away(people, shrinkage, roster):
    assert rostered(people, shrinkage) == roster


@pytest.mark.parametrize(
    "asked",
    [
        lambda: Load(-1, 60),
        lambda: Load(1, 60, 0),
        lambda: expected(Load(1, 60), -1),
        lambda: people_needed(Load(1, 60), answered=1.0),
        lambda: people_needed(Load(1, 60), occupancy=0),
        lambda: people_needed(Load(1e9, 3600)),
        lambda: rostered(1, 1.0),
    ],
)
def test_impossible_questions_are_refused(asked):
    with pytest.raises(InputError):
        asked()
