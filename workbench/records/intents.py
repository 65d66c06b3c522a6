"""What a POC declares about an intent."""

from __future__ import annotations

from workbench.records.base import Record
from workbench.records.signals import Stakes


class IntentRow(Record):
    """One intent: the flow that serves it, what is at stake, how complex it is."""

    flow: str
    stakes: Stakes = Stakes.LOW
    complexity: int = 1
    """1 look-up, 2 needs a choice or a calculation, 3 needs judgement."""
    description: str = ""
