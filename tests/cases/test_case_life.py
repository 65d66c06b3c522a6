"""Thousands of random steps: model, SQLite and PostgreSQL agree on every one of them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from case_bench import MONDAY, Bench
from case_machine import CaseLife
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from workbench.config import Settings
from workbench.records.base import SteppingClock
from workbench.store import Store
from workbench.systems.local import local_systems
from workbench.systems.ports import Passage

_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
_STEPS = ("open", "append", "move", "change", "merge", "split", "subscribe", "part")
"""What has to succeed now and then; few runs may not come to the last."""


class NoArticles:
    def search(self, question: str, *, language: str = "en", limit: int = 3) -> tuple[Passage, ...]:
        return ()


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A SQLite and a PostgreSQL store under one clock that stands still between steps."""
    clock = SteppingClock(MONDAY, step=timedelta(0))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=_MEMORY))
        url = stack.enter_context(request.getfixturevalue("postgres")())
        urls = {"sqlite": f"sqlite:///{folder}/store.db", "postgres": url}
        stores = {
            name: stack.enter_context(Store.open(url, clock=clock)) for name, url in urls.items()
        }
        systems = local_systems(stores["sqlite"], Settings(), clock, NoArticles())
        yield Bench(stores, clock, systems.ticketing.promises)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("runs", "steps"), [(30, 30), pytest.param(1000, 50, marks=pytest.mark.full)]
)
def test_rules_and_databases_agree_on_every_step(
    bench: Bench, runs: int, steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    life: Any = type("Life", (CaseLife,), {"bench": bench})
    began = time.perf_counter()
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
        _min_steps=steps,  # otherwise a run may end as soon as it likes
    )
    tried = bench.tried
    for what in _STEPS if runs > 100 else _STEPS[:-1]:
        assert tried[f"{what}: done"], f"no {what} ever succeeded"
    for came_of_it in ("refused", "not there"):
        assert sum(n for what, n in tried.items() if what.endswith(came_of_it)) > runs
    assert tried["crash: refused"]
    assert tried["repeat"]
    with capsys.disabled():
        print(
            f"\ncases: {bench.runs} runs of {steps} steps, {sum(tried.values()):,} acts on "
            f"model, SQLite and PostgreSQL alike, 0 differences "
            f"({time.perf_counter() - began:.0f} s)\n  "
            + ", ".join(f"{what} {n}" for what, n in sorted(tried.items()))
        )
