"""Everything about one experiment: what to do, the differences, the split, the shadow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from workbench.config import Settings
from workbench.measure.experiments.comparison import Comparison, compare
from workbench.measure.experiments.planning import alpha_of_arm, alpha_of_guard
from workbench.measure.experiments.shadow import ShadowComparison, compare_shadow
from workbench.measure.experiments.split import Split, split_of
from workbench.measure.experiments.verdict import Course, Verdict, verdict_on
from workbench.measure.sums import Scope, Source
from workbench.records.base import Instant, Record
from workbench.records.events import Event
from workbench.records.experiments import Experiment, ExperimentKind, ExperimentState, Status

_IDLE = (
    "Nobody takes part any more: a policy is not the one that it was started with. Stop it, and "
    "start it anew under the policy of today."
)


class ArmReport(Record):
    """Who was in an arm."""

    name: str
    changes: str
    customers: int
    contacts: int
    policy_version: str


class ExperimentReport(Record):
    """What an experiment says at this look."""

    state: ExperimentState
    as_of: Instant
    days: float
    acts: bool = True
    """Whether new conversations take part while it runs."""
    arms: tuple[ArmReport, ...] = ()
    split: Split | None = None
    primary: tuple[Comparison, ...] = ()
    """One per arm beside the control."""
    guards: tuple[Comparison, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    shadow: ShadowComparison | None = None

    @property
    def stop_rule(self) -> Verdict | None:
        """The verdict of the first stop rule that speaks."""
        return next((verdict for verdict in self.verdicts if verdict.guard), None)

    @property
    def words(self) -> str:
        """The answer: what to do and why."""
        if self.state.status is Status.DRAFT:
            return "Not started yet: plan it, then start it with a name and a reason."
        return self._said() if self.acts else f"{_IDLE} {self._said()}"

    def _said(self) -> str:
        if self.shadow:
            return f"Shadow: {self.shadow.words}"
        several = len(self.verdicts) > 1
        return " ".join(f"{v.arm}: {v.words}" if several else v.words for v in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        stop = self.stop_rule
        told = {"words": self.words, "stop_rule": stop.guard if stop else ""}
        return told | self.model_dump(mode="json")

    def __str__(self) -> str:
        experiment = self.state.experiment
        lines = [self.words, "", f"{experiment.name}: {experiment.hypothesis}"]
        lines += [f"  {self.state.status.value}, {self.days:.0f} days, {experiment.eligible}"]
        lines += [
            f"  {arm.name}: {arm.customers:,} customers, {arm.contacts:,} contacts ({arm.changes})"
            for arm in self.arms
        ]
        if self.split:
            lines.append(f"  Split: {self.split.words}")
        lines += [f"  goal {each.title} ({each.arm}): {each.words}" for each in self.primary]
        lines += [f"  guard {each.title} ({each.arm}): {each.words}" for each in self.guards]
        lines += [f"  Learned: {each.text} ({each.by})" for each in self.state.learnings]
        return "\n".join(lines)


def report_on(
    state: ExperimentState,
    source: Source,
    settings: Settings,
    *,
    decided: Callable[[], Iterable[Event]] = tuple,
    acts: bool = True,
) -> ExperimentReport:
    """What an experiment says at this look.

    Args:
        decided: reads the ledger's decisions, which only a shadow needs.
        acts: whether its policies are still those that it was started with.
    """
    begun, ended = _span(state, source.as_of)
    days = (ended - begun).total_seconds() / 86_400
    report = ExperimentReport(state=state, as_of=source.as_of, days=days, acts=acts)
    experiment = state.experiment
    if state.status is Status.DRAFT:
        return report
    if experiment.kind is ExperimentKind.SHADOW:
        shadow = compare_shadow(experiment.name, decided())
        return report.model_copy(update={"shadow": shadow})
    scope = Scope(since=begun, until=ended, where=_where(experiment))
    return report.model_copy(update=_compared(report, source, scope, settings))


def _span(state: ExperimentState, as_of: datetime) -> tuple[datetime, datetime]:
    """From its start to its end, or to now; the same instant twice before it starts."""
    ran = state.experiment.ran
    if ran:
        return _midnight(ran.since), _midnight(ran.until)
    begun = state.started_at or as_of
    return begun, max(state.stopped_at or as_of + timedelta(microseconds=1), begun)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _compared(
    report: ExperimentReport, source: Source, scope: Scope, settings: Settings
) -> dict[str, Any]:
    """Arms, split, comparisons and verdicts of an A/B experiment."""
    state, experiment = report.state, report.state.experiment
    arms, split = _dealt(state, source, scope)
    alpha, of_guard = alpha_of_arm(experiment), alpha_of_guard(experiment)
    course = Course(
        days=report.days,
        planned_days=experiment.planned_days,
        ended=state.status is not Status.RUNNING,
        alpha=alpha,
    )
    goals: list[Comparison] = []
    guards: list[Comparison] = []
    verdicts = []
    for arm in experiment.challengers:
        against = partial(compare, experiment, arm.name, source, scope, settings)
        goal = against(experiment.primary, alpha)
        own = tuple(against(guard, of_guard) for guard in experiment.guards)
        goals.append(goal)
        guards.extend(own)
        verdicts.append(verdict_on(goal, own, split, course))
    return {
        "arms": arms,
        "split": split,
        "primary": tuple(goals),
        "guards": tuple(guards),
        "verdicts": tuple(verdicts),
    }


def _where(experiment: Experiment) -> dict[str, tuple[str, ...]]:
    """Contacts of its arms; the intent is the only part of the slice that an arm does not tell."""
    labels = tuple(experiment.label(arm.name) for arm in experiment.arms)
    intents = experiment.eligible.intent
    return {"arm": labels} | ({"intent": intents} if intents else {})


def _dealt(
    state: ExperimentState, source: Source, scope: Scope
) -> tuple[tuple[ArmReport, ...], Split]:
    """Customers and contacts per arm, and whether the split is as planned."""
    experiment = state.experiment
    condition, values = scope.sql()
    rows = source.connection.execute(
        f"""
        SELECT arm, count(*) AS contacts FROM {source.sql} WHERE {condition}
        GROUP BY customer_id, arm ORDER BY min(started_at), customer_id
        """,
        values,
    ).fetchall()
    names = {experiment.label(arm.name): arm.name for arm in experiment.arms}
    split = split_of(tuple(names.values()), [names[label] for label, _ in rows])
    contacts = dict.fromkeys(names.values(), 0)
    for label, count in rows:
        contacts[names[label]] += count
    return tuple(
        ArmReport(
            name=arm.name,
            changes=arm.changes,
            customers=split.customers[arm.name],
            contacts=contacts[arm.name],
            policy_version=state.versions.get(arm.name, ""),
        )
        for arm in experiment.arms
    ), split
