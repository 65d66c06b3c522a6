"""The questions of a dashboard over all contacts: pandas, polars, DuckDB and the daily sums.

    python benchmarks/dashboard_speed.py [--contacts 1000000,10000000] [--write docs/performance.md]

pandas and polars get every numerator and denominator worked out as a column of its own, dimensions
as categories, all in memory, and compute values only; DuckDB works them out from the raw rows, and
like the daily sums it computes intervals, targets and notes as well. Each runs in a process of its
own, and all answers must agree; only pandas takes another rank for 90th percentiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import duckdb
from results import (
    Measured,
    Section,
    best_of,
    category,
    contacts_in,
    milliseconds,
    on_histories,
    table,
)

from workbench.config import Settings
from workbench.measure.aggregate import build_daily
from workbench.measure.kpis import Facts, kpis
from workbench.measure.metrics import Formula, load_metrics
from workbench.measure.sums import contacts_source, last_known_time, newest_mature_day

ROUNDS = 3
CARDS = (
    "resolution_assumed",
    "containment",
    "aht",
    "csat",
    "cost_per_contact",
    "wrong_automation",
)
SLICES = ("intent", "channel", "segment", "language", "level", "phase")

Answer = dict[tuple[Any, ...], float | None]


@dataclass(frozen=True)
class Question:
    """What one element of the page asks."""

    title: str
    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    phase: str | None = None
    since: date | None = None
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, Any]:
        return {**self.where, **({"phase": self.phase} if self.phase else {})}


def questions(last_day: date) -> list[Question]:
    everything = tuple(one.metric.name for one in formulas())
    return [
        Question("cards, all time", CARDS),
        Question("cards, before launch", CARDS, phase="baseline"),
        Question("cards, last four weeks", CARDS, since=last_day - timedelta(days=28)),
        Question("trend of containment", ("containment",), ("week",)),
        Question("trend of cost", ("cost_per_contact",), ("week",)),
        Question("trend of repeat contacts", ("repeat_contact",), ("day",)),
        Question("table by intent", CARDS, ("intent",)),
        Question("levels by intent", ("resolution_assumed", "escalation"), ("intent", "level")),
        Question("channels", ("csat", "escalation", "deflection"), ("channel",)),
        Question("segments in German", CARDS, ("segment",), where={"language": "de"}),
        Question("waiting by intent", ("first_response_median",), ("intent",)),
        Question("all KPIs", everything),
        Question("all KPIs by channel", everything, ("channel",)),
        Question("all KPIs by intent", everything, ("intent",)),
    ]


def formulas() -> list[Formula]:
    catalogue = load_metrics()
    counted = [metric for metric in catalogue.pick() if metric.from_contacts]
    return catalogue.formulas(counted, Settings())


def check(found: Mapping[str, Measured]) -> None:
    expected = found["daily sums"].answers
    for name, measured in found.items():
        for question, answer in measured.answers.items():
            if not same(answer, expected[question], by_rank=name != "pandas"):
                raise SystemExit(f"the answers of {name} to {question!r} differ")


def same(left: Answer, right: Answer, *, by_rank: bool) -> bool:
    """Whether all values are equal; without `by_rank` 90th percentiles may be the next rank's."""
    return left.keys() == right.keys() and all(
        (a is None and b is None)
        or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9))
        or (not by_rank and key[0].endswith("_p90"))
        for key, a, b in ((key, left[key], right[key]) for key in left)
    )


def section(count: int, found: Mapping[str, Measured]) -> Section:
    asked = list(found["daily sums"].times)
    rows = [[q, *(milliseconds(one.times[q]) for one in found.values())] for q in asked]
    totals = {name: sum(one.times.values()) for name, one in found.items()}
    rows.append(["**all questions**", *(milliseconds(total) for total in totals.values())])
    rows.append(["peak memory", *(f"{one.peak_mb:,.0f} MB" for one in found.values())])
    ours = totals.pop("daily sums")
    ratios = ", ".join(f"{total / ours:.1f}x {name}" for name, total in totals.items())
    notes = [f"{name}: {value}." for name, value in found["daily sums"].notes.items()]
    return Section(
        f"Dashboard, {count:,} contacts",
        f"python benchmarks/dashboard_speed.py --contacts {count}",
        [*table(["", *found], rows), f"All answers are equal; as fast as {ratios}.", *notes],
    )


