"""The simulated day against closed forms and against a second, slow simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.measure.staffing.erlang import Load, expected
from workbench.measure.staffing.simulation import (
    Contacts,
    Crew,
    Day,
    Kind,
    draw_contacts,
    simulate,
)

HALF_HOURS = 48
DAYS = 12
WARM_S = 2 * 3600
"""The day begins with an empty queue; the closed forms speak of a steady one."""


def steady(per_hour: float, handle_s: float, patience_s: float = math.inf) -> Kind:
    return Kind("all", [per_hour / 2] * HALF_HOURS, handle_s, patience_s=patience_s)


def mean_and_error(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


@pytest.mark.parametrize(
    ("per_hour", "handle_s", "patience_s", "people"),
    [
        (600, 240, math.inf, 44),
        (1800, 180, math.inf, 95),
        (600, 240, 120, 38),
        (1200, 300, 600, 98),
    ],
)
def test_the_simulation_agrees_with_the_closed_forms(per_hour, handle_s, patience_s, people):
    told = expected(Load(per_hour, handle_s, patience_s), people, within_s=20)
    in_time, lost = [], []
    for seed in range(DAYS):
        contacts = draw_contacts([steady(per_hour, handle_s, patience_s)], seed)
        day = simulate(contacts, [Crew(people, frozenset({"all"}))])
        warm = contacts.arrives > WARM_S
        in_time.append(float((day.answered & (day.waits <= 20))[warm].mean()))
        lost.append(float((~day.answered)[warm].mean()))
    for name, seen, said in (
        ("answered in 20 s", in_time, told.answered_within),
        ("given up", lost, told.gives_up),
    ):
        mean, error = mean_and_error(seen)
        print(f"{per_hour}/h, {people} people: {name} {mean:.4f} +- {error:.4f}, told {said:.4f}")
        assert abs(mean - said) <= 4 * error + 0.002


SKILLS = ("a", "b", "c")
crews = st.lists(
    st.builds(
        Crew,
        people=st.integers(0, 3),
        skills=st.sets(st.sampled_from(SKILLS), min_size=1).map(frozenset),
        starts_s=st.sampled_from([0.0, 50.0, 200.0]),
        ends_s=st.sampled_from([150.0, 400.0, 86_400.0]),
        at_once=st.integers(1, 2),
    ),
    min_size=1,
    max_size=4,
)
priorities = st.tuples(*[st.integers(1, 2)] * 3)
arrivals = st.lists(
    st.tuples(
        st.floats(0, 500),
        st.integers(0, 2),
        st.floats(1, 90),
        st.floats(1, 200) | st.just(math.inf),
    ),
    max_size=40,
    unique_by=lambda row: row[0],
)


def given_contacts(rows, urgency) -> Contacts:
    rows = sorted(rows)
    kinds = tuple(
        Kind(name, [0.0], 1, priority=rank) for name, rank in zip(SKILLS, urgency, strict=True)
    )
    column = [np.array([row[n] for row in rows], dtype=float) for n in range(4)]
    return Contacts(kinds, column[1].astype(np.intp), column[0], column[2], column[0] + column[3])


def slow_simulation(contacts: Contacts, crews: list[Crew]) -> list[float]:
    """The same rules by looking at everybody at every moment; times of the starts."""
    people = [
        [n, crew.starts_s]
        for n, crew in enumerate(crews)
        for _ in range(crew.people * crew.at_once)
    ]
    starts = [math.nan] * len(contacts.kind)
    names = [contacts.kinds[k].name for k in contacts.kind]
    urgency = [contacts.kinds[k].priority for k in contacts.kind]
    waiting: set[int] = set()
    arriving = list(range(len(starts)))
    while True:
        moments = [p[1] for p in people if p[1] < crews[p[0]].ends_s and p[1] < math.inf]
        later = [m for m in moments if m > -1]
        nexts = ([contacts.arrives[arriving[0]]] if arriving else []) + later
        if not nexts:
            return starts
        now = min(nexts)
        free_now = [p for p in people if p[1] == now and now < crews[p[0]].ends_s]
        if free_now:
            person = min(free_now)
            able = [
                c
                for c in waiting
                if names[c] in crews[person[0]].skills and contacts.gives_up[c] > now
            ]
            if able:
                chosen = min(able, key=lambda c: (urgency[c], c))
                waiting.discard(chosen)
                starts[chosen] = now
                person[1] = now + contacts.handle[chosen]
            else:
                person[1] = -1 - person[0] / 1000
            continue
        contact = arriving.pop(0)
        idle = [
            p
            for p in people
            if p[1] < 0 and names[contact] in crews[p[0]].skills and now < crews[p[0]].ends_s
        ]
        if idle:
            person = min(idle, key=lambda p: (len(crews[p[0]].skills), p[0]))
            starts[contact] = now
            person[1] = now + contacts.handle[contact]
        else:
            waiting.add(contact)


@settings(max_examples=300, deadline=None)
@given(arrivals, crews, priorities)
def test_a_slow_simulation_of_the_same_rules_gives_the_same_starts(rows, crews, urgency):
    contacts = given_contacts(rows, urgency)
    fast = simulate(contacts, crews).starts
    assert np.array_equal(fast, np.array(slow_simulation(contacts, crews)), equal_nan=True)


@settings(max_examples=100, deadline=None)
@given(arrivals, crews, priorities)
def test_nobody_handles_more_than_their_share_and_work_is_counted_once(rows, crews, urgency):
    contacts = given_contacts(rows, urgency)
    day = simulate(contacts, crews)
    running = [
        (day.answered & (day.starts <= moment) & (moment < day.starts + contacts.handle)).sum()
        for moment in day.starts[day.answered]
    ]
    assert max(running, default=0) <= sum(crew.people * crew.at_once for crew in crews)
    assert math.isclose(day.busy_s.sum(), contacts.handle[day.answered].sum())
    assert (day.starts[day.answered] >= contacts.arrives[day.answered]).all()
    assert (day.starts[day.answered] < contacts.gives_up[day.answered]).all()


def day_of(kinds: list[Kind], crews: list[Crew], seed: int = 1) -> Day:
    return simulate(draw_contacts(kinds, seed), crews)


def test_urgent_contacts_wait_less_than_others():
    kinds = [
        Kind("urgent", [40.0] * HALF_HOURS, 300, priority=1),
        Kind("usual", [40.0] * HALF_HOURS, 300, priority=3),
    ]
    day = day_of(kinds, [Crew(14, frozenset({"urgent", "usual"}))])
    assert day.answered_within(60, "urgent") > day.answered_within(60, "usual") + 0.1


def test_a_shift_that_ends_leaves_later_contacts_unanswered():
    day = day_of([steady(60, 60)], [Crew(10, frozenset({"all"}), ends_s=43_200)])
    assert (day.contacts.arrives[day.answered] < 43_200).all()
    assert day.given_up() == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_day():
    first, again = (day_of([steady(100, 120, 60)], [Crew(3, frozenset({"all"}))]) for _ in "ab")
    assert np.array_equal(first.starts, again.starts, equal_nan=True)
    other = draw_contacts([steady(100, 120, 60)], 2)
    assert not np.array_equal(other.arrives[:50], first.contacts.arrives[:50])


def test_a_skill_that_nobody_asks_for_is_refused():
    with pytest.raises(InputError, match="French"):
        simulate(draw_contacts([steady(10, 60)], 1), [Crew(1, frozenset({"French"}))])


def test_a_kind_without_contacts_has_no_share():
    day = day_of([Kind("none", [0.0], 60)], [Crew(1, frozenset({"none"}))])
    assert math.isnan(day.answered_within(20)) and day.occupancy == 0
