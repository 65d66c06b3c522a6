"""A history large enough to see the planted truths, and the committed sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from workbench.sample import generate_contacts

Ask = Callable[[str], Any]


def asking(parquet: Path) -> Ask:
    """A function that answers one SQL question about view `contact` with rows."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW contact AS SELECT * FROM read_parquet('{parquet}')")
    return lambda sql: connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def sample_data() -> Path:
    return Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """120,000 contacts."""
    return asking(generate_contacts(120_000, 5, tmp_path_factory.mktemp("large")).path)


@pytest.fixture(scope="session")
def small(sample_data: Path) -> Ask:
    """The committed 6,000 contacts."""
    return asking(sample_data / "history" / "contacts.parquet")
