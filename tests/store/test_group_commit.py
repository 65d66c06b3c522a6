"""Threads that commit together: each gets its own answer, after the commit, and nothing else."""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import at_once
from sqlalchemy import Connection, text
from store_world import ADMIN, AGENT, ANNA, BORIS, begin, case, customer, dispute, fill, said

from workbench.errors import Unavailable, WorkbenchError
from workbench.records.actions import Action
from workbench.records.operations import AppendToCase, OpenCase, OpenDispute, plan
from workbench.store import Store, Transaction
from workbench.store.engine import Database
from workbench.store.group_commit import GroupCommit

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
WRITERS = 16


@contextmanager
def new_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield f"sqlite:///{folder}/store.db"


def together(database: Database, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each work gave or raised as a member of one group, in the order given."""
    group, holding, go = database._group, threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        holding.set()
        go.wait(30)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(database.write, hold)
        holding.wait(30)
        answers = []
        for number, work in enumerate(works, 1):
            answers.append(pool.submit(outcome, work))
            wait_until(lambda number=number: len(group._waiting) == number)
        go.set()
        return [answer.result() for answer in answers]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the writers did not queue"
        time.sleep(0.0005)


def outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (Exception, KeyboardInterrupt) as error:  # compared with what was expected
        return error


@pytest.fixture
def numbers(tmp_path: Path) -> Iterator[Database]:
    """A database with one table of numbers, none twice."""
    with closing(Database(f"sqlite:///{tmp_path / 'numbers.db'}")) as database:
        database.write(lambda c: c.execute(text("CREATE TABLE number (n INTEGER PRIMARY KEY)")))
        yield database


def put(database: Database, number: int, error: BaseException | None = None) -> int:
    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO number VALUES (:n)"), {"n": number})
        if error is not None:
            raise error
        return number

    return database.write(work)


def kept(database: Database) -> list[int]:
    with database.reading() as connection:
        return [row.n for row in connection.execute(text("SELECT n FROM number ORDER BY n"))]


def test_those_who_wait_share_one_commit_and_get_their_own_results(numbers: Database) -> None:
    commits: list[str] = []
    with closing(Database(str(numbers.url))) as database:
        run = database._run_transaction

        def counted(work: Any) -> Any:
            commits.append("commit")
            return run(work)

        database._group = GroupCommit(counted)
        works = [lambda n=n: put(database, n) for n in range(WRITERS)]
        assert together(database, works) == list(range(WRITERS))
    assert kept(numbers) == list(range(WRITERS))
    assert len(commits) == 2, "the first alone, then all who waited"


def test_a_failing_member_undoes_its_own_work_and_hears_of_it_alone(numbers: Database) -> None:
    refused = ValueError("not mine")
    works = [lambda n=n: put(numbers, n, refused if n == 3 else None) for n in range(6)]
    results = together(numbers, works)
    assert results == [0, 1, 2, refused, 4, 5]
    assert kept(numbers) == [0, 1, 2, 4, 5]


def test_a_key_taken_by_a_member_of_the_same_group_is_a_conflict(numbers: Database) -> None:
    results = together(numbers, [lambda: put(numbers, 7)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 3 + ["int"]
    assert kept(numbers) == [7]


def test_when_the_commit_fails_nobody_is_told_that_it_worked(numbers: Database) -> None:
    """A foreign key that is checked at the commit makes it fail for all of the group."""
    numbers.write(
        lambda c: c.execute(
            text(
                "CREATE TABLE child (n INTEGER REFERENCES number (n) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    )

    def orphan() -> Any:
        return numbers.write(lambda c: c.execute(text("INSERT INTO child VALUES (99)")))

    results = together(numbers, [lambda: put(numbers, 1), orphan, lambda: put(numbers, 2)])
    assert all(isinstance(result, WorkbenchError) for result in results), results
    assert kept(numbers) == []
    assert put(numbers, 3) == 3


def test_who_fills_the_disk_fails_alone() -> None:
    with new_url() as url, Store.open(url) as store:
        fill(store)
        begin(store)
        database = store._database
        with database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 40}")
        many = [customer(f"C-9{number:04d}") for number in range(3_000)]
        works = [
            lambda: talk(store, "first"),
            lambda: store.import_records(ADMIN, "customers", many, "x"),
            lambda: talk(store, "last"),
        ]
        first, filled, last = together(database, works)
        assert isinstance(filled, Unavailable)
        assert "full" in str(filled)
        assert (len(first.events), len(last.events)) == (1, 1)
        assert len(store.customers(ADMIN)) == 3
        assert store.verify(ADMIN).ok


def talk(store: Store, name: str) -> Any:
    return store.commit(
        Transaction(principal=ANNA, stream="conv-1", request_id=name, events=(said(name),))
    )


def test_who_follows_an_interrupted_leader_is_told_and_can_repeat(numbers: Database) -> None:
    """Ctrl-C in the thread that leads: nothing of the group was written, and nobody hangs."""
    stop = KeyboardInterrupt()
    works = [lambda: put(numbers, 1, stop), lambda: put(numbers, 2)]
    interrupted, follower = together(numbers, works)
    assert interrupted is stop
    assert isinstance(follower, Unavailable)
    assert "Repeat the same request" in str(follower)
    assert kept(numbers) == []
    assert put(numbers, 2) == 2


def test_closing_waits_for_everybody_who_is_writing(numbers: Database) -> None:
    database, holding = Database(str(numbers.url)), threading.Event()

    def slow(connection: Connection) -> None:
        holding.set()
        time.sleep(0.1)

    with ThreadPoolExecutor(8) as pool:
        pool.submit(database.write, slow)
        holding.wait(10)
        for number in range(5):
            pool.submit(put, database, number)
        wait_until(lambda: len(database._group._waiting) == 5)
        database.close()
        assert kept(numbers) == list(range(5))


CASE = "CASE-22222222"
STEPS: dict[str, Callable[[int], tuple[Any, str, tuple[Action, ...], int | None]]] = {
    "talk": lambda n: (ANNA, "conv-1", (), None),
    "talk elsewhere": lambda n: (ANNA, "conv-2", (), None),
    "a stale reader": lambda n: (ANNA, "conv-1", (), 2),
    "somebody else's": lambda n: (BORIS, "conv-1", (), None),
    "dispute": lambda n: (
        ANNA,
        "conv-1",
        (plan(OpenDispute(dispute=dispute("60.00", name=str(n))), f"d-{n}"),),
        None,
    ),
    "one key for all": lambda n: (
        AGENT,
        "conv-1",
        (plan(AppendToCase(case_id=CASE, text="note"), "same"),),
        None,
    ),
    "good, then bad": lambda n: (
        ANNA,
        "conv-2",
        (
            plan(OpenDispute(dispute=dispute("1.00", name=f"g{n}")), f"g-{n}"),
            plan(OpenDispute(dispute=dispute("999.00", name=f"b{n}")), f"b-{n}"),
        ),
        None,
    ),
}


def transaction(step: str, number: int) -> Transaction:
    principal, stream, actions, expected = STEPS[step](number)
    return Transaction(
        principal=principal,
        stream=stream,
        request_id=f"r-{number}",
        actions=actions,
        events=(said(f"message {number}"),),
        expected_revision=expected,
    )


def prepare(store: Store) -> None:
    fill(store)
    begin(store)
    begin(store, stream="conv-2")
    wish = OpenCase(case=case(CASE))
    opening = Transaction(
        principal=AGENT, stream="conv-1", request_id="open", actions=(plan(wish, "open"),)
    )
    store.commit(opening)


def told(store: Store, wanted: Transaction) -> Any:
    """What the caller hears, without the random ids."""
    try:
        done = store.commit(wanted)
    except WorkbenchError as error:
        return f"{type(error).__name__}: {error}"
    receipts = [(receipt.key, receipt.repeated) for receipt in done.receipts]
    return done.repeated, receipts, [(e.position, e.kind.value) for e in done.events]


def left(store: Store) -> list[tuple[Any, ...]]:
    """Who wrote what in which place, and what the records came to."""
    events = store.events(ADMIN)
    ledger = [(e.seq, e.stream, e.position, e.kind.value, e.request_id, e.actor) for e in events]
    disputes = sorted(dispute.id for dispute in store.account(ANNA, "INV-1").disputes)
    entries = [entry.text for entry in store.entries(AGENT, CASE)]
    return [*ledger, tuple(disputes), tuple(entries)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a prepared store; opening a new one takes longer than the examples do."""
    path = tmp_path_factory.mktemp("prepared") / "store.db"
    with Store.open(f"sqlite:///{path}") as store:
        prepare(store)
    return path


@contextmanager
def a_copy(prepared: Path) -> Iterator[Store]:
    with new_url() as url:
        shutil.copy(prepared, url.removeprefix("sqlite:///"))
        with Store.open(url) as store:
            yield store


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=8))
def test_a_group_comes_to_what_its_members_come_to_one_by_one(
    prepared: Path, steps: list[str]
) -> None:
    wanted = [transaction(step, number) for number, step in enumerate(steps)]
    with a_copy(prepared) as store:
        one_by_one = [told(store, each) for each in wanted], left(store)
    with a_copy(prepared) as store:
        works = [lambda each=each: told(store, each) for each in wanted]
        grouped = together(store._database, works), left(store)
        assert store.verify(ADMIN).ok
    assert grouped == one_by_one


