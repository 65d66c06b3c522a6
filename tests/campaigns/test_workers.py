"""Workers at once, workers that die: what is due is done once, and all of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Event, Timer

import pytest
from broken_promises import assert_done_once, bring, bring_customers, count_left, opened
from front_door import sample_workbench
from processes_at_work import killed, together

from workbench import Workbench
from workbench.errors import Unavailable
from workbench.worker.jobs import JOBS, Job, run_once
from workbench.worker.serving import serve


@pytest.fixture
def database(store_url: str) -> str:
    bring_customers(store_url)
    return store_url


def test_three_workers_at_once_do_everything_once(database: str, tmp_path: Path) -> None:
    count = 12
    bring(database, count)

    def work(number: int) -> Callable[[], int]:
        def run() -> int:
            with opened(database, tmp_path / str(number)) as workbench:
                return len(workbench.clocks.sweep().broken)

        return run

    done = together(*[work(number) for number in range(3)])
    assert sum(done) == count, done
    assert_done_once(database, count)


def test_three_workers_share_a_schedule(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    count = 12
    import_module("dbos")  # takes a second; loaded before the fork
    jobs = [replace(job, schedule="* * * * * *") for job in JOBS[:2]]

    def work(number: int) -> Callable[[], list[str]]:
        def run() -> list[str]:
            stop, told = Event(), []
            with opened(database, tmp_path / "state") as workbench:
                Timer(6, stop.set).start()
                serve(workbench, stop, jobs=jobs, tell=told.append)
            return [f"{run.job}{run.error}" for run in told]

        return run

    bring(database, count)
    ran = together(*[work(number) for number in range(3)])
    every = Counter(name for names in ran for name in names)
    assert every.keys() == {"promises", "verdicts"}, ran
    assert all(times <= 10 for times in every.values()), "one worker a tick, not three"
    assert_done_once(database, count)
    assert capfd.readouterr().err == "", "logs are quiet"


@pytest.mark.parametrize("kills", [10, pytest.param(300, marks=pytest.mark.full)])
def test_a_worker_that_dies_leaves_nothing_undone_and_nothing_doubled(
    database: str, tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    moments, each, halfway = random.Random(kills), 4, 0

    def work(acknowledge: Callable[[int], None]) -> None:
        with opened(database, tmp_path / "state") as workbench:
            acknowledge(0)
            while True:
                run_once(workbench, JOBS[:2])

    bring(database, each)
    with opened(database, tmp_path / "state") as workbench:
        run_once(workbench, JOBS[:2])  # all that is loaded late is there before the forks
    for number in range(1, kills + 1):
        bring(database, each, first=number * each)
        killed(work, moments.uniform(0, 0.3))
        halfway += count_left(database) > 0
    left, count = count_left(database), (kills + 1) * each
    before = time.perf_counter()
    with opened(database, tmp_path / "state") as workbench:
        run_once(workbench, JOBS[:2])
    after = time.perf_counter() - before
    assert_done_once(database, count)
    assert left < count - each, "workers have done some of it before they died"
    with capsys.disabled():
        print(
            f"\nworkers: {kills} kills, {halfway} with work left, {count} broken promises: "
            f"0 doubled, 0 half-done, 0 lost, chain intact; "
            f"the last {left} in {after * 1000:.0f} ms"
        )


def test_a_job_that_fails_does_not_keep_the_others_from_their_turn(tmp_path: Path) -> None:
    def fail(_: Workbench) -> dict[str, int]:
        raise Unavailable("The other side did not answer")

    with sample_workbench(tmp_path) as workbench:
        runs = run_once(workbench, [Job("broken", "* * * * * *", fail), *JOBS])
        again = run_once(workbench)
    assert [bool(run.error) for run in runs] == [True, *[False] * len(JOBS)]
    assert "did not answer" in runs[0].error
    assert [run.done for run in again[:2]] == [dict.fromkeys(run.done, 0) for run in again[:2]]
