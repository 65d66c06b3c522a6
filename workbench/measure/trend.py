"""A metric over time, and the contacts behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from workbench.config import Settings
from workbench.errors import InputError
from workbench.measure.aggregate import Daily
from workbench.measure.kpis import Facts, kpis
from workbench.measure.metrics import Direction, Unit, load_metrics
from workbench.measure.sums import (
    Day,
    Scope,
    contacts_source,
    last_known_time,
    newest_mature_day,
)
from workbench.records.base import Record

_OPEN = "still_open"
Step = Literal["day", "week", "month"]


class TrendPoint(Record):
    """One period; `value` is None where it has no data."""

    start: date
    value: float | None
    low: float | None
    high: float | None
    n: int
    still_open: int = 0
    """Contacts of the period that have not ended: its value can still change."""


class Trend(Record):
    """One metric over time, oldest first; periods without any contact are there, with None."""

    metric: str
    title: str
    unit: Unit
    direction: Direction
    target: float | None
    currency: str
    step: Step
    points: tuple[TrendPoint, ...]


def trend(
    facts: Facts,
    metric: str,
    step: Step = "week",
    since: Day | None = None,
    until: Day | None = None,
    phase: str | None = None,
    where: Mapping[str, Any] | None = None,
    *,
    settings: Settings | None = None,
    as_of: datetime | None = None,
    confidence: float = 0.95,
) -> Trend:
    """One metric per day, week (from Monday) or month, in UTC; arguments as in `kpis`."""
    if step not in ("day", "week", "month"):
        raise InputError(f"A trend has no step {step!r}", expected="day, week or month")
    report = kpis(
        facts,
        by=(step,),
        since=since,
        until=until,
        phase=phase,
        where=where,
        metrics=dict.fromkeys((metric, _OPEN)),
        settings=settings,
        as_of=as_of,
        confidence=confidence,
    )
    total = report.get(metric)
    still_open = {row.slice[step]: row.numerator for row in report.slices(_OPEN)}
    points = {
        (start := row.slice[step]): TrendPoint(
            start=start,
            value=row.value,
            low=row.low,
            high=row.high,
            n=row.n,
            still_open=still_open.get(start) or 0,
        )
        for row in report.slices(metric)
    }
    return Trend(
        metric=metric,
        title=total.title,
        unit=total.unit,
        direction=total.direction,
        target=total.target,
        currency=report.currency,
        step=step,
        points=tuple(points.get(start) or _gap(start) for start in _starts(points, step)),
    )


def _gap(start: date) -> TrendPoint:
    return TrendPoint(start=start, value=None, low=None, high=None, n=0)


def _starts(points: Mapping[date, TrendPoint], step: Step) -> list[date]:
    """Every period from the first to the last one that has contacts."""
    starts = [min(points)] if points else []
    while starts and starts[-1] < max(points):
        starts.append(_next_start(starts[-1], step))
    return starts


def _next_start(start: date, step: Step) -> date:
    if step == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if step == "week" else 1)


def conversations_behind(
    facts: Facts,
    metric: str,
    slice_key: Mapping[str, Any] | None = None,
    numerator_only: bool = False,
    since: Day | None = None,
    until: Day | None = None,
    phase: str | None = None,
    where: Mapping[str, Any] | None = None,
    *,
    settings: Settings | None = None,
    as_of: datetime | None = None,
    limit: int = 1_000,
) -> tuple[str, ...]:
    """Ids of the contacts that a KPI counts, newest first; `numerator_only`: only its hits.

    For amounts per contact a hit is a contact with an amount. `slice_key` is the slice of a KPI
    row.
    """
    connection = facts.connection if isinstance(facts, Daily) else facts
    now = as_of or (facts.as_of if isinstance(facts, Daily) else last_known_time(connection))
    scope = Scope(since, until, phase, {**(where or {}), **(slice_key or {})})
    condition, values = scope.sql()
    rows = connection.execute(
        f"SELECT contact_id FROM {contacts_source(connection, now).sql} WHERE {condition}"
        f" AND {_counted(metric, numerator_only, settings or Settings(), now)}"
        " ORDER BY started_at DESC, contact_id LIMIT ?",
        [*values, limit],
    ).fetchall()
    return tuple(contact_id for (contact_id,) in rows)


def _counted(name: str, numerator_only: bool, settings: Settings, now: datetime) -> str:
    """The condition under which a contact is part of the metric."""
    catalogue = load_metrics()
    (metric,) = catalogue.pick([name])
    if not metric.from_contacts:
        return "FALSE"
    formula = catalogue.formula(metric, settings)
    n, d = f"({formula.numerator})", f"({formula.denominator})"
    conditions = [d if metric.kind in ("share", "quantile") else f"coalesce({d}::BIGINT, 0) <> 0"]
    if metric.kind == "quantile":
        conditions.append(f"{n} IS NOT NULL")
    elif numerator_only:
        conditions.append(n if metric.kind == "share" else f"coalesce({n}::BIGINT, 0) <> 0")
    newest = newest_mature_day(now, metric.mature_days)
    return " AND ".join([*conditions, *([f"day <= DATE '{newest}'"] if newest else [])])
