"""Workers at once, workers that die: what is due is done once, and all of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import Event, Timer

import pytest
from front_door import MORNING, SAMPLE, parts, sample_workbench, url
from processes_at_work import killed, together

from workbench import Workbench, open_workbench
from workbench.errors import Unavailable
from workbench.records.base import Ids, SteppingClock
from workbench.records.cases import Case, CaseStatus, Degree
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.systems.clocks import promises_of
from workbench.worker.jobs import JOBS, Job, run_once
from workbench.worker.serving import serve

CUSTOMER = "C-1001"
SERVICE = Principal(id="service:test", role=Role.SERVICE)
LATE = MORNING + timedelta(hours=6)
"""When a first response promised in the morning is broken."""


@pytest.fixture
def database(store_url: str) -> str:
    """A store with nothing in it but the sample's customers."""
    with Store.open(store_url) as store, Store.open(url(parts().folder / "sample")) as sample:
        store.import_records(SERVICE, "customers", sample.customers(SERVICE), "x")
    return store_url


def opened(database: str, folder: Path) -> Workbench:
    """As a process of its own opens it, when promises of the morning are broken."""
    folder.mkdir(exist_ok=True)
    return open_workbench(
        SAMPLE,
        state=folder,
        store_url=database,
        clock=SteppingClock(LATE, timedelta(milliseconds=1)),
        ids=Ids(),
        settings=parts().settings,
        triage=parts().triage,
        knowledge=parts().knowledge,
        records=False,
    )


def bring(database: str, count: int, first: int = 0) -> None:
    """Cases whose first response was promised for noon."""
    promises = promises_of(parts().settings)
    cases = []
    for number in range(first, first + count):
        case = Case(
            id=f"CASE-{number:08d}",
            customer_id=CUSTOMER,
            topic="complaint",
            subject=f"complaint:{number}",
            title="The courier was rude",
            status=CaseStatus.OPEN,
            impact=Degree.MEDIUM,
            urgency=Degree.MEDIUM,
            queue="billing",
            opened_at=MORNING,
            updated_at=MORNING,
        )
        clocks = promises.on_opening(case, MORNING)
        cases.append(case.model_copy(update={"clocks": clocks}))
    with Store.open(database) as store:
        store.import_records(SERVICE, "cases", cases, f"cases-{first}")


def assert_done_once(database: str, count: int) -> None:
    """Every case is with the supervisors; lead and customer were told of each exactly once."""
    with Store.open(database) as store:
        cases = store.cases(SERVICE, CUSTOMER)
        told = Counter((m.record, m.kind) for m in store.outbox(SERVICE))
        assert len(cases) == count
        assert {case.queue for case in cases} == {"supervisors"}
        expected = {(f"case {c.id}", k): 1 for c in cases for k in ("promise_broken", "case_late")}
        assert told == expected
        assert all(len(store.entries(SERVICE, case.id)) == 2 for case in cases)
        assert store.verify(SERVICE).ok


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


def count_left(database: str) -> int:
    with Store.open(database) as store:
        return sum(case.queue == "billing" for case in store.cases(SERVICE, CUSTOMER))


def test_a_job_that_fails_does_not_keep_the_others_from_their_turn(tmp_path: Path) -> None:
    def fail(_: Workbench) -> dict[str, int]:
        raise Unavailable("The other side did not answer")

    with sample_workbench(tmp_path) as workbench:
        runs = run_once(workbench, [Job("broken", "* * * * * *", fail), *JOBS])
        again = run_once(workbench)
    assert [bool(run.error) for run in runs] == [True, False, False, False, False]
    assert "did not answer" in runs[0].error
    assert [run.done for run in again[:2]] == [dict.fromkeys(run.done, 0) for run in again[:2]]
