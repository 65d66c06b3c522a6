"""From a message to requests: what is new, what continues, what answers the last question."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workbench.records.base import Ids
from workbench.records.conversations import Conversation, Request, RequestStatus
from workbench.records.signals import SOMETHING_ELSE, IntentScore, Signals
from workbench.triage.entities import Entities

# Said in passing; worth an answer only when nothing else is asked.
SMALL_TALK = frozenset({"greeting", "thanks", "are_you_human"})
_CLAIMS = {"invoice_dispute", "credit_status"}
_CLAIM_WORDS = _CLAIMS | {
    "duplicate_charge",
    "invoice_explain",
    "delivery_status",
    "case_open",
    "general_question",
    "invoice_amount",
}
_BARELY = 0.25
"""Confidence below which words are not even taken for courtesy."""
_SCRAP = 3
"""Clauses of fewer words are not a request of their own beside a longer one."""
_SHORT_ANSWER = 6
_UNMISTAKABLE = 0.85
"""Confidence from which a few words are a new request even behind a question."""
ASK_PERSON = "ask_person"
CALL_BACK = "case_open"


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
    if not requests and conversation.case_id and _agrees(message):
        return (_look_again(conversation, message, ids),)
    for score in _worth_answering(message):
        known = _continues(score, pending, requests)
        if known is not None:
            requests[known.id] = _reworded(known, score, message, flow_of)
        elif not (pending and _only_answers(pending, score, message)):
            fresh = _new(score, message, flow_of, ids)
            requests[fresh.id] = fresh
    if pending and message.entities.takes_back and not any(r for r in requests if r != pending.id):
        requests[pending.id] = pending.model_copy(update={"status": RequestStatus.DROPPED})
    if pending and pending.asked == "intent":
        requests[pending.id] = _chosen_reading(requests[pending.id], message, flow_of)
    for intent in _unsaid(message, pending, requests.values()):
        sure = 0 if intent == SOMETHING_ELSE else 1
        fresh = _new(IntentScore(intent=intent, confidence=sure), message, flow_of, ids)
        requests[fresh.id] = fresh
    return tuple(requests.values())


def _is_courtesy(score: IntentScore) -> bool:
    return score.intent in SMALL_TALK and score.confidence >= _BARELY


def _agrees(message: Message) -> bool:
    """A short yes to what was just done: nothing new is wanted."""
    return bool(message.signals.affirmation) and _short(message)


def _look_again(conversation: Conversation, message: Message, ids: Ids) -> Request:
    """The case that was just worked on, told once more."""
    return Request(
        id=ids.new("req"),
        intent="case_status",
        flow="case_management",
        text=message.text,
        confidence=1,
        slots={"case": conversation.case_id},
    )


def _unsaid(
    message: Message, pending: Request | None, requests: Collection[Request]
) -> Iterator[str]:
    """What the message asks for beside its intents: a person, courtesy, or nothing we know."""
    signals = message.signals
    if message.entities.wants_call and not requests:
        yield CALL_BACK
    elif signals.wants_person and not any(r.intent == ASK_PERSON for r in requests):
        yield ASK_PERSON
    elif not requests and not pending:
        small = next((s.intent for s in signals.intents if _is_courtesy(s)), "")
        if small and not signals.sensitive:
            yield small
        elif signals.sensitive or signals.affirmation is None:
            yield SOMETHING_ELSE


def _chosen_reading(request: Request, message: Message, flow_of: dict[str, str]) -> Request:
    """The reading picked from the list of a clarifying question, by its place or by a yes."""
    offered = request.slots.get("readings") or []
    places = message.entities.ordinals or ((1,) if message.signals.affirmation else ())
    picked = [offered[place - 1] for place in places if 0 < place <= len(offered)]
    if not picked:
        return request
    changes = {"intent": picked[0], "flow": flow_of.get(picked[0], "general"), "confidence": 1.0}
    return request.model_copy(update=changes)


def waiting(conversation: Conversation) -> Request | None:
    """The request whose question the customer was asked last."""
    asked = [r for r in conversation.requests if r.status is RequestStatus.WAITING]
    return asked[-1] if asked else None


def _worth_answering(message: Message) -> list[IntentScore]:
    """The requests of a message, without courtesy and without scraps of a sentence."""
    if not message.language_supported:
        return []  # What is read in a language we do not know is no more than a guess.
    asked = [s for s in message.signals.intents if s.intent not in _aside(message)]
    whole = [s for s in asked if len(s.text.split()) >= _SCRAP] or asked[:1]
    return _as_one_claim(whole, message) or whole


def _aside(message: Message) -> frozenset[str]:
    """Intents that are no request here: courtesy, and a person who is only mentioned."""
    mentioned = message.entities.wants_call or not message.signals.wants_person
    return SMALL_TALK | ({ASK_PERSON} if mentioned else set())


def _as_one_claim(scores: list[IntentScore], message: Message) -> list[IntentScore]:
    """A credit wanted for something that is wrong is one dispute, however it is cut up."""
    reason, found = message.entities.dispute_reason, message.entities
    intents = {score.intent for score in scores}
    short = found.missing is not None or found.received is not None
    claimed = bool(intents & (_CLAIM_WORDS if short else _CLAIMS))
    if (
        (reason in (None, "duplicate_charge") and not short)
        or not claimed
        or intents - _CLAIM_WORDS
    ):
        return []
    best = max(scores, key=lambda score: score.confidence)
    return [best.model_copy(update={"intent": "invoice_dispute", "text": message.text})]


def _continues(
    score: IntentScore, pending: Request | None, requests: dict[str, Request]
) -> Request | None:
    if pending and pending.asked == "intent":
        return requests[pending.id]
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


def _only_answers(pending: Request, score: IntentScore, message: Message) -> bool:
    """Whether what looks like a request is no more than the answer to the last question."""
    free = pending.asked == "text"  # Any words would do, so brevity proves nothing.
    brief = _short(message) and score.confidence < _UNMISTAKABLE and not free
    return answers(pending, message) and (_vague(score) or brief)


def _short(message: Message) -> bool:
    """A few words after a question are its answer, whatever they look like by themselves."""
    return len(message.text.split()) <= _SHORT_ANSWER


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
        "reason": found.dispute_reason,
        "case": found.case_numbers or found.ordinals or found.candidates,
        "confirm": message.signals.affirmation is not None,
        "remedy": message.text,
        "channel": found.emails or found.phones or message.text,
        "text": message.text,
    }
    return bool(evidence.get(request.asked))
