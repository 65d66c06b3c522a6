"""What may be compared with what: the counts of a week, and the reference that fits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workbench.config import Settings
from workbench.measure.monitoring import compare
from workbench.measure.monitoring.catalogue import Signal, catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.readings import Ints, Readings
from workbench.measure.monitoring.seasons import closed_days

WINDOWS = (1, 2, 3, 4)
"""Weeks that are looked at together, so that a slow change is seen too."""
SHIFTS = {
    "tool_failures": 0.03,
    "missing_articles": 0.15,
    "out_of_scope": 0.05,
    "low_confidence": 0.05,
    "failed_handoffs": 0.05,
    "automated": 0.10,
    "wrong_automation": 0.06,
    "overrides": 0.06,
    "repeats": 0.05,
    "reopenings": 0.05,
    "confidence": 0.04,
    "people_wait": 1.5,
    "assistant_time": 1.5,
    "volume": 0.25,
    "mix": 0.04,
}
"""Smallest shifts that matter, where the settings say nothing else."""
_FAMILIES = len(SHIFTS) + 9
"""Tests that share the false alarms: one per entry above, and the charts."""


@dataclass(frozen=True)
class Look:
    """Hits and contacts per intent in a window and in its reference."""

    hits: Ints
    n: Ints
    ref_hits: Ints
    ref_n: Ints

    @property
    def now(self) -> float:
        return float(self.hits.sum() / max(self.n.sum(), 1))

    @property
    def usual(self) -> float:
        """The reference's rate for the window's mix of intents."""
        rates = self.ref_hits / np.maximum(self.ref_n, 1)
        known = self.ref_n > 0
        return float((rates * self.n)[known].sum() / max(self.n[known].sum(), 1))

    def only(self, places: Ints) -> Look:
        return Look(self.hits[places], self.n[places], self.ref_hits[places], self.ref_n[places])


@dataclass(frozen=True)
class When:
    """The week that is judged, and what may be used for it."""

    week: int
    usable: Floats
    """Per week whether it may serve as reference."""
    fresh_from: int
    """The first week that may be looked at together with this one."""


@dataclass(frozen=True)
class Examiner:
    """Looks at one week after the other; holds what does not change between them."""

    readings: Readings
    settings: Settings
    _weekly: dict[str, tuple[Ints, Ints]] = field(default_factory=dict)

    @property
    def surely(self) -> float:
        """False-alarm chance of one test in one week."""
        return 1 / (self.settings.monitoring.average_run_length * _FAMILIES)

    @property
    def chart_run_length(self) -> float:
        return float(self.settings.monitoring.average_run_length * _FAMILIES)

    def shift(self, name: str) -> float:
        return self.settings.monitoring.shifts.get(name, SHIFTS[name])

    @cached_property
    def closed(self) -> Ints:
        return closed_days(self.readings, self.settings.hours)

    @cached_property
    def versions(self) -> tuple[str | None, ...]:
        """The policy version in force at the end of each week."""
        days = self.readings.policies
        found: list[str | None] = []
        for week in range(self.readings.weeks):
            known = [version for version in days[7 * week : 7 * week + 7] if version]
            found.append(known[-1] if known else (found[-1] if found else None))
        return tuple(found)

    @cached_property
    def arrivals(self) -> Ints:
        """Contacts per week and intent."""
        return self.readings.weekly(self.readings.arrivals)

    def counts(self, name: str) -> tuple[Ints, Ints]:
        """Hits and contacts per week and intent."""
        if name not in self._weekly:
            readings = self.readings
            self._weekly[name] = (
                readings.weekly(readings.hits[name]),
                readings.weekly(readings.of[name]),
            )
        return self._weekly[name]

    @cached_property
    def amounts(self) -> dict[str, Ints]:
        """Per amount: weeks x intents x classes."""
        works = (1 - self.closed)[:, None, None]
        return {
            name: self.readings.weekly(
                daily * works if catalogue().amounts[name].open_days else daily
            )
            for name, daily in self.readings.amounts.items()
        }

    def comparable(self, signal: Signal, week: int, usable: Floats) -> Ints:
        """Weeks of the reference that a week may be compared with, by what the signal needs."""
        fit = usable.astype(bool).copy()
        fit[week:] = False
        if signal.since == "policy":
            fit &= np.array([version == self.versions[week] for version in self.versions])
        elif signal.since == "launch":
            launched = self.versions[week] is not None
            fit &= np.array([(version is not None) == launched for version in self.versions])
        return np.flatnonzero(fit)

    def enough(self, weeks: Ints) -> bool:
        return len(weeks) >= self.settings.monitoring.reference_weeks

    # Looks

    def look(self, name: str, weeks: range, reference: Ints) -> Look:
        """The counts of a share, damped where the reference scatters more than chance."""
        hits, of = self.counts(name)
        damp = compare.excess_spread(hits[reference].sum(1), of[reference].sum(1))
        parts = (hits[weeks].sum(0), of[weeks].sum(0), hits[reference].sum(0), of[reference].sum(0))
        return (
            Look(*((part / damp).astype(np.int64) for part in parts)) if damp > 1 else Look(*parts)
        )

    def windows(self, signal: Signal, when: When) -> Iterator[tuple[range, Ints]]:
        """Each window that ends with the last known week, with the reference before it."""
        last = when.week - signal.known
        for length in WINDOWS:
            weeks = range(last - length + 1, last + 1)
            if weeks.start < when.fresh_from or not self._one_time(signal, weeks):
                return
            reference = self.comparable(signal, last, when.usable)
            reference = reference[reference < weeks.start]
            if self.enough(reference):
                yield weeks, reference

    def _one_time(self, signal: Signal, weeks: range) -> bool:
        """Whether the policy stayed the same through a window, where that matters."""
        return signal.since != "policy" or len({self.versions[week] for week in weeks}) == 1

    def days_of(self, weeks: Ints) -> Ints:
        """Numbers of the days of some weeks, as far as history goes."""
        days = (7 * weeks[:, None] + np.arange(7)).ravel()
        return days[days < self.readings.days]
