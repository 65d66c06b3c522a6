"""The sums behind every KPI: one SQL query gives them for all metrics and all slices at once.

The same sums come from single contacts or from the daily pre-aggregate, which holds them already:
counts and whole numbers only, so both give the same KPI exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.measure.addends import Addend, addends_of, distinct_addends, moments_from
from workbench.measure.intervals import Moments
from workbench.measure.metrics import Formula
from workbench.store.contact_columns import CONTACT_COLUMNS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

Day = date | datetime
SliceKey = dict[str, Any]

_PERIODS = {
    "day": "day",
    "week": "date_trunc('week', day)::DATE",
    "month": "date_trunc('month', day)::DATE",
}
# Times are asked for by `since`, `until` and periods, never as a value.
_COLUMNS = {column.name for column in CONTACT_COLUMNS if column.sql_type != "TIMESTAMPTZ"}


@dataclass(frozen=True)
class Scope:
    """Which contacts are looked at; by default all of them."""

    since: Day | None = None
    """First day, or first instant, of creation that counts."""
    until: Day | None = None
    """First day, or instant, that does not count any more."""
    phase: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    """Column or period -> value, or several of which one must match; None matches null."""

    @property
    def conditions(self) -> dict[str, Any]:
        return {**self.where, **({"phase": self.phase} if self.phase else {})}

    @property
    def columns(self) -> set[str]:
        """Contact columns that the filter needs beside the day."""
        exact = any(isinstance(limit, datetime) for limit in (self.since, self.until))
        return set(self.conditions) | ({"started_at"} if exact else set())

    def sql(self) -> tuple[str, list[Any]]:
        """Condition and its parameters."""
        parts, values = ["TRUE"], []
        for sign, limit in ((">=", self.since), ("<", self.until)):
            if limit is not None:
                column = "started_at" if isinstance(limit, datetime) else "day"
                parts.append(f"{column} {sign} ?")
                values.append(limit)
        for column, wanted in self.conditions.items():
            condition, bound = _matches(column, wanted)
            parts.append(condition)
            values.extend(bound)
        return " AND ".join(parts), values


def _matches(column: str, wanted: Any) -> tuple[str, list[Any]]:
    check_columns([column])
    expression = _PERIODS.get(column, column)
    options = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
    values = [option for option in options if option is not None]
    parts = [f"{expression} IN ({', '.join('?' * len(values))})"] if values else []
    if len(values) < len(options):
        parts.append(f"{expression} IS NULL")
    return f"({' OR '.join(parts) or 'FALSE'})", values


def check_columns(names: Iterable[str]) -> None:
    """Raise `InputError` unless every name is a contact column or a period."""
    for name in names:
        if name not in _COLUMNS and name not in _PERIODS:
            raise InputError(
                f"Contacts have no column {name!r}",
                expected="one of " + ", ".join(sorted([*_PERIODS, *_COLUMNS])),
            )


@dataclass(frozen=True)
class Source:
    """Where sums come from: contacts, or days that hold the sums already."""

    connection: DuckDBPyConnection
    sql: str
    as_of: datetime
    daily: bool = False


def contacts_source(connection: DuckDBPyConnection, as_of: datetime) -> Source:
    """Every contact with its day (UTC) and the time as of which open ones are looked at."""
    now = f"TIMESTAMPTZ '{as_of.astimezone(UTC).isoformat()}'"
    sql = f"(SELECT *, CAST(started_at AS DATE) AS day, {now} AS as_of FROM contact)"
    return Source(connection, sql, as_of)


def last_known_time(connection: DuckDBPyConnection) -> datetime:
    """When the last known contact began or ended; the Unix epoch when there is none."""
    # As a number: DuckDB's own conversion of zoned times to Python needs pytz.
    ((latest,),) = connection.execute(
        "SELECT epoch_us(max(greatest(started_at, coalesce(ended_at, started_at)))) FROM contact"
    ).fetchall()
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=latest or 0)


@dataclass(frozen=True)
class Tally:
    """The sums of one slice; `key` is empty for the total."""

    key: SliceKey
    contacts: int
    found: Mapping[Addend, Any]

    def moments(self, formula: Formula) -> Moments:
        parts = addends_of(formula)
        return moments_from({part: int(self.found[a] or 0) for part, a in parts.items()})

    def values(self, formula: Formula) -> NDArray[np.int32]:
        """The values of a quantile metric, in no order."""
        result: NDArray[np.int32] = self.found[addends_of(formula)["values"]]
        return result


def tally(
    source: Source, formulas: Sequence[Formula], by: Sequence[str], scope: Scope
) -> list[Tally]:
    """Sums of all metrics for the total and for every slice, the total first."""
    check_columns(by)
    addends = distinct_addends(formulas)
    numbers = [addend for addend in addends if addend.kind != "list"]
    lists = [addend for addend in addends if addend.kind == "list"]
    selected = [_row_count(source), *(_select(addend, source) for addend in numbers)]
    rows = source.connection.execute(*_grouped(source, by, scope, selected)).fetchall()
    values = _values(source, lists, by, scope, len(rows))
    return [_tally(row, numbers, by, own) for row, own in zip(rows, values, strict=True)]


def _grouped(
    source: Source, by: Sequence[str], scope: Scope, selected: Sequence[str]
) -> tuple[str, list[Any]]:
    """A query over all slices and the total, in a fixed order, with its parameters."""
    condition, values = scope.sql()
    keys = "".join(f", {_PERIODS.get(name, name)} AS key_{i}" for i, name in enumerate(by))
    grouped = ", ".join(f"key_{i}" for i in range(len(by)))
    told = f"grouping({grouped}) AS is_total, {grouped}" if by else "1 AS is_total"
    query = f"""
        SELECT {", ".join([told, *selected])}
        FROM (SELECT *{keys} FROM {source.sql})
        WHERE {condition}
        GROUP BY GROUPING SETS (() {f", ({grouped})" if by else ""})
        ORDER BY is_total DESC {f", {grouped}" if by else ""}
    """
    return query, values


def newest_mature_day(as_of: datetime, days: int) -> date | None:
    """The last day (UTC) since whose end that many whole days have passed; None: no limit."""
    return (as_of.astimezone(UTC) - timedelta(days=days + 1)).date() if days else None


def _row_count(source: Source) -> str:
    return 'sum("contacts")' if source.daily else "count(*)"


def _select(addend: Addend, source: Source) -> str:
    newest = newest_mature_day(source.as_of, addend.mature_days)
    return addend.over_days(newest) if source.daily else addend.over_contacts(newest)


def _tally(
    row: tuple[Any, ...],
    numbers: Sequence[Addend],
    by: Sequence[str],
    values: Mapping[Addend, Any],
) -> Tally:
    is_total, *rest = row
    keys, (contacts, *counted) = rest[: len(by)], rest[len(by) :]
    key = {} if is_total else dict(zip(by, keys, strict=True))
    found = dict(zip(numbers, counted, strict=True))
    return Tally(key, int(contacts or 0), {**found, **values})


def _values(
    source: Source, lists: Sequence[Addend], by: Sequence[str], scope: Scope, slices: int
) -> list[dict[Addend, NDArray[Any]]]:
    """Values per slice, in the order of the slices; numpy, because they may hold every contact."""
    if not lists:
        return [{}] * slices
    query, parameters = _grouped(source, by, scope, [_select(a, source) for a in lists])
    table = source.connection.sql(query, params=parameters).to_arrow_table()
    columns = [_arrays(table.column(i - len(lists)).combine_chunks()) for i in range(len(lists))]
    return [dict(zip(lists, row, strict=True)) for row in zip(*columns, strict=True)]


def _arrays(column: pa.ListArray) -> list[NDArray[Any]]:
    values = column.values.to_numpy(zero_copy_only=False)
    return [values[start:end] for start, end in pairwise(column.offsets.to_numpy())]
