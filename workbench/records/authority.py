"""Limits that the store holds every act to, whoever plans it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from workbench.records.base import Record
from workbench.records.principals import Role

Amounts = dict[str, dict[str, Decimal]]
"""Operation -> currency -> the largest amount."""


class Authority(Record):
    """Limits as the policy and the settings in force have them.

    What one person decides alone is summed up per customer, operation and currency over a window,
    so that no limit is passed in small steps.
    """

    limits: dict[Role, Amounts] = {}
    of_assistant: frozenset[str] = frozenset()
    """Operations that the policy limits for the assistant: each act needs its decision."""
    window: timedelta = timedelta(days=30)
    reopen_window: timedelta = timedelta(days=14)
    """How long after it was solved a case may be opened again."""
    policy_version: str = ""
    """Which policy says so."""

    def limit(self, role: Role, operation: str, currency: str) -> Decimal | None:
        """The largest amount alone; None for an operation that no role has a limit for.

        A role or a currency that is missing where others have a limit has limit 0.
        """
        if not any(operation in amounts for amounts in self.limits.values()):
            return None
        return self.limits.get(role, {}).get(operation, {}).get(currency, Decimal(0))
