"""A question to people, as store tests ask it."""

from __future__ import annotations

from datetime import timedelta

from store_world import NOON

from workbench.records.verdicts import Choice, MicroTask


def question(number: int = 1) -> MicroTask:
    """Due half an hour after noon, with a reminder ten minutes before."""
    return MicroTask(
        id=f"VRD-{number}",
        conversation_id="conv-1",
        customer_id="C-100",
        request_id="r",
        about="claim",
        question="Is it justified?",
        choices=(Choice(key="credit", means="yes"), Choice(key="reject", means="no")),
        queue="billing",
        suggested="reject",
        fallback="reject",
        asked_at=NOON,
        remind_at=NOON + timedelta(minutes=20),
        due_at=NOON + timedelta(minutes=30),
    )
