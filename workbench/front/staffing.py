"""People needed, as the front door offers it: `workbench.staffing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.front.part import Part
from workbench.measure.staffing.erlang import Expected
from workbench.measure.staffing.plan import (
    People,
    StaffingPlan,
    compared,
    staffing_plan,
    with_people,
)
from workbench.measure.staffing.rehearsal import PlanRehearsal, rehearse
from workbench.records.proposals import PeopleNeeded


class Staffing(Part):
    """What a policy costs in people."""

    def plan(
        self,
        changes: Mapping[str, Any] | None = None,
        weekday: str | None = None,
        volume: float = 1.0,
    ) -> StaffingPlan:
        """People per interval under the policy, or under it with changes; see `staffing_plan`."""
        workbench = self.workbench
        return staffing_plan(
            workbench.history.connection(),
            workbench.proposed(changes or {}),
            workbench.settings,
            weekday,
            volume,
        )

    def compare(
        self, changes: Mapping[str, Any], weekday: str | None = None, volume: float = 1.0
    ) -> PeopleNeeded:
        """What changes cost in people, before and after, as evidence for a proposal."""
        before = self.plan(weekday=weekday, volume=volume)
        return compared(before, self.plan(changes, weekday, volume), weekday, volume)

    def rehearse(self, plan: StaffingPlan, *, days: int = 40, seed: int = 0) -> PlanRehearsal:
        """Live through a planned day many times; see `rehearsal.rehearse`."""
        return rehearse(plan, self.workbench.settings.staffing, days=days, seed=seed)

    def with_people(self, plan: StaffingPlan, work: People, people: int) -> Expected:
        """What an interval of a plan would be like with other people than needed."""
        return with_people(plan, work, people, self.workbench.settings.staffing)
