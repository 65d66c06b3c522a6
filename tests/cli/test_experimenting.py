"""`workbench experiment ...`: the words on stdout, the answer in the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json

NEXT = """
name = "ask-less"
hypothesis = "A lower threshold answers more and is not more often wrong."
owner = "Ana"
kind = "ab"

[[arm]]
name = "control"

[[arm]]
name = "bold"
settings = { confidence = 0.5 }

[primary]
metric = "automation_share"
direction = "up"
smallest_effect = 0.10

[[guard]]
metric = "wrong_automation"
worse_by = 0.02
method = "exact"
"""


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copy_of_sample(tmp_path_factory.mktemp("experiments") / "poc")
    (made / "experiments" / "ask-less.toml").write_text(NEXT)
    return made


def test_a_report_whose_guard_says_stop_fails(poc: Path) -> None:
    ran = run("experiment", "report", "more-careful", "--poc", poc)
    assert ran.exit_code == 1
    assert ran.stdout.startswith("Stop: guard automation share is worse by at least 5.8 points")


def test_a_report_is_one_document(poc: Path) -> None:
    ran = run("experiment", "report", "more-careful", "--poc", poc, "--json")
    told = json.loads(ran.stdout)
    assert {
        "words", "stop_rule", "state", "days", "arms", "split", "primary", "guards", "verdicts",
        "shadow",
    } <= set(told)  # fmt: skip
    assert told["stop_rule"] == "automation_share"
    assert [arm["customers"] for arm in told["arms"]] == [46, 52]
    assert {"day", "control", "arm", "estimate", "low", "high"} == set(
        told["primary"][0]["looks"][0]
    )


def test_a_plan_says_words_and_numbers(poc: Path) -> None:
    told = run_json("experiment", "plan", "ask-less", "--poc", poc)
    assert {"words", "reachable", "n_fixed", "n_sequential", "days_sequential"} <= set(told)
    assert told["n_sequential"] > told["n_fixed"] and told["per_day"] > 10
    smaller = run_json("experiment", "plan", "ask-less", "--effect", "0.01", "--poc", poc)
    assert not smaller["reachable"] and "Not reachable in 60 days" in smaller["words"]


def test_an_experiment_is_listed_started_stopped_and_learned_from(poc: Path) -> None:
    def status() -> str:
        rows = run_json("experiment", "list", "--poc", poc)
        return {row["name"]: row["status"] for row in rows}["ask-less"]

    def ok(*arguments: str) -> None:
        ran = run("experiment", *arguments, "--poc", poc)
        assert ran.exit_code == 0, ran.output

    assert status() == "not started"
    assert "Not started yet" in run("experiment", "report", "ask-less", "--poc", poc).stdout
    ok("start", "ask-less", "--by", "Ana", "--reason", "the plan says six weeks")
    assert status() == "running"
    ok("report", "ask-less", "--enforce")
    ok("stop", "ask-less", "--by", "Ana", "--reason", "prices change next week")
    ok("learn", "ask-less", "Nothing yet: too short.", "--by", "Ben")
    assert status() == "stopped"
    story = run("experiment", "show", "ask-less", "--poc", poc).stdout
    assert "stopped by supervisor:Ana: prices change next week" in story
    assert "learned by supervisor:Ben: Nothing yet: too short." in story


WRONG = [
    (("plan", "more-careful", "--effect", "0"), 2, "a difference above 0"),
    (("report", "no-such"), 3, "There is no experiment 'no-such'"),
    (("stop", "ask-less", "--by", "Ana", "--reason", "x"), 5, "is not running"),
    (("start", "more-careful", "--by", "Ana", "--reason", "x"), 2, "ran before its contacts"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
def test_what_cannot_be_done_is_explained(
    poc: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run("experiment", *arguments, "--poc", poc)
    assert ran.exit_code == code
    assert words in ran.stderr and ran.stdout == ""


BROKEN = [
    ('metric = "automation_share"', 'metric = "first_response_p90"', "a ratio of sums"),
    ('metric = "automation_share"\ndirection = "up"', 'metric = "automation_share"', "Nobody says"),
    ('metric = "wrong_automation"', 'metric = "happiness"', "no metric 'happiness'"),
    ("confidence = 0.5", "bravery = 0.5", "not a setting of policy"),
]


@pytest.mark.parametrize(("old", "new", "words"), BROKEN)
def test_what_could_never_be_read_is_not_started(poc: Path, old: str, new: str, words: str) -> None:
    assert old in NEXT
    text = NEXT.replace(old, new).replace("ask-less", "broken")
    path = poc / "experiments" / "broken.toml"
    path.write_text(text)
    ran = run("experiment", "start", "broken", "--by", "Ana", "--reason", "x", "--poc", poc)
    path.unlink()
    assert ran.exit_code == 2 and words in ran.stderr
