"""`workbench.experiments`: plan, start, watch, stop and learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.decide.assignment import arm_policies, versions_of
from workbench.errors import Conflict, InputError, NotFound
from workbench.front.part import Part
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.experiments import (
    Change,
    Experiment,
    ExperimentState,
    Goal,
    Guard,
    Status,
    load_experiment,
    started_experiments,
    state_of,
)
from workbench.records.principals import Principal, Role
from workbench.store.work import Committed, Transaction

if TYPE_CHECKING:
    from workbench.measure.experiments.peeking import Peeking
    from workbench.measure.experiments.planning import Plan
    from workbench.measure.experiments.report import ExperimentReport
    from workbench.measure.sums import Source


class Experiments(Part):
    """The experiments of a POC: files that a team owns, and what the ledger says became of them."""

    def list(self) -> tuple[ExperimentState, ...]:
        """Every experiment that has a file or was ever started, by name."""
        files = sorted(self.workbench.folder.experiments.glob("*.toml"))
        defined = [load_experiment(path) for path in files]
        found = {each.name: state_of(each, self.workbench.events(each.stream)) for each in defined}
        for state in started_experiments(self._events(EventKind.EXPERIMENT_CHANGED)):
            found.setdefault(state.experiment.name, state)
        return tuple(found[name] for name in sorted(found))

    def get(self, name: str) -> ExperimentState:
        """One experiment by name; `NotFound` names the others."""
        found = self.list()
        for state in found:
            if state.experiment.name == name:
                return state
        raise NotFound(
            f"There is no experiment {name!r}",
            expected="one of " + (", ".join(s.experiment.name for s in found) or "none yet"),
            next_step=f"Write {self.workbench.folder.experiments / (name + '.toml')}.",
        )

    def plan(self, name: str, *, effect: float | None = None) -> Plan:
        """How many contacts and days it takes; see `measure.experiments.planning.plan_of`."""
        from workbench.measure.experiments.planning import plan_of

        return plan_of(self._defined(name), self._source(), self.workbench.settings, effect=effect)

    def start(self, name: str, by: str, reason: str) -> Committed:
        """Start an experiment as its file says now; a person does that, with a reason.

        Raises `Conflict` while any experiment runs: two at a time would blur each other.
        """
        experiment = self._defined(name)
        if experiment.ran:
            raise InputError(
                f"{name} ran before its contacts were imported",
                expected="an experiment without [ran]",
                next_step="Copy its file under another name, without [ran], and start that.",
            )
        self._none_runs()
        workbench = self.workbench
        policies = arm_policies(experiment, workbench.policy, workbench.folder.root)
        self._check_measures(experiment)
        started = {
            "experiment": experiment.model_dump(mode="json", by_alias=True),
            "versions": versions_of(policies),
        }
        return self._change(experiment, self._person(by), Change.STARTED, reason, started)

    def stop(self, name: str, by: str, reason: str) -> Committed:
        """End an experiment; conversations that have begun keep their arm until they end."""
        return self._stop(self.get(name), self._person(by), reason)

    def enforce(self, name: str) -> ExperimentReport:
        """Report, and let this process stop the experiment when a stop rule says so."""
        report = self.report(name)
        if report.stop_rule and report.state.status is Status.RUNNING:
            self._stop(report.state, self.workbench.service, report.stop_rule.words)
        return report

    def learn(self, name: str, by: str, text: str) -> Committed:
        """Keep what was learned, for those who come after."""
        return self._change(self.get(name).experiment, self._person(by), Change.LEARNED, text, {})

    def report(self, name: str) -> ExperimentReport:
        """What it says at this look; see `measure.experiments.report.report_on`."""
        from workbench.measure.experiments.report import report_on

        state = self.get(name)
        return report_on(
            state,
            self._source(),
            self.workbench.settings,
            decided=lambda: self._events(EventKind.DECIDED),
            acts=self._acts(state),
        )

    def peeking(self, **simulated: Any) -> Peeking:
        """Looking every day, the wrong way and the right one; see `measure.experiments.peeking`."""
        from workbench.measure.experiments.peeking import peek

        return peek(**simulated)

    def _defined(self, name: str) -> Experiment:
        """As its file says now."""
        path = self.workbench.folder.experiments / f"{name}.toml"
        return load_experiment(path) if path.exists() else self.get(name).experiment

    def _acts(self, state: ExperimentState) -> bool:
        """Whether conversations take part, or none does: then the policies have changed since."""
        if state.status is not Status.RUNNING:
            return True
        workbench = self.workbench
        policies = arm_policies(state.experiment, workbench.policy, workbench.folder.root)
        return versions_of(policies) == state.versions

    def _events(self, kind: EventKind) -> tuple[Event, ...]:
        return self.workbench.store.events(self.workbench.service, kinds=(kind,))

    def _source(self) -> Source:
        from workbench.measure.sums import contacts_source

        workbench = self.workbench
        return contacts_source(workbench.history.connection(), workbench.clock.now())

    def _person(self, by: str) -> Principal:
        if not by.strip():
            raise InputError("Nobody is named", expected="the name of who decides this")
        return self.workbench.person(by.strip(), Role.SUPERVISOR)

    def _none_runs(self) -> None:
        running = [s.experiment.name for s in self.list() if s.status is Status.RUNNING]
        if running:
            raise Conflict(
                f"Experiment {running[0]} is running",
                expected="one experiment at a time",
                next_step=f"Stop it with `workbench experiment stop {running[0]}` first.",
            )

    def _check_measures(self, experiment: Experiment) -> None:
        """Refuse to start what could never be read."""
        from workbench.measure.experiments.observations import measure_named

        measures: tuple[Goal | Guard, ...] = (experiment.primary, *experiment.guards)
        for wanted in measures:
            measure_named(wanted.metric, wanted.direction, self.workbench.settings)

    def _stop(self, state: ExperimentState, by: Principal, reason: str) -> Committed:
        if state.status is not Status.RUNNING:
            raise Conflict(
                f"Experiment {state.experiment.name} is not running: {state.status.value}",
                next_step="`workbench experiment list` shows what runs.",
            )
        return self._change(state.experiment, by, Change.STOPPED, reason, {})

    def _change(
        self,
        experiment: Experiment,
        by: Principal,
        change: Change,
        text: str,
        more: dict[str, Any],
    ) -> Committed:
        if not text.strip():
            raise InputError(f"Nothing says why {experiment.name} is {change}", expected="a reason")
        told = NewEvent(
            kind=EventKind.EXPERIMENT_CHANGED,
            data={"change": change.value, "text": text.strip(), **more},
        )
        stream, workbench = experiment.stream, self.workbench
        return workbench.store.commit(
            Transaction(
                principal=by,
                stream=stream,
                request_id=workbench.ids.new("click"),
                events=(told,),
                expected_revision=len(workbench.events(stream)),
                policy_version=workbench.policy.version,
            )
        )