def test_processes_with_many_threads_each_share_a_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(url) as store:
        fill(store)
        begin(store)

    def write(process: int) -> int:
        with Store.open(url) as store, ThreadPoolExecutor(WRITERS) as pool:
            names = [f"r{process}-{number}" for number in range(2 * WRITERS)]
            return len({done.events[0].seq for done in pool.map(lambda n: talk(store, n), names)})

    assert at_once(3, write) == [2 * WRITERS] * 3
    with Store.open(url) as store:
        assert len(store.events(ANNA, "conv-1")) == 2 + 3 * 2 * WRITERS
        assert store.verify(ADMIN).ok


def write_until_killed(url: str, generation: int, acknowledge: int) -> None:
    """Sixteen threads; each acknowledges a turn (two events, an entry) when it is committed."""

    def write(store: Store, thread: int) -> None:
        number = 0
        while True:
            name = f"t{generation}.{thread}.{number}"
            entry = AppendToCase(case_id=CASE, text=name)
            turn = Transaction(
                principal=AGENT,
                stream="conv-1",
                request_id=name,
                actions=(plan(entry, name),),
                events=(said(name),),
            )
            store.commit(turn)
            os.write(acknowledge, f"{name}\n".encode())
            number += 1

    with Store.open(url) as store, ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda thread: write(store, thread), range(WRITERS)))


