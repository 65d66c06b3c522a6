"""What is unusual in one week, knowing only what came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import log10, log2

import numpy as np

from workbench.config import Settings
from workbench.measure.monitoring import compare
from workbench.measure.monitoring.catalogue import CLASSES, Signal, catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.readings import Ints, Readings
from workbench.measure.monitoring.seasons import closed_days, expected_contacts
from workbench.measure.monitoring.vocabulary import NewTerm, new_terms
from workbench.records.base import Record

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
_STRONGEST = 50.0


class Symptom(Record):
    """Something that is no longer as it was."""

    name: str
    p_value: float
    """Chance of this if nothing changed, corrected for everything that was looked at with it."""
    first_week: int
    """The week from which on it looks unusual, counted from 0."""
    intents: tuple[str, ...] = ()
    """Where it shows; empty: over all of them alike."""
    now: float
    usual: float
    n: int
    reference_n: int
    terms: tuple[NewTerm, ...] = ()
    chart: bool = False
    """Found by its control chart, not in a single look."""

    @property
    def strength(self) -> float:
        """Decimal orders of surprise, at most 50."""
        return min(-log10(max(self.p_value, 1e-300)), _STRONGEST)


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


_ANY = Signal(title="", of="")
"""What every week can be compared on."""


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
        return {name: self.readings.weekly(daily) for name, daily in self.readings.amounts.items()}

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
        return Look(*((part / damp).astype(np.int64) for part in parts)) if damp > 1 else Look(*parts)

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

    # Shares

    def share(self, name: str, when: When) -> Symptom | None:
        """A share that rose, in one intent or over all; the window that shows it best."""
        signal = catalogue().shares[name]
        found = [
            self._share_in(name, weeks, reference)
            for weeks, reference in self.windows(signal, when)
        ]
        return _surest([one for one in found if one])

    def _share_in(self, name: str, weeks: range, reference: Ints) -> Symptom | None:
        look = self.look(name, weeks, reference)
        return self._rise(name, look, weeks.start, self.shift(name))

    def _rise(self, name: str, look: Look, first_week: int, shift: float) -> Symptom | None:
        rates = look.hits / np.maximum(look.n, 1) - look.ref_hits / np.maximum(look.ref_n, 1)
        tested = max(int(((look.n > 0) & (look.ref_n > 0)).sum()), 1)
        single = compare.p_more(look.hits, look.n, look.ref_hits, look.ref_n) * tested
        single = np.where(rates >= shift, single, 1.0)
        together = compare.p_more_in_all(look.hits, look.n, look.ref_hits, look.ref_n)
        if look.now - look.usual < shift:
            together = 1.0
        p = min(float(single.min()), together) * 2 * len(WINDOWS)
        if p >= 0.05:
            return None
        places = np.flatnonzero(single < 0.01)
        shown = look.only(places) if len(places) else look
        return self._symptom(name, p, first_week, places, shown)

    def _symptom(self, name: str, p: float, week: int, places: Ints, shown: Look) -> Symptom:
        order = places[np.argsort(-shown.hits)] if len(places) else places
        return Symptom(
            name=name,
            p_value=min(p, 1.0),
            first_week=week,
            intents=tuple(self.readings.intents[place] for place in order),
            now=shown.now,
            usual=shown.usual,
            n=int(shown.n.sum()),
            reference_n=int(shown.ref_n.sum()),
        )

    # Amounts

    def amount(self, name: str, when: When) -> Symptom | None:
        """Confidence that fell, or a time that grew, in one intent or over all."""
        signal = catalogue().amounts[name]
        found = [
            self._amount_in(name, weeks, reference)
            for weeks, reference in self.windows(signal, when)
        ]
        return _surest([one for one in found if one])

    def _amount_in(self, name: str, weeks: range, reference: Ints) -> Symptom | None:
        counts, usual = (self.amounts[name][part].sum(0) for part in (weeks, reference))
        moved = self._worse(name, counts, usual)
        flip = slice(None) if name == "confidence" else slice(None, None, -1)
        p, together = compare.p_lower(counts[:, flip], usual[:, flip])
        tested = max(int(((counts.sum(1) > 0) & (usual.sum(1) > 0)).sum()), 1)
        single = np.where(moved >= self._classes(name), p * tested, 1.0)
        weights = counts.sum(1) * (usual.sum(1) > 0)
        if (moved * weights).sum() < self._classes(name) * weights.sum() / 2:
            together = 1.0
        p_value = min(float(single.min()), together) * 2 * len(WINDOWS)
        if p_value >= 0.05:
            return None
        return self._amount_symptom(name, p_value, weeks.start, single, (counts, usual))

    def _amount_symptom(
        self, name: str, p: float, week: int, single: Floats, seen: tuple[Ints, Ints]
    ) -> Symptom:
        places = np.flatnonzero(single < 0.01)
        places = places[np.argsort(single[places], kind="stable")]
        counts, usual = (part[places] if len(places) else part for part in seen)
        shares = counts.sum(1) / max(counts.sum(), 1)
        return Symptom(
            name=name,
            p_value=min(p, 1.0),
            first_week=week,
            intents=tuple(self.readings.intents[place] for place in places),
            now=self._value(name, float((shares * _mean_class(counts)).sum())),
            usual=self._value(name, float((shares * _mean_class(usual)).sum())),
            n=int(counts.sum()),
            reference_n=int(usual.sum()),
        )

    def _worse(self, name: str, counts: Ints, usual: Ints) -> Floats:
        """Classes by which the mean got worse, per intent."""
        change = _mean_class(counts) - _mean_class(usual)
        known = (counts.sum(1) > 0) & (usual.sum(1) > 0)
        return np.where(known, -change if name == "confidence" else change, 0.0)

    def _classes(self, name: str) -> float:
        """The smallest shift that matters, in classes."""
        shift = self.shift(name)
        return shift * CLASSES if name == "confidence" else 2.5 * log2(shift)

    def _value(self, name: str, mean_class: float) -> float:
        """A mean class as a number that people know: confidence, or seconds."""
        if name == "confidence":
            return (mean_class + 0.5) / CLASSES
        return float(2 ** ((mean_class + 0.5) / 2.5) - 1)

    # Demand

    def volume(self, when: When) -> Symptom | None:
        """More or fewer contacts than weekday, month and holidays let expect."""
        found = [
            self._volume_in(weeks, reference)
            for weeks, reference in self.windows(_ANY, when)
        ]
        return _surest([one for one in found if one])

    def _volume_in(self, weeks: range, reference: Ints) -> Symptom | None:
        from scipy.special import ndtr

        days = range(7 * weeks.start, min(7 * weeks.stop, self.readings.days))
        expected = expected_contacts(
            self.readings, days, self.days_of(reference), self.settings.hours
        )
        seen = int(self.readings.arrivals[days.start : days.stop].sum())
        p = 2 * float(ndtr(-abs(seen - expected.mean) / expected.spread)) * len(WINDOWS)
        if abs(seen / expected.mean - 1) < self.shift("volume") or p >= 0.05:
            return None
        return Symptom(
            name="volume",
            p_value=p,
            first_week=weeks.start,
            now=seen,
            usual=expected.mean,
            n=seen,
            reference_n=int(self.arrivals[reference].sum()),
        )

    def mix(self, when: When) -> Symptom | None:
        """Intents that customers come for more often than they did, as a share of all contacts."""
        found = [self._mix_in(weeks, reference) for weeks, reference in self.windows(_ANY, when)]
        return _surest([one for one in found if one])

    def _mix_in(self, weeks: range, reference: Ints) -> Symptom | None:
        damp = _mix_spread(self.arrivals[reference])
        now, ref = (
            (self.arrivals[part].sum(0) / damp).astype(np.int64) for part in (weeks, reference)
        )
        look = Look(now, np.full(len(now), now.sum()), ref, np.full(len(ref), ref.sum()))
        found = self._rise("mix", look, weeks.start, self.shift("mix"))
        return found if found and found.intents else None

    def words(self, when: When) -> Symptom | None:
        """Terms that the reference hardly had."""
        contacts = self.arrivals.sum(1)
        for weeks, reference in self.windows(_ANY, when):
            terms = new_terms(
                self.readings.terms, contacts, np.array(weeks), reference, self.surely
            )
            if terms:
                return Symptom(
                    name="new_words",
                    p_value=min(terms[0].p_value * len(self.readings.terms.terms), 1.0),
                    first_week=weeks.start,
                    now=terms[0].n / terms[0].of,
                    usual=terms[0].reference_n / terms[0].reference_of,
                    n=terms[0].n,
                    reference_n=terms[0].reference_of,
                    terms=terms,
                )
        return None

    # Policy

    def policy(self, when: When) -> Symptom | None:
        """Who decides changed in the week in which another policy version came into force."""
        week = when.week
        before = self.versions[week - 1] if week else None
        if before is None or self.versions[week] == before:
            return None
        fit = when.usable.astype(bool) & np.array([version == before for version in self.versions])
        reference = np.flatnonzero(fit[:week])
        if not self.enough(reference):
            return None
        look = self.look("automated", range(week, week + 1), reference)
        less = Look(look.n - look.hits, look.n, look.ref_n - look.ref_hits, look.ref_n)
        shift = self.shift("automated")
        both = [self._rise("policy_break", one, week, shift) for one in (look, less)]
        return _surest([one for one in both if one])

    def days_of(self, weeks: Ints) -> Ints:
        """Numbers of the days of some weeks, as far as history goes."""
        days = (7 * weeks[:, None] + np.arange(7)).ravel()
        return days[days < self.readings.days]

    # All of it

    def examine(self, week: int, usable: Floats, fresh_from: int = 0) -> tuple[Symptom, ...]:
        """Every symptom of a week, alarms and weaker ones.

        Args:
            usable: Per week whether it may serve as reference.
            fresh_from: The first week that may be looked at together with this one.
        """
        when = When(week, usable, fresh_from)
        found = [look(when) for look in (self.volume, self.mix, self.words, self.policy)]
        found += [self.share(name, when) for name in catalogue().shares if name != "automated"]
        found += [self.amount(name, when) for name in catalogue().amounts]
        return tuple(one for one in found if one)

    def over(self, name: str, weeks: range, reference: Ints) -> Symptom | None:
        """One symptom over all weeks since it began."""
        if name == "volume":
            return self._volume_in(weeks, reference)
        if name == "mix":
            return self._mix_in(weeks, reference)
        if name in catalogue().amounts:
            return self._amount_in(name, weeks, reference)
        known = range(weeks.start, max(weeks.stop - catalogue().shares[name].known, 0))
        return self._share_in(name, known, reference) if known else None


def _surest(found: list[Symptom]) -> Symptom | None:
    return min(found, key=lambda one: one.p_value, default=None)


def _mean_class(counts: Ints) -> Floats:
    return (counts * np.arange(CLASSES)).sum(-1) / np.maximum(counts.sum(-1), 1)


def _mix_spread(weeks: Ints) -> float:
    """Pearson's chi-square of weeks x intents over its degrees of freedom; at least 1."""
    expected = weeks.sum(1)[:, None] * weeks.sum(0) / max(weeks.sum(), 1)
    used = expected >= 1
    freedom = (weeks.shape[0] - 1) * (weeks.shape[1] - 1)
    return max(1.0, float(((weeks - expected) ** 2)[used] @ (1 / expected[used]) / max(freedom, 1)))
