"""The sums behind every KPI: one SQL query gives them for all metrics and all slices at once.

The same sums come from single contacts or from the daily pre-aggregate, which holds them already:
counts and whole numbers only, so both give the same KPI exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.measure.addends import Addend, addends_of, distinct_addends, moments_from
from workbench.measure.intervals import Moments
from workbench.measure.metrics import Formula
from workbench.measure.ranked import Ranked, Runs, Values
from workbench.store.contact_columns import CONTACT_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

Day = date | datetime
SliceKey = dict[str, Any]

PERIODS = {
    "day": "day",
    "week": "date_trunc('week', day)::DATE",
    "month": "date_trunc('month', day)::DATE",
}
"""What contacts can be sliced by beside their columns, as SQL."""
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
    expression = PERIODS.get(column, column)
    options = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
    values = [option for option in options if option is not None]
    parts = [f"{expression} IN ({', '.join('?' * len(values))})"] if values else []
    if len(values) < len(options):
        parts.append(f"{expression} IS NULL")
    return f"({' OR '.join(parts) or 'FALSE'})", values


def check_columns(names: Iterable[str]) -> None:
    """Raise `InputError` unless every name is a contact column or a period."""
    for name in names:
        if name not in _COLUMNS and name not in PERIODS:
            raise InputError(
                f"Contacts have no column {name!r}",
                expected="one of " + ", ".join(sorted([*PERIODS, *_COLUMNS])),
            )


@dataclass(frozen=True)
class Source:
    """Where sums come from: contacts, or days that hold the sums already."""

    connection: DuckDBPyConnection
    sql: str
    as_of: datetime
    daily: bool = False
    runs: Mapping[Addend, Runs] | None = None
    """The values of quantile metrics; each row then has the number of its `run`."""
    values: Source | None = None
    """Where the values of quantile metrics come from, if not from here."""


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

    def values(self, formula: Formula) -> Ranked:
        """The values of a quantile metric."""
        result: Ranked = self.found[addends_of(formula)["values"]]
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
    tallies = [_tally(row, numbers, by) for row in rows]
    return _with_values(tallies, source.values or source, lists, by, scope) if lists else tallies


def _grouped(
    source: Source, by: Sequence[str], scope: Scope, selected: Sequence[str]
) -> tuple[str, list[Any]]:
    """A query over all slices and the total, in a fixed order, with its parameters."""
    keys = ", ".join(_keys(by))
    told = f"grouping({keys}) AS is_total, {keys}" if by else "1 AS is_total"
    scoped, values = _scoped(source, by, scope)
    query = f"""
        SELECT {", ".join([told, *selected])} FROM {scoped}
        GROUP BY GROUPING SETS (() {f", ({keys})" if by else ""})
        ORDER BY is_total DESC {f", {keys}" if by else ""}
    """
    return query, values


def _keys(by: Sequence[str]) -> list[str]:
    return [f"key_{i}" for i in range(len(by))]


def _scoped(source: Source, by: Sequence[str], scope: Scope) -> tuple[str, list[Any]]:
    """The rows in scope with their keys, as a FROM clause, and its parameters."""
    condition, values = scope.sql()
    names = zip(_keys(by), by, strict=True)
    keys = "".join(f", {PERIODS.get(name, name)} AS {key}" for key, name in names)
    return f"(SELECT *{keys} FROM {source.sql}) WHERE {condition}", values


def newest_mature_day(as_of: datetime, days: int) -> date | None:
    """The last day (UTC) since whose end that many whole days have passed; None: no limit."""
    return (as_of.astimezone(UTC) - timedelta(days=days + 1)).date() if days else None


def _row_count(source: Source) -> str:
    return 'sum("contacts")' if source.daily else "count(*)"


def _select(addend: Addend, source: Source) -> str:
    newest = newest_mature_day(source.as_of, addend.mature_days)
    return addend.over_days(newest) if source.daily else addend.over_contacts(newest)


def _tally(row: tuple[Any, ...], numbers: Sequence[Addend], by: Sequence[str]) -> Tally:
    is_total, *rest = row
    keys, (contacts, *counted) = rest[: len(by)], rest[len(by) :]
    key = {} if is_total else dict(zip(by, keys, strict=True))
    return Tally(key, int(contacts or 0), dict(zip(numbers, counted, strict=True)))


def _with_values(
    tallies: Sequence[Tally],
    source: Source,
    lists: Sequence[Addend],
    by: Sequence[str],
    scope: Scope,
) -> list[Tally]:
    """Join the values of quantile metrics in numpy, much faster than in SQL: they may be all."""
    find = _from_runs if source.runs else _from_contacts
    found = find(source, lists, by, scope)
    return [
        replace(
            one, found={**one.found, **{a: joined(tuple(one.key.values())) for a, joined in found}}
        )
        for one in tallies
    ]


_Joined = Callable[[tuple[Any, ...]], Ranked]
"""The values of a slice by its key; the empty key is the total."""


def _from_contacts(
    source: Source, lists: Sequence[Addend], by: Sequence[str], scope: Scope
) -> list[tuple[Addend, _Joined]]:
    scoped, parameters = _scoped(source, by, scope)
    keys = _keys(by)
    selected = ", ".join([*keys, *(_select(addend, source) for addend in lists)])
    grouped = f"GROUP BY {', '.join(keys)}" if keys else ""
    query = f"SELECT {selected} FROM {scoped} {grouped}"
    pieces = source.connection.sql(query, params=parameters).to_arrow_table()
    rows_of = _rows_by_key(pieces, len(keys))

    def join(arrays: Sequence[NDArray[Any]], key: tuple[Any, ...]) -> Ranked:
        import numpy as np

        rows = rows_of.get(key, []) if key else range(len(arrays))
        return Values(np.concatenate([arrays[row] for row in rows] or [np.empty(0, np.int32)]))

    columns = [pieces.column(len(keys) + place).combine_chunks() for place in range(len(lists))]
    return [(a, partial(join, _arrays(c))) for a, c in zip(lists, columns, strict=True)]


def _from_runs(
    source: Source, lists: Sequence[Addend], by: Sequence[str], scope: Scope
) -> list[tuple[Addend, _Joined]]:
    import numpy as np

    scoped, parameters = _scoped(source, by, scope)
    query = f"SELECT {', '.join([*_keys(by), 'run', 'day'])} FROM {scoped}"
    pieces = source.connection.sql(query, params=parameters).to_arrow_table()
    rows_of = _rows_by_key(pieces, len(by))
    run, day = (pieces[name].to_numpy() for name in ("run", "day"))

    def join(addend: Addend, runs: Runs, key: tuple[Any, ...]) -> Ranked:
        rows = np.array(rows_of.get(key, []) if key else range(len(run)), np.intp)
        newest = newest_mature_day(source.as_of, addend.mature_days)
        grown = rows[day[rows] <= np.datetime64(newest)] if newest else rows
        return runs.chosen(run[grown])

    return [(addend, partial(join, addend, (source.runs or {})[addend])) for addend in lists]


def _rows_by_key(table: pa.Table, keys: int) -> dict[tuple[Any, ...], list[int]]:
    """The rows of each key, which is the first columns; several rows may share one."""
    rows_of: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    columns = (column.to_pylist() for column in table.columns[:keys])
    for row, key in enumerate(zip(*columns, strict=True)):
        rows_of[key].append(row)
    return rows_of


def _arrays(column: pa.ListArray) -> list[NDArray[Any]]:
    values = column.values.to_numpy(zero_copy_only=False)
    return [values[start:end] for start, end in pairwise(column.offsets.to_numpy())]
