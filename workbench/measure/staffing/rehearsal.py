"""A planned day, lived through many times: whether the people of a plan are really enough.

The plan takes every interval as if it went on for ever. A day does not: queues carry over from one
interval to the next, and people finish what they have begun after their shift. The simulation
knows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import inf, sqrt

import numpy as np

from workbench.config import StaffingSettings
from workbench.errors import InputError
from workbench.measure.staffing.plan import People, PlannedInterval, StaffingPlan
from workbench.measure.staffing.simulation import DAY_S, Crew, Day, Kind, draw_contacts, simulate
from workbench.records.base import Record

_ALL = "all"


class Share(Record):
    """A share over many simulated days."""

    mean: float
    """0-1."""
    error: float
    """Standard error of the mean."""

    def __str__(self) -> str:
        return f"{self.mean:.1%} +- {self.error:.1%}"


class PlanRehearsal(Record):
    """What came of a planned day."""

    weekday: str
    days: int
    """Simulated days."""
    contacts: float
    """Per day."""
    answered: Share
    """Share of contacts answered in the time that was asked for."""
    asked: float
    within_s: float
    given_up: Share
    occupancy: Share

    @property
    def kept(self) -> bool:
        """Whether the plan keeps what it says, two standard errors granted."""
        return self.answered.mean + 2 * self.answered.error >= self.asked

    def __str__(self) -> str:
        return (
            f"{self.weekday}, {self.days} simulated days of {self.contacts:.0f} contacts each: "
            f"{self.answered} answered within {self.within_s:g} s (asked: {self.asked:.0%}), "
            f"{self.given_up} given up, people busy {self.occupancy} of the time"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def rehearse(
    plan: StaffingPlan, asked: StaffingSettings, *, days: int = 40, seed: int = 0
) -> PlanRehearsal:
    """Live through the cautious account of a plan for one weekday.

    Args:
        days: days to simulate; the standard error falls with their square root.

    Raises `InputError` for a plan of several weekdays, of none, or fewer than two days.
    """
    weekdays = {one.weekday for one in plan.intervals}
    if len(weekdays) != 1 or days < 2:
        raise InputError(
            f"{len(weekdays)} weekdays, {days} days", expected="a plan of one weekday, two days"
        )
    kind, crews = _kind(plan, asked), _crews(plan)
    lived = [simulate(draw_contacts([kind], seed + n), crews) for n in range(days)]
    return PlanRehearsal(
        weekday=weekdays.pop(),
        days=days,
        contacts=float(np.mean([len(day.starts) for day in lived])),
        answered=_share([_answered(day, asked.within_seconds) for day in lived]),
        asked=asked.answered,
        within_s=asked.within_seconds,
        given_up=_share([_lost(day) for day in lived]),
        occupancy=_share([day.occupancy for day in lived]),
    )


def _kind(plan: StaffingPlan, asked: StaffingSettings) -> Kind:
    """The day's contacts, with the mean handle time of all intervals."""
    length = plan.interval_minutes
    expected = [0.0] * (DAY_S // 60 // length)
    for one in plan.intervals:
        expected[_minute(one) // length] = one.cautious.contacts
    people = [one.cautious for one in plan.intervals]
    return Kind(
        _ALL, expected, handle_s=_mean_handle(people), patience_s=asked.patience_seconds or inf
    )


def _mean_handle(people: Sequence[People]) -> float:
    contacts = sum(one.contacts for one in people)
    return sum(one.contacts * one.handle_s for one in people) / contacts if contacts else 0.0


def _crews(plan: StaffingPlan) -> list[Crew]:
    """The contacts that the people of each interval handle at once, as a shift of that length."""
    length, skills = plan.interval_minutes * 60, frozenset({_ALL})
    starts = [_minute(one) * 60 for one in plan.intervals]
    return [
        Crew(plan.hands(one.cautious.there), skills, starts_s=start, ends_s=start + length)
        for one, start in zip(plan.intervals, starts, strict=True)
    ]


def _minute(one: PlannedInterval) -> int:
    hours, minutes = one.starts.split(":")
    return int(hours) * 60 + int(minutes)


def _answered(day: Day, within_s: float) -> float:
    return day.answered_within(within_s) if len(day.starts) else 1.0


def _lost(day: Day) -> float:
    return day.given_up() if len(day.starts) else 0.0


def _share(values: Sequence[float]) -> Share:
    return Share(
        mean=float(np.mean(values)), error=float(np.std(values, ddof=1)) / sqrt(len(values))
    )
