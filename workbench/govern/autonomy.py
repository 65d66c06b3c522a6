"""What owners decided about the autonomy of an intent, beside what was recommended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.errors import InputError
from workbench.records.base import Instant, Record
from workbench.records.decisions import Level
from workbench.records.events import Event, EventKind, NewEvent


class AutonomyDecision(Record):
    """One decision, with the recommendation that it follows or not."""

    intent: str
    recommended: Level
    chosen: Level
    evidence: dict[str, Any]
    by: str
    reason: str
    at: Instant

    @property
    def deviates(self) -> bool:
        return self.chosen is not self.recommended


def decision_event(
    *,
    intent: str,
    recommended: Level,
    chosen: Level,
    evidence: dict[str, Any],
    by: str,
    reason: str,
) -> NewEvent:
    """The event that keeps both. Raises `InputError` for another level without a reason."""
    if chosen is not recommended and not reason.strip():
        raise InputError(
            f"{intent}: {chosen} is not what is recommended ({recommended})",
            expected="a reason for deciding otherwise",
        )
    data = {
        "intent": intent,
        "recommended": recommended.value,
        "chosen": chosen.value,
        "evidence": evidence,
        "by": by,
        "reason": reason,
    }
    return NewEvent(kind=EventKind.AUTONOMY_DECIDED, data=data)


def decisions_of(events: Iterable[Event]) -> tuple[AutonomyDecision, ...]:
    """The last decision on each intent, the latest first."""
    latest: dict[str, AutonomyDecision] = {}
    for event in events:
        latest.pop(event.data["intent"], None)
        latest[event.data["intent"]] = AutonomyDecision(at=event.at, **event.data)
    return tuple(reversed(latest.values()))
