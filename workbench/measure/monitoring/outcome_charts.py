"""The control charts of the outcomes, week by week, each knowing only the weeks before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.compare import Floats, excess_spread
from workbench.measure.monitoring.control import Design
from workbench.measure.monitoring.examiner import Examiner
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.symptom import Symptom
from workbench.records.base import Record

CHARTED = (
    *("tool_failures", "failed_handoffs", "low_confidence", "wrong_automation", "overrides"),
    *("repeats", "reopenings", "people_wait", "assistant_time"),
)
_SLOW = 0.9
"""Times are slow when they are longer than this share of the reference's."""
_SLOW_SHIFT = 0.10


class ChartPoint(Record):
    """One week on a chart."""

    start: date
    value: float
    """Cumulative sum of evidence for the shift; it falls back to 0 when there is none."""
    limit: float
    hits: int
    n: int
    usual: float
    """The in-control rate that the week was judged by."""
    alarm: bool


class ControlChart(Record):
    """One outcome over time; weeks without a reference have no point."""

    name: str
    title: str
    shift: float
    """The smallest shift that it is to find, in points of a share."""
    points: tuple[ChartPoint, ...]


@dataclass
class Charts:
    """The charts under way."""

    examiner: Examiner
    points: dict[str, list[ChartPoint]] = field(
        default_factory=lambda: {name: [] for name in CHARTED}
    )
    _sums: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Sum so far, and the week in which it last left zero."""

    def step(self, week: int, usable: Floats, restart: bool) -> tuple[Symptom, ...]:
        """Add a week to every chart; the alarms that it rings. `restart`: begin at zero."""
        if restart:
            self._sums.clear()
        found = [self._step(name, week, usable) for name in CHARTED]
        return tuple(one for one in found if one)

    def _step(self, name: str, week: int, usable: Floats) -> Symptom | None:
        signal, examiner = catalogue().signal(name), self.examiner
        seen = week - signal.known
        reference = examiner.comparable(signal, max(seen, 0), usable)
        if seen < 0 or not examiner.enough(reference):
            return None
        hits, n = self._counts(name, reference)
        if n[seen] == 0 or n[reference].sum() == 0:
            return None
        return self._judge(name, seen, hits, n, reference)

    def _judge(self, name: str, seen: int, hits: Ints, n: Ints, reference: Ints) -> Symptom | None:
        examiner = self.examiner
        ref_hits, ref_n = int(hits[reference].sum()), int(n[reference].sum())
        design = Design.of(ref_hits, ref_n, chart_shift(examiner, name))
        damp = excess_spread(hits[reference], n[reference])
        before, since = self._sums.get(name, (0.0, seen))
        value = max(0.0, before + design.step(hits[seen], n[seen]) / damp)
        since = seen if before <= 0 else since
        limit = design.limit(float(n[reference].mean()), examiner.chart_run_length)
        alarm = value > limit
        self._sums[name] = (0.0 if alarm else value, since)
        self.points[name].append(
            ChartPoint(
                start=examiner.readings.monday(seen),
                value=value,
                limit=limit,
                hits=int(hits[seen]),
                n=int(n[seen]),
                usual=ref_hits / ref_n,
                alarm=alarm,
            )
        )
        return self._alarm(name, range(since, seen + 1), hits, n, reference) if alarm else None

    def _alarm(self, name: str, weeks: range, hits: Ints, n: Ints, reference: Ints) -> Symptom:
        span = slice(weeks.start, weeks.stop)
        return Symptom(
            name=name,
            p_value=self.examiner.surely / 2,
            first_week=weeks.start,
            now=float(hits[span].sum() / max(n[span].sum(), 1)),
            usual=float(hits[reference].sum() / n[reference].sum()),
            n=int(n[span].sum()),
            reference_n=int(n[reference].sum()),
            chart=True,
        )

    def _counts(self, name: str, reference: Ints) -> tuple[Ints, Ints]:
        """Hits and contacts per week; of times, those slower than nine tenths of the reference."""
        if name in catalogue().shares:
            hits, of = self.examiner.counts(name)
            return hits.sum(1), of.sum(1)
        classes = self.examiner.amounts[name].sum(1)
        cumulative = np.cumsum(classes[reference].sum(0)) / max(classes[reference].sum(), 1)
        slow = int(np.argmax(cumulative >= _SLOW)) + 1
        return classes[:, slow:].sum(1), classes.sum(1)

    def all(self) -> tuple[ControlChart, ...]:
        return tuple(
            ControlChart(
                name=name,
                title=catalogue().signal(name).title,
                shift=chart_shift(self.examiner, name),
                points=tuple(points),
            )
            for name, points in self.points.items()
        )


def chart_shift(examiner: Examiner, name: str) -> float:
    """The smallest shift of a share that matters; for times, of the share of slow ones."""
    return examiner.shift(name) if name in catalogue().shares else _SLOW_SHIFT
