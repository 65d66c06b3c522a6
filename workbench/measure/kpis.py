"""KPIs: value, n, interval, baseline and target of every metric, for the total and every slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.config import Settings
from workbench.measure.aggregate import Daily
from workbench.measure.estimates import estimate, status_of
from workbench.measure.metrics import Formula, Metric, load_metrics
from workbench.measure.report import Baseline, Kpi, KpiReport, finite
from workbench.measure.sums import (
    Day,
    Scope,
    SliceKey,
    Source,
    Tally,
    contacts_source,
    last_known_time,
    newest_mature_day,
    tally,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Facts: TypeAlias = "DuckDBPyConnection | Daily"
"""A connection with the `contact` view, or the pre-aggregate built from one."""


def kpis(
    facts: Facts,
    by: Sequence[str] = (),
    since: Day | None = None,
    until: Day | None = None,
    phase: str | None = None,
    where: Mapping[str, Any] | None = None,
    baseline: Baseline | None = None,
    metrics: Iterable[str] | None = None,
    *,
    settings: Settings | None = None,
    as_of: datetime | None = None,
    confidence: float = 0.95,
) -> KpiReport:
    """KPIs of the contacts created in [since, until), in total and per combination of `by`.

    Args:
        facts: a connection with the `contact` view, or the daily pre-aggregate built from one.
        by: contact columns, or `day`, `week`, `month` (UTC), that slice the total.
        where: column (or `day`, `week`, `month`) -> value or values that contacts must have.
        baseline: compared with metric by metric; a metric whose definition changed is not compared.
        metrics: names; all of `metrics.toml` by default.
        as_of: the time as of which open contacts are looked at and days count as mature; the last
            known time in the data by default.

    A metric without data has value None and says so. Raises `InputError` for unknown names.
    """
    chosen = settings or Settings()
    catalogue = load_metrics()
    formulas = catalogue.formulas(catalogue.pick(metrics), chosen)
    scope = Scope(since, until, phase, where or {})
    source = choose_source(facts, {*by, *scope.columns}, chosen, as_of)
    countable = [formula for formula in formulas if formula.metric.from_contacts]
    slices = tally(source, countable, by, scope)
    maker = _KpiMaker(source.as_of, confidence, baseline)
    return KpiReport(
        as_of=source.as_of,
        since=str(since or ""),
        until=str(until or ""),
        phase=phase or "",
        by=tuple(by),
        contacts=slices[0].contacts,
        confidence=confidence,
        currency=chosen.cost.currency,
        sample=chosen.sample,
        baseline_period=baseline.period if baseline else "",
        definitions={formula.metric.name: formula.definition for formula in formulas},
        rows=tuple(maker.kpi(one, formula) for one in slices for formula in formulas),
    )


def choose_source(
    facts: Facts, columns: set[str], settings: Settings, as_of: datetime | None
) -> Source:
    """The pre-aggregate where it can answer, single contacts otherwise."""
    if isinstance(facts, Daily):
        daily = facts.source(columns, settings, as_of)
        return daily or contacts_source(facts.connection, as_of or facts.as_of)
    return contacts_source(facts, as_of or last_known_time(facts))


class _KpiMaker:
    """Makes the KPI of a slice, once its sums are known."""

    def __init__(self, as_of: datetime, confidence: float, baseline: Baseline | None) -> None:
        self._as_of, self._confidence, self._baseline = as_of, confidence, baseline
        self._before = {(row.metric, _key(row.slice)): row for row in _rows(baseline)}

    def kpi(self, one: Tally, formula: Formula) -> Kpi:
        metric = formula.metric
        described = {
            "metric": metric.name,
            "title": metric.title,
            "slice": one.key,
            "unit": metric.unit,
            "direction": metric.direction,
            "target": metric.target,
        }
        found = estimate(one, formula, self._confidence) if metric.from_contacts else None
        if found is None:
            return Kpi(**described, note=self._why_empty(metric))
        kpi = Kpi(
            **described,
            value=found.value,
            low=finite(found.interval.low),
            high=finite(found.interval.high),
            n=found.n,
            numerator=found.numerator,
            denominator=found.denominator,
            upper_bound=found.upper_bound,
            status=status_of(metric, found),
        )
        return self._compared(kpi, formula) if self._baseline else kpi

    def _why_empty(self, metric: Metric) -> str:
        if not metric.from_contacts:
            return f"comes from {metric.source}, not from contacts"
        day = newest_mature_day(self._as_of, metric.mature_days)
        return f"counts contacts up to {day}, the last mature day" if day else ""

    def _compared(self, kpi: Kpi, formula: Formula) -> Kpi:
        before = self._before.get((kpi.metric, _key(kpi.slice)))
        if before is None or before.value is None or self._baseline is None:
            return kpi.with_note("no baseline")
        if self._baseline.definitions[kpi.metric] != formula.definition:
            return kpi.with_note("not compared: the definition changed since the baseline")
        return kpi.against(before)


def _rows(baseline: Baseline | None) -> tuple[Kpi, ...]:
    return baseline.rows if baseline else ()


def _key(slice_key: SliceKey) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(slice_key.items()))
