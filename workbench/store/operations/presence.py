"""People come, pause and leave; occupancy is counted from the events that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.records.events import EventKind
from workbench.records.presence import ChangePresence, presence_stream
from workbench.store.operations.registry import Outcome, Target, performs

if TYPE_CHECKING:
    from workbench.store.work import Work


def _own(work: Work, _: ChangePresence) -> Target:
    """Everybody speaks for themselves; it concerns no customer."""
    return "", f"presence of {work.principal.id}"


@performs(ChangePresence, _own)
def change_presence(work: Work, wish: ChangePresence) -> Outcome:
    said = {"person": work.principal.id, "state": wish.state.value, "queue": wish.queue}
    work.record(EventKind.PRESENCE_CHANGED, said, stream=presence_stream(work.principal.id))
    return Outcome({"state": wish.state.value})
