"""Help costs nothing: no engine is loaded to print it, and every command explains itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from commands import run
from front_door import ROOT

HEAVY = {
    "sklearn", "scipy", "numpy", "pandas", "pyarrow", "duckdb", "sqlalchemy", "alembic",
    "llama_index", "streamlit", "openai", "sqlglot", "nltk", "phonenumbers",
}  # fmt: skip
COMMANDS = (
    "demo", "chat", "scenarios", "import", "sample", "new", "kpis", "replay",
    "evaluate intent", "evaluate sentiment", "evaluate run", "evaluate compare", "evaluate list",
    "evaluate show", "evaluate export", "baseline save", "baseline show", "audit verify",
    "config show", "doctor", "app", "label", "label set", "label undo", "label gain",
    "label proposed", "label settle", "label calibrate",
    "verdicts", "verdicts give", "verdicts sweep", "verdicts labels", "verdicts hand-off",
    "experiment list", "experiment show", "experiment plan", "experiment start",
    "experiment stop", "experiment learn", "experiment report",
)  # fmt: skip

_LOADED = """
import sys
sys.argv = ["workbench", *sys.argv[1:]]
from workbench.cli import main
try:
    main()
finally:
    print("LOADED", *{name.partition(".")[0] for name in sys.modules})
"""


@pytest.mark.parametrize("arguments", [("--help",), ("chat", "--help"), ("kpis", "-h")])
def test_help_loads_no_engine(arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    loaded = set(ran.stdout.rpartition("LOADED")[2].split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    ran = run(*command.split(), "--help")
    assert ran.exit_code == 0, ran.output
    assert "Usage:" in ran.stdout
    assert len(ran.stdout.splitlines()) > 4
