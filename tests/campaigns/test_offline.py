"""The demo and a chat run with every way out of the machine refused, and do not even try one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from front_door import ROOT, SAMPLE

GUARD = Path(__file__).parent / "socket_guard"
_STATE = shutil.ignore_patterns(".workbench", "scenarios")


def guarded(log: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """The command line in a process that refuses and notes every outbound connection."""
    without_keys = {k: v for k, v in os.environ.items() if not k.endswith(("_KEY", "_TOKEN"))}
    environment = {
        **without_keys,
        "PYTHONPATH": os.pathsep.join([str(GUARD), str(ROOT)]),
        "SOCKET_GUARD": str(log),
    }
    return subprocess.run(
        [sys.executable, "-c", "from workbench.cli import main; main()", *arguments],
        input=said,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_the_guard_refuses_and_notes_an_outbound_connection(tmp_path: Path) -> None:
    log = tmp_path / "log"
    tried = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 1)"],
        env={**os.environ, "PYTHONPATH": str(GUARD), "SOCKET_GUARD": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 1
    assert "192.0.2.1" in log.read_text()


def test_demo_and_chat_make_no_outbound_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, poc = tmp_path / "log", tmp_path / "poc"
    shutil.copytree(SAMPLE, poc, ignore=_STATE)
    demo = guarded(log, "demo", "--poc", str(poc), "--no-app", "--json")
    assert demo.stdout, demo.stderr
    assert json.loads(demo.stdout)["played"]
    asked = "How much is open on INV-1002?\nmy postcode is BS1 4QA\n"
    chat = guarded(log, "chat", "--customer", "C-1001", "--poc", str(poc), "--json", said=asked)
    assert chat.returncode == 0, chat.stderr
    assert [json.loads(line)["reply"] for line in chat.stdout.splitlines()]
    attempts = log.read_text().splitlines() if log.exists() else []
    assert attempts == []
    with capsys.disabled():
        print("\noffline: demo and chat, 0 outbound connections tried")
