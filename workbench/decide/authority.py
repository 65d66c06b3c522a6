"""The part of a policy file that says how much people may decide alone."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field

from workbench.decide.rules import Limits, Name
from workbench.records.authority import Authority
from workbench.records.base import Record
from workbench.records.principals import Role


class PeopleLimits(Record):
    """Limits per role: action -> currency -> the largest amount without a second person."""

    owner: Name
    since: date
    window_days: int = Field(default=30, ge=1)
    """What one customer is granted within this time counts together."""
    human_agent: Limits = {}
    supervisor: Limits = {}

    def explain(self) -> list[str]:
        """One line per role and action, for whoever reads the policy."""
        roles = {Role.HUMAN_AGENT: self.human_agent, Role.SUPERVISOR: self.supervisor}
        return [
            f"A {role.value} alone, per customer in {self.window_days} days, for {action}: "
            + ", ".join(f"{amount} {currency}" for currency, amount in amounts.items())
            for role, limits in roles.items()
            for action, amounts in limits.items()
        ]

    def authority(self) -> Authority:
        """These limits as the store keeps to them."""
        return Authority(
            limits={Role.HUMAN_AGENT: self.human_agent, Role.SUPERVISOR: self.supervisor},
            window=timedelta(days=self.window_days),
        )
