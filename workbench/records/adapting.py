"""Thresholds that follow the load on people: the stages, and the change from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from workbench.records.operations import Parameters


class Stage(StrEnum):
    """How people are loaded, as far as a threshold looks at it."""

    QUIET = "quiet"
    USUAL = "usual"
    BUSY = "busy"


class AdaptThreshold(Parameters):
    """A threshold goes from one stage to another, within its limits. Result: `stage`.

    `Conflict` when another process has changed the stage meanwhile. The ledger gets
    `threshold_adapted` with all of this.
    """

    operation = "threshold.adapt"

    policy: str
    """Version of the policy whose owner set the limits."""
    setting: str
    """Name of the threshold: `confidence`, `threshold.stakes.low`, ..."""
    before: Stage
    after: Stage
    threshold_before: float
    threshold_after: float
    lowest: float
    """The limits, 0-1."""
    highest: float
    measure: str
    """What was looked at, e.g. `waiting_per_person`."""
    load: float | None
    """What it came to; None: nobody is there, so there is no load to speak of."""
    owner: str
    """Who set the limits."""
    decides: str
    """Version of the policy that decides from now on."""

    def recorded(self) -> dict[str, Any]:
        return {"setting": self.setting, "after": self.after.value}


def adapting_stream(policy: str) -> str:
    """Where the ledger keeps the changes of a policy, by the policy's name."""
    return f"adapting:{policy}"
