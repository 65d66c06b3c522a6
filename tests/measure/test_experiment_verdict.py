"""Stop, ship, continue or undecided: the words say which, why, and with what figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from workbench.measure.experiments.comparison import Comparison, Look
from workbench.measure.experiments.split import ALARM, Split, mismatch_p, split_of
from workbench.measure.experiments.verdict import Course, verdict_on
from workbench.records.experiments import Method

FAIR = Split(customers={"control": 100, "careful": 104}, p_value=1.0)
UNFAIR = Split(customers={"control": 300, "careful": 104}, p_value=1e-9)


def comparison(low: float | None, high: float | None, **given: Any) -> Comparison:
    middle = None if low is None or high is None else (low + high) / 2
    look = Look(day=date(2026, 3, 9), control=600, arm=604, estimate=middle, low=low, high=high)
    return Comparison.model_validate(
        {
            "metric": "solved", "title": "Resolution rate", "unit": "share", "currency": "EUR",
            "direction": "up", "arm": "careful", "method": Method.ASYMPTOTIC, "confidence": 0.95,
            "limit": 0.05, "control_value": 0.7, "arm_value": 0.75, "looks": (look,), **given,
        }
    )  # fmt: skip


def guard(low: float, high: float, **given: Any) -> Comparison:
    named = {"metric": "wrong_automation", "title": "Wrong-automation rate", "direction": "down"}
    return comparison(low, high, **{**named, "limit": 0.02, "confidence": 0.975, **given})


CALM, OPEN, BROKEN = guard(-0.01, 0.015), guard(-0.01, 0.04), guard(0.028, 0.06)

# goal's interval, guards, days so far -> action, what the words say
CASES = [
    ((0.02, 0.12), (CALM,), 10, "ship", "Ship: resolution rate is better by at least 2.0 points"),
    ((0.02, 0.12), (OPEN,), 10, "continue", "automation rate may still be worse by up to 4.0"),
    ((0.02, 0.12), (CALM, BROKEN), 10, "stop", "at least 2.8 points (97.5 % always valid)"),
    ((-0.12, -0.02), (), 10, "stop", "Stop: resolution rate is worse by at least 2.0 points"),
    ((-0.03, 0.04), (), 10, "stop", "futility: no gain in resolution rate larger than 4.0"),
    ((0.01, 0.04), (CALM,), 10, "stop", "Stop for futility"),
    ((-0.05, 0.12), (), 10, "continue", "resolution rate may be anything from 5.0 points"),
    ((None, None), (), 2, "continue", "1,204 contacts are too few to say anything"),
    ((-0.05, 0.12), (), 28, "undecided", "Undecided: the planned days are over after 28 days"),
]  # fmt: skip


@pytest.mark.parametrize(("goal", "guards", "days", "action", "words"), CASES)
def test_the_verdict_follows_from_what_is_known(
    goal: tuple[float | None, float | None],
    guards: tuple[Comparison, ...],
    days: int,
    action: str,
    words: str,
) -> None:
    course = Course(days=days, planned_days=28, ended=False, alpha=0.05)
    found = verdict_on(comparison(*goal), guards, FAIR, course)
    assert found.action == action
    assert words in found.words
    assert found.guard == ("wrong_automation" if BROKEN in guards else "")


def test_nothing_is_read_from_a_broken_split() -> None:
    course = Course(days=10, planned_days=28, ended=False, alpha=0.05)
    found = verdict_on(comparison(0.1, 0.2), (CALM,), UNFAIR, course)
    assert (found.action, found.guard) == ("stop", "split")
    assert "control 300, careful 104 customers" in found.words


def test_a_metric_that_should_fall_is_better_when_it_falls() -> None:
    course = Course(days=10, planned_days=28, ended=False, alpha=0.05)
    found = verdict_on(comparison(-0.12, -0.06, direction="down"), (), FAIR, course)
    assert found.words.startswith("Ship: resolution rate is better by at least 6.0 points")


def test_an_ended_experiment_without_an_answer_is_undecided_before_its_planned_end() -> None:
    course = Course(days=10, planned_days=28, ended=True, alpha=0.05)
    found = verdict_on(comparison(-0.05, 0.12), (), FAIR, course)
    assert found.action == "undecided" and "it ended after 10 days" in found.words


def test_the_days_that_are_left_follow_from_how_fast_the_interval_narrows() -> None:
    course = Course(days=10, planned_days=60, ended=False, alpha=0.05)
    wide, narrow = (
        verdict_on(comparison(-reach, reach + 0.02), (), FAIR, course).words
        for reach in (0.14, 0.08)
    )
    left = [int(words.split("Expected ")[1].split()[0]) for words in (wide, narrow)]
    assert left[0] > 2 * left[1] > 10
    assert "The planned end is in 50 days." in wide


def test_a_guard_that_broke_once_stays_broken() -> None:
    looks = (BROKEN.looks[0], CALM.looks[0].model_copy(update={"day": date(2026, 3, 20)}))
    course = Course(days=10, planned_days=28, ended=False, alpha=0.05)
    broke_once = BROKEN.model_copy(update={"looks": looks})
    found = verdict_on(comparison(0.02, 0.12), (broke_once,), FAIR, course)
    assert found.guard == "wrong_automation" and "Seen on 2026-03-09" in found.words


@pytest.mark.parametrize(("share", "customers"), [(0.6, 1500), (0.45, 4000), (0.8, 150)])
def test_customers_that_do_not_fall_as_planned_raise_an_alarm(share: float, customers: int) -> None:
    arms = np.random.default_rng(15).random(customers) < share
    found = split_of(("control", "careful"), ["careful" if arm else "control" for arm in arms])
    assert found.alarm and "Not as planned" in found.words


def test_a_fair_split_raises_no_alarm_however_often_one_looks() -> None:
    rng, runs = np.random.default_rng(16), 2000
    arms = rng.random((runs, 1000)) < 0.5
    alarms = sum(
        mismatch_p(np.column_stack([np.cumsum(a), np.cumsum(~a)]).astype(float)) < ALARM
        for a in arms
    )
    print(f"\n{alarms} split alarms in {runs:,} fair splits of 1,000 customers")
    assert alarms <= 5


def test_nobody_yet_is_as_planned() -> None:
    assert not split_of(("control", "careful"), []).alarm
