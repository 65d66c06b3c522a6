"""What a scenario can see of a workbench: each turn's result, and the records behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench.config import Settings
from workbench.flows.result import TurnResult
from workbench.records.base import Instant
from workbench.records.cases import Case, CaseEntry, Subscription
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Fact, Packet, Reply
from workbench.records.invoices import CreditNote, Dispute, InvoiceAccount
from workbench.records.principals import Principal
from workbench.store import Approval, Message, Store


@dataclass(frozen=True)
class Moment:
    """What one turn came to."""

    number: int
    """From 1, as in the file."""
    conversation_id: str
    message: str = ""
    result: TurnResult | None = None
    """Of a customer's message; None when a person or nobody acted, or after an error."""
    error: str = ""
    """Name of the error that the turn ended in, with its text."""

    @property
    def reply(self) -> Reply | None:
        return self.result.reply if self.result else None


@dataclass(frozen=True)
class World:
    """The records of a store as they stand, and the ledger since the scenario began."""

    store: Store
    principal: Principal
    settings: Settings
    now: Instant
    customers: tuple[str, ...]
    began_after: int
    """Sequence number of the last event of the set-up."""
    folder: Path
    """Folder that all files of the store lie in."""

    @cached_property
    def events(self) -> tuple[Event, ...]:
        return self.store.events(self.principal, after=self.began_after)

    def of_kind(self, kind: EventKind) -> list[Event]:
        return [event for event in self.events if event.kind is kind]

    @cached_property
    def accounts(self) -> tuple[InvoiceAccount, ...]:
        return tuple(
            account
            for customer in self.customers
            for account in self.store.accounts(self.principal, customer)
        )

    @property
    def disputes(self) -> list[Dispute]:
        return [dispute for account in self.accounts for dispute in account.disputes]

    @property
    def credit_notes(self) -> list[CreditNote]:
        return [
            note
            for customer in self.customers
            for note in self.store.credit_notes(self.principal, customer)
        ]

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Oldest first."""
        found = [c for name in self.customers for c in self.store.cases(self.principal, name)]
        return tuple(sorted(found, key=lambda case: (case.opened_at, case.id)))

    def entries(self, case_id: str) -> tuple[CaseEntry, ...]:
        return self.store.entries(self.principal, case_id)

    def newest_case(self, customer: str) -> str:
        """Number of the customer's newest case; empty when there is none."""
        own = [case.id for case in self.cases if case.customer_id == customer]
        return own[-1] if own else ""

    @property
    def subscriptions(self) -> list[Subscription]:
        return [
            wish
            for case in self.cases
            for wish in self.store.subscriptions(self.principal, case.id)
        ]

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return self.store.approvals(self.principal, status=None)

    @property
    def outbox(self) -> tuple[Message, ...]:
        return self.store.outbox(self.principal)

    @property
    def hand_offs(self) -> list[Event]:
        return self.of_kind(EventKind.HANDED_OFF)

    @property
    def packet(self) -> Packet | None:
        """The newest packet."""
        return Packet.model_validate(self.hand_offs[-1].data["packet"]) if self.hand_offs else None

    def speaker(self, conversation_id: str) -> str:
        return self.store.conversation(self.principal, conversation_id).speaker

    def contains_bytes(self, text: str) -> bool:
        """Whether the text stands anywhere in the files of the store."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return any(text.encode() in path.read_bytes() for path in files)


@dataclass(frozen=True)
class Scope:
    """The moments that an expectation looks at, and the world after the last of them."""

    moments: Sequence[Moment]
    earlier: Sequence[Moment]
    """All moments of the run so far, these included."""
    events: Sequence[Event]
    """What the ledger gained in these moments."""
    world: World

    @property
    def latest(self) -> Moment | None:
        """The last moment in which the customer wrote."""
        return next((m for m in reversed(self.moments) if m.result), None)

    @property
    def replies(self) -> list[Reply]:
        return [moment.reply for moment in self.moments if moment.reply]

    @property
    def facts(self) -> list[Fact]:
        return [fact for reply in self.replies for fact in reply.facts]

    @property
    def operations(self) -> list[str]:
        """Operations performed, in order; repeated ones are left out."""
        return [str(e.data["operation"]) for e in self.events if e.kind is EventKind.ACTED]
