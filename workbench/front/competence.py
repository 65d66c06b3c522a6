"""`workbench.competence`: what the assistant is measured to do well, and what it is granted."""

from __future__ import annotations

from typing import Any

from workbench.decide.competence import CompetenceLimits
from workbench.errors import ConfigError
from workbench.front.part import Part
from workbench.govern.autonomy import AutonomyDecision, decision_event, decisions_of
from workbench.measure.charts import CalibrationBin
from workbench.measure.trust.calibration import reliability
from workbench.measure.trust.competence import CompetenceReport, competence
from workbench.records.decisions import Level
from workbench.records.events import EventKind
from workbench.records.principals import Role
from workbench.store.work import Committed, Transaction


class Competence(Part):
    """Measured competence x declared stakes -> a recommended level; the owner decides."""

    def report(self) -> CompetenceReport:
        """The recommended level of every declared intent, with the reason in words."""
        here = self.workbench
        stakes = {name: row.stakes for name, row in here.folder.intent_rows().items()}
        return competence(here.history.connection(), here.policy, stakes, self._limits)

    def calibration(self, **where: Any) -> tuple[CalibrationBin, ...]:
        """Whether confidence means what it says; see `measure.trust.calibration`."""
        return reliability(self.workbench.history.connection(), where)

    def decide(
        self, intent: str, level: Level, by: str, reason: str = "", role: Role = Role.SUPERVISOR
    ) -> Committed:
        """Record what the owner of an intent grants; other than recommended needs a reason.

        Nothing changes yet: the setting `ceiling.intent.NAME` of the policy makes it so.
        """
        here = self.workbench
        person = here.person(by, role)
        found = self.report().of(intent)
        event = decision_event(
            intent=intent,
            recommended=found.recommended,
            chosen=level,
            evidence=found.evidence,
            by=person.id,
            reason=reason,
        )
        return here.store.commit(
            Transaction(
                principal=person,
                stream=self._stream,
                request_id=here.ids.new("click"),
                events=(event,),
                policy_version=here.policy.version,
            )
        )

    def decisions(self) -> tuple[AutonomyDecision, ...]:
        """What was decided for each intent last, the latest first."""
        here = self.workbench
        kinds = (EventKind.AUTONOMY_DECIDED,)
        return decisions_of(here.store.events(here.service, self._stream, kinds=kinds))

    @property
    def _stream(self) -> str:
        return f"policy:{self.workbench.policy.name}"

    @property
    def _limits(self) -> CompetenceLimits:
        limits = self.workbench.policy.competence
        if limits is None:
            raise ConfigError(
                f"{self.workbench.folder.policy} does not say how competent is competent enough",
                expected="a table [competence] with owner, since, automate and assist",
                next_step="Copy it from policies/policy.toml of the sample POC.",
            )
        return limits
