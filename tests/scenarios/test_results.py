"""Results: pass^k, the JSON form, the table."""

from math import comb

import pytest

from workbench.scenarios.format import Scenario
from workbench.scenarios.matching import Difference
from workbench.scenarios.results import Run, ScenarioReport, ScenarioResult

SCENARIO = Scenario.model_validate(
    {
        "id": "one",
        "behaviour": "invoice 7",
        "title": "A balance is told",
        "today": "2026-05-04T10:00:00Z",
        "given": {"customers": [{"id": "C-1"}]},
        "conversation": {"customer": "C-1"},
        "turn": [{"say": ["hello", "hi"]}],
    }
)
MISS = Difference("turn 1", "says", "1.00 EUR", ["2.00 EUR"])


def result(passes: int, runs: int) -> ScenarioResult:
    return ScenarioResult(
        SCENARIO,
        tuple(
            Run(
                variant=n % 2,
                repeat=n // 2,
                differences=() if n < passes else (MISS,),
                transcript=("1 customer: hello",),
                milliseconds=5,
            )
            for n in range(runs)
        ),
    )


@pytest.mark.parametrize(("passes", "runs", "k"), [(8, 8, 8), (7, 8, 8), (6, 8, 2), (0, 4, 1)])
def test_pass_k_is_the_chance_that_k_drawn_runs_all_pass(passes: int, runs: int, k: int) -> None:
    assert result(passes, runs).pass_k(k) == comb(passes, k) / comb(runs, k)


def test_one_failed_run_fails_the_scenario_and_the_report() -> None:
    report = ScenarioReport((result(8, 8), result(7, 8)), repeat=4)
    assert not report.passed
    assert [failed.passes for failed in report.failed] == [7]
    assert report.pass_k == (1 + comb(7, 4) / comb(8, 4)) / 2


def test_json_tells_the_differences_and_what_was_said() -> None:
    told = ScenarioReport((result(1, 2),), repeat=1).to_dict()
    assert (told["scenarios"], told["scenarios_passed"], told["runs"]) == (1, 0, 2)
    good, bad = told["results"][0]["runs"]
    assert "transcript" not in good
    assert bad["differences"] == [
        {"where": "turn 1", "what": "says", "expected": "1.00 EUR", "actual": "['2.00 EUR']"}
    ]


def test_the_table_names_scenario_behaviour_and_difference() -> None:
    text = str(ScenarioReport((result(1, 2),), repeat=1))
    assert "invoice 7" in text
    assert "1/2  FAILED" in text
    assert "wording 2: turn 1: says: expected 1.00 EUR, actual ['2.00 EUR']" in text
    assert text.endswith("0 of 1 scenarios passed, pass^1 0.500")
