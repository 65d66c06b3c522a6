"""Hand-off to people and hand-back to the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from workbench.errors import Conflict
from workbench.records.cases import Case
from workbench.records.conversations import Speaker
from workbench.records.events import EventKind
from workbench.records.operations import (
    HandBack,
    LabelEscalation,
    QueueHandOff,
    TakeHandOff,
    sealed,
)
from workbench.store import conversations
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.schema import handoff
from workbench.store.views import ConversationStatus, HandOffStatus

if TYPE_CHECKING:
    from workbench.store.work import Work


def conversation_target(work: Work, conversation_id: str) -> Target:
    """A conversation as the target of an action."""
    customer_id = conversations.customer_of(work.connection, work.tenant, conversation_id)
    return customer_id, f"conversation {conversation_id}"


def _packet_target(work: Work, packet_id: str) -> Target:
    row = _row(work, packet_id)
    return (row.customer_id if row else None), f"packet {packet_id}"


def _row(work: Work, packet_id: str) -> Row[Any] | None:
    same = (handoff.c.tenant == work.tenant, handoff.c.id == packet_id)
    return work.connection.execute(select(handoff).where(*same)).one_or_none()


@performs(QueueHandOff, lambda work, wish: conversation_target(work, wish.packet.conversation_id))
def queue_handoff(work: Work, wish: QueueHandOff) -> Outcome:
    """Put a packet into its queue; an older one of the conversation that still waits is closed."""
    packet = wish.packet
    customer_id, _ = conversation_target(work, packet.conversation_id)
    _close(work, packet.conversation_id)
    work.connection.execute(
        insert(handoff).values(
            tenant=work.tenant,
            id=packet.id,
            conversation_id=packet.conversation_id,
            customer_id=customer_id or "",
            queue=packet.queue,
            reason=packet.reason.value,
            priority=wish.priority.value,
            status=HandOffStatus.WAITING.value,
            due_at=wish.due_at,
            created_at=work.now,
            packet=packet.model_dump(mode="json"),
        )
    )
    _turn_to(
        work,
        packet.conversation_id,
        status=ConversationStatus.WAITING.value,
        queue=packet.queue,
        packet_id=packet.id,
    )
    return Outcome({"packet_id": packet.id, "queue": packet.queue})


@performs(TakeHandOff, lambda work, wish: _packet_target(work, wish.packet_id))
def take_handoff(work: Work, wish: TakeHandOff) -> Outcome:
    """The principal takes a waiting packet; taking one's own again changes nothing."""
    row = _row(work, wish.packet_id)
    assert row is not None, "the target was found before"
    if row.status == HandOffStatus.CLOSED:
        raise Conflict(f"Packet {row.id} is closed", next_step="Reload the queue.")
    if row.status == HandOffStatus.TAKEN and row.taken_by != work.principal.id:
        raise Conflict(f"Packet {row.id} was taken by {row.taken_by}", next_step="Take another.")
    work.connection.execute(
        update(handoff)
        .where(handoff.c.tenant == work.tenant, handoff.c.id == row.id)
        .values(status=HandOffStatus.TAKEN.value, taken_by=work.principal.id, taken_at=work.now)
    )
    _turn_to(
        work,
        row.conversation_id,
        status=ConversationStatus.WITH_PERSON.value,
        speaker=Speaker.PERSON.value,
    )
    return Outcome({"packet_id": row.id, "taken_by": work.principal.id})


@performs(HandBack, lambda work, wish: conversation_target(work, wish.conversation_id))
def hand_back(work: Work, wish: HandBack) -> Outcome:
    """The assistant speaks again."""
    _close(work, wish.conversation_id)
    _turn_to(
        work,
        wish.conversation_id,
        status=ConversationStatus.OPEN.value,
        speaker=Speaker.ASSISTANT.value,
        queue="",
    )
    return Outcome({"conversation_id": wish.conversation_id})


@performs(LabelEscalation, lambda work, wish: _packet_target(work, wish.packet_id))
def label_escalation(work: Work, wish: LabelEscalation) -> Outcome:
    """Whether the hand-off was right, by a person who saw it; a later label replaces it."""
    row = _row(work, wish.packet_id)
    assert row is not None, "the target was found before"
    label = {
        "packet_id": row.id,
        "reason": row.reason,
        "label": wish.label.value,
        "note": sealed(wish.note),
    }
    work.record(EventKind.ESCALATION_LABELLED, label, row.conversation_id)
    return Outcome({"packet_id": row.id, "label": wish.label.value})


def move_packets(work: Work, case: Case, which: ColumnElement[bool]) -> None:
    """Packets about a case that nobody has taken yet go to the queue that the case is in now."""
    waiting = select(handoff).where(
        handoff.c.tenant == work.tenant,
        handoff.c.customer_id == case.customer_id,
        handoff.c.status == HandOffStatus.WAITING.value,
        handoff.c.queue != case.queue,
        which,
    )
    for row in work.connection.execute(waiting).all():
        if row.packet.get("case_id") == case.id:
            _move(work, row, case.queue)


def _move(work: Work, row: Row[Any], queue: str) -> None:
    work.connection.execute(
        update(handoff)
        .where(handoff.c.tenant == work.tenant, handoff.c.id == row.id)
        .values(queue=queue, packet={**row.packet, "queue": queue})
    )
    _turn_to(work, row.conversation_id, queue=queue)
    moved = {"packet_id": row.id, "queue": queue, "from_queue": row.queue}
    work.record(EventKind.REROUTED, moved, row.conversation_id)


def _close(work: Work, conversation_id: str) -> None:
    work.connection.execute(
        update(handoff)
        .where(handoff.c.tenant == work.tenant, handoff.c.conversation_id == conversation_id)
        .values(status=HandOffStatus.CLOSED.value)
    )


def _turn_to(work: Work, conversation_id: str, **values: Any) -> None:
    conversations.put(work.connection, work.tenant, conversation_id, **values)
