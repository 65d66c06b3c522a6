"""An experiment as its owner writes it down, and what the ledger says became of it.

A definition is `experiments/NAME.toml` in the POC folder. What counts once it runs is the copy in
the ledger's `started` event: a file that is edited later changes nothing until the next start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from workbench.config import config_error, read_toml
from workbench.errors import ConfigError
from workbench.records.base import Instant, Record
from workbench.records.events import Event, EventKind

CONTROL = "control"
"""Name of the first arm: the policy as it is."""
STREAM = "experiment"
"""First word of an experiment's stream in the ledger: `experiment:NAME`."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ExperimentKind(StrEnum):
    SHADOW = "shadow"
    """The control acts; what the other policy would have decided is written down beside it."""
    AB = "ab"
    """Each customer gets one arm, whose policy acts."""

    @property
    def words(self) -> str:
        return "A/B" if self is ExperimentKind.AB else "Shadow"


class Method(StrEnum):
    """How a difference between two arms gets its confidence sequence."""

    ASYMPTOTIC = "asymptotic"
    """For means, ratios and shares; customers are the independent units."""
    EXACT = "exact"
    """For shares with few cases; holds at every n, for contacts that are independent."""


class Arm(Record):
    """One way of deciding."""

    name: str
    settings: dict[str, str | int | float] = {}
    """Changes of the policy, as `workbench replay --set` takes them: `confidence = 0.8`."""
    policy: str = ""
    """Another policy file, relative to the POC folder; empty: the policy in force."""

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        return _checked_name(value)

    @property
    def changes(self) -> str:
        """What this arm does differently, in words."""
        parts = [f"policy {self.policy}"] if self.policy else []
        parts += [f"{key} = {value}" for key, value in self.settings.items()]
        return ", ".join(parts) or "the policy as it is"


class Eligible(Record):
    """Whom the experiment is about; an empty list admits everybody."""

    intent: tuple[str, ...] = ()
    """Only requests with these intents are decided by the arm and counted."""
    channel: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    """The customer's language on file."""

    def admits(self, channel: str, segment: str, language: str) -> bool:
        """Whether a conversation takes part; its intent is not known when it begins."""
        asked = ((self.channel, channel), (self.segment, segment), (self.language, language))
        return all(value in wanted for wanted, value in asked if wanted)

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Contact column -> values, for measures; without columns that admit everybody."""
        return {name: wanted for name, wanted in self.model_dump().items() if wanted}

    def __str__(self) -> str:
        parts = [f"{name} {' or '.join(wanted)}" for name, wanted in self.conditions.items()]
        return ", ".join(parts) or "everybody"


class Goal(Record):
    """What the experiment is to improve."""

    metric: str
    """A metric of the KPI catalogue, or a yes/no column of contacts such as `solved`."""
    direction: Literal["up", "down", ""] = ""
    """Which way is better; empty: as the metric says."""
    smallest_effect: float = Field(gt=0)
    """The smallest difference that matters, in the metric's unit (0.05 is 5 points of a share)."""
    method: Method = Method.ASYMPTOTIC


class Guard(Record):
    """What must not become worse, whatever the goal says."""

    metric: str
    direction: Literal["up", "down", ""] = ""
    worse_by: float = Field(gt=0)
    """Stop once the arm is surely worse than the control by more than this, in its unit."""
    method: Method = Method.ASYMPTOTIC


class Period(Record):
    """Days from `since` up to, and without, `until`."""

    since: date
    until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since >= self.until:
            raise ValueError("`since` must lie before `until`")
        return self


