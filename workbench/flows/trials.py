"""Which experiment a conversation takes part in: chosen when it begins, kept until it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.decide.assignment import arm_of, arm_policies, versions_of
from workbench.decide.policy import Policy
from workbench.errors import ConfigError, InputError
from workbench.flows.turn import Surroundings
from workbench.records.conversations import Request
from workbench.records.customers import Customer
from workbench.records.events import Event, EventKind
from workbench.records.experiments import (
    Experiment,
    ExperimentKind,
    ExperimentState,
    Status,
    started_experiments,
)
from workbench.records.principals import Principal, Role
from workbench.records.signals import Situation
from workbench.store.store import Store


@dataclass(frozen=True)
class Trial:
    """A conversation's part in an experiment."""

    experiment: Experiment
    policy: Policy | None = None
    """Decides instead of the policy in force; None for the control and in a shadow."""
    shadow: Policy | None = None
    """Is asked beside the policy in force, with no effect."""
    arm: str = ""
    """As contacts name it; empty in a shadow."""

    @property
    def recorded(self) -> dict[str, str]:
        """What the conversation's first event says about it."""
        return {"arm": self.arm} if self.arm else {"shadow": self.experiment.name}

    def around(self, around: Surroundings, request: Request) -> Surroundings:
        """The surroundings of a request, with the arm's policy where it is meant."""
        if self.policy is None or not self._is_about(request.intent):
            return around
        return replace(around, policy=self.policy)

    def beside(self, request: Request, situation: Situation) -> dict[str, Any] | None:
        """What the shadow's policy would have decided, for the record."""
        if self.shadow is None or not self._is_about(request.intent):
            return None
        decision = self.shadow.decide(situation)
        return {
            "experiment": self.experiment.name,
            "level": decision.level.value,
            "rule_id": decision.rule_id,
            "policy_version": decision.policy_version,
        }

    def _is_about(self, intent: str) -> bool:
        return not self.experiment.eligible.intent or intent in self.experiment.eligible.intent


@dataclass(frozen=True)
class Trials:
    """Looks up what runs: one read of an index at the start of a conversation, no state kept.

    So a start or a stop by another process counts from the next conversation on.
    """

    store: Store
    in_force: Policy
    folder: Path
    """Where policy files of arms lie."""
    tenant: str = "main"
    _policies: dict[tuple[str, ...], dict[str, Policy]] = field(default_factory=dict, repr=False)
    """By the versions at the start; building a policy costs more than looking it up."""

    def beginning(self, customer: Customer, channel: str) -> Trial | None:
        """The part of a customer who begins a conversation; None outside every experiment."""
        running = next((s for s in self._started() if s.status is Status.RUNNING), None)
        if running is None:
            return None
        experiment = running.experiment
        if not experiment.eligible.admits(channel, customer.segment, customer.language):
            return None
        arm = arm_of(experiment, customer.id)
        return self._trial(running, arm.name) if arm else None

    def continued(self, past: Iterable[Event]) -> Trial | None:
        """The part that a conversation began with, also after the experiment was stopped."""
        began = next((e for e in past if e.kind is EventKind.CONVERSATION_STARTED), None)
        arm, shadow = (str(began.data.get(k, "")) if began else "" for k in ("arm", "shadow"))
        if not arm and not shadow:
            return None
        name, _, arm_name = (arm or shadow).partition("/")
        state = next((s for s in self._started() if s.experiment.name == name), None)
        return self._trial(state, arm_name) if state else None

    def _started(self) -> tuple[ExperimentState, ...]:
        service = Principal(id="service:assistant", role=Role.SERVICE, tenant=self.tenant)
        kinds = (EventKind.EXPERIMENT_CHANGED,)
        return started_experiments(self.store.events(service, kinds=kinds))

    def _trial(self, state: ExperimentState, arm_name: str) -> Trial | None:
        """None once a policy is no longer the one that the experiment was started with."""
        policies = self._policies_of(state)
        experiment = state.experiment
        if versions_of(policies) != state.versions:
            return None
        control, *others = policies
        if experiment.kind is ExperimentKind.SHADOW:
            return Trial(experiment, shadow=policies[others[0]])
        if arm_name not in policies:
            return None
        own = None if arm_name == control else policies[arm_name]
        return Trial(experiment, own, arm=experiment.label(arm_name))

    def _policies_of(self, state: ExperimentState) -> dict[str, Policy]:
        key = (state.experiment.name, *state.versions.values())
        if key not in self._policies:
            try:
                found = arm_policies(state.experiment, self.in_force, self.folder)
            except (ConfigError, InputError):
                # A policy file that broke since the start ends the experiment, not the service;
                # its report says so.
                found = {}
            self._policies[key] = found
        return self._policies[key]
