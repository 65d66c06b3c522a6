"""The sample POC with its demo played, made once a test session; tests work on copies of it."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from workbench.demo import play_demo

ROOT = Path(__file__).parents[1]
APP = ROOT / "app" / "streamlit_app.py"


def played_poc(factory: pytest.TempPathFactory, name: str) -> Path:
    """A copy of its own of the played sample."""
    made = factory.mktemp(name) / "poc"
    shutil.copytree(_original(factory), made)
    return made


def _original(factory: pytest.TempPathFactory) -> Path:
    """The one that all workers of this session share; the first to come makes it."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "played-poc"
    with (shared / "played-poc.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            half = shared / "played-poc-half"
            shutil.copytree(ROOT / "sample_data", half, ignore=shutil.ignore_patterns(".workbench"))
            play_demo(half)
            half.rename(folder)
    return folder
