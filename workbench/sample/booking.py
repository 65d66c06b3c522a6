"""Entering invoices, payments and credit notes into the books. Nothing is booked in the future."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from workbench.records.invoices import CreditLine, CreditNote, Invoice, InvoiceLine, Order, Payment
from workbench.records.money import Money
from workbench.sample.arrays import Rng
from workbench.sample.books import Books
from workbench.sample.calendar import NOW

TODAY = NOW.date()
_RECENT = timedelta(days=50)
"""Problems of younger invoices are still open; older ones have been settled."""
_METHODS = ("bank transfer", "bank transfer", "direct debit", "card")
_REMINDER_DAYS = (7, 21, 35)


@dataclass(frozen=True)
class Bill:
    """An invoice and its order before anything happened to them."""

    invoice: Invoice
    order: Order

    @property
    def is_recent(self) -> bool:
        return TODAY - self.invoice.issued_on < _RECENT

    @property
    def goods(self) -> InvoiceLine:
        """The first line that came from the order."""
        return next(line for line in self.invoice.lines if line.order_id)


def enter(books: Books, bill: Bill) -> None:
    books.invoices.append(bill.invoice)
    books.orders.append(bill.order)


def due(invoice: Invoice) -> date:
    """The due date, which every invoice of the sample has."""
    return invoice.due_on or invoice.issued_on


def reminders(invoice: Invoice) -> int:
    """How many reminders an invoice has had that is still unpaid today."""
    return sum(TODAY - due(invoice) > timedelta(days=days) for days in _REMINDER_DAYS)


def pay(rng: Rng, books: Books, invoice: Invoice, late: int) -> None:
    """Pay the whole invoice some days before its due date, or `late` days after it."""
    early = int(rng.integers(0, 12))
    paid_on = due(invoice) + timedelta(days=late or -early)
    receive(books, rng, invoice, paid_on, invoice.stated_total)


def receive(
    books: Books, rng: Rng, invoice: Invoice, on: date, amount: Decimal, **details: Any
) -> None:
    """Book a payment, if its day has come; `details` are further fields of the record."""
    method = _METHODS[int(rng.integers(len(_METHODS)))]
    fields: dict[str, Any] = {
        "id": f"PAY-{20001 + len(books.payments)}",
        "customer_id": invoice.customer_id,
        "invoice_number": invoice.number,
        "received_on": on,
        "amount": amount,
        "currency": invoice.currency,
        "method": method,
        "reference": invoice.number,
    }
    if on <= TODAY and amount:
        books.payments.append(Payment.model_validate(fields | details))


def credit(
    books: Books, invoice: Invoice, line: InvoiceLine | None, amount: Decimal, reason: str
) -> None:
    """Issue a credit note on a line, or on the whole invoice, twelve days after it."""
    credited = CreditLine(
        invoice_line=line.line if line else None,
        product=line.product if line else "",
        description=line.description if line else "",
        amount=amount,
    )
    note = CreditNote(
        number=f"CN-{20001 + len(books.credit_notes)}",
        customer_id=invoice.customer_id,
        invoice_number=invoice.number,
        issued_on=min(invoice.issued_on + timedelta(days=12), TODAY),
        currency=invoice.currency,
        lines=(credited,),
        amount=amount,
        reason=reason,
    )
    books.credit_notes.append(note)


def share_of(line: InvoiceLine, invoice: Invoice, share: Decimal) -> Decimal:
    """Part of a line's gross amount, in whole smallest units."""
    gross = line.gross(invoice.currency).amount
    return Money(amount=gross * share, currency=invoice.currency).rounded().amount
