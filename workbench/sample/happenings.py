"""What can happen to an invoice: each happening writes the records that such a thing leaves.

The names are those of `needs.toml`, where it says how often each happens and what customers then
ask, so the history and the books tell the same story.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from workbench.records.invoices import DisputeReason, PaymentState
from workbench.records.money import Money
from workbench.sample.arrays import Rng
from workbench.sample.booking import (
    TODAY,
    Bill,
    credit,
    due,
    enter,
    pay,
    receive,
    reminders,
    share_of,
)
from workbench.sample.books import Books
from workbench.sample.casework import report_mismatch, settle_claim


def apply_happening(name: str, rng: Rng, books: Books, bill: Bill) -> None:
    """Write the invoice, its order and everything that the happening leaves into the books."""
    _HAPPENINGS[name](rng, books, bill)


def _routine(rng: Rng, books: Books, bill: Bill) -> None:
    enter(books, bill)
    pay(rng, books, bill.invoice, late=0)


def _late_payment(rng: Rng, books: Books, bill: Bill) -> None:
    """Paid weeks after the due date; until then it is reminded."""
    paid_on = due(bill.invoice) + timedelta(days=int(rng.integers(8, 40)))
    level = 0 if paid_on <= TODAY else reminders(bill.invoice)
    invoice = bill.invoice.model_copy(update={"dunning_level": level})
    enter(books, Bill(invoice, bill.order))
    receive(books, rng, invoice, paid_on, invoice.stated_total)


def _short_delivery(rng: Rng, books: Books, bill: Bill) -> None:
    """Less arrived than was billed; later the missing part is credited."""
    line = bill.goods
    missing = Decimal(int(rng.integers(1, int(line.quantity) + 1)))
    delivered = [
        each.model_copy(update={"delivered": each.ordered - missing})
        if each.product == line.product
        else each
        for each in bill.order.lines
    ]
    order = bill.order.model_copy(update={"lines": tuple(delivered)})
    enter(books, Bill(bill.invoice, order))
    amount = share_of(line, bill.invoice, missing / line.quantity)
    settle_claim(rng, books, bill, line, DisputeReason.NOT_RECEIVED, amount, missing)


def _wrong_price(rng: Rng, books: Books, bill: Bill) -> None:
    """The order agreed a lower price than the invoice asks."""
    line = bill.goods
    agreed = Money(amount=line.unit_price * Decimal("0.9"), currency=bill.invoice.currency)
    agreed_price = agreed.rounded().amount
    lines = [
        each.model_copy(update={"agreed_price": agreed_price})
        if each.product == line.product
        else each
        for each in bill.order.lines
    ]
    enter(books, Bill(bill.invoice, bill.order.model_copy(update={"lines": tuple(lines)})))
    amount = share_of(line, bill.invoice, 1 - agreed_price / line.unit_price)
    settle_claim(rng, books, bill, line, DisputeReason.PRICE, amount, Decimal(0))


def _duplicate_invoice(rng: Rng, books: Books, bill: Bill) -> None:
    """The same order is invoiced again a day later; an older duplicate has been credited."""
    _routine(rng, books, bill)
    digits = int(bill.invoice.number.removeprefix("INV-"))
    again = bill.invoice.model_copy(
        update={
            "number": f"INV-{_DUPLICATES + digits}",
            "issued_on": bill.invoice.issued_on + timedelta(days=1),
            "due_on": due(bill.invoice) + timedelta(days=1),
        }
    )
    books.invoices.append(again)
    if not bill.is_recent:
        credit(books, again, None, again.stated_total, "invoiced twice")


_DUPLICATES = 9_000_000
"""Duplicates are numbered apart, so that monthly numbers stay in step with the customers."""


def _duplicate_payment(rng: Rng, books: Books, bill: Bill) -> None:
    """Paid, and paid again some days later."""
    enter(books, bill)
    paid_on = bill.invoice.issued_on + timedelta(days=int(rng.integers(8, 25)))
    for day in (paid_on, paid_on + timedelta(days=3)):
        receive(books, rng, bill.invoice, day, bill.invoice.stated_total)


def _partial_payment(rng: Rng, books: Books, bill: Bill) -> None:
    """Less than the total was paid, with a reason."""
    enter(books, bill)
    reasons = ("cash discount", "damaged goods", "short delivery", "price difference")
    kept = Decimal(int(rng.integers(70, 98))) / 100
    part = Money(amount=bill.invoice.stated_total * kept, currency=bill.invoice.currency).rounded()
    paid_on = due(bill.invoice) - timedelta(days=int(rng.integers(0, 5)))
    reason = reasons[int(rng.integers(len(reasons)))]
    receive(books, rng, bill.invoice, paid_on, part.amount, deduction_reason=reason)


def _unapplied_payment(rng: Rng, books: Books, bill: Bill) -> None:
    """The money came without an invoice number; that of older invoices has been matched since."""
    enter(books, bill)
    paid_on = bill.invoice.issued_on + timedelta(days=int(rng.integers(6, 20)))
    details: dict[str, object] = {"reference": f"{bill.invoice.customer_id} payment"}
    if bill.is_recent:
        details |= {"invoice_number": None, "state": PaymentState.UNAPPLIED}
    receive(books, rng, bill.invoice, paid_on, bill.invoice.stated_total, **details)


def _payment_in_transit(rng: Rng, books: Books, bill: Bill) -> None:
    """The customer's bank has sent the money of a recent invoice; older money has arrived."""
    enter(books, bill)
    if bill.is_recent:
        sent_on = TODAY - timedelta(days=int(rng.integers(1, 5)))
        details: dict[str, object] = {"state": PaymentState.IN_TRANSIT}
        receive(books, rng, bill.invoice, sent_on, bill.invoice.stated_total, **details)
    else:
        pay(rng, books, bill.invoice, late=2)


