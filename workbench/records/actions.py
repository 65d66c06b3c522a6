"""Planned writes: decided purely, checked, then done once in the turn's one transaction."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any

from workbench.records.base import Record
from workbench.records.money import Money
from workbench.records.signals import Stakes


class Kind(StrEnum):
    """Whether an operation only looks, or changes something."""

    READ = "read"
    WRITE = "write"


class Action(Record):
    """A write that a system has checked and the store will perform once per `key`."""

    operation: str
    """Name in the operation table, e.g. `case.open`."""
    key: str
    """Idempotency key: the same key is performed once, whoever repeats it."""
    parameters: dict[str, Any] = {}
    """JSON values that fully describe the write."""
    stakes: Stakes = Stakes.LOW
    amount: Money | None = None
    """Money that the action moves, for authority limits."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over operation and parameters: what an approval is bound to."""
        text = json.dumps([self.operation, self.parameters], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


class Receipt(Record):
    """What came of an action."""

    operation: str
    key: str
    repeated: bool = False
    """True when the key had been performed before; nothing was done again."""
    result: dict[str, Any] = {}
