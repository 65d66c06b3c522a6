"""The documents of the project, and what can be read out of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.main import get_command

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = sorted(
    path
    for folder in ("", "docs", "docs/adr", "sample_data", "examples/*")
    for path in ROOT.glob(f"{folder}/*.md".lstrip("/"))
)

_FENCED = re.compile(r"^```(?:bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}((?:make|workbench) (?:.*\\\n)*.*)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands_in(path: Path) -> Iterator[list[str]]:
    """Every command of the fenced and indented code, as words, pipes taken apart."""
    text = text_of(path)
    shell = [*_FENCED.findall(text), *_INDENTED.findall(text)]
    for line in "\n".join(shell).replace("\\\n", " ").replace("|\n", "| ").splitlines():
        words = shlex.split(line, comments=True)
        while "|" in words:
            yield words[: words.index("|")]
            words = words[words.index("|") + 1 :]
        if words:
            yield words


def links_in(path: Path) -> Iterator[str]:
    """Targets of relative links and images, without anchors."""
    for target in _LINK.findall(text_of(path)):
        if "://" not in target and not target.startswith("#"):
            yield target.partition("#")[0]


def command_line() -> typer.core.TyperGroup:
    """The command line as the user has it."""
    from workbench.cli import application

    return get_command(application())


def all_commands() -> dict[str, set[str]]:
    """Every command, such as `baseline save`, with its options."""
    found: dict[str, set[str]] = {}
    for name, command in command_line().commands.items():
        below = dict(getattr(command, "commands", None) or {"": command})
        if getattr(command, "invoke_without_command", False):
            below[""] = command
        for part, leaf in below.items():
            options = {o for p in leaf.params for o in (*p.opts, *p.secondary_opts)}
            found[f"{name} {part}".strip()] = {o for o in options if o.startswith("--")}
    return found


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
