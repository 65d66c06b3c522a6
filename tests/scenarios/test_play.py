"""Playing scenarios on the real workbench: the committed ones pass, and a wrong one is caught."""

from pathlib import Path

import pytest

from workbench.bootstrap import open_workbench
from workbench.scenarios.format import Scenario, load_scenario, load_scenarios
from workbench.scenarios.play import play, run_folder
from workbench.scenarios.results import ScenarioReport, ScenarioResult
from workbench.scenarios.stage import Stage

SAMPLE = Path(__file__).parents[2] / "sample_data"
COMMITTED = load_scenarios(SAMPLE / "scenarios")

BALANCE = """
id = "balance"
behaviour = "own"
title = "A balance is told, before and after a restart and a payment"
today = 2026-05-04T10:00:00Z

[[given.customers]]
id = "C-1001"

[[given.invoices]]
number = "INV-1001"
customer_id = "C-1001"
issued_on = 2026-04-01
due_on = 2026-06-01
currency = "GBP"
stated_total = 139.12
lines = [{ line = 1, description = "Glue", unit_price = 139.12 }]

[conversation]
customer = "C-1001"
channel = "portal"

[[turn]]
say = ["What is the open balance of INV-1001?"]
[turn.expect]
level = "automate"
says = ["139.12 GBP", "2026-06-01"]

[[turn]]
wait = "1 day"
restart = true
[[turn.arrives.payments]]
id = "PAY-1"
customer_id = "C-1001"
invoice_number = "INV-1001"
received_on = 2026-05-05
amount = 39.12
currency = "GBP"

[[turn]]
say = ["What is the open balance of INV-1001?"]
[turn.expect]
says = ["100.00 GBP"]

[expect]
balances = { "INV-1001" = "100.00 GBP" }
events = { message_received = 2, handed_off = 0 }
"""


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage.build(SAMPLE, tmp_path_factory.mktemp("stage"), open_workbench)


def written(folder: Path, text: str) -> Scenario:
    path = folder / "balance.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def told(result: ScenarioResult) -> str:
    return str(ScenarioReport((result,), repeat=1))


@pytest.mark.parametrize("scenario", COMMITTED, ids=lambda scenario: scenario.id)
def test_the_committed_scenario_passes(stage: Stage, scenario: Scenario) -> None:
    result = play(stage, scenario)
    assert result.passed, told(result)


@pytest.mark.full
@pytest.mark.parametrize("scenario", COMMITTED, ids=lambda scenario: scenario.id)
def test_eight_runs_of_every_wording_pass(stage: Stage, scenario: Scenario) -> None:
    result = play(stage, scenario, repeat=8)
    assert result.pass_k(8) == 1, told(result)


def test_a_scenario_that_says_the_truth_passes_every_time(stage: Stage, tmp_path: Path) -> None:
    result = play(stage, written(tmp_path, BALANCE), repeat=3)
    assert result.passed, told(result)
    assert result.pass_k(3) == 1


@pytest.mark.parametrize(
    ("right", "wrong", "caught"),
    [
        ('"100.00 GBP"]', '"100.01 GBP"]', "turn 3: says: expected 100.01 GBP"),
        ('"139.12 GBP", ', '"139.13 GBP", ', "turn 1: says: expected 139.13 GBP"),
        ('"automate"', '"escalate"', "turn 1: level: expected escalate, actual automate"),
        ("message_received = 2", "message_received = 3", "end: events: expected message_received"),
        ("balances", 'cases = [{ topic = "complaint" }]\nbalances', "end: cases: expected"),
    ],
)
def test_a_scenario_that_says_something_else_fails(
    stage: Stage, tmp_path: Path, right: str, wrong: str, caught: str
) -> None:
    assert right in BALANCE
    result = play(stage, written(tmp_path, BALANCE.replace(right, wrong, 1)))
    assert not result.passed
    assert caught in told(result)


def test_an_error_that_nobody_expected_is_a_difference(stage: Stage, tmp_path: Path) -> None:
    edit = 'human = { by = "ana", approve = true }'
    text = BALANCE.replace('say = ["What is the open balance of INV-1001?"]', edit, 1)
    found = told(play(stage, written(tmp_path, text.replace('level = "automate"\n', ""))))
    assert "turn 1: error: expected none, actual InputError: Nothing waits" in found


def test_a_folder_is_played_by_the_beginning_of_ids_and_left_as_it_was() -> None:
    before = {path for path in SAMPLE.rglob("*.db*") if path.is_file()}
    report = run_folder(SAMPLE, open_workbench, only=["invoice-16-"], repeat=2)
    assert [result.scenario.behaviour for result in report.results] == ["invoice 16"] * 4
    assert {len(result.runs) for result in report.results} == {6}
    assert {path for path in SAMPLE.rglob("*.db*") if path.is_file()} == before
