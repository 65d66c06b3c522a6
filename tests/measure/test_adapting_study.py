"""A threshold that follows the load, in a spike: waiting and wrong answers side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.errors import InputError
from workbench.measure.adapting_study import FOLLOWS, adapting_study

HIGHEST, USUAL, LOWEST = "0.6 all day", "0.4 all day", "0.3 all day"


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder: Path = tmp_path_factory.mktemp("adapting")
    with sample_workbench(folder) as opened:
        yield opened


def test_it_waits_as_little_as_a_low_threshold_with_fewer_wrong_answers(
    workbench: Workbench,
) -> None:
    study = workbench.thresholds.study(days=40)
    print(f"\n{study}")
    follows, highest, usual, lowest = map(study.of, (FOLLOWS, HIGHEST, USUAL, LOWEST))
    assert lowest.wait_minutes < usual.wait_minutes < highest.wait_minutes
    assert highest.wrong_per_day < follows.wrong_per_day < usual.wrong_per_day
    assert follows.wait_minutes < (usual.wait_minutes + highest.wait_minutes) / 2
    assert 0 < follows.changes_per_day < 30, "it moves, and does not flap"


def test_a_fixed_threshold_never_moves_and_all_ways_see_the_same_customers(
    workbench: Workbench,
) -> None:
    study = workbench.thresholds.study(days=2)
    assert [each.changes_per_day for each in study.findings[1:]] == [0, 0, 0]
    assert study == workbench.thresholds.study(days=2), "the same seed, the same days"
    assert study.contacts_per_day != workbench.thresholds.study(days=2, seed=9).contacts_per_day


def test_where_people_are_never_busy_nobody_waits(workbench: Workbench) -> None:
    study = workbench.thresholds.study(days=2, busy=0.05, spike=1)
    assert all(each.wait_minutes < 0.01 for each in study.findings)
    follows = study.of(FOLLOWS)
    assert replace(follows, way=HIGHEST, changes_per_day=0.0) == study.of(HIGHEST)


def test_without_limits_or_people_there_is_nothing_to_study(workbench: Workbench) -> None:
    fixed = workbench.policy.under_load({}).with_settings({"threshold.stakes.low": 0.9})
    connection, settings = workbench.history.connection(), workbench.settings
    with pytest.raises(InputError, match="No threshold of this policy follows the load"):
        adapting_study(connection, fixed, settings)
    with pytest.raises(InputError, match="0 people"):
        workbench.thresholds.study(people=0)
