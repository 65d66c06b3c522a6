"""The walk over all weeks: what was found when, knowing only what had happened by then.

A week with a finding never joins the reference. Weeks of one cause are one episode; it ends with
the first whole week that no longer shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from workbench.config import Settings
from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.causes import LOCAL, Finding, explain
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.examiner import Examiner
from workbench.measure.monitoring.outcome_charts import Charts, ControlChart
from workbench.measure.monitoring.persistence import persists
from workbench.measure.monitoring.readings import Ints, Readings
from workbench.measure.monitoring.symptom import Symptom
from workbench.measure.monitoring.symptoms import examine, over


@dataclass
class Episode:
    """One cause from its first week to its last."""

    finding: Finding
    first_week: int
    found_in: int
    """The week at whose end it was named."""
    last_week: int | None = None
    """None while it lasts."""

    @property
    def open(self) -> bool:
        return self.last_week is None

    def holds(self, week: int) -> bool:
        return self.first_week <= week and (self.last_week is None or week <= self.last_week)


@dataclass(frozen=True)
class Watched:
    """Everything that was found."""

    examiner: Examiner
    episodes: tuple[Episode, ...]
    charts: tuple[ControlChart, ...]
    usable: Floats
    """Per week 1 where it may serve as reference."""
    judged: tuple[bool, ...]
    """Per week whether there was enough before it to judge it by."""


@dataclass
class _Walk:
    examiner: Examiner
    charts: Charts
    episodes: list[Episode] = field(default_factory=list)

    def step(self, week: int) -> None:
        ended = self._follow(week)
        usable = self.usable()
        found = examine(self.examiner, week, usable, self._fresh_from(week))
        rung = self.charts.step(week, usable, restart=ended)
        left = self._unexplained(_joined(found, rung))
        for finding in explain(left, self.examiner.surely):
            self._begin(finding, week)

    def usable(self) -> Floats:
        """Weeks of the reference: those of the settings, or all that were quiet."""
        chosen = self.examiner.settings.monitoring
        readings = self.examiner.readings
        days = [readings.monday(week) for week in range(readings.weeks)]
        inside = [
            (chosen.reference_since is None or day >= chosen.reference_since)
            and (chosen.reference_until is None or day < chosen.reference_until)
            for day in days
        ]
        lasting = [one for one in self.episodes if one.finding.cause.lasting]
        return np.array(
            [float(ok and not any(e.holds(w) for e in lasting)) for w, ok in enumerate(inside)]
        )

    def _fresh_from(self, week: int) -> int:
        """The first week that no ended episode holds: what was explained is not found again."""
        ends = [one.last_week + 1 for one in self.episodes if one.last_week is not None]
        return max([end for end in ends if end <= week], default=0)

    def _follow(self, week: int) -> bool:
        """End episodes that the week no longer shows, bring the others up to date."""
        ended = False
        for episode in [one for one in self.episodes if one.open]:
            reference = self._reference_of(episode)
            if persists(self.examiner, episode.finding.decisive, week, reference):
                self._update(episode, week, reference)
            else:
                episode.last_week, ended = week - 1, True
        return ended

    def _reference_of(self, episode: Episode) -> Ints:
        name = episode.finding.decisive.name
        usable = self.usable()
        if name in catalogue().shares or name in catalogue().amounts:
            signal = catalogue().signal(name)
            return self.examiner.comparable(signal, episode.first_week, usable)
        return np.flatnonzero(usable[: episode.first_week])

    def _update(self, episode: Episode, week: int, reference: Ints) -> None:
        """The decisive symptom over the whole episode so far: more weeks name more intents."""
        longer = over(
            self.examiner,
            episode.finding.decisive.name,
            range(episode.first_week, week + 1),
            reference,
        )
        if longer is not None:
            symptoms = (longer, *episode.finding.symptoms[1:])
            episode.finding = replace(episode.finding, symptoms=symptoms)

    def _unexplained(self, symptoms: tuple[Symptom, ...]) -> tuple[Symptom, ...]:
        """Symptoms that no open episode accounts for; the others join its evidence."""
        left = []
        for symptom in symptoms:
            owner = next((one for one in self.episodes if one.open and _owns(one, symptom)), None)
            if owner is None:
                left.append(symptom)
            else:
                _add(owner, symptom)
        return tuple(left)

    def _begin(self, finding: Finding, week: int) -> None:
        """A new episode, the name of one that was unclear, or one that paused for a week."""
        first = finding.decisive.first_week
        for known in self.episodes:
            if _clears(finding, known):
                known.finding, known.first_week = finding, first
                return
            if _resumes(finding, known):
                known.last_week = None
                return
        last = None if finding.cause.lasting else week
        self.episodes.append(Episode(finding, first, found_in=week, last_week=last))


def _clears(finding: Finding, episode: Episode) -> bool:
    """Whether the finding is the cause of outcomes that got worse without one."""
    unclear = episode.open and episode.finding.cause.kind == "unclear"
    where = frozenset(finding.intents)
    return unclear and finding.cause.explains(episode.finding.decisive, where)


def _resumes(finding: Finding, episode: Episode) -> bool:
    """Whether the finding goes on where an episode of the same cause seemed to have ended."""
    cause = finding.cause
    if episode.last_week is None or cause != episode.finding.cause or not cause.lasting:
        return False
    elsewhere = set(finding.intents).isdisjoint(episode.finding.intents)
    another = finding.decisive.name in LOCAL and elsewhere
    return finding.decisive.first_week <= episode.last_week + 2 and not another


def _owns(episode: Episode, symptom: Symptom) -> bool:
    cause = episode.finding.cause
    return cause.explains(symptom, frozenset(episode.finding.intents))


def _add(episode: Episode, symptom: Symptom) -> None:
    """Keep the latest of each symptom beside the decisive one."""
    first, *others = episode.finding.symptoms
    if symptom.name != first.name:
        kept = [one for one in others if one.name != symptom.name]
        joined = sorted([*kept, symptom], key=lambda one: -one.strength)
        episode.finding = replace(episode.finding, symptoms=(first, *joined))


def _joined(found: tuple[Symptom, ...], rung: tuple[Symptom, ...]) -> tuple[Symptom, ...]:
    """One symptom per name: the alarm of a chart where the single look found less."""
    best: dict[str, Symptom] = {}
    for symptom in (*found, *rung):
        known = best.get(symptom.name)
        if known is None or symptom.p_value < known.p_value:
            best[symptom.name] = symptom
    return tuple(best.values())


def watch(readings: Readings, settings: Settings) -> Watched:
    """Judge every week by what came before it."""
    examiner = Examiner(readings, settings)
    walk = _Walk(examiner, Charts(examiner))
    judged = []
    for week in range(readings.weeks):
        quiet = int(walk.usable()[:week].sum())
        judged.append(quiet >= settings.monitoring.reference_weeks)
        walk.step(week)
    return Watched(examiner, tuple(walk.episodes), walk.charts.all(), walk.usable(), tuple(judged))
