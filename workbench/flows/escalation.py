"""Escalation: the customer wants a person, and gets one without argument."""

from __future__ import annotations

from workbench.flows import facts
from workbench.flows.turn import Turn
from workbench.records.cases import Degree
from workbench.records.decisions import HandOffReason
from workbench.records.operations import RequestCallback, plan
from workbench.systems.ports import CaseDraft


def escalation(turn: Turn) -> None:
    """Obeyed at once; the packet carries all that was said, so nobody starts again."""
    turn.hand_off(HandOffReason.CUSTOMER_REQUEST)


def call_back(turn: Turn) -> None:
    """Instead of waiting: a call-back that is really recorded, with its own case and time."""
    turn.decide("callback.request")
    wanted = RequestCallback(
        customer_id=turn.customer.id,
        reason=turn.request.text,
        queue=turn.conversation.queue or turn.settings.queues.default,
        conversation_id=turn.conversation.id,
    )
    turn.act(plan(wanted, key=f"{turn.conversation.id}:callback"))
    if not turn.principal.proven:
        turn.say("person.callback_recorded")
        return
    case, _ = turn.open_case(
        CaseDraft(
            topic="call_back",
            subject=f"conversation:{turn.conversation.id}:call_back",
            title="Call-back wanted",
            text=turn.request.text,
            impact=Degree.LOW,
            urgency=Degree.MEDIUM,
            queue=wanted.queue,
            promises=("call back",),
        )
    )
    turn.say("person.callback_recorded", **facts.about_case(case, turn.customer.time_zone))
