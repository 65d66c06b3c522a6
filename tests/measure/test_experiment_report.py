"""A report counts what the KPIs count, and stop rules act through the front door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.errors import InputError
from workbench.measure.experiments.observations import counted, measure_named
from workbench.measure.experiments.report import report_on
from workbench.measure.sums import Scope, contacts_source
from workbench.records.experiments import Experiment, Goal, Guard, Status, state_of


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("report")) as opened:
        yield opened


def reported(workbench: Workbench, **changes: object) -> object:
    """The report on the sample's experiment with some of its definition changed."""
    experiment = workbench.experiments.get("more-careful").experiment
    changed: Experiment = experiment.model_copy(update=changes)
    source = contacts_source(workbench.history.connection(), workbench.clock.now())
    return report_on(state_of(changed, ()), source, workbench.settings)


MEASURES = [
    "automation_share", "wrong_automation", "human_time", "cost_per_contact", "aht", "sla", "fcr",
]  # fmt: skip


@pytest.mark.parametrize("metric", MEASURES)
def test_the_values_of_the_arms_are_the_kpis_of_the_arms(workbench: Workbench, metric: str) -> None:
    goal = Goal(metric=metric, direction="up", smallest_effect=1)
    report = reported(workbench, primary=goal, guards=())
    (compared,) = report.primary
    kpis = workbench.kpis(by=("arm",), metrics=[metric])
    for arm, value in (("control", compared.control_value), ("careful", compared.arm_value)):
        assert value == pytest.approx(kpis.get(metric, arm=f"more-careful/{arm}").value)
    assert compared.looks[-1].estimate == pytest.approx(compared.arm_value - compared.control_value)


def test_a_yes_no_column_can_be_a_goal(workbench: Workbench) -> None:
    goal = Goal(metric="handed_off", direction="down", smallest_effect=0.1)
    (compared,) = reported(workbench, primary=goal, guards=()).primary
    ((share,),) = workbench.history.connection().execute(
        "SELECT avg(handed_off::INT) FROM contact WHERE arm = 'more-careful/careful'"
    ).fetchall()  # fmt: skip
    assert compared.arm_value == pytest.approx(share)
    assert compared.title == "Handed off"


@pytest.mark.parametrize(
    ("metric", "direction", "words"),
    [("first_response_p90", "up", "ratio of sums"), ("solved", "", "which way solved is better")],
)
def test_what_is_no_ratio_of_sums_or_has_no_direction_is_refused(
    workbench: Workbench, metric: str, direction: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        measure_named(metric, direction, workbench.settings)


def test_the_planted_experiment_is_stopped_by_its_guard_and_the_goal_stays_open(
    workbench: Workbench,
) -> None:
    report = workbench.experiments.report("more-careful")
    assert report.state.status is Status.IMPORTED
    assert report.stop_rule is not None and report.stop_rule.guard == "automation_share"
    assert not report.split.alarm
    assert [arm.changes for arm in report.arms] == ["the policy as it is", "confidence = 0.98"]
    planted = report.guards[0].latest
    assert planted.low < -0.4 < planted.high


def test_more_guards_share_what_may_go_wrong(workbench: Workbench) -> None:
    guard = Guard(metric="automation_share", direction="up", worse_by=0.05)
    one, four = (reported(workbench, guards=(guard,) * n).guards[0] for n in (1, 4))
    assert one.confidence == pytest.approx(0.95) and four.confidence == pytest.approx(0.9875)
    assert four.latest.low < one.latest.low < one.latest.high < four.latest.high


def test_looks_are_days_and_counts_only_grow(workbench: Workbench) -> None:
    looks = workbench.experiments.report("more-careful").guards[0].looks
    assert [look.day for look in looks] == sorted({look.day for look in looks})
    totals = [look.control + look.arm for look in looks]
    assert totals == sorted(totals) and totals[-1] == 257


def test_the_intent_of_the_slice_restricts_what_is_counted(workbench: Workbench) -> None:
    experiment = workbench.experiments.get("more-careful").experiment
    only = experiment.eligible.model_copy(update={"intent": ("invoice_copy",)})
    report = reported(workbench, eligible=only)
    assert 0 < sum(arm.contacts for arm in report.arms) < 257


def test_immature_days_are_not_counted(workbench: Workbench) -> None:
    formula, _ = measure_named("fcr", "", workbench.settings)
    source = contacts_source(workbench.history.connection(), workbench.clock.now())
    days = counted(source, formula, Scope()).day
    assert days.max() < np.datetime64(workbench.clock.now().date()) - 7


ALWAYS_WORSE = """
name = "never-alone"
hypothesis = "People answer everything."
owner = "Ana"
kind = "ab"
[[arm]]
name = "control"
[[arm]]
name = "people"
settings = { confidence = 1.0, "threshold.stakes.low" = 1.0, "threshold.stakes.high" = 1.0 }
[primary]
metric = "solved"
direction = "up"
smallest_effect = 0.05
[[guard]]
metric = "automation_share"
direction = "up"
worse_by = 0.02
method = "exact"
"""


def test_a_stop_rule_ends_a_running_experiment_by_the_service(tmp_path: Path) -> None:
    from shutil import copytree, ignore_patterns

    from front_door import SAMPLE, morning_clock, parts

    from workbench import open_workbench

    folder = tmp_path / "poc"
    copytree(SAMPLE, folder, ignore=ignore_patterns(".workbench", "history", "*.parquet"))
    (folder / "experiments" / "never-alone.toml").write_text(ALWAYS_WORSE)
    shared = {"triage": parts().triage, "knowledge": parts().knowledge}
    with open_workbench(folder, clock=morning_clock(), **shared) as opened:
        opened.experiments.start("never-alone", "Ana", "to see")
        for customer in [c.id for c in opened.customers()][:120]:
            opened.converse(customer, "Is my invoice paid?", channel="portal")
        report = opened.experiments.enforce("never-alone")
        state = opened.experiments.get("never-alone")
    print(f"\n{report.words}")
    assert report.stop_rule is not None and report.stop_rule.guard == "automation_share"
    assert state.status is Status.STOPPED
    assert state.story[-1].by == "service:workbench"
    assert state.story[-1].text == report.stop_rule.words
