"""One speaker: who has a conversation, as its ledger tells."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.records.events import Event, EventKind
from workbench.records.operations import TakeHandOff

KEEPER_KINDS = (
    EventKind.HANDED_OFF,
    EventKind.HANDED_BACK,
    EventKind.TAKEN_OVER,
    EventKind.ACTED,
)
"""Events that `keeper_of` looks at."""


def keeper_of(events: Iterable[Event]) -> str:
    """The id of the person who has a conversation; empty: the assistant has it, or it waits."""
    keeper = ""
    for event in events:
        if event.kind in (EventKind.HANDED_OFF, EventKind.HANDED_BACK):
            keeper = ""
        elif event.kind is EventKind.TAKEN_OVER or _takes(event):
            keeper = event.actor
    return keeper


def _takes(event: Event) -> bool:
    return event.kind is EventKind.ACTED and event.data.get("operation") == TakeHandOff.operation
