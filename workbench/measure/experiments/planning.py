"""How many contacts an experiment needs, and how many days that takes with the POC's own traffic.

Everything is measured in d = effect^2 / variance of the estimate. A test with one look, 5 % and
power 80 % needs d = (1.96 + 0.84)^2 = 7.85 (Fleiss, Levin & Paik, Statistical Methods for Rates and
Proportions, 2003, chapter 4). A sequence that may be looked at every day, mixed with the effect
that is to be seen, needs a d that depends on nothing but confidence and power, so it is simulated
once: a Brownian motion with drift against the boundary of `sequences.mixture_radius`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from math import ceil, inf, sqrt
from typing import Any

import numpy as np

from workbench.config import Settings
from workbench.errors import InputError
from workbench.measure.experiments.observations import Counted, counted, measure_named, running
from workbench.measure.experiments.sequences import mixture_radius
from workbench.measure.intervals import z_score
from workbench.measure.metrics import Formula, Unit
from workbench.measure.sums import Scope, Source
from workbench.measure.tables import format_value, percent
from workbench.records.base import Record
from workbench.records.experiments import Experiment

LONGEST = 60
"""Days after which an experiment in a POC is called not reachable."""
POWER = 0.8
_PATHS, _LOOKS, _FARTHEST = 4000, 400, 60.0
_SEED = 20260504


@dataclass(frozen=True)
class Need:
    """What seeing an effect takes, as d = effect^2 / variance of the estimate."""

    fixed: float
    """For one look at the end."""
    sequential: float
    """By then a sequence has seen the effect with the wanted power."""
    typical: float
    """Where a sequence stops on average, when the effect is there."""


@cache
def need(alpha: float = 0.05, power: float = POWER) -> Need:
    """The same for every metric and every effect; see the head of this module."""
    z = z_score(1 - alpha) + z_score(2 * power - 1)
    stops = _stopping_points(alpha)
    return Need(
        fixed=z * z,
        sequential=float(np.quantile(stops, power)),
        typical=float(np.minimum(stops, _FARTHEST).mean()),
    )


def _stopping_points(alpha: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """d at which paths with the effect 1 first exclude 0; infinite for those that never do."""
    rng = np.random.default_rng(_SEED)
    d = np.linspace(_FARTHEST / _LOOKS, _FARTHEST, _LOOKS)
    noise = np.cumsum(rng.normal(0, sqrt(_FARTHEST / _LOOKS), (_PATHS, _LOOKS)), axis=1)
    seen = (d + noise) / d > mixture_radius(1 / d, 1.0, alpha)
    return np.where(seen.any(axis=1), d[seen.argmax(axis=1)], inf)


@dataclass(frozen=True)
class Traffic:
    """What the POC's own history says about the metric among the eligible contacts."""

    days: int
    """Days of history that were looked at."""
    per_day: float
    """Contacts that the metric counts, per day."""
    customers: int
    value: float
    """The metric itself, in its unit."""
    variance: float
    """Of one contact, in the unit squared: linearised, clustered by customer."""


def traffic_of(seen: Counted, days: int, scale: float) -> Traffic | None:
    """Traffic of some days of history; None where fewer than two customers were counted."""
    alone = seen.everybody()
    if not len(alone) or alone.customer.max() < 1:
        return None
    sums = running(alone, alone.treated)
    contacts = float(sums.denominator[-1])
    return Traffic(
        days=days,
        per_day=contacts / days,
        customers=int(sums.customers[-1]),
        value=float(sums.ratio[-1]) * scale,
        variance=float(sums.variance[-1]) * contacts * scale * scale,
    )


class Plan(Record):
    """What an experiment takes before it starts."""

    name: str
    metric: str
    title: str
    unit: Unit
    currency: str
    value: float
    """The metric now."""
    effect: float
    """The smallest effect that matters."""
    per_day: float
    """Contacts per day that take part and that the metric counts, all arms together."""
    arms: int
    n_fixed: int
    """Contacts per arm for one look at the end."""
    n_sequential: int
    """Contacts per arm by which a daily look has seen the effect, with the wanted power."""
    days_fixed: float
    days_sequential: float
    days_typical: float
    """Days after which a daily look stops on average, when the effect is there."""
    smallest_in_time: float
    """The smallest effect that can be seen within `LONGEST` days."""
    confidence: float
    power: float = POWER
    longest: int = LONGEST
    history_days: int
    history_customers: int

    @property
    def reachable(self) -> bool:
        return self.days_sequential <= self.longest

    @property
    def words(self) -> str:
        """The plan in two or three sentences."""
        now = format_value(self.value, self.unit, self.currency)
        effect = difference_in_words(self.effect, self.unit, self.currency)
        first = f"{self.title} is {now}; a difference of {effect} matters."
        return f"{first} {self._how_long() if self.reachable else self._out_of_reach()}"

    def _how_long(self) -> str:
        done = f"{ceil(self.days_sequential)} days ({self.n_sequential:,} contacts per arm)"
        one_look = f"{ceil(self.days_fixed)} days ({self.n_fixed:,} per arm)"
        return (
            f"Looked at every day, it takes about {ceil(self.days_typical)} days if the "
            f"difference is there, and {percent(self.power)} of such experiments are done after "
            f"{done}. One look at the end would need {one_look}, and nobody may look before."
        )

    def _out_of_reach(self) -> str:
        smallest = difference_in_words(self.smallest_in_time, self.unit, self.currency)
        return (
            f"Not reachable in {self.longest} days with {self.per_day:.1f} contacts a day: it "
            f"takes {self.n_sequential:,} contacts per arm, about {ceil(self.days_sequential):,} "
            f"days. The smallest effect you can see in {self.longest} days is {smallest}."
        )

    def to_dict(self) -> dict[str, Any]:
        return {"words": self.words, "reachable": self.reachable} | self.model_dump(mode="json")

    def __str__(self) -> str:
        basis = (
            f"Based on {self.history_customers:,} customers in {self.history_days} days of "
            f"history; {percent(self.confidence)} always valid, power {percent(self.power)}, "
            f"{self.arms} arms."
        )
        return f"{self.words}\n{basis}"


