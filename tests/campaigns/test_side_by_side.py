"""App, notebook and command line are open on one POC while conversations go on: nobody waits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from front_door import ROOT, SAMPLE, morning_clock
from processes_at_work import together

from workbench import Workbench, open_workbench
from workbench.records.base import Ids

SECONDS = 5.0
_OTHER_STATE = shutil.ignore_patterns("*.db*", "records.json", "history", "anchors*")
SAID = ("Is INV-1002 paid?", "How much is open on INV-1001?", "I want to talk to a person")


def repeat(work: Callable[[], int]) -> list[int]:
    """What `work` counts, again and again for some seconds, at least three times."""
    until, counts = time.monotonic() + SECONDS, []
    while time.monotonic() < until or len(counts) < 3:
        counts.append(work())
    return counts


def as_app(poc: Path) -> list[int]:
    """Pages: lists, KPIs and the inbox of a workbench that stays open."""
    with open_workbench(poc, clock=morning_clock()) as workbench:

        def pages() -> int:
            workbench.inbox(status=None)
            workbench.kpis(by=("channel",))
            return sum(row.revision for row in workbench.conversations(limit=10_000))

        return repeat(pages)


def as_notebook(poc: Path) -> list[int]:
    """Queries over the history, the live tail included."""
    with open_workbench(poc, clock=morning_clock()) as workbench:

        def query() -> int:
            found = (
                workbench.history.connection().execute("SELECT count(*) FROM contact").fetchone()
            )
            return int(found[0]) if found else 0

        return repeat(query)


def as_command_line(poc: Path) -> list[int]:
    """`workbench audit verify`, a new process each time."""

    def verify() -> int:
        command = "from workbench.cli import main; main()"
        ran = subprocess.run(
            [sys.executable, "-c", command, "audit", "verify", "--poc", str(poc), "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return int(json.loads(ran.stdout)["events"])

    return repeat(verify)


def as_writer(poc: Path) -> list[int]:
    """Conversations, one turn after the other."""
    with open_workbench(poc, clock=morning_clock(), ids=Ids()) as workbench:
        told = 0

        def turn() -> int:
            nonlocal told
            workbench.converse("C-1001", SAID[told % len(SAID)], channel="portal")
            told += 1
            return told

        return repeat(turn)


def test_readers_see_counts_that_only_grow_while_one_process_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poc = tmp_path / "poc"
    shutil.copytree(SAMPLE, poc, ignore=shutil.ignore_patterns(".workbench", "scenarios"))
    built = SAMPLE / ".workbench"
    if built.exists():  # the models as they are, for the sake of time
        shutil.copytree(built, poc / ".workbench", ignore=_OTHER_STATE)
    events = _opened_once(poc)
    roles = {"app": as_app, "notebook": as_notebook, "cli": as_command_line, "writer": as_writer}
    seen = together(*[_on(poc, role) for role in roles.values()])
    for role, counts in zip(roles, seen, strict=True):
        assert isinstance(counts, list) and counts, (role, counts)
        assert counts == sorted(counts), (role, counts)
    with open_workbench(poc, clock=morning_clock()) as workbench:
        assert workbench.verify().ok
        assert len(workbench.conversations(limit=10_000)) == seen[-1][-1]
        assert workbench.verify().events > events
    looks = {role: len(counts) for role, counts in zip(roles, seen, strict=True)}
    with capsys.disabled():
        print(f"\nside by side for {SECONDS:.0f} s: {looks}, 0 errors, counts only grow")


def _on(poc: Path, role: Callable[[Path], list[int]]) -> Callable[[], list[int]]:
    return lambda: role(poc)


def _opened_once(poc: Path) -> int:
    """Build what is missing before anybody looks; the events there are."""
    workbench: Workbench
    with open_workbench(poc, clock=morning_clock()) as workbench:
        return workbench.verify().events
