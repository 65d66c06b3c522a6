"""The state of a conversation is its events: `fold` reads them, nothing else is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from workbench.records.conversations import (
    Conversation,
    Request,
    RequestStatus,
    Speaker,
    Utterance,
)
from workbench.records.decisions import HandOffReason
from workbench.records.events import Event, EventKind
from workbench.records.evidence import ActionTried, Fact, Statement

Data = dict[str, Any]

# Reasons for which people own everything that follows, not one request of several.
WHOLE_CONVERSATION = frozenset(
    {
        HandOffReason.CUSTOMER_REQUEST,
        HandOffReason.IDENTITY_NOT_PROVEN,
        HandOffReason.FRAUD_OR_SECURITY_CONCERN,
        HandOffReason.LEGAL_OR_REGULATORY_MATTER,
        HandOffReason.VULNERABLE_CUSTOMER,
        HandOffReason.ABUSIVE_CUSTOMER,
        HandOffReason.SAFETY_CONCERN,
        HandOffReason.SENSITIVE_TOPIC,
        HandOffReason.LANGUAGE_NOT_SUPPORTED,
        HandOffReason.THIRD_PARTY_INQUIRY,
    }
)


_VERDICT = "verdict:"


def fold(start: Conversation, events: Iterable[Event]) -> Conversation:
    """The conversation after these events."""
    state = start
    for event in events:
        state = after(state, event.kind, event.data, event.at)
    return state


def after(state: Conversation, kind: EventKind, data: Data, at: datetime) -> Conversation:
    """The conversation after one event, committed or about to be."""
    changes = _CHANGES[kind](state, data, at) if kind in _CHANGES else {}
    return state.model_copy(update={"revision": state.revision + 1, **changes})


def _started(state: Conversation, data: Data, at: datetime) -> Data:
    return {
        "customer_id": data["customer_id"],
        "channel": data["channel"],
        "language": data["language"],
        "identifiers": tuple(data.get("identifiers", ())),
        "started_at": at,
    }


def _message(state: Conversation, data: Data, at: datetime) -> Data:
    signals = data.get("signals") or {}
    said = Utterance(
        at=at, speaker="customer", text=data["text"], sentiment=signals.get("sentiment")
    )
    return {
        "utterances": (*state.utterances, said),
        "language": data.get("language", state.language),
    }


def _replied(state: Conversation, data: Data, at: datetime) -> Data:
    said = Utterance(at=at, speaker=data["speaker"], text=data["text"])
    changes: dict[str, Any] = {"utterances": (*state.utterances, said)}
    if data["speaker"] == "assistant":
        keys = {statement["key"] for statement in data.get("statements", ())}
        changes["introduced"] = state.introduced or "notice.ai" in keys
        changes["boundary_set"] = state.boundary_set or "boundary.abuse" in keys
        changes["callback_offered"] = "person.callback_offer" in keys
        changes["facts"] = _with_facts(state, data)
    else:
        changes["speaker"] = Speaker.PERSON
    return changes


def _with_facts(state: Conversation, data: Data) -> tuple[Fact, ...]:
    told = (Statement.model_validate(statement) for statement in data.get("statements", ()))
    known = {fact.model_dump_json(): fact for fact in state.facts}
    for statement in told:
        for fact in (
            *statement.facts.values(),
            *(f for row in statement.rows for f in row.values()),
        ):
            known.setdefault(fact.model_dump_json(), fact)
    return tuple(known.values())


def _called(state: Conversation, data: Data, at: datetime) -> Data:
    tried = ActionTried(
        operation=data["operation"], outcome=data["outcome"], detail=data.get("record", "")
    )
    return {"tried": (*state.tried, tried)}


def _acted(state: Conversation, data: Data, at: datetime) -> Data:
    done = ActionTried(
        operation=data["operation"], outcome="already_done" if data.get("repeated") else "done"
    )
    tries = int(data["operation"] == "security.report")
    return {
        "tried": (*state.tried, done),
        "foreign_attempts": state.foreign_attempts + tries,
    }


def _identity(state: Conversation, data: Data, at: datetime) -> Data:
    matched = tuple(k for k in data["matched"] if k not in state.identifiers)
    return {
        "identifiers": state.identifiers + matched,
        "identity_failures": state.identity_failures + int(bool(data.get("counts", False))),
    }


def _request(state: Conversation, data: Data, at: datetime) -> Data:
    request = Request.model_validate(data["request"])
    others = tuple(r for r in state.requests if r.id != request.id)
    if len(others) == len(state.requests):
        return {"requests": (*state.requests, request), **_case_of(request)}
    requests = tuple(request if r.id == request.id else r for r in state.requests)
    return {"requests": requests, **_case_of(request)}


def _verdict(state: Conversation, data: Data, at: datetime) -> Data:
    """The request that waited for a person is open again and knows what they chose."""
    slot = verdict_slot(data["about"])
    return {
        "requests": tuple(
            r.model_copy(
                update={
                    "slots": {**r.slots, slot: data["choice"]},
                    "status": RequestStatus.OPEN,
                }
            )
            if r.id == data["request_id"] and r.status is RequestStatus.CHECKING
            else r
            for r in state.requests
        )
    }


def with_verdict(state: Conversation) -> tuple[Request, ...]:
    """Open requests that a person has given a verdict on, so that the assistant can go on."""
    return tuple(
        request
        for request in state.requests
        if request.status is RequestStatus.OPEN
        and any(slot.startswith(_VERDICT) for slot in request.slots)
    )


def verdict_slot(about: str) -> str:
    """The slot in which a request keeps a person's choice."""
    return f"{_VERDICT}{about}"


def _case_of(request: Request) -> Data:
    return {"case_id": request.case_id} if request.case_id else {}


def _handed_off(state: Conversation, data: Data, at: datetime) -> Data:
    reason = HandOffReason(data["reason"])
    return {
        "hops": state.hops + 1,
        "handed_off": reason if reason in WHOLE_CONVERSATION else state.handed_off,
        "queue": data["queue"],
        "packet_id": data["packet"]["id"],
        "with_people": (*state.with_people, reason),
    }


def _rerouted(state: Conversation, data: Data, at: datetime) -> Data:
    return {"queue": data["queue"]}


def _taken_over(state: Conversation, data: Data, at: datetime) -> Data:
    return {"speaker": Speaker.PERSON}


def _handed_back(state: Conversation, data: Data, at: datetime) -> Data:
    return {
        "speaker": Speaker.ASSISTANT,
        "handed_off": None,
        "queue": "",
        "packet_id": "",
        "with_people": (),
    }


_CHANGES: dict[EventKind, Callable[[Conversation, Data, datetime], Data]] = {
    EventKind.CONVERSATION_STARTED: _started,
    EventKind.MESSAGE_RECEIVED: _message,
    EventKind.REPLIED: _replied,
    EventKind.IDENTITY_CHECKED: _identity,
    EventKind.REQUEST_OPENED: _request,
    EventKind.REQUEST_UPDATED: _request,
    EventKind.TOOL_CALLED: _called,
    EventKind.ACTED: _acted,
    EventKind.VERDICT_GIVEN: _verdict,
    EventKind.HANDED_OFF: _handed_off,
    EventKind.REROUTED: _rerouted,
    EventKind.TAKEN_OVER: _taken_over,
    EventKind.HANDED_BACK: _handed_back,
}
