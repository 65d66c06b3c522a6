"""What every command prints with --json: keys that scripts may rely on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import copy_of_sample, run, run_json, turns
from front_door import SAMPLE

# Command -> keys of its JSON document, and of the rows of the lists in it. New keys may come,
# these stay.
CONTRACT = {
    "kpis --by intent,channel --since 2026-04-01": {
        "": {"as_of", "since", "until", "by", "contacts", "currency", "definitions", "rows"},
    },
    "baseline save": {"": {"as_of", "contacts", "definitions", "rows"}},
    "baseline show": {"": {"as_of", "contacts", "definitions", "rows"}},
    "replay --set confidence=0.8": {
        "": {"before", "after", "contacts", "levels", "transitions"},
        "levels": {"level", "before", "after"},
    },
    "audit verify": {"": {"events", "streams", "erased", "anchors", "findings"}},
    "config show": {
        "": {"name", "assistant.company", "store.url", "identity.required"},
        "name": {"value", "default", "meaning"},
    },
    "doctor": {"": {"healthy", "findings"}, "findings": {"what", "fine", "detail"}},
}
TURN = {
    "conversation", "reply", "language", "level", "rule", "reason", "intents", "sentiment",
    "urgency", "identity_proven", "asked", "facts", "actions", "tools", "case", "packet",
    "policy_version",
}  # fmt: skip


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copy_of_sample(tmp_path_factory.mktemp("contract") / "poc")
    assert run("baseline", "save", "--poc", made).exit_code == 0
    return made


@pytest.mark.parametrize("command", CONTRACT)
def test_a_command_prints_the_keys_it_promises(poc: Path, command: str) -> None:
    printed = run_json(*command.split(), "--poc", poc)
    for place, keys in CONTRACT[command].items():
        part = printed[place] if place else printed
        part = part[0] if isinstance(part, list) else part
        assert keys <= set(part), (place, sorted(part))


def test_chat_prints_one_object_a_turn(poc: Path) -> None:
    told = turns(poc, "Is INV-1002 paid?", "I want to talk to a person")
    assert [set(turn) for turn in told] == [TURN, TURN]
    assert {(f["name"], f["value"]) for f in told[0]["facts"]} >= {("invoice number", "INV-1002")}
    assert set(told[0]["facts"][0]) == {"name", "kind", "value", "source"}
    assert set(told[0]["intents"][0]) == {"intent", "confidence"}
    assert told[1]["level"] == "escalate" and told[1]["reason"] == "customer_request"
    assert told[1]["packet"]["completeness"] == 1.0


def test_chat_goes_on_with_a_conversation(poc: Path) -> None:
    first, *_ = turns(poc, "Hello")
    ran = run(
        "chat", "--customer", "C-1001", "--poc", poc, "--json",
        "--conversation", first["conversation"], said="Is INV-1002 paid?\n",
    )  # fmt: skip
    assert json.loads(ran.stdout)["conversation"] == first["conversation"]


def test_scenarios_print_pass_and_fail_by_id_and_pass_k(tmp_path: Path) -> None:
    poc = copy_of_sample(tmp_path / "poc")
    kept = poc / "scenarios"
    kept.mkdir()
    for path in (SAMPLE / "scenarios").rglob("every-1-ai-notice.toml"):
        shutil.copy(path, kept)
    printed = run_json("scenarios", "--poc", poc, "--repeat", "2")
    assert set(printed) == {
        "passed", "scenarios", "scenarios_passed", "runs", "k", "pass_k", "results",
    }  # fmt: skip
    assert {"id", "flow", "behaviour", "title", "passed", "passes", "runs"} == set(
        printed["results"][0]
    )


def test_import_says_what_it_took_and_what_not(poc: Path, tmp_path: Path) -> None:
    source = tmp_path / "customers.csv"
    source.write_text("id,name,country\nC-7001,Ada Long,GB\n,Nobody,GB\n")
    printed: Any = run_json("import", "customers", source, "--poc", poc)
    counted = {key: printed[f"rows_{key}"] for key in ("in", "accepted", "rejected")}
    assert counted == {"in": 2, "accepted": 1, "rejected": 1}
    assert {"line", "column", "value", "reason"} == set(printed["rejections"][0])
    again = run_json("import", "customers", source, "--poc", poc)
    assert again["records"]["customers"] == {"new": 0, "changed": 0, "unchanged": 1}


def test_evaluate_prints_a_score(tmp_path: Path) -> None:
    rows = [f"how much is bill {n},amount\nplease open a case {n},case" for n in range(20)]
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    printed = run_json(
        "evaluate", "intent", "--train", tmp_path / "train.csv", "--test", tmp_path / "test.csv"
    )
    assert {"accuracy"} <= set(printed)


def test_evaluation_runs_are_made_listed_compared_and_written(poc: Path, tmp_path: Path) -> None:
    stricter = ("--set", "threshold.stakes.low=0.9")
    first = run_json("evaluate", "run", "--contacts", "40", "--by", "ana", "--poc", poc)
    other = run_json("evaluate", "run", "--contacts", "40", *stricter, "--poc", poc)
    assert first["repeated"] is False and first["by"] == "analyst:ana"
    assert {"id", "name", "versions", "at", "cases", "totals", "pass_k", "results"} <= set(first)
    assert {"case", "says", "outcome", "confidence", "scores"} == set(first["results"][0])
    listed = run_json("evaluate", "list", "--poc", poc)
    assert [one["id"] for one in listed["runs"]] == [other["id"], first["id"]]
    assert run_json("evaluate", "show", first["id"], "--poc", poc)["results"] == first["results"]
    found = run_json("evaluate", "compare", first["id"], other["id"], "--poc", poc)
    assert set(found) == {
        "before", "after", "versions", "worse_beyond_noise", "counts", "cases", "totals",
    }  # fmt: skip
    assert sum(found["counts"].values()) == 40
    ran = run("evaluate", "export", first["id"], tmp_path / "run.csv", "--poc", poc)
    assert ran.exit_code == 0 and (tmp_path / "run.csv").exists()


def test_a_comparison_that_is_worse_beyond_noise_ends_with_code_1(
    poc: Path, tmp_path: Path
) -> None:
    texts = [f"Can I have invoice {n} once more, the copy?" for n in range(30)]
    (tmp_path / "m.csv").write_text(
        "text,label\n" + "".join(f'"{text}",something_else\n' for text in texts)
    )
    arguments = ("evaluate", "run", "--labelled", tmp_path / "m.csv", "--poc", poc)
    safe = run_json(*arguments, "--set", "threshold.stakes.low=1")["id"]
    bold = run_json(*arguments, "--set", "threshold.stakes.low=0")["id"]
    assert run("evaluate", "compare", bold, safe, "--poc", poc).exit_code == 0
    worse = run("evaluate", "compare", safe, bold, "--poc", poc)
    assert worse.exit_code == 1 and "worse beyond noise" in worse.stdout.splitlines()[0]


def test_sample_writes_contacts_and_says_so(tmp_path: Path) -> None:
    printed = run_json("sample", "--out", tmp_path / "out", "--contacts", "500")
    assert isinstance(printed, dict)
    assert list((tmp_path / "out").rglob("*.parquet"))


def test_new_makes_a_folder_and_prints_its_path(tmp_path: Path) -> None:
    ran = run("new", "acme", "--parent", tmp_path)
    assert ran.exit_code == 0, ran.output
    assert (Path(ran.stdout.strip()) / "poc.toml").exists()


@pytest.mark.parametrize("command", CONTRACT)
def test_without_json_a_command_prints_something_to_read(poc: Path, command: str) -> None:
    ran = run(*command.split(), "--poc", poc)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.strip() and not ran.stdout.startswith("{")
