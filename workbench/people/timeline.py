"""Everything that happened between a customer and us, in order, for a person at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from enum import StrEnum

from workbench.records.base import Instant, Record
from workbench.records.cases import Case
from workbench.records.desk import Note
from workbench.records.events import Event, EventKind
from workbench.records.invoices import InvoiceAccount
from workbench.records.money import Money
from workbench.records.principals import Principal
from workbench.store.store import Store


class Happening(StrEnum):
    """What an entry of a timeline tells."""

    CONVERSATION = "conversation"
    MESSAGE = "message"
    REPLY = "reply"
    HANDED_OFF = "handed_off"
    HANDED_BACK = "handed_back"
    RATED = "rated"
    ENDED = "ended"
    NOTE = "note"
    """A person's private note."""
    CASE_OPENED = "case_opened"
    CASE_ENTRY = "case_entry"
    CASE_SOLVED = "case_solved"
    INVOICE = "invoice"
    CREDIT = "credit"
    PAYMENT = "payment"
    DISPUTE = "dispute"


class TimelineEntry(Record):
    """One thing that happened."""

    at: Instant
    """For records that know only the day: its first moment in UTC."""
    what: Happening
    record: str
    """`conversation conv-...`, `case CASE-...`, `invoice INV-...`, ..."""
    text: str = ""
    by: str = ""
    internal: bool = False
    """Not for the customer's eyes."""


def timeline(
    store: Store, person: Principal, customer_id: str, notes: Iterable[tuple[str, Note]] = ()
) -> tuple[TimelineEntry, ...]:
    """Conversations, cases, invoices with all that changed them, and ratings, the oldest first.

    Args:
        notes: (conversation id, private note) to be shown among them.

    Raises `NotAllowed` for a role that may not read the customer's records.
    """
    found = [
        *_conversations(store, person, customer_id),
        *_cases(store, person, customer_id),
        *_bills(store.accounts(person, customer_id)),
        *(_note(conversation_id, note) for conversation_id, note in notes),
    ]
    return tuple(sorted(found, key=lambda entry: entry.at))


def _conversations(store: Store, person: Principal, customer_id: str) -> Iterator[TimelineEntry]:
    for row in store.conversations(person, customer_id=customer_id):
        for event in store.events(person, stream=row.id):
            if event.kind in _TOLD and event.data:  # erased ones have none
                yield _told(event)


def _told(event: Event) -> TimelineEntry:
    what, key = _TOLD[event.kind]
    said = event.data.get(key)
    return TimelineEntry(
        at=event.at,
        what=what,
        record=f"conversation {event.stream}",
        text="" if said is None else str(said),
        by=str(event.data.get("speaker") or event.actor),
    )


_TOLD = {
    EventKind.CONVERSATION_STARTED: (Happening.CONVERSATION, "channel"),
    EventKind.MESSAGE_RECEIVED: (Happening.MESSAGE, "text"),
    EventKind.REPLIED: (Happening.REPLY, "text"),
    EventKind.HANDED_OFF: (Happening.HANDED_OFF, "reason"),
    EventKind.HANDED_BACK: (Happening.HANDED_BACK, "note"),
    EventKind.RATED: (Happening.RATED, "csat"),
    EventKind.CONVERSATION_ENDED: (Happening.ENDED, "resolution"),
}
"""Which events are told, and which of their data in words."""


def _cases(store: Store, person: Principal, customer_id: str) -> Iterator[TimelineEntry]:
    for case in store.cases(person, customer_id):
        yield _case(case, Happening.CASE_OPENED, case.opened_at)
        if case.solved_at:
            yield _case(case, Happening.CASE_SOLVED, case.solved_at)
        for entry in store.entries(person, case.id):
            yield TimelineEntry(
                at=entry.at,
                what=Happening.CASE_ENTRY,
                record=f"case {case.id}",
                text=entry.text or entry.activity,
                by=entry.actor,
                internal=entry.internal,
            )


def _case(case: Case, what: Happening, at: datetime) -> TimelineEntry:
    return TimelineEntry(at=at, what=what, record=f"case {case.id}", text=case.title)


def _bills(accounts: Iterable[InvoiceAccount]) -> Iterator[TimelineEntry]:
    for account in accounts:
        invoice = account.invoice
        about = f"invoice {invoice.number}"
        yield _bill(invoice.issued_on, Happening.INVOICE, about, invoice.total)
        for credit in account.credit_notes:
            given = Money(amount=credit.amount, currency=credit.currency)
            yield _bill(credit.issued_on, Happening.CREDIT, about, given)
        for payment in account.payments:
            paid = Money(amount=payment.amount, currency=payment.currency)
            yield _bill(payment.received_on, Happening.PAYMENT, about, paid)
        for dispute in account.disputes:
            yield TimelineEntry(
                at=dispute.opened_at,
                what=Happening.DISPUTE,
                record=about,
                text=f"{dispute.money}: {dispute.reason.value}",
            )


def _bill(on: date, what: Happening, record: str, money: Money) -> TimelineEntry:
    start = datetime.combine(on, time.min, UTC)
    return TimelineEntry(at=start, what=what, record=record, text=str(money))


def _note(conversation_id: str, note: Note) -> TimelineEntry:
    return TimelineEntry(
        at=note.at,
        what=Happening.NOTE,
        record=f"conversation {conversation_id}",
        text=note.text,
        by=note.by,
        internal=True,
    )