def days_for(d: float, effect: float, traffic: Traffic, share: float, arms: int) -> float:
    """Days until effect^2 / variance of the difference of two arms reaches `d`."""
    return arms * contacts_for(d, effect, traffic.variance) / (traffic.per_day * share)


def contacts_for(d: float, effect: float, variance: float) -> float:
    """Contacts per arm: n = d x 2 variance / effect^2."""
    return d * 2 * variance / effect**2


def smallest_effect(d: float, days: float, traffic: Traffic, share: float, arms: int) -> float:
    """The effect that reaches `d` within some days; the inverse of `days_for`."""
    return sqrt(d * 2 * traffic.variance * arms / (traffic.per_day * share * days))


def difference_in_words(value: float, unit: Unit, currency: str = "") -> str:
    """A difference without its sign: `3.1 points`, `42 s`, `0.31 EUR`."""
    if unit == "share":
        return f"{abs(value) * 100:.1f} points"
    return format_value(abs(value), unit, currency)


def plan_of(
    experiment: Experiment,
    source: Source,
    settings: Settings,
    *,
    effect: float | None = None,
    power: float = POWER,
) -> Plan:
    """The plan of an experiment, from the latest days of history that are as long as it.

    Raises `InputError` where history holds no contact that the metric counts.
    """
    goal = experiment.primary
    if effect is not None and effect <= 0:
        raise InputError(f"effect = {effect:g}", expected="a difference above 0, e.g. 0.05")
    formula, _ = measure_named(goal.metric, goal.direction, settings)
    traffic = _recent_traffic(experiment, formula, source)
    needed, wanted = need(alpha_of_arm(experiment), power), effect or goal.smallest_effect
    share, arms = experiment.share, len(experiment.arms)
    days = partial(days_for, effect=wanted, traffic=traffic, share=share, arms=arms)
    return Plan(
        name=experiment.name,
        metric=goal.metric,
        title=formula.metric.title,
        unit=formula.metric.unit,
        currency=settings.cost.currency,
        value=traffic.value,
        effect=wanted,
        per_day=traffic.per_day * share,
        arms=arms,
        n_fixed=ceil(contacts_for(needed.fixed, wanted, traffic.variance)),
        n_sequential=ceil(contacts_for(needed.sequential, wanted, traffic.variance)),
        days_fixed=days(needed.fixed),
        days_sequential=days(needed.sequential),
        days_typical=days(needed.typical),
        smallest_in_time=smallest_effect(needed.sequential, LONGEST, traffic, share, arms),
        confidence=experiment.confidence,
        power=power,
        history_days=traffic.days,
        history_customers=traffic.customers,
    )


def _recent_traffic(experiment: Experiment, formula: Formula, source: Source) -> Traffic:
    """What the last days brought among the contacts that the experiment is about."""
    days, metric = experiment.planned_days, formula.metric
    since = source.as_of - timedelta(days=days)
    scope = Scope(since=since, where=experiment.eligible.conditions)
    traffic = traffic_of(counted(source, formula, scope), days, metric.scale)
    if traffic is None or not traffic.variance:
        raise InputError(
            f"The last {days} days hold too few contacts that {metric.name} counts for "
            f"{experiment.eligible}",
            expected="contacts of several customers that differ in it",
            next_step="Import history with `workbench import contacts FILE`, or widen [eligible].",
        )
    return traffic


def alpha_of_arm(experiment: Experiment) -> float:
    """What may go wrong on the goal of one arm: shared evenly among the challengers."""
    return (1 - experiment.confidence) / len(experiment.challengers)


def alpha_of_guard(experiment: Experiment) -> float:
    """What may go wrong on one guard of one arm: shared evenly among guards and challengers."""
    return alpha_of_arm(experiment) / max(len(experiment.guards), 1)
