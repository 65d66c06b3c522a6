"""Whatever is typed or written wrongly: one clear sentence, its exit code, nothing lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json, turns
from front_door import ROOT

from workbench import open_workbench
from workbench.records.events import EventKind


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("bad") / "poc")


# Arguments, exit code, and what the sentence on stderr must name.
WRONG = {
    "unknown customer": ("chat --customer C-9999", 3, ["C-9999"]),
    "no poc folder": ("kpis --poc nowhere", 2, ["poc.toml", "workbench new"]),
    "no day": ("kpis --since yesterday", 2, ["yesterday", "2026-04-01"]),
    "no column": ("kpis --by nonsense", 2, ["nonsense", "channel"]),
    "no value": ("replay --set confidence", 2, ["confidence", "NAME=VALUE"]),
    "no number": ("replay --set confidence=high", 2, ["confidence", "high"]),
    "no setting": ("replay --set nonsense=1", 2, ["nonsense", "confidence"]),
    "no policy": ("replay --policy nowhere.toml", 2, ["nowhere.toml"]),
    "no file": ("import invoices nowhere.csv", 2, ["nowhere.csv"]),
    "no kind": ("import cats nowhere.csv", 2, ["cats", "invoices"]),
    "no scenario": ("scenarios --only nothing", 2, ["nothing"]),
    "no command": ("nonsense", 2, ["nonsense"]),
    "no score": ("evaluate mood --train x --test y", 2, ["mood"]),
    "no labels": ("evaluate intent --train x --test y", 2, ["x does not exist"]),
    "no run": ("evaluate show run-0", 3, ["run-0", "evaluate list"]),
    "two kinds of cases": ("evaluate run --contacts 3 --labelled x", 2, ["one kind of cases"]),
    "no model to judge": (
        "evaluate run --contacts 3 --judge",
        2,
        ["no language model", "second_look"],
    ),
    "no parent": ("new acme --parent nowhere", 2, ["nowhere"]),
}
WITHOUT_POC = ("evaluate mood", "evaluate intent", "new", "nonsense")


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_arguments_are_explained(poc: Path, wrong: str) -> None:
    line, code, named = WRONG[wrong]
    arguments = line.split()
    if "--poc" not in arguments and not line.startswith(WITHOUT_POC):
        arguments += ["--poc", str(poc)]
    ran = run(*arguments, said="hello\n")
    assert ran.exit_code == code, ran.output
    assert ran.stdout == ""
    assert all(word in ran.stderr for word in named), ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_line_that_cannot_be_used_is_named_and_the_chat_goes_on(poc: Path) -> None:
    lines = ["", "   ", "\x00\x07\x1b", "x" * 1_000_000, "Is INV-1002 paid?"]
    told = turns(poc, *lines)
    assert [set(turn) == {"error", "what"} for turn in told] == [True] * 4 + [False]
    assert "1,000,000 characters" in told[3]["what"]
    assert "85.44" in told[4]["reply"]


def test_control_and_hidden_characters_neither_hurt_nor_survive(poc: Path) -> None:
    (told,) = turns(poc, "\x1b[31mIs \x00INV-1002\u202e paid?\x07")
    assert "85.44" in told["reply"]
    assert not [c for c in told["reply"] if not c.isprintable() and c not in "\n\u00a0\u202f"]


def test_bytes_that_are_no_text_are_read_as_far_as_they_are(poc: Path) -> None:
    arguments = ["chat", "--customer", "C-1001", "--poc", poc, "--channel", "portal", "--json"]
    ran = run(*arguments, said=b"\xff\xfe Is INV-1002 paid?\ncaf\xe9\n")
    assert ran.exit_code == 0, ran.exception
    assert len(ran.stdout.splitlines()) == 2


# Files that people wrote

BROKEN = {
    "poc.toml": [
        ("name = \n", ["poc.toml", "line 1"]),
        ('name = "x"\nnamme = "y"\n', ["poc.toml, line 2", "namme"]),
        ('[hours]\ntime_zone = "Berlin"\n', ["poc.toml, line 2", "hours.time_zone", "IANA"]),
        ("[identity]\nrequired = 'two'\n", ["poc.toml, line 2", "identity.required"]),
    ],
    "policies/policy.toml": [
        ("[policy\n", ["policy.toml", "line 1"]),
        ('[policy]\nname = "p"\nowner = "o"\nsince = 2026-01-01\ncolour = 1\n', ["colour"]),
    ],
    "intents.toml": [
        ("[intents.greeting]\nflow = 1\n", ["intents.toml", "flow"]),
    ],
}


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [(name, text, named) for name, cases in BROKEN.items() for text, named in cases],
)
def test_a_broken_file_is_named_with_line_and_key(
    poc: Path, tmp_path: Path, name: str, text: str, named: list[str]
) -> None:
    broken = tmp_path / "poc"
    shutil.copytree(poc, broken, ignore=shutil.ignore_patterns(".workbench", "history"))
    (broken / name).write_text(text)
    ran = run("chat", "--customer", "C-1001", "--poc", broken, said="hello\n")
    assert ran.exit_code == 2, ran.output
    assert all(word in ran.stderr for word in named), ran.stderr


def test_a_wrong_mapping_is_explained_and_imports_nothing(poc: Path, tmp_path: Path) -> None:
    source, mapping = tmp_path / "invoices.csv", tmp_path / "map.toml"
    source.write_text("number,customer\nINV-1,C-1001\n")
    mapping.write_text('kind = "invoices"\n[columns]\nnumber = "numbr"\n')
    before = run_json("audit", "verify", "--poc", poc)["events"]
    ran = run("import", "invoices", source, "--map", mapping, "--poc", poc)
    assert ran.exit_code == 2, ran.output
    assert "map.toml, line" in ran.stderr and "customer_id" in ran.stderr
    assert run_json("audit", "verify", "--poc", poc)["events"] == before


# Disks

BLOCK = 1024


def limited(poc: Path, limit: Callable[[], None], said: str) -> subprocess.CompletedProcess[str]:
    """A chat in a process of its own, with a limit on what it may write."""
    command = "from workbench.cli import main; main()"
    options = ["--customer", "C-1001", "--channel", "portal", "--json", "--poc", str(poc)]
    return subprocess.run(
        [sys.executable, "-c", command, "chat", *options],
        cwd=ROOT,
        input=said,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_full_disk_is_said_and_loses_nothing_that_was_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poc = copy_of_sample(tmp_path / "poc")
    turns(poc, "Is INV-1002 paid?")
    size = (poc / ".workbench" / "store.db").stat().st_size

    def nearly_full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 3, size // 3))

    ran = limited(poc, nearly_full, "How much is open on INV-1001?\n" * 60)
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    answered = [turn for turn in told if "reply" in turn]
    refused = [turn for turn in told if "error" in turn]
    assert refused or ran.returncode == 6, (ran.returncode, ran.stderr, ran.stdout[-500:])
    assert "Traceback" not in ran.stderr
    assert run_json("audit", "verify", "--poc", poc)["findings"] == []
    with open_workbench(poc, records=False) as workbench:
        talk = answered[0]["conversation"] if answered else ""
        kept = [e.data["text"] for e in workbench.events(talk) if e.kind is EventKind.REPLIED]
    assert kept == [turn["reply"] for turn in answered]
    assert turns(poc, "Hello")[0]["reply"]
    with capsys.disabled():
        print(f"\nfull disk: {len(answered)} answered and kept, {len(refused)} refused, 0 lost")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    poc = copy_of_sample(tmp_path / "poc")
    shutil.rmtree(poc / ".workbench")
    poc.chmod(stat.S_IREAD | stat.S_IEXEC)
    ran = run("chat", "--customer", "C-1001", "--poc", poc, said="hello\n")
    assert ran.exit_code not in (0, 1), ran.output
    assert "Traceback" not in ran.stderr
