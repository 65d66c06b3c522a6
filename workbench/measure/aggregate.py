"""The daily pre-aggregate: the addends of every KPI per day and slice, so a dashboard reads
thousands of rows where it would read millions.

Because a KPI is a ratio of sums, days and slices recombine to exactly what single contacts give.
One table holds several roll-ups; a question goes to the smallest that knows its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from workbench.config import Settings
from workbench.measure.addends import Addend, distinct_addends
from workbench.measure.metrics import load_metrics, setting_terms
from workbench.measure.sums import Source, contacts_source, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PERIODS = {"day", "week", "month"}

# Smallest first; every one has day and phase as well.
ROLLUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("policy_version", "release", "arm", "level"),
    ("flow", "intent"),
    ("flow", "intent", "level"),
    ("channel", "segment", "language"),
    ("flow", "intent", "channel"),
    ("flow", "intent", "segment"),
    ("flow", "intent", "language"),
)

_numbers = count(1)


@dataclass(frozen=True)
class Daily:
    """Pre-aggregated facts of one moment; questions that it cannot answer go to the contacts.

    Threads may share it. It lives in the memory of its connection's database until `drop`.
    """

    connection: DuckDBPyConnection
    as_of: datetime
    settings: Settings
    table: str

    def source(
        self, columns: set[str], settings: Settings, as_of: datetime | None
    ) -> Source | None:
        """The smallest roll-up that knows these columns; None when single contacts are needed."""
        same_terms = setting_terms(settings) == setting_terms(self.settings)
        if as_of not in (None, self.as_of) or not same_terms:
            return None
        for rollup in ROLLUPS:
            if columns <= {*rollup, "phase", *_PERIODS}:
                sql = f"(SELECT * FROM {self.table} WHERE rollup = {_rollup_id(rollup)})"
                return Source(self.connection.cursor(), sql, self.as_of, daily=True)
        return None

    def drop(self) -> None:
        """Free its memory."""
        self.connection.cursor().execute(f"DROP TABLE IF EXISTS {self.table}")


def build_daily(
    connection: DuckDBPyConnection, settings: Settings | None = None, as_of: datetime | None = None
) -> Daily:
    """Sum up the `contact` view as it is now, in one statement."""
    chosen = settings or Settings()
    now = as_of or last_known_time(connection)
    catalogue = load_metrics()
    metrics = [metric for metric in catalogue.pick() if metric.from_contacts]
    addends = distinct_addends(catalogue.formulas(metrics, chosen))
    table = f"daily_{next(_numbers)}"
    connection.execute(
        f"CREATE TABLE {table} AS {_rolled_up(contacts_source(connection, now).sql, addends)}"
    )
    return Daily(connection, now, chosen, table)


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
