"""Escalation: the customer wants a person, and gets one without argument."""

from __future__ import annotations

from workbench.flows.turn import Turn
from workbench.records.decisions import HandOffReason


def escalation(turn: Turn) -> None:
    """Obeyed at once; the packet carries all that was said, so nobody starts again."""
    turn.hand_off(HandOffReason.CUSTOMER_REQUEST)
