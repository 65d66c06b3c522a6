"""How an invoice stands: paid, partly paid, open, overdue, credited, disputed, in transit."""

from __future__ import annotations

from workbench.flows import facts
from workbench.flows.turn import Turn
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import InvoiceAccount


def standing(turn: Turn, found: InvoiceAccount) -> None:
    """Paid, partly paid, open, overdue, credited, disputed: each in its own words."""
    about = facts.about(found, turn.today())
    status = found.status(turn.today())
    if status == "partly_paid":
        turn.say("invoice.partly_paid", **about, **_deduction(found))
    elif status in ("open", "overdue", "paid", "cancelled"):
        turn.say(f"invoice.{status}", **about, **_last_payment(found))
    if found.credited:
        turn.say("invoice.credited", **about, **_credit_note(found))
    if found.customer_credit:
        turn.say("invoice.customer_credit", **about)
    if found.in_transit:
        turn.say("invoice.in_transit", **about)
    if found.disputed:
        turn.say("invoice.disputed", **about)


def _deduction(found: InvoiceAccount) -> dict[str, Fact]:
    """The payer's own reason for paying less, where one was given."""
    reasons = [p.deduction_reason for p in found.payments if p.deduction_reason]
    if not reasons:
        return {}
    source = facts.from_invoice(found.invoice, "payments")
    return {
        "deduction": facts.money("deduction", found.open, source),
        "deduction_reason": facts.wording("deduction reason", reasons[-1], source),
    }


def _last_payment(found: InvoiceAccount) -> dict[str, Fact]:
    if not found.payments:
        return {}
    last = max(found.payments, key=lambda payment: payment.received_on)
    source = Source(system="billing", record=f"payment {last.id}", field="received_on")
    return {"received": facts.day("payment date", last.received_on, source)}


def _credit_note(found: InvoiceAccount) -> dict[str, Fact]:
    note = found.credit_notes[-1]
    source = Source(system="billing", record=f"credit note {note.number}", field="number")
    return {"credit_note": facts.reference("credit note", note.number, source)}
