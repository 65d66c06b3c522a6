"""The command line as a caller has it: arguments and stdin in, exit code, stdout and stderr out."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import Result
from front_door import SAMPLE, parts
from typer.testing import CliRunner

from workbench import cli

_NOT_COPIED = shutil.ignore_patterns(".workbench", "scenarios", "transcripts.parquet")


application = cache(cli.application)
"""The registered command line."""


def run(*arguments: str | Path, said: str | bytes = "") -> Result:
    return CliRunner().invoke(application(), [str(a) for a in arguments], input=said)


def run_json(*arguments: str | Path, said: str = "") -> Any:
    """The JSON document that a command prints; it must have gone well."""
    ran = run(*arguments, "--json", said=said)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def turns(poc: Path, *messages: str, customer: str = "C-1001") -> list[dict[str, Any]]:
    """One object per line of a chat on the portal."""
    ran = run(
        "chat", "--customer", customer, "--poc", poc, "--channel", "portal", "--json",
        said="".join(f"{message}\n" for message in messages),
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    return [json.loads(line) for line in ran.stdout.splitlines()]


def copy_of_sample(folder: Path) -> Path:
    """A POC of its own with the sample's books, its models as they are built already."""
    shutil.copytree(SAMPLE, folder, ignore=_NOT_COPIED)
    parts()  # builds what is missing in the sample
    for built in ("triage", "knowledge"):
        if (SAMPLE / ".workbench" / built).exists():
            shutil.copytree(SAMPLE / ".workbench" / built, folder / ".workbench" / built)
    return folder
