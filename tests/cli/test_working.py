"""`workbench worker`: every job once, in words and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json

from workbench import open_workbench


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("worker") / "poc")


def test_every_job_runs_once_and_a_second_time_finds_its_work_done(poc: Path) -> None:
    first, second = (run_json("worker", "--once", "--poc", poc) for _ in range(2))
    assert [told["job"] for told in first] == [
        "promises",
        "verdicts",
        "thresholds",
        "outbox",
        "history",
    ]
    assert [told["error"] for told in first] == [""] * 5
    assert first[0]["done"]["broken"] > 0, "the sample has cases that are late"
    assert second[0]["done"] == {"warned": 0, "broken": 0, "durable": 0, "overtaken": 0}


def test_a_run_is_told_in_one_line_a_job(poc: Path) -> None:
    ran = run("worker", "--once", "--poc", poc)
    assert ran.exit_code == 0, ran.output
    assert [line.partition(":")[0] for line in ran.stdout.splitlines()] == [
        "promises",
        "verdicts",
        "thresholds",
        "outbox",
        "history",
    ]
    assert "verdicts: nothing to do" in ran.stdout


def test_thresholds_that_follow_the_load_are_told(poc: Path) -> None:
    told = run_json("routing", "thresholds", "--poc", poc)["standing"]
    assert [(one["setting"], one["stage"], one["threshold"]) for one in told] == [
        ("threshold.stakes.low", "usual", 0.4)
    ]
    assert "No change so far." in run("routing", "thresholds", "--poc", poc).stdout


def test_a_staffing_plan_is_put_before_another_person_with_its_people(poc: Path) -> None:
    wanted = ("staffing", "--set", "confidence=0.9", "--weekday", "Monday", "--poc", poc)
    ran = run(*wanted, "--propose", "Fewer wrong answers", "--by", "Pia")
    assert ran.exit_code == 0 and "people at once" in ran.stderr
    with open_workbench(poc) as workbench:
        (kept,) = workbench.proposals.list()
    assert kept.evidence is not None and kept.evidence.people is not None
    assert (kept.by, kept.evidence.people.weekday) == ("analyst:Pia", "Monday")
    assert run(*wanted, "--propose", "Fewer wrong answers").exit_code == 2
