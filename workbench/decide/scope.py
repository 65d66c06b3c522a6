"""What a promise or a bound of a threshold is about: an intent, stakes, or everything else."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from workbench.decide.rules import Name, Thresholds
from workbench.records.base import Record
from workbench.records.signals import Stakes


class Scope(Record):
    """The requests to which one number of `[thresholds]` applies."""

    intent: Name | None = None
    stakes: Stakes | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.intent and self.stakes:
            raise ValueError("this is for an `intent` or for `stakes`; make two of it")
        return self

    @property
    def setting(self) -> str:
        """The threshold that applies, by the name of its setting."""
        if self.intent:
            return f"threshold.intent.{self.intent}"
        return f"threshold.stakes.{self.stakes}" if self.stakes else "confidence"

    @property
    def subject(self) -> str:
        """What it is about: `invoice_copy`, `high stakes`, `everything else`."""
        return self.intent or (f"{self.stakes} stakes" if self.stakes else "everything else")

    def own_threshold(self, thresholds: Thresholds) -> float | None:
        """The threshold of exactly this scope; None where a wider one applies."""
        if self.intent:
            return thresholds.intent.get(self.intent)
        return thresholds.stakes.get(self.stakes) if self.stakes else thresholds.default
