"""From sums to a value with its interval, and where both stand with a target."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from workbench.measure.intervals import (
    Interval,
    Moments,
    clopper_pearson_upper,
    mean_interval,
    quantile_interval,
    rate_interval,
    wilson,
)
from workbench.measure.metrics import Formula, Metric
from workbench.measure.report import Status
from workbench.measure.sums import Tally

_NO_BOUND = Interval(-inf, inf)


@dataclass(frozen=True)
class Estimate:
    """A value in the metric's unit, with what it was computed from."""

    value: float
    interval: Interval
    n: int
    numerator: int | None = None
    denominator: int | None = None
    upper_bound: float | None = None


def estimate(one: Tally, formula: Formula, confidence: float) -> Estimate | None:
    """The metric's value for one slice; None where there is no data."""
    if formula.metric.kind == "quantile":
        return _quantile(one, formula, confidence)
    sums = one.moments(formula)
    return _ratio(sums, formula.metric, confidence) if sums.denominator else None


def _ratio(sums: Moments, metric: Metric, confidence: float) -> Estimate:
    found = _ratio_interval(sums, metric, confidence)
    bound = metric.bound
    return Estimate(
        value=sums.numerator / sums.denominator * metric.scale,
        interval=Interval(found.low * metric.scale, found.high * metric.scale),
        n=sums.n,
        numerator=sums.numerator,
        denominator=sums.denominator,
        upper_bound=clopper_pearson_upper(sums.numerator, sums.n, bound) if bound else None,
    )


def _ratio_interval(sums: Moments, metric: Metric, confidence: float) -> Interval:
    if metric.kind == "share":
        return wilson(sums.numerator / sums.denominator, sums.n, confidence)
    if metric.kind == "rate":
        return rate_interval(sums, confidence)
    return mean_interval(sums, confidence) or _NO_BOUND


def _quantile(one: Tally, formula: Formula, confidence: float) -> Estimate | None:
    values, share = one.values(formula), formula.metric.quantile
    if share is None or len(values) == 0:
        return None
    value, interval = quantile_interval(values, share, confidence)
    return Estimate(value, interval, len(values))


def status_of(metric: Metric, found: Estimate) -> Status:
    """Met or missed only when the whole interval says so; a promise is judged by its bound."""
    if metric.target is None or metric.direction == "none":
        return Status.NO_TARGET
    low, high = found.interval.low, found.interval.high
    if metric.direction == "up":
        met, missed = low >= metric.target, high < metric.target
    else:
        ceiling = high if found.upper_bound is None else found.upper_bound
        met, missed = ceiling <= metric.target, low > metric.target
    return Status.MET if met else Status.MISSED if missed else Status.UNCLEAR
