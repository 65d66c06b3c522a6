"""Make a POC folder from the template and the package's defaults."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from workbench.errors import InputError
from workbench.poc import DEFAULTS
from workbench.scaffold.notebook import notebook_text

TEMPLATE = Path(__file__).parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_NAMED = re.compile(r'^name = ".*"$', re.MULTILINE)
_LONGEST_NAME = 40
_COPIED = ("policies", "intents", "intents.toml", "sentiment.csv")
"""Defaults that a team will change first, so it gets its own copy."""


def new_poc(name: str, parent: Path) -> Path:
    """Make the folder `parent/name`, whole or not at all; its path.

    Raises `InputError` for a name that is none, a parent that is not there, and a folder that is.
    """
    _check_name(name)
    folder = parent / name
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{folder} exists already", next_step="Choose another name, or remove it.")
    if not parent.is_dir():
        raise InputError(f"{parent} is not a folder", next_step="Make it first.")
    with tempfile.TemporaryDirectory(dir=parent, prefix=f".{name}-") as scratch:
        made = Path(scratch) / name
        _fill(made, name)
        made.rename(folder)
    return folder


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InputError(
            f"{name!r} cannot be the name of a POC",
            expected=f"small letters, digits, - and _, at most {_LONGEST_NAME}: spring-trial",
        )


def _fill(folder: Path, name: str) -> None:
    shutil.copytree(TEMPLATE, folder)
    for default in _COPIED:
        _copy(DEFAULTS / default, folder / default)
    for path in folder.rglob("*"):
        if path.suffix in {".toml", ".md", ".txt"}:
            path.write_text(path.read_text("utf-8").replace("POC_NAME", name), "utf-8")
    policy = folder / "policies" / "policy.toml"
    policy.write_text(_NAMED.sub(f'name = "{name}"', policy.read_text("utf-8"), 1), "utf-8")
    (folder / "gitignore.txt").rename(folder / ".gitignore")
    start = folder / "notebooks" / "start.txt"
    start.with_suffix(".ipynb").write_text(notebook_text(start.read_text("utf-8")), "utf-8")
    start.unlink()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
