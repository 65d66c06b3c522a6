"""`workbench monitor` and `workbench outbox deliver`: exit codes, JSON, alerts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import copy_of_sample, run

from workbench import open_workbench


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("monitor") / "poc")


def test_a_time_that_was_quiet_ends_with_zero_and_raises_nothing(poc: Path) -> None:
    ran = run("monitor", "--poc", poc, "--as-of", "2026-03-16", "--since", "2026-03-01")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith("Nothing needs attention") and "Over:" not in ran.stdout
    with open_workbench(poc) as workbench:
        assert workbench.monitoring.alerts(every=True) == ()


def test_what_needs_attention_ends_with_one_and_names_cause_and_next_step(poc: Path) -> None:
    ran = run("monitor", "--poc", poc)
    assert ran.exit_code == 1
    assert ran.stdout.startswith("The model drifted") and "16 March 2026" in ran.stdout
    assert "nordlicht pay" in ran.stdout and "Next: " in ran.stdout


def test_looking_again_raises_nothing_new_and_a_closed_alert_is_quiet(poc: Path) -> None:
    assert run("monitor", "--poc", poc, "--json").exit_code == 1
    with open_workbench(poc) as workbench:
        (alert,) = workbench.monitoring.alerts(every=True)
        assert alert.state.cause == "model_unsure" and alert.state.kind == "model"
        workbench.monitoring.close(alert.id, "sam", "New words are labelled until Friday")
    ran = run("monitor", "--poc", poc)
    assert ran.exit_code == 0, "a person has taken care of it"
    assert ran.stdout.startswith("The model drifted"), "which does not make it untrue"


def test_the_json_document_keeps_its_keys(poc: Path) -> None:
    ran = run("monitor", "--poc", poc, "--as-of", "2026-02-23", "--json")
    told = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert set(told) == {"as_of", "verdict", "diagnoses", "weeks", "drift", "charts"}
    fault = told["diagnoses"][-1]
    keys = {"cause", "kind", "since", "until", "found_on", "intents", "terms", "evidence"}
    assert keys | {"queues", "contacts", "advice", "words", "score"} <= set(fault)
    assert (fault["cause"], fault["since"]) == ("tool_failing", "2026-02-17")


@pytest.mark.parametrize("option", ["--as-of", "--since"])
def test_a_day_that_is_none_is_explained(poc: Path, option: str) -> None:
    ran = run("monitor", "--poc", poc, option, "yesterday")
    assert ran.exit_code == 2 and "'yesterday' is no day" in ran.stderr


def test_an_empty_outbox_has_nothing_to_deliver(poc: Path) -> None:
    ran = run("outbox", "deliver", "--poc", poc)
    assert ran.exit_code == 0 and "Nothing waits" in ran.stderr


def test_a_webhook_that_nobody_answers_is_told_and_tried_again(tmp_path: Path) -> None:
    poc = copy_of_sample(tmp_path / "poc")
    with (poc / "poc.toml").open("a") as settings:
        settings.write('\n[monitoring]\nwebhook = "http://127.0.0.1:9/hook"\n')
    assert run("monitor", "--poc", poc).exit_code == 1
    later = (poc / "poc.toml").read_text().replace("T10:00:00Z", "T11:00:00Z")
    (poc / "poc.toml").write_text(later)
    ran = run("outbox", "deliver", "--poc", poc)
    assert ran.exit_code == 1 and "no answer" in ran.stdout and "again at" in ran.stdout


def test_a_webhook_in_the_clear_is_refused_before_anything_is_raised(tmp_path: Path) -> None:
    poc = copy_of_sample(tmp_path / "poc")
    with (poc / "poc.toml").open("a") as settings:
        settings.write('\n[monitoring]\nwebhook = "http://alerts.example.com/"\n')
    ran = run("monitor", "--poc", poc)
    assert ran.exit_code == 2 and "[monitoring]" in ran.stderr
    with open_workbench(poc) as workbench:
        assert workbench.monitoring.alerts(every=True) == ()
