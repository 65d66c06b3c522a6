"""What lists show: rows of indexes, without the long texts behind them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from workbench.records.actions import Action
from workbench.records.base import Instant, Record
from workbench.records.cases import Priority


class ConversationStatus(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    """Handed off; nobody has taken it yet."""
    WITH_PERSON = "with_person"
    ENDED = "ended"


class ConversationRow(Record):
    """One conversation in a list."""

    id: str
    customer_id: str
    channel: str
    language: str
    phase: str
    speaker: str
    """`assistant` or `person`."""
    status: ConversationStatus
    queue: str
    packet_id: str
    started_at: Instant
    last_at: Instant
    last_kind: str
    revision: int


class HandOffStatus(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    CLOSED = "closed"


class HandOffRow(Record):
    """One packet in a queue."""

    id: str
    """Of the packet."""
    conversation_id: str
    customer_id: str
    queue: str
    reason: str
    priority: Priority
    status: HandOffStatus
    due_at: Instant | None = None
    created_at: Instant
    taken_by: str = ""
    taken_at: Instant | None = None

    def is_late(self, at: datetime) -> bool:
        """Whether the promised time has passed."""
        return self.due_at is not None and self.due_at < at


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    """The record changed before anybody decided; a new request took its place."""
    EXPIRED = "expired"
    """Nobody decided in time; nothing was done."""
    WITHDRAWN = "withdrawn"


class Approval(Record):
    """A request to a second person, bound to one action on one state of one record."""

    id: str
    customer_id: str
    conversation_id: str = ""
    requested_by: str
    requested_at: Instant
    action: Action
    fingerprint: str
    record: str
    record_revision: int
    reason: str = ""
    status: ApprovalStatus = ApprovalStatus.PENDING
    decided_by: str = ""
    decided_at: Instant | None = None
    decision_reason: str = ""
    expires_at: Instant | None = None
    """When it counts as declined if nobody has decided; None: it waits."""


class Message(Record):
    """Something to be sent, written in the transaction that caused it."""

    key: str
    """Unique in the tenant: one message per key, however often it is asked for."""
    kind: str
    """`case_update`, `case_late`, `clock_warning`, `promise_broken`, `invoice_copy`, `callback`,
    `security_alert`, `webhook`."""
    customer_id: str
    record: str
    """What it is about: `case CASE-...`, `invoice INV-...`."""
    channel: str
    """`email`, `phone`, `webhook`, or `queue` for messages to people inside."""
    address: str
    language: str = "en"
    payload: dict[str, Any] = {}
    created_at: Instant
    not_before: Instant
    """Quiet hours: not to be sent earlier."""
    sent_at: Instant | None = None


class ImportCounts(Record):
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