def acknowledged_until_killed(url: str, generation: int, after_seconds: float) -> list[str]:
    """Turns that a process acknowledged before it was killed, this long after its first one."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            write_until_killed(url, generation, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    with os.fdopen(read_end) as acknowledged:
        select.select([acknowledged], [], [], 30)
        time.sleep(after_seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return acknowledged.read().splitlines()


def turns_left(url: str) -> dict[str, tuple[int, int, int]]:
    """Turn -> how many events, case entries and performed keys it has left."""
    questions = (
        "SELECT request_id, count(*) FROM event WHERE request_id LIKE 't%' GROUP BY 1",
        "SELECT text, count(*) FROM case_entry GROUP BY 1",
        'SELECT "key", count(*) FROM performed WHERE "key" LIKE \'t%\' GROUP BY 1',
    )
    with closing(Database(url)) as database, database.reading() as connection:
        counts = [dict(connection.execute(text(question)).all()) for question in questions]
    events, entries, keys = counts
    names = {*events, *entries, *keys}
    return {name: (events.get(name, 0), entries.get(name, 0), keys.get(name, 0)) for name in names}


@pytest.mark.parametrize("kills", [15, pytest.param(200, marks=pytest.mark.full)])
def test_a_kill_loses_no_acknowledged_turn(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(url) as store:
        prepare(store)
    moments, acknowledged = random.Random(kills), set[str]()
    for generation in range(kills):
        after = moments.uniform(0, 0.4)
        acknowledged.update(acknowledged_until_killed(url, generation, after))
    turns = turns_left(url)
    with Store.open(url) as store:
        assert store.verify(ADMIN).ok
    assert acknowledged <= turns.keys(), "every acknowledged turn is there"
    assert set(turns.values()) == {(2, 1, 1)}, "no turn is there twice or in part"
    with capsys.disabled():
        print(
            f"\ngroup commit: {kills} kills of {WRITERS} writers, {len(acknowledged)} turns "
            f"acknowledged, {len(turns)} kept, 0 lost, 0 doubled, 0 half-done, chain intact"
        )
