"""The cube answers for every threshold exactly what deciding every contact anew would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.measure.contact_rows import Row, connection_with
from tests.measure.decided_contacts import (
    Oracle,
    decidable_contacts,
    decide,
    people_seconds,
    sample_policy,
)
from workbench.decide import Policy
from workbench.decide.rules import Thresholds
from workbench.errors import InputError
from workbench.measure.coded import DIMENSIONS
from workbench.measure.cube import GRID, Point, ThresholdCube, scan
from workbench.records.decisions import Level
from workbench.records.signals import Stakes

CONTACTS = 500


@dataclass(frozen=True)
class Naive:
    """Every contact decided anew at every threshold, in plain Python."""

    rows: Sequence[Row]
    levels: Sequence[Sequence[Level]]
    """Per threshold of the grid, per contact."""

    def point(self, step: int, kept: Sequence[int], human_nanos: int) -> Point:
        return count(self.rows, self.levels[step], kept, GRID[step], human_nanos)


def count(
    rows: Sequence[Row],
    levels: Sequence[Level],
    kept: Sequence[int],
    threshold: float | None,
    human_nanos: int,
) -> Point:
    oracle = Oracle(rows)
    chosen = [(rows[i], levels[i]) for i in kept]
    judged = [row for row, level in chosen if level is Level.AUTOMATE and row["judged"]]
    seconds = [
        sum(people_seconds(oracle.outcome(row, level, hopeful=hopeful)) for row, level in chosen)
        for hopeful in (True, False)
    ]
    other = ("model_cost_micros", "tool_cost_micros", "telephony_cost_micros")
    return Point(
        threshold=threshold,
        automate=sum(level is Level.AUTOMATE for _, level in chosen),
        assist=sum(level is Level.ASSIST for _, level in chosen),
        escalate=sum(level is Level.ESCALATE for _, level in chosen),
        judged=len(judged),
        wrong=sum(row["wrong"] for row in judged),
        human_s_low=seconds[0],
        human_s_high=seconds[1],
        other_micros=sum(row[name] for row, _ in chosen for name in other),
        human_nanos=human_nanos,
    )


def uniform(policy: Policy, threshold: float) -> Policy:
    """The policy with one threshold for everything."""
    return policy.with_thresholds(
        threshold,
        stakes=dict.fromkeys(Stakes, threshold),
        intent=dict.fromkeys(policy.thresholds.intent, threshold),
    )


def random_filter(draw: Random, rows: Sequence[Row]) -> dict[str, Any]:
    chosen = draw.sample(DIMENSIONS, draw.randint(1, 3))
    values = {name: sorted({row[name] for row in rows}, key=str) for name in chosen}
    return {
        name: draw.choice(
            [draw.choice(each), draw.sample(each, draw.randint(1, len(each))), "unheard of"]
        )
        for name, each in values.items()
    }


def kept_by(filters: dict[str, Any], rows: Sequence[Row]) -> list[int]:
    def matches(row: Row) -> bool:
        wanted = {name: w if isinstance(w, list) else [w] for name, w in filters.items()}
        return all(row[name] in options for name, options in wanted.items())

    return [number for number, row in enumerate(rows) if matches(row)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return sample_policy()


@pytest.fixture(scope="module")
def naive(policy: Policy) -> Naive:
    rows = decidable_contacts(CONTACTS)
    policies = [uniform(policy, threshold) for threshold in GRID]
    return Naive(rows, [[decide(each, row) for row in rows] for each in policies])


@pytest.fixture(scope="module")
def cube(naive: Naive, policy: Policy) -> ThresholdCube:
    with connection_with(list(naive.rows)) as connection:
        return ThresholdCube.build(connection, policy)


def test_all_101_thresholds_are_exact_for_all_contacts(cube: ThresholdCube, naive: Naive) -> None:
    everyone = range(CONTACTS)
    expected = [naive.point(step, everyone, cube.human_nanos) for step in range(len(GRID))]
    assert list(cube.curve()) == expected
    assert [cube.at(threshold) for threshold in GRID] == expected
    assert len({point.automate for point in expected}) > 50


def test_all_101_thresholds_are_exact_under_50_random_filters(
    cube: ThresholdCube, naive: Naive
) -> None:
    draw = Random(3)
    compared = 0
    for _ in range(50):
        filters = random_filter(draw, naive.rows)
        kept = kept_by(filters, naive.rows)
        curve = cube.curve(filters)
        for step, threshold in enumerate(GRID):
            assert curve[step] == naive.point(step, kept, cube.human_nanos)
            assert cube.at(threshold, filters) == curve[step]
            compared += len(kept) > 0
    print(f"50 random filters x 101 thresholds: 0 differences, {compared} of them with contacts")
    assert compared > 2_000


@pytest.mark.parametrize(
    "thresholds",
    [
        None,
        Thresholds(default=0.33),
        Thresholds(default=0.8, stakes={"high": 0.95, "low": 0.0}),
        Thresholds(default=0.8, stakes={"high": 1.0}, intent={"invoice_copy": 0.12}),
        Thresholds(default=0.0, intent={"invoice_dispute": 0.5, "greeting": 1.0, "unseen": 0.2}),
    ],
)
@pytest.mark.parametrize("filters", [{}, {"channel": "chat"}, {"intent": None, "stakes": None}])
def test_several_thresholds_at_once_recombine_from_the_same_cube(
    cube: ThresholdCube,
    naive: Naive,
    policy: Policy,
    thresholds: Thresholds | None,
    filters: dict[str, Any],
) -> None:
    chosen = policy if thresholds is None else policy.model_copy(update={"thresholds": thresholds})
    levels = [decide(chosen, row) for row in naive.rows]
    kept = kept_by(filters, naive.rows)
    expected = count(naive.rows, levels, kept, None, cube.human_nanos)
    assert cube.at(thresholds, filters) == expected


def test_the_default_moves_while_special_thresholds_stay(
    cube: ThresholdCube, naive: Naive, policy: Policy
) -> None:
    kept = range(CONTACTS)
    for step in (0, 40, 75, 76, 100):
        moved = policy.with_thresholds(GRID[step])
        levels = [decide(moved, row) for row in naive.rows]
        expected = count(naive.rows, levels, kept, GRID[step], cube.human_nanos)
        assert cube.curve(keep=policy.thresholds)[step] == expected


def test_a_scan_gives_the_same_for_thresholds_between_the_steps(policy: Policy) -> None:
    rows = decidable_contacts(3_000, seed=8)
    between = policy.with_thresholds(0.7512345)
    with connection_with(rows) as connection:
        cube = ThresholdCube.build(connection, between)
        assert 0.7512345 in cube.grid
        for filters in ({}, {"stakes": ["low", None], "language": "de"}):
            assert cube.at(None, filters) == scan(connection, between, filters)
        assert cube.at() != cube.at(policy.thresholds) == scan(connection, policy)


def test_contacts_that_a_hard_rule_decides_do_not_move(cube: ThresholdCube) -> None:
    points = cube.curve({"intent": ["contract_cancel", "ask_person"]})
    assert len({(p.automate, p.assist, p.escalate) for p in points}) == 1
    assert points[0].contacts > 0


def test_a_part_of_history_makes_a_cube_of_its_own(naive: Naive, policy: Policy) -> None:
    with connection_with(list(naive.rows)) as connection:
        cube = ThresholdCube.build(connection, policy, where={"phase": "pilot"})
    assert cube.at().contacts == sum(row["phase"] == "pilot" for row in naive.rows)


def test_shares_and_cost_follow_from_the_sums(cube: ThresholdCube) -> None:
    point = cube.at(0.5)
    low, high = point.cost_micros
    assert point.automation_share == point.automate / CONTACTS
    assert point.wrong_share == point.wrong / point.judged
    assert low == point.human_s_low * point.human_nanos // 1000 + point.other_micros < high
    empty = cube.at(0.5, {"channel": "pigeon"})
    assert (empty.contacts, empty.automation_share, empty.wrong_share) == (0, None, None)


def test_an_empty_history_makes_an_empty_cube(policy: Policy) -> None:
    with connection_with([]) as connection:
        cube = ThresholdCube.build(connection, policy)
    assert cube.at().contacts == 0
    assert len(cube.curve()) == len(GRID)


def test_what_the_cube_does_not_know_is_refused(cube: ThresholdCube) -> None:
    with pytest.raises(InputError, match=r"no threshold 0\.755"):
        cube.at(0.755)
    with pytest.raises(InputError, match="filtered by 'weather'"):
        cube.curve({"weather": "fine"})
