"""The daily pre-aggregate: the sums of every KPI per day and slice, so a dashboard reads thousands
of rows where it would read millions.

Because a KPI is a ratio of sums, days and slices recombine to exactly what single contacts give.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.config import Settings
from workbench.measure.metrics import load_metrics, setting_terms
from workbench.measure.sums import Source, Sum, contacts_source, distinct_sums, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PERIODS = {"day", "week", "month"}
_ALL = (
    "flow",
    "intent",
    "channel",
    "segment",
    "language",
    "queue",
    "level",
    "policy_version",
    "release",
    "arm",
)
# Smallest first; every one also has day and phase. The last answers whatever the others cannot.
ROLLUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("flow", "intent"),
    ("intent", "level"),
    ("channel", "segment", "language"),
    _ALL,
)


@dataclass(frozen=True)
class Daily:
    """Pre-aggregated facts of one moment; questions that it cannot answer go to the contacts."""

    connection: DuckDBPyConnection
    as_of: datetime
    settings: Settings
    tables: tuple[tuple[frozenset[str], str], ...]
    """Columns that a table can slice and filter by, and its name."""

    def source(
        self, columns: set[str], settings: Settings, as_of: datetime | None
    ) -> Source | None:
        """The smallest table that knows these columns; None when single contacts are needed."""
        if as_of not in (None, self.as_of) or setting_terms(settings) != setting_terms(
            self.settings
        ):
            return None
        for known, table in self.tables:
            if columns <= known:
                return Source(self.connection, table, self.as_of, daily=True)
        return None


def build_daily(
    connection: DuckDBPyConnection, settings: Settings | None = None, as_of: datetime | None = None
) -> Daily:
    """Sum up the `contact` view into tables `daily_0`, `daily_1`, ... of this connection."""
    chosen = settings or Settings()
    now = as_of or last_known_time(connection)
    sums = _all_sums(chosen)
    names = [f"daily_{i}" for i in range(len(ROLLUPS))]
    finest = names[-1]
    _create(connection, finest, _ALL, contacts_source(connection, now).sql, _first(sums))
    for name, columns in zip(names[:-1], ROLLUPS[:-1], strict=True):
        _create(connection, name, columns, finest, _again(sums))
    known = [frozenset({*columns, "phase", *_PERIODS}) for columns in ROLLUPS]
    return Daily(connection, now, chosen, tuple(zip(known, names, strict=True)))


def _all_sums(settings: Settings) -> list[Sum]:
    catalogue = load_metrics()
    metrics = [metric for metric in catalogue.pick() if metric.from_contacts]
    return distinct_sums(catalogue.formula(metric, settings) for metric in metrics)


def _first(sums: list[Sum]) -> list[str]:
    return ['count(*) AS "contacts"', *(f'{s.over_contacts()} AS "{s.name}"' for s in sums)]


def _again(sums: list[Sum]) -> list[str]:
    return [
        'sum("contacts")::BIGINT AS "contacts"',
        *(f'{s.over_days()} AS "{s.name}"' for s in sums),
    ]


def _create(
    connection: DuckDBPyConnection,
    name: str,
    columns: tuple[str, ...],
    source: str,
    selected: list[str],
) -> None:
    keys = ", ".join(("day", "phase", *columns))
    connection.execute(
        f"CREATE OR REPLACE TABLE {name} AS SELECT {keys}, {', '.join(selected)}"
        f" FROM {source} GROUP BY {keys} ORDER BY {keys}"
    )
