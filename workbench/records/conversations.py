"""Conversations as they stand: folded from their events, never stored beside them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from workbench.records.base import Instant, Record
from workbench.records.decisions import HandOffReason
from workbench.records.evidence import ActionTried, Fact


class Speaker(StrEnum):
    """Who may speak to the customer now; one at a time."""

    ASSISTANT = "assistant"
    PERSON = "person"


class RequestStatus(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    """The assistant asked something and waits for the customer."""
    ANSWERED = "answered"
    CHECKING = "checking"
    """A person was asked privately; the assistant goes on once there is a verdict."""
    HANDED_OFF = "handed_off"
    DROPPED = "dropped"
    """The customer took it back."""


class Request(Record):
    """One thing the customer wants, from first mention to its end."""

    id: str
    intent: str
    flow: str
    text: str = ""
    """The customer's own words, masked."""
    confidence: float = 0
    status: RequestStatus = RequestStatus.OPEN
    slots: dict[str, Any] = {}
    """What is known: slot name -> JSON value."""
    asked: str = ""
    """The slot asked for last, empty when nothing is pending."""
    clarifications: int = 0
    case_id: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in (RequestStatus.OPEN, RequestStatus.WAITING)


class Utterance(Record):
    """One message in a conversation, masked before it got here."""

    at: Instant
    speaker: str
    """`customer`, `assistant` or `human_agent:<id>`."""
    text: str
    sentiment: float | None = None


class Conversation(Record):
    """The state of one conversation."""

    id: str
    customer_id: str
    channel: str = "chat"
    language: str = "en"
    speaker: Speaker = Speaker.ASSISTANT
    started_at: Instant | None = None
    revision: int = 0
    """Number of events so far; a writer names the revision it has read."""
    requests: tuple[Request, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    identifiers: tuple[str, ...] = ()
    """Kinds of identifiers that matched, in order."""
    identity_failures: int = 0
    foreign_attempts: int = 0
    hops: int = 0
    handed_off: HandOffReason | None = None
    """Set while people own the whole conversation; a single request handed off leaves it None."""
    queue: str = ""
    packet_id: str = ""
    with_people: tuple[HandOffReason, ...] = ()
    """Reasons of the hand-offs that nobody has handed back yet."""
    introduced: bool = False
    """Whether the AI notice has been given."""
    boundary_set: bool = False
    """Whether the calm boundary to abuse has been spoken."""
    callback_offered: bool = False
    """Whether the last reply offered a call-back."""
    facts: tuple[Fact, ...] = ()
    """Everything that was stated to the customer, with sources, each once."""
    tried: tuple[ActionTried, ...] = ()
    """What the assistant read and did so far."""
    case_id: str = ""
    """The case spoken of last."""

    @property
    def sentiments(self) -> tuple[float, ...]:
        return tuple(u.sentiment for u in self.utterances if u.sentiment is not None)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        return tuple(r for r in self.requests if r.is_open)
