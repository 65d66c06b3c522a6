"""One metric in one arm against the control, look by look."""

from __future__ import annotations

from datetime import date
from math import inf

from workbench.config import Settings
from workbench.measure.experiments.exact import difference_of_shares
from workbench.measure.experiments.observations import (
    Counted,
    Observations,
    counted,
    measure_named,
    running,
)
from workbench.measure.experiments.sequences import Sequence, difference
from workbench.measure.metrics import Direction, Formula, Unit
from workbench.measure.report import finite
from workbench.measure.sums import Scope, Source
from workbench.measure.tables import format_value
from workbench.records.base import Record
from workbench.records.experiments import Experiment, Goal, Guard, Method


class Look(Record):
    """The difference, arm minus control, at the end of a day."""

    day: date
    control: int
    """Contacts counted so far."""
    arm: int
    estimate: float | None
    low: float | None
    """None: no bound yet."""
    high: float | None


class Comparison(Record):
    """A metric in one arm against the control."""

    metric: str
    title: str
    unit: Unit
    currency: str
    direction: Direction
    """Which way is better."""
    arm: str
    method: Method
    confidence: float
    """Of this sequence alone, at all its looks together."""
    limit: float
    """The smallest effect that matters; for a guard, how much worse is too much."""
    control_value: float | None
    arm_value: float | None
    looks: tuple[Look, ...]

    @property
    def latest(self) -> Look | None:
        return self.looks[-1] if self.looks else None

    @property
    def n(self) -> int:
        """Contacts counted in both arms."""
        return self.latest.control + self.latest.arm if self.latest else 0

    @property
    def words(self) -> str:
        """The values of both arms, and between what their difference lies."""
        values = f"{self._say(self.control_value)} -> {self._say(self.arm_value)}"
        latest = self.latest
        if latest is None or latest.low is None or latest.high is None:
            return f"{values}, too few contacts for an interval, n = {self.n:,}"
        low, high = (self._say(end, sign=True) for end in (latest.low, latest.high))
        return f"{values}, difference {low} to {high}, n = {self.n:,}"

    def _say(self, value: float | None, *, sign: bool = False) -> str:
        return format_value(value, self.unit, self.currency, sign=sign)

    def gain(self, look: Look | None) -> tuple[float, float]:
        """How much better the arm is, at least and at most; infinite where nothing is known."""
        low = -inf if look is None or look.low is None else look.low
        high = inf if look is None or look.high is None else look.high
        return (low, high) if self.direction == "up" else (-high, -low)

    @property
    def broken(self) -> Look | None:
        """For a guard: the first look at which the arm was surely too much worse."""
        return next((look for look in self.looks if -self.gain(look)[1] > self.limit), None)


def compare(
    experiment: Experiment,
    arm: str,
    source: Source,
    scope: Scope,
    settings: Settings,
    wanted: Goal | Guard,
    alpha: float,
) -> Comparison:
    """Compare an arm with the control on one metric, at the end of every day so far."""
    formula, better = measure_named(wanted.metric, wanted.direction, settings)
    metric = formula.metric
    limit = wanted.smallest_effect if isinstance(wanted, Goal) else wanted.worse_by
    seen = counted(source, formula, scope)
    control, other = experiment.label(experiment.arms[0].name), experiment.label(arm)
    looks, values = _looks(seen, control, other, formula, limit, alpha, wanted.method)
    return Comparison(
        metric=metric.name,
        title=metric.title,
        unit=metric.unit,
        currency=settings.cost.currency,
        direction=better,
        arm=arm,
        method=wanted.method,
        confidence=1 - alpha,
        limit=limit,
        control_value=values[0],
        arm_value=values[1],
        looks=looks,
    )


def _looks(
    seen: Counted,
    control: str,
    arm: str,
    formula: Formula,
    limit: float,
    alpha: float,
    method: Method,
) -> tuple[tuple[Look, ...], tuple[float | None, ...]]:
    two = seen.of(control, arm)
    if not len(two):
        return (), (None, None)
    scale = formula.metric.scale
    sequence = _sequence(two, formula, limit / scale, alpha, method).scaled(scale)
    before, after = running(two, ~two.treated), running(two, two.treated)
    days = two.day[two.looks].astype(object)
    looks = tuple(
        Look(
            day=days[position],
            control=int(before.denominator[at]),
            arm=int(after.denominator[at]),
            estimate=finite(float(sequence.estimate[position])),
            low=finite(float(sequence.low[position])),
            high=finite(float(sequence.high[position])),
        )
        for position, at in enumerate(two.looks)
    )
    return looks, tuple(finite(float(arm.ratio[-1]) * scale) for arm in (before, after))


def _sequence(
    two: Observations, formula: Formula, limit: float, alpha: float, method: Method
) -> Sequence:
    """The difference at the end of every day, in the metric's raw unit."""
    is_share = formula.metric.kind == "share"
    if method is Method.EXACT and is_share:
        return difference_of_shares(two, alpha, two.looks)
    return difference(two, limit, alpha, share=is_share).at(two.looks)
