"""The hand-off packet: all a person needs so that the customer need not start again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workbench.people.queues import Destination
from workbench.records.cases import Case
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.decisions import HandOffReason
from workbench.records.evidence import ActionTried, Fact, Packet, Suggestion
from workbench.triage.civil import without_abuse

# What a person needs. Every one can be known at every hand-off, so completeness 1.0 is reachable.
_NEEDED = (
    "customer_id",
    "reason",
    "queue",
    "requests",
    "intents",
    "sentiment",
    "transcript",
    "next_step",
    "sla_due_at",
    "suggestions",
)

_NEXT_STEP = {
    HandOffReason.CUSTOMER_REQUEST: "Greet by name and take up the request; it is stated below.",
    HandOffReason.LOW_CONFIDENCE: "Confirm which of the listed requests is meant, then answer it.",
    HandOffReason.OUT_OF_SCOPE: "Answer or forward; the assistant has no flow for this request.",
    HandOffReason.POLICY_RESTRICTION: "Handle in person; policy keeps this from the assistant.",
    HandOffReason.AUTHORITY_LIMIT: "Decide the approval that waits; it names the exact action.",
    HandOffReason.IDENTITY_NOT_PROVEN: "Prove the identity another way before any account detail.",
    HandOffReason.MISSING_KNOWLEDGE: "Answer from your knowledge, then have an article written.",
    HandOffReason.TOOL_FAILURE: "Look the answer up once the system is back, and reply.",
    HandOffReason.MODEL_FAILURE: "Answer in person; the assistant's draft could not be used.",
    HandOffReason.DISPUTED_AMOUNT: "Examine the dispute against delivery and order data.",
    HandOffReason.FRAUD_OR_SECURITY_CONCERN: (
        "Verify by a call to a number on file before any change."
    ),
    HandOffReason.LEGAL_OR_REGULATORY_MATTER: (
        "Do not discuss the matter; pass it to counsel. The record is under hold."
    ),
    HandOffReason.VULNERABLE_CUSTOMER: "Take time, adapt to the need, offer to call.",
    HandOffReason.ABUSIVE_CUSTOMER: "Handle the request below; the boundary has been set once.",
    HandOffReason.SAFETY_CONCERN: "Follow the safety procedure at once.",
    HandOffReason.THIRD_PARTY_INQUIRY: "Check the authority of the person asking.",
    HandOffReason.SLA_AT_RISK: "Act before the clock below runs out.",
    HandOffReason.REPEAT_CONTACT: "Read the earlier contact first; the customer asks again.",
    HandOffReason.SENSITIVE_TOPIC: "Handle in person, with care.",
    HandOffReason.LANGUAGE_NOT_SUPPORTED: "Answer in the customer's language; original kept below.",
    HandOffReason.OTHER: "Read the transcript and decide.",
}


def build_packet(
    packet_id: str,
    conversation: Conversation,
    customer: Customer,
    reason: HandOffReason,
    rule_id: str,
    to: Destination,
    now: datetime,
    facts: Iterable[Fact] = (),
    actions: Iterable[ActionTried] = (),
    case: Case | None = None,
    due_at: datetime | None = None,
    next_step: str = "",
    open_questions: Iterable[str] = (),
    suggestions: Iterable[Suggestion] = (),
    proven: bool = False,
) -> Packet:
    """The packet for one hand-off, with its completeness computed from its own fields."""
    due = (case.due() if case else None) or due_at
    requests = [request for request in conversation.requests if request.text]
    packet = Packet(
        id=packet_id,
        conversation_id=conversation.id,
        customer_id=customer.id,
        customer_name=customer.name if proven else "",
        segment=customer.segment,
        language=conversation.language,
        identity=conversation.identifiers,
        identity_proven=proven,
        reason=reason,
        rule_id=rule_id,
        escalation=to.escalation,
        queue=to.queue,
        requests=tuple(
            dict.fromkeys(without_abuse(r.text) for r in requests) or _last_words(conversation)
        ),
        intents=tuple(dict.fromkeys(r.intent for r in conversation.requests)) or ("unclear",),
        facts=_distinct(facts),
        actions=tuple(actions),
        sentiment=conversation.sentiments,
        case_id=case.id if case else "",
        sla_due_at=due,
        sla_seconds_left=round((due - now).total_seconds()) if due else None,
        next_step=next_step or _NEXT_STEP[reason],
        open_questions=tuple(open_questions),
        suggestions=tuple(suggestions),
        transcript=tuple(f"{u.speaker}: {without_abuse(u.text)}" for u in conversation.utterances),
        hops=conversation.hops,
        created_at=now,
    )
    return packet.model_copy(update={"completeness": completeness(packet)})


def completeness(packet: Packet) -> float:
    """Share of the fields a person needs that are filled, 0-1."""
    filled = sum(bool(getattr(packet, name)) for name in _NEEDED)
    return filled / len(_NEEDED)


def _last_words(conversation: Conversation) -> tuple[str, ...]:
    said = [without_abuse(u.text) for u in conversation.utterances if u.speaker == "customer"]
    return tuple(said[-1:])


def _distinct(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple({fact.model_dump_json(): fact for fact in facts}.values())
