"""How competent the assistant must be, by stakes, before a level is recommended for an intent.

[competence]
owner = "Head of Customer Service"
since = 2026-05-04
confidence = 0.95
automate = { low = 0.10, medium = 0.03, high = 0.01 }
assist = { low = 0.50, medium = 0.40, high = 0.30 }
"""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import model_validator

from workbench.decide.promise import Rate
from workbench.decide.rules import Name
from workbench.records.base import Record
from workbench.records.signals import Stakes


class CompetenceLimits(Record):
    """Shares of wrong answers that are borne, per stakes."""

    owner: Name
    since: date
    confidence: Rate = 0.95
    """How sure both statements must be."""
    automate: dict[Stakes, Rate]
    """Automate when the upper bound of the error rate is at most this."""
    assist: dict[Stakes, Rate]
    """Not even assist when the lower bound is above this: suggestions would mislead people."""

    @model_validator(mode="after")
    def _all_stakes(self) -> Self:
        for name, limits in (("automate", self.automate), ("assist", self.assist)):
            missing = [stakes for stakes in Stakes if stakes not in limits]
            if missing:
                raise ValueError(f"`{name}` needs a share for each of {', '.join(missing)}")
        return self