class Experiment(Record):
    """One experiment, as its file or the ledger's copy of it says."""

    name: str
    hypothesis: str
    owner: str
    kind: ExperimentKind
    arms: tuple[Arm, ...] = Field(alias="arm", min_length=2)
    """The control first; customers are split evenly."""
    primary: Goal
    guards: tuple[Guard, ...] = Field(default=(), alias="guard")
    eligible: Eligible = Eligible()
    unit: Literal["customer"] = "customer"
    """What is assigned, and what counts as independent."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the eligible customers that take part."""
    salt: str = ""
    """Another salt deals the customers anew; for an experiment that is run again."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    planned_days: int = Field(default=28, ge=1)
    ran: Period | None = None
    """Only for an experiment that ended before its contacts were imported."""

    model_config = {"validate_by_name": True, "validate_by_alias": True}

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        return _checked_name(value)

    @model_validator(mode="after")
    def _arms_make_sense(self) -> Self:
        names = [arm.name for arm in self.arms]
        if names[0] != CONTROL or self.arms[0].settings or self.arms[0].policy:
            raise ValueError(f"the first arm must be {CONTROL!r}, the policy without changes")
        if len(set(names)) < len(names):
            raise ValueError("two arms have the same name")
        idle = [arm.name for arm in self.arms[1:] if not (arm.settings or arm.policy)]
        if idle:
            raise ValueError(f"arm {idle[0]!r} changes nothing: give it `settings` or `policy`")
        if self.kind is ExperimentKind.SHADOW and len(names) > 2:
            raise ValueError("a shadow compares the control with exactly one other arm")
        return self

    @property
    def stream(self) -> str:
        return f"{STREAM}:{self.name}"

    @property
    def challengers(self) -> tuple[Arm, ...]:
        return self.arms[1:]

    def label(self, arm: str) -> str:
        """How contacts name the arm: `more-careful/control`."""
        return f"{self.name}/{arm}"


def _checked_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} must be small letters, digits and single hyphens")
    return value


def load_experiment(path: Path) -> Experiment:
    """Read a definition; `ConfigError` names file, line and key."""
    content = read_toml(path)
    try:
        experiment = Experiment.model_validate(content)
    except ValidationError as error:
        raise config_error(path, error) from error
    if experiment.name != path.stem:
        raise ConfigError(
            f"{path}: key `name` is {experiment.name!r}",
            expected=f"{path.stem!r}, as the file is called",
        )
    return experiment


class Change(StrEnum):
    """What an `experiment_changed` event tells."""

    STARTED = "started"
    STOPPED = "stopped"
    LEARNED = "learned"


class Status(StrEnum):
    DRAFT = "not started"
    RUNNING = "running"
    STOPPED = "stopped"
    IMPORTED = "finished before the import"


class Turning(Record):
    """A start, a stop or a learning: who, when and why."""

    change: Change
    by: str
    at: Instant
    text: str
    """The reason, or what was learned."""


class ExperimentState(Record):
    """A definition with what the ledger says became of it."""

    experiment: Experiment
    """As started; as its file says while it never was."""
    status: Status
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    versions: dict[str, str] = {}
    """Arm -> version of its policy at the start."""
    story: tuple[Turning, ...] = ()

    def __str__(self) -> str:
        experiment = self.experiment
        lines = [
            f"{experiment.name} ({experiment.kind.value}, {self.status.value})",
            f"  hypothesis: {experiment.hypothesis}",
            f"  owner: {experiment.owner}",
            f"  for: {experiment.eligible}, {experiment.share * 100:g} % of them",
            *(f"  arm {arm.name}: {arm.changes}" for arm in experiment.arms),
            f"  goal: {experiment.primary.metric}, {experiment.primary.smallest_effect:g} matters",
            *(f"  guard: {g.metric}, not worse by {g.worse_by:g}" for g in experiment.guards),
            *(f"  {t.at:%Y-%m-%d} {t.change.value} by {t.by}: {t.text}" for t in self.story),
        ]
        return "\n".join(lines)

    @property
    def learnings(self) -> tuple[Turning, ...]:
        return tuple(each for each in self.story if each.change is Change.LEARNED)


def state_of(defined: Experiment, events: Iterable[Event]) -> ExperimentState:
    """Fold an experiment's stream over its file."""
    first = Status.IMPORTED if defined.ran else Status.DRAFT
    state = ExperimentState(experiment=defined, status=first)
    for event in events:
        state = _after(state, event)
    return state


def started_experiments(events: Iterable[Event]) -> tuple[ExperimentState, ...]:
    """The state of every experiment that was ever started, in the order of the first starts."""
    states: dict[str, ExperimentState] = {}
    for event in events:
        if event.kind is not EventKind.EXPERIMENT_CHANGED or not event.data:
            continue
        known = states.get(event.stream)
        if known is None and event.data["change"] == Change.STARTED:
            defined = Experiment.model_validate(event.data["experiment"])
            known = ExperimentState(experiment=defined, status=Status.DRAFT)
        if known is not None:
            states[event.stream] = _after(known, event)
    return tuple(states.values())


def _after(state: ExperimentState, event: Event) -> ExperimentState:
    if event.kind is not EventKind.EXPERIMENT_CHANGED or not event.data:
        return state
    change = Change(event.data["change"])
    turning = Turning(change=change, by=event.actor, at=event.at, text=event.data["text"])
    update: dict[str, Any] = {"story": (*state.story, turning)}
    if change is Change.STARTED:
        update |= {
            "experiment": Experiment.model_validate(event.data["experiment"]),
            "versions": event.data["versions"],
            "status": Status.RUNNING,
            "started_at": event.at,
            "stopped_at": None,
        }
    elif change is Change.STOPPED:
        update |= {"status": Status.STOPPED, "stopped_at": event.at}
    return state.model_copy(update=update)
