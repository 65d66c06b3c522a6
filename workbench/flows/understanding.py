"""From a message to requests: what is new, what continues, what answers the last question."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.triage.entities import Entities

from workbench.records.base import Ids
from workbench.records.conversations import Conversation, Request, RequestStatus
from workbench.records.signals import IntentScore, Signals

# Said in passing; worth an answer only when nothing else is asked.
SMALL_TALK = frozenset({"greeting", "thanks", "are_you_human"})


@dataclass(frozen=True)
class Message:
    """One customer message after masking and triage."""

    request_id: str
    text: str
    """Masked."""
    masked: tuple[str, ...]
    """Kinds of what was masked."""
    signals: Signals
    entities: Entities
    language: str
    """The language the reply is written in."""
    language_supported: bool


def requests_after(
    conversation: Conversation, message: Message, flow_of: dict[str, str], ids: Ids
) -> tuple[Request, ...]:
    """The open requests after a message, oldest first, each knowing its own words."""
    pending = waiting(conversation)
    requests = {request.id: request for request in conversation.open_requests}
    for score in _worth_answering(message.signals):
        known = _continues(score, pending, requests)
        if known is not None:
            requests[known.id] = _reworded(known, score, message, flow_of)
        elif not (pending and answers(pending, message) and _vague(score)):
            fresh = _new(score, message, flow_of, ids)
            requests[fresh.id] = fresh
    if not requests and not _worth_answering(message.signals):
        small = next((s for s in message.signals.intents if s.intent in SMALL_TALK), None)
        if small is not None:
            fresh = _new(small, message, flow_of, ids)
            requests[fresh.id] = fresh
    return tuple(requests.values())


def waiting(conversation: Conversation) -> Request | None:
    """The request whose question the customer was asked last."""
    asked = [r for r in conversation.requests if r.status is RequestStatus.WAITING]
    return asked[-1] if asked else None


def _worth_answering(signals: Signals) -> list[IntentScore]:
    return [score for score in signals.intents if score.intent not in SMALL_TALK]


def _continues(
    score: IntentScore, pending: Request | None, requests: dict[str, Request]
) -> Request | None:
    if pending and pending.asked == "intent":
        return requests.get(pending.id)
    same = [r for r in requests.values() if r.intent == score.intent]
    return same[-1] if same else None


def _reworded(
    request: Request, score: IntentScore, message: Message, flow_of: dict[str, str]
) -> Request:
    """The same request in newer words; a clarified one takes the intent that is now clear."""
    changes: dict[str, object] = {"confidence": max(request.confidence, score.confidence)}
    if request.asked == "intent":
        changes |= {
            "intent": score.intent,
            "flow": flow_of.get(score.intent, "general"),
            "confidence": score.confidence,
            "text": f"{request.text} / {message.text}",
        }
    return request.model_copy(update=changes)


def _vague(score: IntentScore) -> bool:
    return score.confidence < 0.6


def _new(score: IntentScore, message: Message, flow_of: dict[str, str], ids: Ids) -> Request:
    return Request(
        id=ids.new("req"),
        intent=score.intent,
        flow=flow_of.get(score.intent, "general"),
        text=score.text or message.text,
        confidence=score.confidence,
    )


def answers(request: Request, message: Message) -> bool:
    """Whether the message holds something that fills the slot asked for."""
    found = message.entities
    evidence = {
        "identifier": (
            found.emails
            or found.phones
            or found.postcodes
            or found.invoice_numbers
            or found.order_numbers
            or found.customer_numbers
            or found.candidates
        ),
        "invoice": (
            found.invoice_numbers
            or found.candidates
            or found.months
            or found.dates
            or found.amounts
            or found.ordinals
        ),
        "line": found.line_numbers or found.ordinals or found.amounts or message.text,
        "amount": found.amounts or found.candidates,
        "quantity": found.quantities or found.candidates,
        "reason": found.dispute_reason,
        "case": found.case_numbers or found.ordinals or found.candidates,
        "confirm": message.signals.affirmation is not None,
        "remedy": message.text,
        "channel": found.emails or found.phones or message.text,
        "text": message.text,
    }
    return bool(evidence.get(request.asked))
