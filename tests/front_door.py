"""Workbenches for tests: the sample's models are loaded once a process, every store is new.

with sample_workbench(tmp_path) as workbench:
    workbench.converse("C-1001", "Is INV-1001 paid?", channel="portal")
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbench import Workbench, open_workbench
from workbench.config import Settings
from workbench.records.base import Clock, Ids, SteppingClock
from workbench.systems.ports import Knowledge
from workbench.triage.model import TriageModel

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data"
REAL_DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)
"""Monday, the day for which the sample's records are current."""


@dataclass(frozen=True)
class Parts:
    """What every workbench of these tests shares, and two stores to copy."""

    folder: Path
    settings: Settings
    triage: TriageModel
    knowledge: Knowledge
    _kept: TemporaryDirectory[str]


@cache
def parts() -> Parts:
    """Built at the first use in a process; removed when it ends."""
    kept = TemporaryDirectory(prefix="front-door-", dir=memory(), ignore_cleanup_errors=True)
    folder = Path(kept.name)
    with open_workbench(SAMPLE, store_url=url(folder / "empty"), records=False) as new:
        settings, triage, knowledge = new.settings, new.assistant.triage, new.systems.knowledge
    shared: dict[str, Any] = {"triage": triage, "knowledge": knowledge}
    open_workbench(SAMPLE, state=folder, store_url=url(folder / "sample"), **shared).close()
    return Parts(folder, settings, triage, knowledge, kept)


def memory() -> str | None:
    """A place where a disk need not be waited for; None: the usual one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def url(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'store.db'}"


def morning_clock(step: timedelta = timedelta(milliseconds=1)) -> SteppingClock:
    return SteppingClock(MORNING, step)


def sample_workbench(
    folder: Path,
    *,
    books: str = "sample",
    clock: Clock | None = None,
    ids: Ids | None = None,
    **options: Any,
) -> Workbench:
    """A workbench on the store in `folder`; a new one begins with the sample's books, or `empty`.

    `options` go to `open_workbench`.
    """
    store = url(folder)
    if not (folder / "store.db").exists():
        shutil.copyfile(parts().folder / books / "store.db", folder / "store.db")
    given: dict[str, Any] = {
        "settings": parts().settings,
        "triage": parts().triage,
        "knowledge": parts().knowledge,
        **options,
    }
    return open_workbench(
        SAMPLE,
        state=folder,
        store_url=store,
        clock=clock or morning_clock(),
        ids=ids or Ids(seed=1),
        records=False,
        **given,
    )
