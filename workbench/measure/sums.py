"""The sums behind every KPI: one SQL query gives them for all metrics and all slices at once.

The same sums come from single contacts or from the daily pre-aggregate, where each is stored under
its own name and added up again: counts and whole numbers only, so both give the same KPI exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
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
_COLUMNS = {column.name for column in CONTACT_COLUMNS}


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
class Sum:
    """One aggregate over contacts that satisfy a condition."""

    name: str
    aggregate: str
    condition: str = "TRUE"
    mature_days: int = 0
    part: str = ""
    """Which of the metric's sums it is."""

    @property
    def is_list(self) -> bool:
        return self.part == "values"

    def over_contacts(self, newest_mature_day: date | None = None) -> str:
        return f"{self.aggregate} FILTER (WHERE ({self.condition}){_until(newest_mature_day)})"

    def over_days(self, newest_mature_day: date | None = None) -> str:
        """The same from a table that already holds this sum per day and slice."""
        chosen = f"FILTER (WHERE TRUE{_until(newest_mature_day)})"
        if self.is_list:
            return f'flatten(list("{self.name}") {chosen})'
        return f'sum("{self.name}") {chosen}'


def _until(day: date | None) -> str:
    return "" if day is None else f" AND day <= DATE '{day}'"


def sums_of(formula: Formula) -> tuple[Sum, ...]:
    """The sums from which value and interval of a metric are computed."""
    metric, n, d = formula.metric, formula.numerator, formula.denominator
    if metric.kind == "share":
        parts = {"b": ("count(*)", d), "a": ("count(*)", f"({d}) AND ({n})")}
    elif metric.kind == "quantile":
        value = f"({n})::BIGINT"
        parts = {"values": (f"list({value})", f"({d}) AND {value} IS NOT NULL")}
    else:
        parts = _moment_sums(f"coalesce(({n})::BIGINT, 0)", f"coalesce(({d})::BIGINT, 0)")
    return tuple(
        Sum(_sum_name(formula, part), aggregate, condition, metric.mature_days, part)
        for part, (aggregate, condition) in parts.items()
    )


def _sum_name(formula: Formula, part: str) -> str:
    """Quantiles of one column share their values; every other sum is the metric's own."""
    if part != "values":
        return f"{formula.metric.name}.{part}"
    text = formula.numerator + formula.denominator
    return f"values.{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _moment_sums(n: str, d: str) -> dict[str, tuple[str, str]]:
    return {
        "a": (f"sum({n})", "TRUE"),
        "b": (f"sum({d})", "TRUE"),
        "n": ("count(*)", f"{d} > 0"),
        "contacts": ("count(*)", f"{d} <> 0 OR {n} <> 0"),
        "aa": (f"sum({n}::HUGEINT * {n})", "TRUE"),
        "ab": (f"sum({n}::HUGEINT * {d})", "TRUE"),
        "bb": (f"sum({d} * {d})", "TRUE"),
    }


def distinct_sums(formulas: Iterable[Formula]) -> list[Sum]:
    """Every sum that the formulas need, once."""
    return list({s.name: s for formula in formulas for s in sums_of(formula)}.values())


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
    sums: Mapping[str, Any]

    def moments(self, formula: Formula) -> Moments:
        part = {s.part: int(self.sums[s.name] or 0) for s in sums_of(formula)}
        if formula.metric.kind == "share":
            n = part["b"]
            return Moments(n=n, contacts=n, numerator=part["a"], denominator=n)
        return Moments(
            n=part["n"],
            contacts=part["contacts"],
            numerator=part["a"],
            denominator=part["b"],
            nn=part["aa"],
            nd=part["ab"],
            dd=part["bb"],
        )

    def values(self, formula: Formula) -> NDArray[np.int64]:
        """The values of a quantile metric, in no order."""
        (only,) = sums_of(formula)
        result: NDArray[np.int64] = self.sums[only.name]
        return result


def tally(
    source: Source, formulas: Sequence[Formula], by: Sequence[str], scope: Scope
) -> list[Tally]:
    """Sums of all metrics for the total and for every slice, the total first."""
    check_columns(by)
    condition, values = scope.sql()
    keys = [f"{_PERIODS.get(name, name)} AS key_{i}" for i, name in enumerate(by)]
    grouped = ", ".join(f"key_{i}" for i in range(len(by)))
    sums = distinct_sums(formulas)
    query = f"""
        SELECT {f"grouping({grouped})" if by else "1"} AS is_total,
               {grouped + "," if by else ""} {_row_count(source)} AS "contacts",
               {", ".join(_select(s, source) for s in sums) or "0"}
        FROM (SELECT *{"".join(", " + key for key in keys)} FROM {source.sql})
        WHERE {condition}
        GROUP BY GROUPING SETS (() {", (" + grouped + ")" if by else ""})
        ORDER BY is_total DESC {", " + grouped if by else ""}
    """
    table = source.connection.sql(query, params=values).to_arrow_table()
    return [_tally(row, by) for row in _rows(table)]


def newest_mature_day(as_of: datetime, days: int) -> date | None:
    """The last day (UTC) since whose end that many whole days have passed; None: no limit."""
    return (as_of.astimezone(UTC) - timedelta(days=days + 1)).date() if days else None


def _row_count(source: Source) -> str:
    return 'sum("contacts")::BIGINT' if source.daily else "count(*)"


def _select(s: Sum, source: Source) -> str:
    mature = newest_mature_day(source.as_of, s.mature_days)
    sql = s.over_days(mature) if source.daily else s.over_contacts(mature)
    return f'{sql} AS "{s.name}"' if s.is_list else f'({sql})::DECIMAL(38, 0) AS "{s.name}"'


def _tally(row: dict[str, Any], by: Sequence[str]) -> Tally:
    total = row.pop("is_total")
    contacts = row.pop("contacts") or 0
    values = [row.pop(f"key_{i}") for i in range(len(by))]
    return Tally({} if total else dict(zip(by, values, strict=True)), contacts, row)


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows of a result; lists stay numpy arrays, because they may hold every contact."""
    cells = [_cells(column.combine_chunks()) for column in table.columns]
    for values in zip(*cells, strict=True):
        yield dict(zip(table.column_names, values, strict=True))


def _cells(column: pa.Array) -> list[Any]:
    import pyarrow as pa

    if not pa.types.is_list(column.type):
        return list(column.to_pylist())
    ends = column.offsets.to_numpy()
    values = column.values.to_numpy(zero_copy_only=False)
    return [values[start:end] for start, end in pairwise(ends)]
