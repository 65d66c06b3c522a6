"""Promises and competence on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("promising") / "poc")


def test_a_promise_that_is_kept_prints_its_threshold_and_the_entry_for_the_file(poc) -> None:
    ran = run("promise", "--error", "0.1", "--stakes", "low", "--owner", "Ana", "--poc", poc)
    assert ran.exit_code == 0, ran.output
    assert "low stakes: at most 10 % of the automated answers wrong" in ran.stdout
    assert "[[promise]]" in ran.stderr and 'owner = "Ana"' in ran.stderr


def test_without_enough_evidence_the_exit_code_is_1_and_it_says_how_many(poc) -> None:
    ran = run("promise", "--error", "0.01", "--poc", poc)
    assert ran.exit_code == 1
    assert "not enough evidence" in ran.stdout and "label" in ran.stdout


def test_a_promise_as_json(poc) -> None:
    printed = run_json("promise", "--error", "0.1", "--stakes", "low", "--poc", poc)
    assert set(printed) == {"kept", "together", "promises"}
    assert {
        "promise", "kept", "threshold", "judged", "wrong", "upper_bound", "automated",
        "label_more", "label_more_likely", "text",
    } <= set(printed["promises"][0])  # fmt: skip


def test_after_a_shift_it_says_what_has_changed_and_what_still_counts(poc) -> None:
    wanted = ("promise", "--error", "0.12", "--stakes", "low", "--poc", poc)
    ran = run(*wanted, "--changed", "2026-03-16")
    assert "Promises from before do not hold any more" in ran.stdout
    assert "It rests on only what was judged since" in ran.stdout
    printed = run_json(
        "promise", "--error", "0.2", "--stakes", "low", "--poc", poc, "--changed", "2026-03-16"
    )
    assert [set(one) for one in printed] == [{"shift", "basis", "result"}]
    assert printed[0]["shift"]["confidence_shifted"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--error", "2"), "less than 1"),
        (("--stakes", "huge"), "'low', 'medium' or 'high'"),
        (("--stakes", "low", "--intent", "invoice_copy"), "make two of it"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(poc, options, words) -> None:
    ran = run("promise", *options, "--poc", poc)
    assert ran.exit_code == 2 and words in ran.stderr


def test_competence_prints_every_intent_with_its_reason(poc) -> None:
    printed = run_json("competence", "--poc", poc)
    rows = {row["intent"]: row for row in printed["rows"]}
    assert rows["payment_not_shown"]["recommended"] == "assist"
    assert {"judged", "wrong", "error_low", "error_high", "limit", "reason"} <= set(
        rows["invoice_copy"]
    )
    assert "payment_not_shown" in run("competence", "--poc", poc).stdout


def test_a_decision_is_recorded_and_one_against_advice_needs_a_reason(poc) -> None:
    told = ("competence", "decide", "payment_not_shown")
    done = run_json(*told, "assist", "--by", "Olga", "--poc", poc)
    assert (done["recommended"], done["chosen"]) == ("assist", "assist")
    refused = run(*told, "automate", "--by", "Olga", "--poc", poc)
    assert refused.exit_code == 2 and "a reason" in refused.stderr
    assert run(*told, "half", "--by", "Olga", "--poc", poc).exit_code == 2
