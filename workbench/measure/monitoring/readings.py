"""One look at history: how many contacts of each kind each day brought, counted in SQL.

Everything after this works on these counts, so a million contacts cost three scans and the same
few thousand numbers as six thousand do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.measure.monitoring.catalogue import CLASSES, Signal, catalogue

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Ints = NDArray[np.int64]
RARE = 5
"""Terms that fewer contacts hold in all of history are not counted."""


@dataclass(frozen=True)
class FeatureCounts:
    """Contacts per day and value of one feature."""

    values: tuple[str, ...]
    counts: Ints
    """Days x values."""


@dataclass(frozen=True)
class TermCounts:
    """Contacts per week whose first words hold a term: a word, or two neighbouring words."""

    terms: tuple[str, ...]
    counts: Ints
    """Weeks x terms."""


@dataclass(frozen=True)
class Readings:
    """Counts of all whole days before `until`; day 0 is a Monday, week 0 the first seven days."""

    first: date
    until: date
    intents: tuple[str, ...]
    arrivals: Ints
    """Days x intents."""
    of: dict[str, Ints]
    """Per share: contacts that can show it, days x intents."""
    hits: dict[str, Ints]
    amounts: dict[str, Ints]
    """Per amount: days x intents x classes."""
    features: dict[str, FeatureCounts]
    terms: TermCounts
    policies: tuple[str | None, ...]
    """The policy version that decided most contacts of each day; None where none did."""

    @property
    def days(self) -> int:
        return len(self.arrivals)

    @property
    def weeks(self) -> int:
        """Weeks with at least one day, the last one perhaps unfinished."""
        return -(-self.days // 7)

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def monday(self, week: int) -> date:
        return self.day(7 * week)

    def weekly(self, daily: Ints) -> Ints:
        """Sums per week of counts per day."""
        return np.add.reduceat(daily, np.arange(0, self.days, 7), axis=0)


def read(connection: DuckDBPyConnection, until: date) -> Readings | None:
    """Count all contacts that started on days (UTC) before `until`; None when there are none."""
    ((first,),) = connection.execute(
        "SELECT date_trunc('week', min(started_at))::DATE FROM contact WHERE started_at < ?",
        [until],
    ).fetchall()
    if first is None:
        return None
    days = (until - first).days
    signals = _signals(connection, first, until)
    intents = tuple(sorted({str(name) for name in signals["intent"]}))
    place = (signals["day"].astype(np.int64), _positions(signals["intent"], intents))
    shape = (days, len(intents))
    return Readings(
        first=first,
        until=until,
        intents=intents,
        arrivals=_grid(place, signals["arrivals"], shape),
        of={name: _grid(place, signals[f"of_{name}"], shape) for name in catalogue().shares},
        hits={name: _grid(place, signals[f"hit_{name}"], shape) for name in catalogue().shares},
        amounts=_amounts(connection, first, until, intents),
        features=_features(connection, first, until),
        terms=_terms(connection, first, until),
        policies=_policies(connection, first, until),
    )


_SCOPE = "FROM contact WHERE started_at < $until"
_DAY = "date_diff('day', $first, started_at::DATE)"
_NO_TRIAL = "coalesce(arm LIKE '%/control', TRUE)"
"""Not in the arm of an experiment that tries another policy; that has a page of its own."""
_INTENT = "coalesce(intent, 'none')"


def _ask(connection: DuckDBPyConnection, sql: str, first: date, until: date) -> dict[str, Any]:
    return connection.execute(sql, {"first": first, "until": until}).fetchnumpy()


def _signals(connection: DuckDBPyConnection, first: date, until: date) -> dict[str, Any]:
    sums = ", ".join(
        f"count(*) FILTER ({_counted(one)}) AS of_{name}, "
        f"count(*) FILTER ({_counted(one)} AND ({one.hit})) AS hit_{name}"
        for name, one in catalogue().shares.items()
    )
    sql = f"SELECT {_DAY} AS day, {_INTENT} AS intent, count(*) AS arrivals, {sums} {_SCOPE}"
    return _ask(connection, f"{sql} GROUP BY ALL", first, until)


def _counted(signal: Signal) -> str:
    """Who can show a signal; what depends on the policy is judged outside of experiments."""
    return f"({signal.of})" + (f" AND {_NO_TRIAL}" if signal.since == "policy" else "")


def _amounts(
    connection: DuckDBPyConnection, first: date, until: date, intents: tuple[str, ...]
) -> dict[str, Ints]:
    found = {}
    for name, one in catalogue().amounts.items():
        sql = (
            f"SELECT {_DAY} AS day, {_INTENT} AS intent,"
            f" least({one.class_}, {CLASSES - 1})::BIGINT AS class, count(*) AS n"
            f" {_SCOPE} AND ({one.of}) GROUP BY ALL"
        )
        rows = _ask(connection, sql, first, until)
        place = (
            rows["day"].astype(np.int64),
            _positions(rows["intent"], intents),
            np.asarray(rows["class"], dtype=np.int64),
        )
        found[name] = _grid(place, rows["n"], ((until - first).days, len(intents), CLASSES))
    return found


def _features(connection: DuckDBPyConnection, first: date, until: date) -> dict[str, FeatureCounts]:
    """All features from one scan, one grouping set each."""
    features = catalogue().features
    names = [f"f_{name}" for name in features]
    values = ", ".join(f"({one.value})::VARCHAR AS f_{name}" for name, one in features.items())
    sets = ", ".join(f"(day, {name})" for name in names)
    sql = f"""
        SELECT day, grouping({", ".join(names)}) AS mark, coalesce({", ".join(names)}) AS value,
               count(*) AS n
        FROM (SELECT {_DAY} AS day, {values} {_SCOPE})
        GROUP BY GROUPING SETS ({sets})"""
    rows = _ask(connection, sql, first, until)
    everything = (1 << len(names)) - 1
    return {
        name: _feature(rows, everything - (1 << (len(names) - 1 - place)), (until - first).days)
        for place, name in enumerate(features)
    }


def _feature(rows: dict[str, Any], mark: int, days: int) -> FeatureCounts:
    known = ~np.ma.getmaskarray(rows["value"]) & (rows["mark"] == mark)
    values = np.asarray(np.ma.getdata(rows["value"])[known], dtype=str)
    labels = tuple(str(label) for label in np.unique(values))
    place = (rows["day"][known].astype(np.int64), _positions(values, labels))
    return FeatureCounts(labels, _grid(place, rows["n"][known], (days, len(labels))))


def _terms(connection: DuckDBPyConnection, first: date, until: date) -> TermCounts:
    r"""Terms of letters only, so numbers of invoices and masked words do not count."""
    sql = f"""
        WITH said AS (
            SELECT {_DAY} // 7 AS week,
                   regexp_extract_all(lower(summary), '[\\p{{L}}]{{2,}}') AS words {_SCOPE}),
        held AS (
            SELECT week, unnest(list_distinct(list_concat(words, list_transform(
                range(1, len(words)), lambda i: words[i] || ' ' || words[i + 1])))) AS term
            FROM said),
        counted AS (SELECT week, term, count(*) AS n FROM held GROUP BY ALL)
        SELECT week, term, n FROM counted
        QUALIFY sum(n) OVER (PARTITION BY term) >= {RARE}"""
    rows = _ask(connection, sql, first, until)
    terms = tuple(str(term) for term in np.unique(np.asarray(rows["term"], dtype=str)))
    place = (rows["week"].astype(np.int64), _positions(rows["term"], terms))
    weeks = -(-(until - first).days // 7)
    return TermCounts(terms, _grid(place, rows["n"], (weeks, len(terms))))


def _policies(connection: DuckDBPyConnection, first: date, until: date) -> tuple[str | None, ...]:
    rows = connection.execute(
        f"SELECT {_DAY} AS day, mode(policy_version) {_SCOPE} AND {_NO_TRIAL} GROUP BY ALL",
        {"first": first, "until": until},
    ).fetchall()
    known = dict(rows)
    return tuple(known.get(day) for day in range((until - first).days))


def _positions(values: Any, labels: tuple[str, ...]) -> Ints:
    if not labels:
        return np.zeros(0, dtype=np.int64)
    return np.searchsorted(np.array(labels), np.asarray(values, dtype=str)).astype(np.int64)


def _grid(place: tuple[Ints, ...], counts: Any, shape: tuple[int, ...]) -> Ints:
    grid = np.zeros(shape, dtype=np.int64)
    np.add.at(grid, place, np.asarray(counts, dtype=np.int64))
    return grid
