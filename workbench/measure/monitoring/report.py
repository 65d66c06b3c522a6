"""What the monitoring says, for app, command line and alerts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from workbench.config import Settings
from workbench.measure.monitoring import compare
from workbench.measure.monitoring.causes import Kind
from workbench.measure.monitoring.drift import FeatureDrift, drift_of, periods
from workbench.measure.monitoring.evidence import contacts_behind
from workbench.measure.monitoring.outcome_charts import ControlChart
from workbench.measure.monitoring.readings import Ints, Readings, read
from workbench.measure.monitoring.seasons import expected_contacts
from workbench.measure.monitoring.symptom import Symptom
from workbench.measure.monitoring.vocabulary import NewTerm
from workbench.measure.monitoring.watch import Episode, Watched, watch
from workbench.measure.monitoring.wording import finding_words, symptom_words, title_of
from workbench.records.base import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Evidence(Record):
    """One symptom with its figures."""

    name: str
    words: str
    now: float
    usual: float
    n: int
    reference_n: int
    p_value: float
    """Chance of this if nothing changed, corrected for everything looked at with it."""


class Diagnosis(Record):
    """One cause with its time, its place and what speaks for it."""

    cause: str
    kind: Kind
    title: str
    since: date
    until: date | None
    """Last day; None while it lasts."""
    found_on: date
    """The last day that was known when it was named."""
    intents: tuple[str, ...]
    queues: tuple[str, ...]
    terms: tuple[NewTerm, ...]
    words: str
    advice: str
    score: float
    evidence: tuple[Evidence, ...]
    contacts: tuple[str, ...]
    """Ids of contacts that show it."""

    @property
    def open(self) -> bool:
        return self.until is None


class Week(Record):
    """One week on the timeline."""

    start: date
    contacts: int
    expected: float | None
    """By weekday, month and holidays; None without a reference."""
    judged: bool
    """Whether enough quiet weeks lie before it."""
    kinds: tuple[Kind, ...]
    """What was found in it."""
    policy: str | None
    """A policy version that came into force in it."""


class MonitorReport(Record):
    """Everything that the monitoring says as of a day."""

    as_of: date
    """The first day that is not counted any more."""
    verdict: str
    diagnoses: tuple[Diagnosis, ...]
    """Oldest first; what lasts has no `until`."""
    weeks: tuple[Week, ...]
    drift: tuple[FeatureDrift, ...]
    """Features of the last week with contacts, against the quiet weeks before it."""
    charts: tuple[ControlChart, ...]

    @property
    def open(self) -> tuple[Diagnosis, ...]:
        """What needs attention now, the strongest first."""
        return _lasting(self.diagnoses)

    def since(self, day: date) -> MonitorReport:
        """Only what was there on that day or later."""
        kept = [one for one in self.diagnoses if one.until is None or one.until >= day]
        weeks = [one for one in self.weeks if one.start > day - timedelta(days=7)]
        return self.model_copy(update={"diagnoses": tuple(kept), "weeks": tuple(weeks)})

    def __str__(self) -> str:
        lines = [self.verdict]
        lines += [f"  - {each.words}" for one in self.open for each in one.evidence]
        lines += [f"  Next: {one.advice}" for one in self.open]
        ended = [one for one in self.diagnoses if not one.open]
        if ended:
            lines += ["", "Over:"] + [f"  - {one.words}" for one in ended]
        moved = [one for one in self.drift if one.drifted]
        if moved:
            lines += ["", f"Features that moved in the week of {moved[0].start}:"]
            lines += [f"  - {_drift_words(one)}" for one in moved]
        return "\n".join(lines)


def monitor(connection: DuckDBPyConnection, settings: Settings, as_of: date) -> MonitorReport:
    """Judge every week before a day; nothing that happened later is looked at.

    Args:
        as_of: The first day that is not counted any more: today, when today is not over.
    """
    readings = read(connection, as_of)
    if readings is None:
        return _nothing(as_of)
    watched = watch(readings, settings)
    diagnoses = tuple(_diagnosis(connection, watched, one) for one in watched.episodes)
    weeks = tuple(_week(watched, settings, number) for number in range(readings.weeks))
    return MonitorReport(
        as_of=as_of,
        verdict=_verdict(diagnoses, weeks),
        diagnoses=diagnoses,
        weeks=weeks,
        drift=feature_drift(watched, "week", last=True),
        charts=watched.charts,
    )


def feature_drift(watched: Watched, step: str, last: bool = False) -> tuple[FeatureDrift, ...]:
    """Each feature in each week or day against the quiet weeks before; `last`: the last only."""
    examiner = watched.examiner
    readings = examiner.readings
    chosen = periods(readings, step)
    found = []
    for days in [one for one in chosen if readings.arrivals[one].sum()][-1:] if last else chosen:
        quiet = np.flatnonzero(watched.usable[: days.start // 7])
        if not examiner.enough(quiet):
            continue
        reference = examiner.days_of(quiet)
        found += [
            drift_of(name, readings, days, reference, examiner.closed) for name in readings.features
        ]
    return tuple(one for one in found if one)


def drift(
    connection: DuckDBPyConnection, settings: Settings, as_of: date, step: str
) -> tuple[FeatureDrift, ...]:
    """Every feature in every week or day before `as_of`; see `feature_drift`."""
    readings = read(connection, as_of)
    return feature_drift(watch(readings, settings), step) if readings else ()


def _diagnosis(connection: DuckDBPyConnection, watched: Watched, episode: Episode) -> Diagnosis:
    finding, readings = episode.finding, watched.examiner.readings
    since, until = _days(readings, episode)
    last = until or readings.until - timedelta(days=1)
    contacts, queues = contacts_behind(connection, finding.decisive, since, last)
    return Diagnosis(
        cause=finding.cause.name,
        kind=finding.cause.kind,
        title=title_of(finding),
        since=since,
        until=until,
        found_on=min(readings.monday(episode.found_in + 1), readings.until) - timedelta(days=1),
        intents=finding.intents or _intents_of(finding.symptoms),
        queues=queues,
        terms=next((one.terms for one in finding.symptoms if one.terms), ()),
        words=finding_words(finding, since, until),
        advice=finding.cause.advice,
        score=round(finding.score, 1),
        evidence=tuple(_evidence(one) for one in finding.symptoms),
        contacts=contacts,
    )


def _intents_of(symptoms: tuple[Symptom, ...]) -> tuple[str, ...]:
    """Where the supporting symptoms show, for a cause that is felt everywhere."""
    return next((one.intents for one in symptoms if one.name == "mix"), ())


def _evidence(symptom: Symptom) -> Evidence:
    return Evidence(
        name=symptom.name,
        words=symptom_words(symptom),
        now=symptom.now,
        usual=symptom.usual,
        n=symptom.n,
        reference_n=symptom.reference_n,
        p_value=symptom.p_value,
    )


def _days(readings: Readings, episode: Episode) -> tuple[date, date | None]:
    """First and last day: of its weeks, or the days themselves where single days show it."""
    weeks = range(episode.first_week, readings.weeks)
    if episode.last_week is not None:
        weeks = range(episode.first_week, episode.last_week + 1)
    days = range(7 * weeks.start, min(7 * weeks.stop, readings.days))
    symptom = episode.finding.decisive
    first, last = days.start, days.stop - 1
    if symptom.name in ("tool_failures", "missing_articles"):
        hits, of = (
            _at(readings, part[symptom.name], symptom, days)
            for part in (readings.hits, readings.of)
        )
        first, last = (days.start + day for day in compare.worst_days(hits, of, symptom.usual, 0.5))
    return readings.day(first), None if episode.open else readings.day(last)


def _at(readings: Readings, daily: Ints, symptom: Symptom, days: range) -> Ints:
    """Counts per day at the intents of a symptom."""
    places = [readings.intents.index(name) for name in symptom.intents] or slice(None)
    counts: Ints = daily[days.start : days.stop, places].sum(1)
    return counts


def _week(watched: Watched, settings: Settings, number: int) -> Week:
    examiner = watched.examiner
    readings, version = examiner.readings, examiner.versions[number]
    before = examiner.versions[number - 1] if number else version
    return Week(
        start=readings.monday(number),
        contacts=int(examiner.arrivals[number].sum()),
        expected=_expected(watched, settings, number),
        judged=watched.judged[number],
        kinds=tuple(e.finding.cause.kind for e in watched.episodes if e.holds(number)),
        policy=version if version != before else None,
    )


def _expected(watched: Watched, settings: Settings, number: int) -> float | None:
    examiner = watched.examiner
    quiet = np.flatnonzero(watched.usable[:number])
    if not examiner.enough(quiet):
        return None
    days = range(7 * number, min(7 * number + 7, examiner.readings.days))
    reference = examiner.days_of(quiet)
    return expected_contacts(examiner.readings, days, reference, settings.hours).mean


def _lasting(diagnoses: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    found = [one for one in diagnoses if one.open]
    return tuple(sorted(found, key=lambda one: -one.score))


def _verdict(diagnoses: tuple[Diagnosis, ...], weeks: tuple[Week, ...]) -> str:
    lasting = _lasting(diagnoses)
    if lasting:
        more = len(lasting) - 1
        also = f" {more} more below." if more else ""
        return lasting[0].words + also
    judged = sum(one.judged for one in weeks)
    if not judged:
        return (
            f"Not enough history yet: {len(weeks)} weeks with contacts, and nothing is judged "
            "before the quiet weeks of the settings have passed."
        )
    quiet = f"Nothing needs attention. {judged} weeks were judged"
    if not diagnoses:
        return f"{quiet}, none of them unusual."
    return f"{quiet}; what was found is over, last on {max(o.until or o.since for o in diagnoses)}."


def _nothing(as_of: date) -> MonitorReport:
    return MonitorReport(
        as_of=as_of,
        verdict="There are no contacts yet: import history, or let customers write.",
        diagnoses=(),
        weeks=(),
        drift=(),
        charts=(),
    )


def _drift_words(one: FeatureDrift) -> str:
    moved = f" ({', '.join(one.moved)})" if one.moved else ""
    return (
        f"{one.title}: PSI {one.psi:.3f} over {one.n:,} contacts, {one.psi_expected:.3f} if nothing"
        f" changed and at most {one.psi_limit:.3f} in 99 of 100 weeks{moved}"
    )