def _returned_payment(rng: Rng, books: Books, bill: Bill) -> None:
    """A direct debit came back; an older invoice was paid by transfer afterwards."""
    invoice = bill.invoice.model_copy(update={"dunning_level": int(bill.is_recent)})
    enter(books, Bill(invoice, bill.order))
    returned_on = due(invoice)
    details: dict[str, object] = {"state": PaymentState.RETURNED, "method": "direct debit"}
    receive(books, rng, invoice, returned_on, invoice.stated_total, **details)
    if not bill.is_recent:
        later = returned_on + timedelta(days=9)
        receive(books, rng, invoice, later, invoice.stated_total, method="bank transfer")


def _credited(rng: Rng, books: Books, bill: Bill) -> None:
    """A line was credited at once as a goodwill, the rest is paid in time."""
    enter(books, bill)
    line = bill.goods
    amount = share_of(line, bill.invoice, Decimal("0.5"))
    credit(books, bill.invoice, line, amount, "goodwill after a complaint")
    rest = bill.invoice.stated_total - amount
    receive(books, rng, bill.invoice, due(bill.invoice) - timedelta(days=2), rest)


def _cancelled_order(_: Rng, books: Books, bill: Bill) -> None:
    """The order was cancelled and billed all the same; older invoices have been cancelled too."""
    cancelled_on = bill.order.placed_on + timedelta(days=1)
    lines = [line.model_copy(update={"delivered": Decimal(0)}) for line in bill.order.lines]
    order = bill.order.model_copy(
        update={
            "status": "cancelled",
            "cancelled_on": cancelled_on,
            "delivered_on": None,
            "lines": tuple(lines),
        }
    )
    invoice = bill.invoice.model_copy(update={"cancelled": not bill.is_recent})
    enter(books, Bill(invoice, order))


def _totals_mismatch(rng: Rng, books: Books, bill: Bill) -> None:
    """The stated total is not what the lines give."""
    too_much = Money.from_minor(int(rng.integers(900, 9_000)), bill.invoice.currency).amount
    stated = bill.invoice.stated_total + too_much
    invoice = bill.invoice.model_copy(update={"stated_total": stated})
    enter(books, Bill(invoice, bill.order))
    if bill.is_recent:
        report_mismatch(rng, books, invoice)


_HAPPENINGS: dict[str, Callable[[Rng, Books, Bill], None]] = {
    "routine": _routine,
    "late_payment": _late_payment,
    "short_delivery": _short_delivery,
    "wrong_price": _wrong_price,
    "duplicate_invoice": _duplicate_invoice,
    "duplicate_payment": _duplicate_payment,
    "partial_payment": _partial_payment,
    "unapplied_payment": _unapplied_payment,
    "payment_in_transit": _payment_in_transit,
    "returned_payment": _returned_payment,
    "credited": _credited,
    "cancelled_order": _cancelled_order,
    "totals_mismatch": _totals_mismatch,
}
