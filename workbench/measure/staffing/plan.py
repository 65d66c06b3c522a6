"""How many people a policy needs in each interval of a weekday."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from workbench.config import Settings, StaffingSettings
from workbench.decide.policy import Policy
from workbench.errors import InputError
from workbench.measure.staffing.demand import Demand, Work, demand
from workbench.measure.staffing.erlang import Expected, Load, expected, people_needed, rostered
from workbench.records.base import Record
from workbench.records.proposals import PeopleNeeded, Roster

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class People(Record):
    """The people of one interval, by one account."""

    contacts: float
    """Contacts that need a person."""
    handle_s: float
    """Mean seconds of a person for one of them."""
    there: int
    """People who must be there."""
    rostered: int
    """People to put on the roster, so that so many are there."""
    occupancy: float
    """Share of their time that they are busy, 0-1."""
    answered: float
    """Share of contacts answered in the time that the settings ask for, 0-1."""


class PlannedInterval(Record):
    """One interval of the day, by the hopeful and by the cautious account."""

    weekday: str
    starts: str
    """Local time, `09:30`."""
    hopeful: People
    cautious: People


class StaffingPlan(Record):
    """People needed over a day or a week under one policy."""

    policy: str
    """Version."""
    weeks: int
    """Whole weeks that the forecast is the mean of."""
    interval_minutes: int
    at_once: float
    """Contacts that one person handles at once."""
    target: str
    """What the people are enough for, in words."""
    intervals: tuple[PlannedInterval, ...]

    @property
    def peak(self) -> tuple[int, int]:
        """Most people on the roster at once, hopeful and cautious."""
        return (
            max((one.hopeful.rostered for one in self.intervals), default=0),
            max((one.cautious.rostered for one in self.intervals), default=0),
        )

    @property
    def hours(self) -> tuple[float, float]:
        """Paid hours of all intervals together, hopeful and cautious."""
        length = self.interval_minutes / 60
        return (
            sum(one.hopeful.rostered for one in self.intervals) * length,
            sum(one.cautious.rostered for one in self.intervals) * length,
        )

    def hands(self, people: int) -> int:
        """Contacts that so many people handle at once."""
        return _hands(people, self.at_once)

    def __str__(self) -> str:
        head = f"{'':9} {'from':5} {'contacts':>15} {'people there':>14} {'on the roster':>14}"
        lines = [head, *(_line(one) for one in self.intervals)]
        return "\n".join([*lines, "", self.sentence])

    @property
    def sentence(self) -> str:
        (low, high), (least, most) = self.peak, self.hours
        return (
            f"At most {_span(low, high)} people on the roster at once, {least:.1f} to {most:.1f} "
            f"paid hours; {self.target}; mean of the last {self.weeks} weeks; policy {self.policy}."
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def staffing_plan(
    connection: DuckDBPyConnection,
    policy: Policy,
    settings: Settings,
    weekday: str | None = None,
    volume: float = 1.0,
) -> StaffingPlan:
    """People needed per interval, for one weekday or for the whole week.

    Args:
        weekday: its English name; None for all days that have contacts.
        volume: how many times as many customers as in history, e.g. 1.2 for a fifth more.
    """
    if not 0 < volume < inf:
        raise InputError(f"volume {volume}", expected="a number above 0, e.g. 1.2")
    if weekday is not None and weekday not in WEEKDAYS:
        raise InputError(f"{weekday!r} is no weekday", expected="one of " + ", ".join(WEEKDAYS))
    wanted = range(7) if weekday is None else [WEEKDAYS.index(weekday)]
    found = [one for one in demand(connection, policy, settings) if one.weekday in wanted]
    asked = settings.staffing
    return StaffingPlan(
        policy=policy.version,
        weeks=asked.weeks,
        interval_minutes=asked.interval_minutes,
        at_once=float(settings.cost.concurrency),
        target=_target(asked),
        intervals=tuple(_interval(one, volume, settings) for one in found),
    )


def compared(
    before: StaffingPlan, after: StaffingPlan, weekday: str | None, volume: float
) -> PeopleNeeded:
    """What a change costs in people: two plans of the same days, in short."""
    return PeopleNeeded(
        weekday=weekday or "",
        volume=volume,
        target=before.target,
        before=Roster(people=before.peak, hours=before.hours),
        after=Roster(people=after.peak, hours=after.hours),
    )


def with_people(plan: StaffingPlan, work: People, people: int, asked: StaffingSettings) -> Expected:
    """What customers and people meet in an interval of a plan where so many are there."""
    load = _load(work, plan.interval_minutes, asked)
    found = expected(load, plan.hands(people), asked.within_seconds)
    return replace(found, people=people)


def _load(work: Work | People, interval_minutes: int, asked: StaffingSettings) -> Load:
    per_hour = work.contacts * 60 / interval_minutes
    return Load(per_hour, work.handle_s, asked.patience_seconds or inf)


def _hands(people: int, at_once: float) -> int:
    return floor(round(people * at_once, 9))


def _target(asked: StaffingSettings) -> str:
    return (
        f"enough to answer {asked.answered:.0%} within {asked.within_seconds:g} s and to be busy "
        f"at most {asked.max_occupancy:.0%} of the time, {asked.shrinkage:.0%} away"
    )


def _interval(found: Demand, volume: float, settings: Settings) -> PlannedInterval:
    return PlannedInterval(
        weekday=WEEKDAYS[found.weekday],
        starts=f"{found.minute // 60:02}:{found.minute % 60:02}",
        hopeful=_people(found.hopeful.times(volume), settings),
        cautious=_people(found.cautious.times(volume), settings),
    )


def _people(work: Work, settings: Settings) -> People:
    asked = settings.staffing
    load = _load(work, asked.interval_minutes, asked)
    met = _enough(load, asked, float(settings.cost.concurrency))
    return People(
        contacts=work.contacts,
        handle_s=work.handle_s,
        there=met.people,
        rostered=rostered(met.people, asked.shrinkage),
        occupancy=met.occupancy,
        answered=met.answered_within,
    )


@lru_cache(maxsize=4096)
def _enough(load: Load, asked: StaffingSettings, at_once: float) -> Expected:
    """The fewest people, each with several contacts at once, and what they meet."""
    needed = people_needed(
        load,
        answered=asked.answered,
        within_s=asked.within_seconds,
        occupancy=asked.max_occupancy,
    )
    people = ceil(round(needed.people / at_once, 9))
    met = expected(load, _hands(people, at_once), asked.within_seconds)
    return replace(met, people=people)


def _line(one: PlannedInterval) -> str:
    low, high = one.hopeful, one.cautious
    contacts = f"{low.contacts:.1f} to {high.contacts:.1f}"
    there, roster = _span(low.there, high.there), _span(low.rostered, high.rostered)
    return f"{one.weekday:9} {one.starts:5} {contacts:>15} {there:>14} {roster:>14}"


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