def from_daily_sums(folder: str) -> Measured:
    measured, connection = Measured(), contacts_in(folder, "VIEW")
    built, daily = best_of(1, lambda: build_daily(connection))
    _ask_all(measured, connection, partial(ours, daily))
    measured.notes["The daily sums are built once"] = f"in {built / 1e3:.1f} s"
    return measured


def from_raw_rows(folder: str) -> Measured:
    measured, connection = Measured(), contacts_in(folder, "TABLE")
    _ask_all(measured, connection, partial(ours, connection))
    return measured


def _ask_all(
    measured: Measured,
    connection: duckdb.DuckDBPyConnection,
    ask: Callable[[Question], Answer],
) -> None:
    for question in questions(last_known_time(connection).date()):
        measured.take(question.title, ROUNDS, partial(ask, question))


def ours(facts: Facts, question: Question) -> Answer:
    report = kpis(
        facts,
        by=question.by,
        phase=question.phase,
        since=question.since,
        where=question.where,
        metrics=question.metrics,
    )
    rows = [row for row in report.rows if bool(row.slice) == bool(question.by)]
    return {(row.metric, *row.slice.values()): row.value for row in rows}


def in_pandas(folder: str) -> Measured:
    from peers.pandas_dashboard import answer

    measured, connection = Measured(), contacts_in(folder, "VIEW")
    frame = prepared_columns(connection).to_pandas(
        split_blocks=True, self_destruct=True, date_as_object=False
    )
    _ask_all(measured, connection, lambda question: dict(answer(frame, formulas(), question)))
    return measured


def in_polars(folder: str) -> Measured:
    import polars as pl
    from peers.polars_dashboard import answer

    measured, connection = Measured(), contacts_in(folder, "VIEW")
    frame = pl.from_arrow(prepared_columns(connection))
    _ask_all(measured, connection, lambda question: dict(answer(frame, formulas(), question)))
    return measured


def prepared_columns(connection: duckdb.DuckDBPyConnection) -> Any:
    """An Arrow table: dimensions as dictionaries; `n_`, `d_` and `v_` columns of every metric."""
    source = contacts_source(connection, last_known_time(connection))
    columns = [
        "day",
        "date_trunc('week', day)::DATE AS week",
        *(category(connection, name) for name in SLICES),
        *(sql for formula in formulas() for sql in _worked_out(formula, source.as_of)),
    ]
    return connection.sql(f"SELECT {', '.join(columns)} FROM {source.sql}").to_arrow_table()


def _worked_out(formula: Formula, as_of: Any) -> Iterator[str]:
    metric, n, d = formula.metric, f"({formula.numerator})", f"({formula.denominator})"
    newest = newest_mature_day(as_of, metric.mature_days)
    grown = f"day <= DATE '{newest}'" if newest else "TRUE"
    if metric.kind == "quantile":
        yield f"CASE WHEN {d} THEN {n} END::INTEGER AS v_{metric.name}"
        return
    whole = "BOOLEAN" if metric.kind == "share" else "BIGINT"
    among = f"{d} AND {n}" if metric.kind == "share" else n
    narrow = "BIGINT" if metric.kind == "rate" else "BOOLEAN"
    for part, sql, kind in (("n", among, whole), ("d", d, narrow)):
        known = f"coalesce(CASE WHEN {grown} THEN {sql} END, FALSE::{kind})"
        yield f"{known}::{kind} AS {part}_{metric.name}"


PEERS: dict[str, Callable[[str], Measured]] = {
    "pandas": in_pandas,
    "polars": in_polars,
    "DuckDB": from_raw_rows,
    "daily sums": from_daily_sums,
}


if __name__ == "__main__":
    on_histories(__doc__, PEERS, check, section)
