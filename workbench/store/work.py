"""One transaction: checked, performed once, recorded, and committed together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from workbench.errors import Conflict, InputError
from workbench.govern.roles import Owner, authorise, operation, owner_of
from workbench.records.actions import Action, Receipt
from workbench.records.authority import Authority
from workbench.records.base import Ids, Record
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.money import Money
from workbench.records.principals import Principal, Role
from workbench.store import conversations, ledger, schema
from workbench.store.engine import Database
from workbench.store.operations import Outcome, performer_of
from workbench.store.operations.authority import keep_to_limits
from workbench.store.operations.clocks import follow_words
from workbench.store.rows import CASES, CUSTOMERS

WRITTEN_BY_THE_STORE = (
    EventKind.ACTED,
    EventKind.CASE_CHANGED,
    EventKind.REROUTED,
    EventKind.PRESENCE_CHANGED,
    EventKind.APPROVAL_REQUESTED,
    EventKind.APPROVAL_DECIDED,
    EventKind.VERDICT_REQUESTED,
    EventKind.VERDICT_GIVEN,
    EventKind.ESCALATION_LABELLED,
    EventKind.TAKEN_OVER,
    EventKind.SUGGESTION_SHOWN,
    EventKind.SUGGESTION_USED,
    EventKind.NOTE_WRITTEN,
    EventKind.POLICY_PROPOSED,
    EventKind.POLICY_DECIDED,
    EventKind.THRESHOLD_ADAPTED,
    EventKind.IMPORTED,
    EventKind.ALERT_RAISED,
    EventKind.ALERT_UPDATED,
    EventKind.ALERT_CLOSED,
)
"""Kinds that follow from actions; nobody else may claim them."""

# Streams that are no conversation: their first word -> what writing to them takes.
_STREAM_OPERATIONS = {
    "case": "case.append",
    "policy": "policy.change",
    "proposal": "policy.propose",
    "experiment": "experiment.change",
    "release": "policy.change",
    "import": "record.import",
    "evaluation": "evaluation.record",
    "labels": "label.write",
    "monitor": "alert.raise",
    "presence": "presence.change",
    "adapting": "threshold.adapt",
}


class Transaction(Record):
    """What one turn, or one click of a person, wants to write."""

    principal: Principal
    stream: str
    """Conversation id, `case:<id>`, `policy:<name>`, `proposal:<name>`, `release:<id>`,
    `experiment:<name>`, `import:<kind>`, `evaluation:<run>`, `labels:<what>`, `monitor:<name>`,
    `presence:<person>` or `adapting:<policy>`."""
    request_id: str
    """Names this request in its stream; repeating it does nothing."""
    events: tuple[NewEvent, ...] = ()
    actions: tuple[Action, ...] = ()
    expected_revision: int | None = None
    """Length of the stream that the writer has read; None: any."""
    actor: str = ""
    """Who performs the actions, e.g. `assistant`; empty: the principal."""
    policy_version: str = ""
    """Written on the events that follow from actions."""


class Committed(Record):
    """What a transaction came to."""

    receipts: tuple[Receipt, ...] = ()
    """One per action, in their order."""
    events: tuple[Event, ...] = ()
    repeated: bool = False
    """The request had been committed before; these are its events, nothing was done."""


@dataclass
class Work:
    """A transaction under way; performers read and write through it."""

    database: Database
    connection: Connection
    ids: Ids
    now: datetime
    transaction: Transaction
    authority: Authority
    written: list[NewEvent] = field(default_factory=list)
    """Events that follow from actions, in order."""
    agreed: bool = False
    """A second person has agreed to the action that is being performed."""

    @property
    def principal(self) -> Principal:
        return self.transaction.principal

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    @property
    def actor(self) -> str:
        return self.transaction.actor or self.principal.id

    def record(self, kind: EventKind, data: dict[str, Any], stream: str = "") -> None:
        """Add an event that follows from an action."""
        self.written.append(NewEvent(kind=kind, data=data, stream=stream))

    def perform(self, action: Action, stream: str = "") -> Receipt:
        """Do the action unless its key was done before, and record that it was asked for."""
        performer = performer_of(action.operation)
        wish = performer.read(action)
        customer_id, what = performer.target(self, wish)
        self.authorise(action.operation, customer_id, what)
        receipt = self._performed(action, customer_id or "")
        if receipt is None:
            keep_to_limits(self, wish, customer_id or "")
            outcome = performer.perform(self, wish)
            self._remember(action, wish.moved, customer_id or "", outcome)
            receipt = Receipt(operation=action.operation, key=action.key, result=outcome.result)
        acted = receipt.model_dump() | {"parameters": wish.recorded(), "amount": wish.moved}
        self.record(EventKind.ACTED, acted, stream)
        return receipt

    def authorise(self, name: str, customer_id: str | None, what: str) -> None:
        """Pass, or raise `NotAllowed` or `NotFound`. `customer_id` None: there is no `what`."""
        owner = None
        if customer_id is not None:
            owner = whose(self.connection, self.principal, customer_id, operation(name).scope)
        authorise(self.principal, name, owner, what)

    def _performed(self, action: Action, customer_id: str) -> Receipt | None:
        table = schema.performed
        row = self.connection.execute(
            select(table).where(table.c.tenant == self.tenant, table.c.key == action.key)
        ).one_or_none()
        if row is None:
            return None
        if (row.operation, row.customer_id) != (action.operation, customer_id):
            raise Conflict(
                f"The key {action.key!r} was used for something else",
                next_step="Give every action its own key.",
            )
        return Receipt(operation=action.operation, key=action.key, repeated=True, result=row.result)

    def _remember(
        self, action: Action, moved: Money | None, customer_id: str, outcome: Outcome
    ) -> None:
        self.connection.execute(
            insert(schema.performed).values(
                tenant=self.tenant,
                key=action.key,
                operation=action.operation,
                customer_id=customer_id,
                fingerprint=action.fingerprint,
                result=outcome.result,
                at=self.now,
                amount=moved.amount if moved else None,
                currency=moved.currency if moved else "",
                alone=not self.agreed,
            )
        )


def whose(connection: Connection, principal: Principal, customer_id: str, scope: str) -> Owner:
    """Whose a record of `customer_id` is, delegates of that customer included."""
    own = owner_of(principal, customer_id)
    if own is not Owner.OTHER_CUSTOMER or principal.role is not Role.CUSTOMER or not scope:
        return own
    customer = CUSTOMERS.one(connection, principal.tenant, customer_id)
    delegated = customer is not None and customer.delegates_to(principal.customer_id, scope)
    return owner_of(principal, customer_id, delegated=delegated)


def run(work: Work) -> Committed:
    """Check, perform, record; the caller commits."""
    transaction = work.transaction
    _refuse_claimed(transaction)
    _lock(work)
    started = _started(transaction)
    _admit_streams(work, started)
    earlier = ledger.of_request(
        work.connection, work.tenant, transaction.stream, transaction.request_id
    )
    if earlier:
        return Committed(receipts=_receipts(earlier), events=earlier, repeated=True)
    _check_revision(work)
    if started is not None:
        conversations.begin(work.connection, work.tenant, transaction.stream, started, work.now)
    receipts = tuple(work.perform(action) for action in transaction.actions)
    follow_words(work)
    events = append(work)
    conversations.advance(work.connection, work.tenant, transaction.stream, events)
    return Committed(receipts=receipts, events=events)


def _refuse_claimed(transaction: Transaction) -> None:
    claimed = [e.kind.value for e in transaction.events if e.kind in WRITTEN_BY_THE_STORE]
    if claimed:
        raise InputError(
            f"Events of kind {', '.join(claimed)} follow from actions",
            next_step="Leave them out of the transaction; the store writes them.",
        )


def _lock(work: Work) -> None:
    """Own the stream and every customer that an action concerns, in sorted order."""
    names = {f"{work.tenant}/stream/{work.transaction.stream}"}
    for action in work.transaction.actions:
        performer = performer_of(action.operation)
        customer_id, _ = performer.target(work, performer.read(action))
        names.add(f"{work.tenant}/customer/{customer_id}")
    work.database.lock(work.connection, names)


def _started(transaction: Transaction) -> NewEvent | None:
    kind = EventKind.CONVERSATION_STARTED
    return next((e for e in transaction.events if e.kind is kind and not e.stream), None)


def _admit_streams(work: Work, started: NewEvent | None) -> None:
    own = work.transaction.stream
    for stream in {own, *(event.stream or own for event in work.transaction.events)}:
        name, customer_id, what = _stream_target(work, stream, started if stream == own else None)
        work.authorise(name, customer_id, what)


def _stream_target(
    work: Work, stream: str, started: NewEvent | None
) -> tuple[str, str | None, str]:
    """Operation, owner and name of what a stream belongs to."""
    word, _, rest = stream.partition(":")
    if word == "case" and rest:
        case = CASES.one(work.connection, work.tenant, rest)
        return "case.append", case.customer_id if case else None, f"case {rest}"
    if rest and word in _STREAM_OPERATIONS:
        return _STREAM_OPERATIONS[word], "", stream
    customer_id = conversations.customer_of(work.connection, work.tenant, stream)
    if customer_id is None and started is not None:
        customer_id = str(started.data.get("customer_id", ""))
    return "conversation.write", customer_id, f"conversation {stream}"


def _check_revision(work: Work) -> None:
    expected = work.transaction.expected_revision
    if expected is None:
        return
    length, _ = ledger.head(work.connection, work.tenant, work.transaction.stream)
    if length != expected:
        raise Conflict(
            f"{work.transaction.stream} has {length} events, you have read {expected}",
            next_step="Read it again and repeat.",
        )


def append(work: Work) -> tuple[Event, ...]:
    """Write the given events and those that follow from actions to the ledger."""
    transaction = work.transaction
    placed = [_placed(work, event) for event in (*transaction.events, *work.written)]
    return ledger.append(
        work.database,
        work.connection,
        work.ids,
        tenant=work.tenant,
        at=work.now,
        request_id=transaction.request_id,
        events=placed,
    )


def _placed(work: Work, event: NewEvent) -> NewEvent:
    """The event with its stream, who did it for whom, and under which policy."""
    actor = event.actor or work.actor
    principal = work.principal.id
    return event.model_copy(
        update={
            "stream": event.stream or work.transaction.stream,
            "actor": actor,
            "on_behalf_of": event.on_behalf_of or (principal if actor != principal else ""),
            "policy_version": event.policy_version
            or work.transaction.policy_version
            or work.authority.policy_version,
        }
    )


def _receipts(events: tuple[Event, ...]) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(
            operation=event.data["operation"],
            key=event.data["key"],
            repeated=True,
            result=event.data["result"],
        )
        for event in events
        if event.kind is EventKind.ACTED and event.data
    )
