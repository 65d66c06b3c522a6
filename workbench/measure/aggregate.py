"""The daily pre-aggregate: the addends of every KPI per day and slice, so a dashboard reads
thousands of rows where it would read millions.

Because a KPI is a ratio of sums, days and slices recombine to exactly what single contacts give.
One table holds several roll-ups; a question goes to the smallest that knows its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from workbench.config import Settings
from workbench.measure.addends import Addend, distinct_addends
from workbench.measure.metrics import load_metrics, setting_terms
from workbench.measure.sums import Source, contacts_source, last_known_time
from workbench.records.base import Clock, SystemClock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from workbench.store.history import History

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
