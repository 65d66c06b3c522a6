"""The workbench as app, notebooks, command line and service see it: one object, thin methods.

Every method is one call into the part that knows; no rule, number or query lives here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.flows.assistant import Assistant, Incoming
from workbench.flows.conversation import fold
from workbench.flows.result import TurnResult
from workbench.poc import PocFolder
from workbench.records.base import Clock, Ids
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.operations import DecideApproval, HandBack, TakeHandOff, plan
from workbench.records.principals import Principal, Role
from workbench.store.store import Store
from workbench.store.views import Approval, ConversationRow, HandOffRow, HandOffStatus
from workbench.store.work import Committed, Transaction
from workbench.systems.ports import Systems

if TYPE_CHECKING:
    pass


@dataclass
class Workbench:
    """One open POC. Close it, or use it as a context manager."""

    folder: PocFolder
    settings: Settings
    policy: Policy
    store: Store
    systems: Systems
    assistant: Assistant
    clock: Clock
    ids: Ids

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    def __repr__(self) -> str:
        return (
            f"Workbench({self.settings.name!r}, policy {self.policy.version}, {self.folder.root})"
        )

    # Conversations

    def converse(
        self,
        customer_id: str,
        text: str,
        *,
        conversation_id: str | None = None,
        channel: str = "chat",
        request_id: str | None = None,
    ) -> TurnResult:
        """Answer one message of a customer.

        Args:
            conversation_id: Continues that conversation; None begins one.
            request_id: The channel's id of this delivery; the same id is answered once.

        Raises `NotFound` for an unknown customer and `InputError` for an empty or huge message.
        """
        return self.assistant.handle(
            Incoming(
                text=text,
                customer_id=customer_id,
                channel=channel,
                conversation_id=conversation_id or self.ids.new("conv"),
                request_id=request_id or self.ids.new("msg"),
            )
        )

    def person(self, name: str, role: Role = Role.HUMAN_AGENT) -> Principal:
        """The principal of somebody who works here, by name."""
        return Principal(id=f"{role.value}:{name}", role=role, tenant=self.tenant)

    @property
    def tenant(self) -> str:
        return self.settings.store.tenant

    @property
    def service(self) -> Principal:
        """The principal of this process, for lists and measurements."""
        return Principal(id="service:workbench", role=Role.SERVICE, tenant=self.tenant)

    def conversation(self, conversation_id: str) -> Conversation:
        """The state of a conversation, folded from its events."""
        row = self.store.conversation(self.service, conversation_id)
        start = Conversation(id=row.id, customer_id=row.customer_id, channel=row.channel)
        return fold(start, self.events(conversation_id))

    def events(self, stream: str) -> tuple[Event, ...]:
        """The ledger of one conversation or case."""
        return self.store.events(self.service, stream=stream)

    def conversations(self, **restrict: Any) -> tuple[ConversationRow, ...]:
        return self.store.conversations(self.service, **restrict)

    def customers(self) -> tuple[Customer, ...]:
        return self.store.customers(self.service)

    # People

    def human_reply(self, conversation_id: str, by: str, text: str) -> Committed:
        """A person speaks to the customer; the assistant is silent from now on."""
        person = self.person(by)
        return self._commit(
            person,
            conversation_id,
            NewEvent(
                kind=EventKind.REPLIED,
                actor=person.id,
                data={
                    "speaker": person.id,
                    "text": text,
                    "language": "",
                    "statements": [],
                    "writer": person.id,
                    "blocked": [],
                },
            ),
        )

    def take(self, packet_id: str, by: str) -> Committed:
        """A person takes a packet from its queue."""
        person = self.person(by)
        packet = self.packet(packet_id)
        action = plan(TakeHandOff(packet_id=packet_id), key=f"take:{packet_id}:{by}")
        return self._commit(person, packet.conversation_id, actions=(action,))

    def hand_back(self, conversation_id: str, by: str, note: str) -> Committed:
        """Return the conversation to the assistant, with a note for the record."""
        person = self.person(by)
        revision = self.store.conversation(person, conversation_id).revision
        back = HandBack(conversation_id=conversation_id, note=note)
        return self._commit(
            person,
            conversation_id,
            NewEvent(
                kind=EventKind.HANDED_BACK,
                actor=person.id,
                data={"note": note, "by": person.id},
            ),
            actions=(plan(back, key=f"back:{conversation_id}:{revision}"),),
        )

    def approvals(self) -> tuple[Approval, ...]:
        return self.store.approvals(self.service)

    def decide_approval(self, approval_id: str, by: str, approved: bool, reason: str) -> Committed:
        """A supervisor approves or declines exactly the action that was asked for."""
        person = self.person(by, Role.SUPERVISOR)
        asked = next(a for a in self.store.approvals(person) if a.id == approval_id)
        verdict = DecideApproval(
            approval_id=approval_id,
            approved=approved,
            fingerprint=asked.fingerprint,
            reason=reason,
        )
        action = plan(verdict, key=f"decide:{approval_id}:{by}")
        return self._commit(person, asked.conversation_id, actions=(action,))

    def inbox(
        self, queue: str | None = None, status: HandOffStatus | None = HandOffStatus.WAITING
    ) -> tuple[HandOffRow, ...]:
        """Packets that wait for a person: by priority, then by what falls due first."""
        return self.store.handoffs(self.service, queue, status=status)

    def packet(self, packet_id: str) -> Packet:
        return self.store.packet(self.service, packet_id)

    def rate(self, conversation_id: str, csat: int) -> Committed:
        """The customer's rating, 1-5."""
        return self._commit(
            self.service, conversation_id, NewEvent(kind=EventKind.RATED, data={"csat": csat})
        )

    def end(self, conversation_id: str, resolution: str, why: str = "") -> Committed:
        """Close a conversation: `contained`, `assumed` or `confirmed`."""
        event = NewEvent(
            kind=EventKind.CONVERSATION_ENDED, data={"resolution": resolution, "why": why}
        )
        return self._commit(self.service, conversation_id, event)

    def _commit(
        self,
        principal: Principal,
        stream: str,
        *events: NewEvent,
        actions: Sequence[Any] = (),
    ) -> Committed:
        return self.store.commit(
            Transaction(
                principal=principal,
                stream=stream,
                request_id=self.ids.new("click"),
                events=events,
                actions=tuple(actions),
                policy_version=self.policy.version,
            )
        )
