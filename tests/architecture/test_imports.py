"""The tree keeps its own rules: layers, what is in it, and how much of it there is."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTE = 2**20
TEXT = {
    ".py",
    ".toml",
    ".md",
    ".txt",
    ".cfg",
    ".yaml",
    ".yml",
    ".ipynb",
    ".lock",
    ".sql",
    ".csv",
    "",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Files in version control, as they lie in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no version control here")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def found_in_texts(pattern: str, *, under: str = "") -> list[str]:
    """`file:line` wherever a pattern stands in a tracked text file, this one excepted."""
    wanted, hits = re.compile(pattern), []
    for path in tracked():
        if (
            path.suffix not in TEXT
            or path == Path(__file__)
            or not str(path).startswith(str(ROOT / under))
        ):
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        name = path.relative_to(ROOT)
        hits += [f"{name}:{number}" for number, line in enumerate(lines, 1) if wanted.search(line)]
    return hits


def test_every_import_contract_is_kept() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    ran = subprocess.run(
        [str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_nothing_in_the_package_imports_the_apps_framework() -> None:
    assert not found_in_texts(r"^\s*(?:import|from) streamlit\b", under="workbench")


def test_the_app_and_the_notebooks_reach_no_engine_themselves() -> None:
    engines = r"^\s*\"?(?:import|from) (?:sqlalchemy|duckdb|openai|sklearn|llama_index)\b"
    assert not found_in_texts(engines, under="app")
    assert not found_in_texts(engines, under="notebooks")


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    names = ("py" + "pi", "python" + "hosted", "npm" + "js")
    hosts = rf"\b(?:{'|'.join(names)})\.org\b"
    places = r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/"
    index = r"--(?:extra-)?index-url\s+\S|--find-links\s+\S"
    assert not found_in_texts(f"{hosts}|{places}|{index}")


def test_no_tracked_file_is_larger_than_two_megabytes() -> None:
    large = {path.name: path.stat().st_size for path in tracked()}
    assert not {name: size for name, size in large.items() if size > 2 * MEGABYTE}


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in tracked() if path.is_relative_to(ROOT / "sample_data")]
    assert sum(sizes) < 8 * MEGABYTE


def test_no_test_replaces_our_own_code() -> None:
    assert not found_in_texts(r"unittest\.mock|monkeypatch\.setattr|MagicMock", under="tests")


def test_no_two_test_modules_share_a_name() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
