"""Connections: one snapshot per read, one retried transaction per write.

SQLite runs in WAL mode with `synchronous=FULL`; a write takes the write lock at its start
(BEGIN IMMEDIATE), so it never fails half-way for want of it. PostgreSQL runs in READ COMMITTED;
a write first takes advisory locks on the names it works on (its stream, its customers), always in
sorted order, and the ledger's last. So two writers of one customer wait for each other on both
databases, and a caller never sees a lock error.

Threads that write to SQLite at the same time commit together (see `group_commit`); PostgreSQL does
that itself.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from workbench.errors import ConfigError, Conflict, Corrupt, Unavailable
from workbench.store.group_commit import GroupCommit

T = TypeVar("T")

LOCK_WAIT_SECONDS = 60
"""How long a writer waits for others before it gives up as `Unavailable`."""

# PostgreSQL's codes for serialization failure, deadlock and lock not available.
_LOST_RACES = {"40001", "40P01", "55P03"}


class Database:
    """One database, by URL. Safe to share between threads, not across a fork."""

    def __init__(self, url: str) -> None:
        self.url = _full_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._group = GroupCommit(self._run_transaction)

    def close(self) -> None:
        """Let those who are writing finish, then close every connection."""
        self._group.drain()
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one snapshot throughout; what it does is never committed."""
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(**self._snapshot)
        except (DBAPIError, PoolTimeout) as error:
            raise _meaning(error) from error

    @property
    def _snapshot(self) -> dict[str, Any]:
        return {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and commit it; a lost race runs it again from the start.

        Raises `Unavailable` when the database does not answer or others hold it for longer than
        `LOCK_WAIT_SECONDS`. Whatever `work` raises rolls everything back.
        """
        write = self._group.write if self.is_sqlite else self._run_transaction
        try:
            return write(work)
        except (DBAPIError, PoolTimeout) as error:
            raise _meaning(error) from error

    def _run_transaction(self, work: Callable[[Connection], T]) -> T:
        give_up = time.monotonic() + LOCK_WAIT_SECONDS
        while True:
            try:
                with self.engine.connect() as connection:
                    writer = connection.execution_options(immediate=True)
                    with writer.begin():
                        return work(writer)
            except (DBAPIError, PoolTimeout) as error:
                if not _lost_race(error) or time.monotonic() > give_up:
                    raise
                time.sleep(random.uniform(0.001, 0.02))

    def lock(self, connection: Connection, names: Iterable[str]) -> None:
        """Hold the names until the transaction ends. SQLite writers already exclude each other."""
        if self.is_sqlite:
            return
        for name in sorted(set(names)):
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
            )


def _full_url(url: str) -> URL:
    """The URL with its driver; `postgresql://` means psycopg."""
    try:
        full = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            f"{url!r} is not a database URL",
            expected="sqlite:///FILE or postgresql://USER@HOST/NAME",
        ) from error
    if full.get_backend_name() == "postgresql":
        return full.set(drivername="postgresql+psycopg")
    if full.get_backend_name() == "sqlite" and full.database:
        return full
    raise ConfigError(
        f"The store cannot be kept in {full.render_as_string(hide_password=True)!r}",
        expected="sqlite:///FILE or postgresql://USER@HOST/NAME",
    )


def _sqlite_engine(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        _retry_locked(lambda: connection.execute("PRAGMA journal_mode=WAL"))
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _retry_locked(step: Callable[[], object]) -> None:
    """Switching to WAL ignores the busy timeout when several processes open a new file at once."""
    give_up = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            step()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(random.uniform(0.001, 0.02))


def _postgres_engine(url: URL) -> Engine:
    options = f"-c timezone=UTC -c statement_timeout={LOCK_WAIT_SECONDS}s"
    connect_args = {"options": options, "connect_timeout": 10}
    return create_engine(url, pool_pre_ping=True, connect_args=connect_args)


def _lost_race(error: DBAPIError | PoolTimeout) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.OperationalError):
        return "locked" in str(cause) or "busy" in str(cause)
    return getattr(cause, "sqlstate", None) in _LOST_RACES


def _meaning(error: DBAPIError | PoolTimeout) -> Exception:
    """The error in our own words."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
    if isinstance(error, IntegrityError):
        return Conflict(
            f"Something with this key is there already: {words}",
            next_step="Read again what is there; nothing was written.",
        )
    if isinstance(error, OperationalError | PoolTimeout):
        return Unavailable(
            f"The store did not answer: {words}",
            next_step="Check the database and free disk space, then repeat the same request: what "
            "was written already is not written twice.",
        )
    if "malformed" in words or "not a database" in words:
        return Corrupt(
            f"The store's file is damaged: {words}",
            next_step="Restore it from a backup, then run `workbench audit verify`.",
        )
    return error
