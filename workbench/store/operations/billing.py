"""Invoices: dispute, credit, copy."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import Conflict, InputError
from workbench.records.invoices import (
    CreditLine,
    CreditNote,
    Dispute,
    DisputeState,
    InvoiceAccount,
)
from workbench.records.money import Money
from workbench.records.operations import IssueCredit, OpenDispute, SendCopy
from workbench.store.accounts import account, moved_on
from workbench.store.messages import send
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.rows import CREDIT_NOTES, CUSTOMERS, DISPUTES, INVOICES
from workbench.store.views import Message

if TYPE_CHECKING:
    from workbench.store.work import Work


def _invoice_target(work: Work, number: str) -> Target:
    invoice = INVOICES.one(work.connection, work.tenant, number)
    return (invoice.customer_id if invoice else None), f"invoice {number}"


def _account(work: Work, number: str) -> InvoiceAccount:
    found = account(work.connection, work.tenant, number, hold=True)
    assert found is not None, "the target was found before"
    return found


@performs(OpenDispute, lambda work, wish: _invoice_target(work, wish.dispute.invoice_number))
def open_dispute(work: Work, wish: OpenDispute) -> Outcome:
    """Record a dispute; its amount leaves dunning, the rest stays due."""
    dispute = wish.dispute
    before = _account(work, dispute.invoice_number)
    if dispute.customer_id != before.invoice.customer_id:
        raise InputError("A dispute belongs to the customer of its invoice")
    _check_amount(dispute.money, before.disputable(dispute.line), "disputed")
    DISPUTES.insert(work.connection, work.tenant, dispute)
    moved_on(work.connection, work.tenant, [dispute.invoice_number])
    after = _account(work, dispute.invoice_number)
    return Outcome({"dispute_id": dispute.id, "still_due": _json(after.undisputed)})


@performs(IssueCredit, lambda work, wish: _invoice_target(work, wish.number))
def issue_credit(work: Work, wish: IssueCredit) -> Outcome:
    """Write a credit note and settle the open disputes that it covers."""
    before = _account(work, wish.number)
    _check_amount(wish.amount, before.creditable(wish.line), "credited")
    if CREDIT_NOTES.one(work.connection, work.tenant, wish.credit_note) is not None:
        raise Conflict(f"There is a credit note {wish.credit_note} already")
    CREDIT_NOTES.insert(work.connection, work.tenant, _credit_note(work, wish, before))
    for dispute in before.disputes:
        if _covers(wish, dispute):
            settled = {"state": DisputeState.CREDITED, "revision": dispute.revision + 1}
            DISPUTES.update(work.connection, work.tenant, dispute.model_copy(update=settled))
    moved_on(work.connection, work.tenant, [wish.number])
    after = _account(work, wish.number)
    return Outcome({"credit_note": wish.credit_note, "balance": _json(after.balance)})


@performs(SendCopy, lambda work, wish: _invoice_target(work, wish.number))
def send_copy(work: Work, wish: SendCopy) -> Outcome:
    """A copy into the outbox, to a verified contact point on file only."""
    invoice = _account(work, wish.number).invoice
    customer = CUSTOMERS.one(work.connection, work.tenant, invoice.customer_id)
    points = customer.contact_points if customer else ()
    known = any(
        (p.kind, p.value, p.verified) == (wish.to.kind, wish.to.value, True) for p in points
    )
    if customer is None or not known:
        raise InputError(
            "A copy goes to a verified contact point on file only",
            next_step="Ask for a change of the contact details first.",
        )
    message = Message(
        key=work.ids.new("msg"),
        kind="invoice_copy",
        customer_id=customer.id,
        record=f"invoice {invoice.number}",
        channel=wish.to.kind.value,
        address=wish.to.value,
        language=customer.language,
        payload={"invoice": invoice.number},
        created_at=work.now,
        not_before=work.now,
    )
    send(work, message)
    return Outcome({"message": message.key})


def _check_amount(wanted: Money, most: Money, what: str) -> None:
    if wanted.currency != most.currency or wanted.amount <= Decimal(0):
        raise InputError(f"{wanted} cannot be {what}", expected=f"up to {most}")
    if wanted > most:
        raise Conflict(
            f"{wanted} cannot be {what}: {most} is open for it now",
            next_step="Read the invoice again.",
        )


def _credit_note(work: Work, wish: IssueCredit, found: InvoiceAccount) -> CreditNote:
    line = next((line for line in found.invoice.lines if line.line == wish.line), None)
    credited = CreditLine(
        invoice_line=wish.line,
        product=line.product if line else "",
        description=line.description if line else "",
        amount=wish.amount.amount,
    )
    return CreditNote(
        number=wish.credit_note,
        customer_id=found.invoice.customer_id,
        invoice_number=wish.number,
        issued_on=work.now.date(),
        currency=wish.amount.currency,
        lines=(credited,),
        amount=wish.amount.amount,
        reason=wish.reason,
    )


def _covers(wish: IssueCredit, dispute: Dispute) -> bool:
    return (
        dispute.state is DisputeState.OPEN
        and dispute.line == wish.line
        and dispute.money <= wish.amount
    )


def _json(amount: Money) -> dict[str, Any]:
    return amount.model_dump(mode="json")
