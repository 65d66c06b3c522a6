"""The daily pre-aggregate: the addends of every KPI per day and slice, so a dashboard reads
thousands of rows where it would read millions.

Because a KPI is a ratio of sums, days and slices recombine to exactly what single contacts give.
There is a table per roll-up; a question goes to the smallest that knows its columns. Quantiles do
not add up: their values are kept in sorted runs, for the roll-ups that are asked for most, at some
50 bytes a contact; other slices of theirs are read from the contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from workbench.config import Settings
from workbench.measure.addends import Addend, distinct_addends
from workbench.measure.metrics import load_metrics, setting_terms
from workbench.measure.ranked import Runs
from workbench.measure.sums import PERIODS, Source, contacts_source, last_known_time
from workbench.records.base import Clock, SystemClock

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from workbench.store.history import History

# Smallest first; every one has day and phase as well.
ROLLUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("channel",),
    ("segment",),
    ("language",),
    ("policy_version", "release", "arm", "level"),
    ("flow", "intent"),
    ("flow", "intent", "level"),
    ("channel", "segment", "language"),
    ("flow", "intent", "channel"),
    ("flow", "intent", "segment"),
    ("flow", "intent", "language"),
)

QUANTILE_ROLLUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("flow", "intent"),
    ("channel", "segment", "language"),
)
"""The same for the values of quantile metrics."""

_numbers = count(1)


@dataclass(frozen=True)
class Rollup:
    """One table: a row per day, phase and combination of its columns."""

    columns: tuple[str, ...]
    table: str
    runs: Mapping[Addend, Runs] | None = None
    """Values per row, for a roll-up of quantile metrics."""

    def knows(self, columns: set[str]) -> bool:
        return columns <= {*self.columns, "phase", *PERIODS}


@dataclass(frozen=True)
class Daily:
    """Pre-aggregated facts of one moment; questions that it cannot answer go to the contacts.

    Threads may share it. It lives in the memory of its connection's database until `drop`.
    """

    connection: DuckDBPyConnection
    as_of: datetime
    settings: Settings
    sums: tuple[Rollup, ...]
    """Smallest first."""
    values: tuple[Rollup, ...]

    def source(
        self, columns: set[str], settings: Settings, as_of: datetime | None
    ) -> Source | None:
        """The smallest roll-up that knows these columns; None when single contacts are needed."""
        same_terms = setting_terms(settings) == setting_terms(self.settings)
        if as_of not in (None, self.as_of) or not same_terms:
            return None
        cursor = self.connection.cursor()
        for sums in self.sums:
            if sums.knows(columns):
                values = self._values(columns, cursor)
                return Source(cursor, sums.table, self.as_of, daily=True, values=values)
        return None

    def _values(self, columns: set[str], cursor: DuckDBPyConnection) -> Source:
        for values in self.values:
            if values.knows(columns):
                return Source(cursor, values.table, self.as_of, runs=values.runs)
        return contacts_source(self.connection, self.as_of)

    def drop(self) -> None:
        """Free its memory."""
        for one in (*self.sums, *self.values):
            self.connection.cursor().execute(f"DROP TABLE IF EXISTS {one.table}")


class KeptDaily:
    """The pre-aggregate of a history for long use: built again when facts changed, not too often.

    Threads may share it. Between two buildings it shows the older moment, which its reports name.
    """

    def __init__(
        self,
        history: History,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        at_most_every: timedelta = timedelta(minutes=5),
    ) -> None:
        self._history, self._settings = history, settings
        self._clock, self._pause = clock or SystemClock(), at_most_every
        self._building = Lock()
        self._kept: list[Daily] = []
        self._state: tuple[object, ...] = ()
        self._built_at: datetime | None = None

    def get(self) -> Daily:
        """The newest pre-aggregate."""
        with self._building:
            now = self._clock.now()
            rested = self._built_at is None or now >= self._built_at + self._pause
            if rested and (state := self._history.state()) != self._state:
                self._kept.append(build_daily(self._history.connection(), self._settings))
                self._state, self._built_at = state, now
                self._drop_old()
            return self._kept[-1]

    def _drop_old(self) -> None:
        """The one before stays: another thread may be asking it."""
        while len(self._kept) > 2:
            self._kept.pop(0).drop()


def build_daily(
    connection: DuckDBPyConnection, settings: Settings | None = None, as_of: datetime | None = None
) -> Daily:
    """Sum up the `contact` view as it is now."""
    chosen = settings or Settings()
    now = as_of or last_known_time(connection)
    catalogue = load_metrics()
    metrics = [metric for metric in catalogue.pick() if metric.from_contacts]
    addends = distinct_addends(catalogue.formulas(metrics, chosen))
    numbers = [addend for addend in addends if addend.kind != "list"]
    lists = [addend for addend in addends if addend.kind == "list"]
    contacts = contacts_source(connection, now).sql
    sums = _summed(connection, contacts, numbers)
    values = tuple(_listed(connection, contacts, columns, lists) for columns in QUANTILE_ROLLUPS)
    return Daily(connection, now, chosen, sums, values)


def _summed(
    connection: DuckDBPyConnection, contacts: str, addends: Sequence[Addend]
) -> tuple[Rollup, ...]:
    """Counts and sums for all roll-ups, read once."""
    number = next(_numbers)
    together = f"together_{number}"
    connection.execute(f"CREATE TEMP TABLE {together} AS {_rolled_up(contacts, addends)}")
    rollups = tuple(
        Rollup(columns, f"daily_{number}_{place}") for place, columns in enumerate(ROLLUPS)
    )
    for one in rollups:
        others = ", ".join(["rollup", *(c for c in _columns() if c not in one.columns)])
        connection.execute(
            f"""CREATE TABLE {one.table} AS SELECT * EXCLUDE ({others})
                FROM {together} WHERE rollup = {_rollup_id(one.columns)}"""
        )
    connection.execute(f"DROP TABLE {together}")
    return rollups


def _listed(
    connection: DuckDBPyConnection,
    contacts: str,
    columns: tuple[str, ...],
    addends: Sequence[Addend],
) -> Rollup:
    """The values of quantile metrics for one roll-up."""
    import pyarrow as pa

    keys = ["day", "phase", *columns]
    lists = ", ".join(f"{addend.over_contacts()} AS {addend.column}" for addend in addends)
    found = connection.sql(
        f"SELECT {', '.join(keys)}, {lists} FROM {contacts} GROUP BY ALL"
    ).to_arrow_table()
    runs = {addend: _runs(found[addend.column].combine_chunks()) for addend in addends}
    rows = found.select(keys).append_column("run", pa.array(range(len(found)), pa.int64()))
    table = f"runs_{next(_numbers)}"
    connection.register("rows_of_runs", rows)
    connection.execute(f"CREATE TABLE {table} AS FROM rows_of_runs")
    connection.unregister("rows_of_runs")
    return Rollup(columns, table, runs)


def _runs(lists: pa.ListArray) -> Runs:
    import numpy as np

    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    values = lists.flatten().to_numpy(zero_copy_only=False)
    return Runs.of(values.astype(np.int64), lengths.astype(np.int64))


def _columns() -> list[str]:
    """Every column of any roll-up, once."""
    return list(dict.fromkeys(column for rollup in ROLLUPS for column in rollup))


def _rollup_id(rollup: Sequence[str]) -> int:
    """SQL's `grouping` of all columns for this roll-up: a bit per column that is left out."""
    bits = "".join("0" if column in rollup else "1" for column in _columns())
    return int(bits, 2)


def _rolled_up(source: str, addends: Sequence[Addend]) -> str:
    columns = ", ".join(_columns())
    stored = {addend.column: addend.over_contacts() for addend in addends}
    sums = ", ".join(f"{sql} AS {column}" for column, sql in stored.items())
    sets = ", ".join(f"({', '.join(('day', 'phase', *rollup))})" for rollup in ROLLUPS)
    return (
        f"SELECT grouping({columns}) AS rollup, day, phase, {columns}, count(*) AS contacts, {sums}"
        f" FROM {source} GROUP BY GROUPING SETS ({sets})"
    )
