"""What a KPI question is answered with: frozen values that show themselves as table and HTML."""

from __future__ import annotations

from enum import StrEnum
from math import isfinite
from typing import Any

from workbench.errors import InputError
from workbench.measure.intervals import Interval, change_interval
from workbench.measure.metrics import Direction, Unit
from workbench.records.base import Instant, Record


class Status(StrEnum):
    """Where a KPI stands with its target, judged by the whole interval."""

    MET = "met"
    MISSED = "missed"
    UNCLEAR = "unclear"
    """The interval holds the target: too little data to say."""
    NO_TARGET = "no target"
    NO_DATA = "no data"


class Verdict(StrEnum):
    """How a KPI moved since the baseline, judged by the interval of the change."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"
    """Moved, and no direction is the better one."""
    UNCLEAR = "unclear"
    """The interval of the change holds zero."""


class Kpi(Record):
    """One metric for one slice. `value` is None, never 0, where there is no data."""

    metric: str
    title: str
    slice: dict[str, Any] = {}
    """Column -> value; empty for the total."""
    unit: Unit
    """`share` runs from 0 to 1; `currency` is the report's currency."""
    direction: Direction
    value: float | None = None
    low: float | None = None
    """Ends of the two-sided interval; None where the data sets no bound."""
    high: float | None = None
    n: int = 0
    """Contacts in the denominator."""
    numerator: int | None = None
    """Exact sums behind the value; None for quantiles."""
    denominator: int | None = None
    upper_bound: float | None = None
    """One-sided exact bound, where the metric carries a promise."""
    target: float | None = None
    status: Status = Status.NO_DATA
    baseline: float | None = None
    baseline_low: float | None = None
    baseline_high: float | None = None
    change: float | None = None
    """Value minus baseline, with its interval."""
    change_low: float | None = None
    change_high: float | None = None
    verdict: Verdict | None = None
    note: str = ""
    """Why there is no value or no comparison."""

    def with_note(self, note: str) -> Kpi:
        return self.model_copy(update={"note": note})

    def against(self, before: Kpi) -> Kpi:
        """The same KPI compared with an earlier measurement of it."""
        if self.value is None or before.value is None:
            return self
        ends = change_interval(self.value, self._interval, before.value, before._interval)
        return self.model_copy(
            update={
                "baseline": before.value,
                "baseline_low": before.low,
                "baseline_high": before.high,
                "change": self.value - before.value,
                "change_low": finite(ends.low),
                "change_high": finite(ends.high),
                "verdict": self._verdict(ends),
            }
        )

    @property
    def _interval(self) -> Interval:
        """The interval with open ends where the data sets no bound."""
        low = -float("inf") if self.low is None else self.low
        return Interval(low, float("inf") if self.high is None else self.high)

    def _verdict(self, change: Interval) -> Verdict:
        if change.low <= 0 <= change.high:
            return Verdict.UNCLEAR
        if self.direction == "none":
            return Verdict.CHANGED
        return Verdict.BETTER if (change.low > 0) == (self.direction == "up") else Verdict.WORSE


def finite(end: float) -> float | None:
    """An end of an interval as people and JSON see it: None where there is no bound."""
    return end if isfinite(end) else None


class Baseline(Record):
    """KPIs of a period before a change, saved once and compared with ever after."""

    since: str
    until: str
    as_of: Instant
    contacts: int
    confidence: float
    currency: str
    definitions: dict[str, str]
    """Metric -> version and fingerprint of its formula at the time."""
    rows: tuple[Kpi, ...]

    @property
    def period(self) -> str:
        return f"{self.since or 'beginning'} to {self.until or 'end'}"

    def to_dict(self) -> dict[str, Any]:
        """JSON values only."""
        return self.model_dump(mode="json")

    def __repr__(self) -> str:
        from workbench.measure.tables import baseline_text

        return baseline_text(self)

    __str__ = __repr__


class KpiReport(Record):
    """The answer to one KPI question: rows for the total, then for every slice."""

    as_of: Instant
    since: str
    until: str
    phase: str
    by: tuple[str, ...]
    contacts: int
    """All contacts looked at."""
    confidence: float
    currency: str
    sample: bool
    """Whether the data is synthetic."""
    baseline_period: str
    definitions: dict[str, str]
    rows: tuple[Kpi, ...]

    def get(self, metric: str, **slice_key: Any) -> Kpi:
        """One KPI; without keywords the total. Raises `InputError` if it was not asked for."""
        for row in self.rows:
            if row.metric == metric and row.slice == slice_key:
                return row
        raise InputError(f"This report has no {metric} for {slice_key or 'the total'}")

    @property
    def totals(self) -> tuple[Kpi, ...]:
        return tuple(row for row in self.rows if not row.slice)

    def slices(self, metric: str) -> tuple[Kpi, ...]:
        """One row per slice, the total left out."""
        return tuple(row for row in self.rows if row.slice and row.metric == metric)

    def to_dict(self) -> dict[str, Any]:
        """JSON values only."""
        return self.model_dump(mode="json")

    def __repr__(self) -> str:
        from workbench.measure.tables import report_text

        return report_text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from workbench.measure.tables import report_html

        return report_html(self)
