"""Who is there: people say when they come, pause and leave."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.operations import Parameters


class Presence(StrEnum):
    ON = "on"
    """Takes contacts."""
    PAUSE = "pause"
    """There, but takes no new contact."""
    OFF = "off"


class ChangePresence(Parameters):
    """The principal comes, pauses or leaves. Result: `state`.

    The ledger gets a `presence_changed` event; saying the same again is recorded as well, because
    it shows that the person is still there.
    """

    operation = "presence.change"

    state: Presence
    queue: str = ""
    """The queue that they work for now; empty: all of theirs."""


def presence_stream(person_id: str) -> str:
    """Where the ledger keeps when somebody was there."""
    return f"presence:{person_id}"
