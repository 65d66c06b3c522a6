"""What the policy may look at, gathered from the message, the conversation and the customer."""

from __future__ import annotations

from workbench.flows.understanding import Message
from workbench.records.conversations import Conversation, Request
from workbench.records.customers import Customer
from workbench.records.intents import IntentRow
from workbench.records.signals import Situation


def situation_of(
    request: Request,
    conversation: Conversation,
    message: Message,
    customer: Customer,
    declared: IntentRow | None,
    *,
    proven: bool,
    repeat_contact: bool,
    third_party: bool,
) -> Situation:
    """The situation of one request; `declared` is what the POC says about its intent."""
    signals = message.signals
    sentiments = conversation.sentiments
    return Situation(
        intent=request.intent,
        flow=request.flow,
        confidence=request.confidence,
        out_of_scope=signals.out_of_scope,
        stakes=declared.stakes if declared else None,
        complexity=declared.complexity if declared else None,
        requests=max(len(signals.intents), 1),
        sentiment=signals.sentiment,
        sentiment_change=signals.sentiment - sentiments[0] if sentiments else 0.0,
        urgency=signals.urgency,
        language=message.language,
        language_supported=message.language_supported,
        # A call-back serves who is known; who is not known yet gets the person asked for.
        wants_person=signals.wants_person and not (message.entities.wants_call and proven),
        sensitive=signals.sensitive.value if signals.sensitive else None,
        abusive=signals.abusive,
        boundary_set=conversation.boundary_set,
        third_party=third_party,
        suspicious=signals.suspicious,
        identity_proven=proven,
        identity_failures=conversation.identity_failures,
        foreign_attempts=conversation.foreign_attempts,
        segment=customer.segment,
        channel=conversation.channel,
        vulnerable=customer.vulnerable,
        repeat_contact=repeat_contact,
        clarifications=request.clarifications,
        hops=conversation.hops,
    )
