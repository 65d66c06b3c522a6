"""Reading what people work on: conversations, packets, approvals, messages, the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, Table, select

from workbench.errors import NotFound
from workbench.govern.roles import operation
from workbench.records.base import Record
from workbench.records.cases import Priority
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Packet
from workbench.records.principals import Principal, Role
from workbench.records.verdicts import Verdict, VerdictStatus
from workbench.store import conversations, ledger
from workbench.store.records import Look, Reader
from workbench.store.schema import approval, conversation, handoff, outbox, verdict
from workbench.store.views import (
    Approval,
    ApprovalStatus,
    ConversationRow,
    ConversationStatus,
    HandOffRow,
    HandOffStatus,
    Message,
)

V = TypeVar("V", bound=Record)

_CONVERSATION_READ = operation("conversation.read")
_CONVERSATION_LIST = operation("conversation.list")
_PACKET_READ = operation("packet.read")
_APPROVAL_READ = operation("approval.read")
_VERDICT_READ = operation("verdict.read")
_OUTBOX_READ = operation("outbox.read")
_LEDGER_READ = operation("ledger.read")


class DeskReader(Reader):
    """Lists and details for the desk and the audit."""

    def conversations(
        self,
        principal: Principal,
        *,
        customer_id: str | None = None,
        status: ConversationStatus | None = None,
        queue: str | None = None,
        limit: int = 200,
    ) -> tuple[ConversationRow, ...]:
        """Conversations, last active first; a customer gets their own."""
        if principal.role is Role.CUSTOMER:
            customer_id = principal.customer_id if customer_id is None else customer_id
        with self._look(principal) as look:
            self._admit_list(look, _CONVERSATION_LIST.name, customer_id)
            query = _where(
                conversation, look, customer_id=customer_id, status=status, queue=queue
            ).order_by(conversation.c.last_at.desc(), conversation.c.id)
            return _views(look, ConversationRow, query.limit(limit))

    def conversation(self, principal: Principal, conversation_id: str) -> ConversationRow:
        with self._look(principal) as look:
            found = _views(look, ConversationRow, _where(conversation, look, id=conversation_id))
            owner = found[0].customer_id if found else None
            look.admit(_CONVERSATION_READ.name, owner, f"conversation {conversation_id}")
            return found[0]

    def handoffs(
        self,
        principal: Principal,
        queue: str | None = None,
        *,
        status: HandOffStatus | None = HandOffStatus.WAITING,
        taken_since: datetime | None = None,
    ) -> tuple[HandOffRow, ...]:
        """Packets in a queue (None: in all): by priority, then by what falls due first."""
        with self._look(principal) as look:
            look.admit_all(_PACKET_READ.name)
            query = _where(handoff, look, queue=queue, status=status)
            if taken_since is not None:
                query = query.where(handoff.c.taken_at >= taken_since)
            found = _views(look, HandOffRow, query)
        return tuple(sorted(found, key=_turn))

    def packet(self, principal: Principal, packet_id: str) -> Packet:
        with self._look(principal) as look:
            rows = look.connection.execute(_where(handoff, look, id=packet_id)).mappings().all()
            owner = rows[0]["customer_id"] if rows else None
            look.admit(_PACKET_READ.name, owner, f"packet {packet_id}")
            return Packet.model_validate(rows[0]["packet"])

    def approvals(
        self, principal: Principal, status: ApprovalStatus | None = ApprovalStatus.PENDING
    ) -> tuple[Approval, ...]:
        """Requests for a second person, oldest first."""
        with self._look(principal) as look:
            look.admit_all(_APPROVAL_READ.name)
            query = _where(approval, look, status=status)
            return _views(look, Approval, query.order_by(approval.c.requested_at, approval.c.id))

    def approval(self, principal: Principal, approval_id: str) -> Approval:
        with self._look(principal) as look:
            found = _views(look, Approval, _where(approval, look, id=approval_id))
            owner = found[0].customer_id if found else None
            look.admit(_APPROVAL_READ.name, owner, f"approval {approval_id}")
            return found[0]

    def verdicts(
        self, principal: Principal, status: VerdictStatus | None = VerdictStatus.OPEN
    ) -> tuple[Verdict, ...]:
        """Questions to people with their answers, what falls due first in front."""
        with self._look(principal) as look:
            look.admit_all(_VERDICT_READ.name)
            query = _where(verdict, look, status=status)
            return _views(look, Verdict, query.order_by(verdict.c.due_at, verdict.c.id))

    def verdict(self, principal: Principal, task_id: str) -> Verdict:
        with self._look(principal) as look:
            found = _views(look, Verdict, _where(verdict, look, id=task_id))
            owner = found[0].task.customer_id if found else None
            look.admit(_VERDICT_READ.name, owner, f"question {task_id}")
            return found[0]

    def untold_verdicts(self, principal: Principal) -> tuple[Verdict, ...]:
        """Verdicts that the conversation has not gone on with yet, the oldest first."""
        with self._look(principal) as look:
            look.admit_all(_VERDICT_READ.name)
            query = _where(verdict, look).where(
                verdict.c.told_at.is_(None), verdict.c.status != VerdictStatus.OPEN.value
            )
            return _views(look, Verdict, query.order_by(verdict.c.decided_at, verdict.c.id))

    def outbox(self, principal: Principal, customer_id: str | None = None) -> tuple[Message, ...]:
        """Messages to be sent or sent, oldest first."""
        with self._look(principal) as look:
            look.admit_all(_OUTBOX_READ.name)
            query = _where(outbox, look, customer_id=customer_id)
            return _views(look, Message, query.order_by(outbox.c.created_at, outbox.c.key))

    def events(
        self,
        principal: Principal,
        stream: str | None = None,
        *,
        after: int = 0,
        kinds: Collection[EventKind] | None = None,
    ) -> tuple[Event, ...]:
        """Events of a stream (None: of the tenant) with `seq` above `after`, in order.

        A stream that is not there and one that is not the principal's are both empty.
        Raises `NotAllowed` for a role that never reads such streams.
        """
        with self._look(principal) as look:
            if not self._may_read(look, stream):
                return ()
            return ledger.read(
                look.connection, look.tenant, stream=stream, after=after, kinds=kinds
            )

    def _may_read(self, look: Look, stream: str | None) -> bool:
        """Whether there is such a stream for the principal; conversations have no `:`."""
        if stream is None or ":" in stream:
            look.admit_all(_LEDGER_READ.name)
            return True
        owner = conversations.customer_of(look.connection, look.tenant, stream)
        try:
            look.admit(_CONVERSATION_READ.name, owner, f"conversation {stream}")
        except NotFound:
            return False
        return True

    def _admit_list(self, look: Look, name: str, customer_id: str | None) -> None:
        if customer_id is None:
            look.admit_all(name)
        else:
            look.admit_customer(name, customer_id)


def _where(table: Table, look: Look, **equal: Any) -> Select[Any]:
    """All columns but the tenant of the tenant's rows; None does not restrict."""
    query = select(*(c for c in table.columns if c.name != "tenant"))
    query = query.where(table.c.tenant == look.tenant)
    for column, value in equal.items():
        if value is not None:
            query = query.where(table.c[column] == str(value))
    return query


def _views(look: Look, view: type[V], query: Select[Any]) -> tuple[V, ...]:
    # Long texts that a list does not show are not read at all.
    shown = (c for c in query.selected_columns if c.name in view.model_fields)
    rows = look.connection.execute(query.with_only_columns(*shown)).mappings()
    return tuple(view.model_validate(dict(row)) for row in rows)


def _turn(row: HandOffRow) -> tuple[int, Any, Any, str]:
    """Whose turn it is: priority, then due time, then arrival."""
    return (
        list(Priority).index(row.priority),
        row.due_at or row.created_at.max.replace(tzinfo=row.created_at.tzinfo),
        row.created_at,
        row.id,
    )
