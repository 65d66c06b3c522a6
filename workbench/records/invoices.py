"""Invoices, credit notes, payments, disputes and orders, with the arithmetic that joins them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from workbench.errors import InputError
from workbench.records.base import Instant, Record
from workbench.records.money import Money, total


class InvoiceLine(Record):
    """One line of an invoice, as stated on the document."""

    line: int
    """Position on the invoice, from 1."""
    product: str = ""
    """Product or stock code; text, never a number."""
    description: str = ""
    quantity: Decimal = Decimal(1)
    """Negative for returned goods."""
    unit_price: Decimal
    """Net price of one unit in the invoice's currency."""
    discount: Decimal = Decimal(0)
    """Amount taken off the line, net."""
    tax_rate: Decimal = Decimal(0)
    """Per cent, e.g. 19."""
    stated_net: Decimal | None = None
    """The net amount printed on the line, where the document prints one."""
    order_id: str = ""
    contract_id: str = ""
    period_start: date | None = None
    period_end: date | None = None
    recurring: bool = False
    """Part of a contract that bills every period."""

    def net(self, currency: str) -> Money:
        """quantity x unit price - discount, rounded half up to the currency's smallest unit."""
        exact = self.quantity * self.unit_price - self.discount
        return Money(amount=exact, currency=currency).rounded()

    def tax(self, currency: str) -> Money:
        """Tax on the line's net amount, rounded half up."""
        return (self.net(currency) * (self.tax_rate / 100)).rounded()

    def gross(self, currency: str) -> Money:
        return self.net(currency) + self.tax(currency)


class Invoice(Record):
    """An invoice as issued: `stated_total` is on the document, `computed_total` is added up."""

    number: str
    customer_id: str
    issued_on: date
    due_on: date | None = None
    currency: str
    lines: tuple[InvoiceLine, ...] = ()
    stated_total: Decimal
    order_id: str = ""
    purchase_order: str = ""
    """The customer's own purchase-order number, if it is on the document."""
    terms: str = ""
    """Payment terms in words, e.g. `net 30`."""
    late_fee_rate: Decimal | None = None
    """Per cent a month after the due date, from the contract."""
    tax_certificate: str = ""
    """Reference of the tax certificate held for this customer, if any."""
    dunning_level: int = 0
    cancelled: bool = False
    revision: int = 1

    @property
    def total(self) -> Money:
        """The total that the document states."""
        return Money(amount=self.stated_total, currency=self.currency)

    @property
    def computed_total(self) -> Money:
        """The sum of the lines with tax, in decimals."""
        return total([line.gross(self.currency) for line in self.lines], self.currency)

    @property
    def adds_up(self) -> bool:
        """Whether the lines give the stated total exactly."""
        return not self.lines or self.computed_total == self.total.rounded()


class CreditLine(Record):
    """What a credit note gives back on one line (`invoice_line` None: on the whole invoice)."""

    invoice_line: int | None = None
    product: str = ""
    description: str = ""
    quantity: Decimal = Decimal(1)
    amount: Decimal
    """Gross amount credited, positive."""


class CreditNote(Record):
    """A document that reduces what a customer owes."""

    number: str
    customer_id: str
    invoice_number: str | None = None
    """The invoice it refers to, where the source says so."""
    issued_on: date
    currency: str
    lines: tuple[CreditLine, ...] = ()
    amount: Decimal
    """Gross amount credited, positive."""
    reason: str = ""

    @property
    def total(self) -> Money:
        return Money(amount=self.amount, currency=self.currency)


class PaymentState(StrEnum):
    APPLIED = "applied"
    IN_TRANSIT = "in_transit"
    UNAPPLIED = "unapplied"
    RETURNED = "returned"


class Payment(Record):
    """Money that a customer sent."""

    id: str
    customer_id: str
    invoice_number: str | None = None
    """None while the cash is not matched to an invoice."""
    received_on: date
    amount: Decimal
    """Positive."""
    currency: str
    state: PaymentState = PaymentState.APPLIED
    method: str = ""
    reference: str = ""
    """What the payer wrote."""
    deduction_reason: str = ""
    """Why less than the invoice was paid, if the payer said so."""

    @property
    def money(self) -> Money:
        return Money(amount=self.amount, currency=self.currency)


class DisputeReason(StrEnum):
    """The closed list of dispute reasons."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    DUPLICATE_CHARGE = "duplicate_charge"
    UNAUTHORISED_CHARGE = "unauthorised_charge"
    CANCELLED_STILL_CHARGED = "cancelled_still_charged"
    REFUND_NOT_PROCESSED = "refund_not_processed"
    CONTRACT_TERMS = "contract_terms"
    TAX = "tax"
    FREIGHT = "freight"
    PROMOTION_MISSING = "promotion_missing"
    INCORRECT_AMOUNT = "incorrect_amount"


class DisputeState(StrEnum):
    OPEN = "open"
    CREDITED = "credited"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Dispute(Record):
    """A customer's objection to a line (`line` None: to the invoice). Its amount leaves dunning."""

    id: str
    customer_id: str
    invoice_number: str
    line: int | None = None
    reason: DisputeReason
    amount: Decimal
    currency: str
    state: DisputeState = DisputeState.OPEN
    case_id: str = ""
    opened_at: Instant
    revision: int = 1

    @property
    def money(self) -> Money:
        return Money(amount=self.amount, currency=self.currency)


class OrderLine(Record):
    """What was ordered and what arrived."""

    product: str
    description: str = ""
    ordered: Decimal
    delivered: Decimal = Decimal(0)
    agreed_price: Decimal | None = None
    """Net unit price agreed, in the order's currency."""


class Order(Record):
    """An order with its delivery."""

    id: str
    customer_id: str
    placed_on: date
    currency: str
    lines: tuple[OrderLine, ...] = ()
    status: str = "delivered"
    """`placed`, `shipped`, `delivered` or `cancelled`."""
    delivered_on: date | None = None
    cancelled_on: date | None = None


class ExchangeRate(Record):
    """How many units of `quote` one unit of `base` bought on a day, and who says so."""

    base: str
    quote: str
    on: date
    rate: Decimal
    source: str


class InvoiceAccount(Record):
    """One invoice with everything that changed what is owed on it.

    Open balance = invoice - credit notes - applied payments. A negative result is not owed by
    anyone: it shows as customer credit.
    """

    invoice: Invoice
    credit_notes: tuple[CreditNote, ...] = ()
    payments: tuple[Payment, ...] = ()
    disputes: tuple[Dispute, ...] = ()

    @property
    def _currency(self) -> str:
        return self.invoice.currency

    @property
    def credited(self) -> Money:
        return total([note.total for note in self.credit_notes], self._currency)

    def _paid(self, state: PaymentState) -> Money:
        return total([p.money for p in self.payments if p.state is state], self._currency)

    @property
    def paid(self) -> Money:
        """Applied payments only."""
        return self._paid(PaymentState.APPLIED)

    @property
    def in_transit(self) -> Money:
        return self._paid(PaymentState.IN_TRANSIT)

    @property
    def balance(self) -> Money:
        """Invoice - credit notes - applied payments; negative means customer credit."""
        charged = Money.zero(self._currency) if self.invoice.cancelled else self.invoice.total
        return charged - self.credited - self.paid

    @property
    def open(self) -> Money:
        """What is still owed, never below zero."""
        return max(self.balance, Money.zero(self._currency))

    @property
    def customer_credit(self) -> Money:
        """What the customer has in hand, never below zero."""
        return max(-self.balance, Money.zero(self._currency))

    @property
    def disputed(self) -> Money:
        """The part of the open amount that is under dispute."""
        claimed = [d.money for d in self.disputes if d.state is DisputeState.OPEN]
        return min(total(claimed, self._currency), self.open)

    @property
    def undisputed(self) -> Money:
        """What stays due while disputes are examined."""
        return self.open - self.disputed

    def credited_on(self, line: int) -> Money:
        """Gross amount already credited on one line."""
        amounts = [
            Money(amount=credit.amount, currency=self._currency)
            for note in self.credit_notes
            for credit in note.lines
            if credit.invoice_line == line
        ]
        return total(amounts, self._currency)

    def open_on(self, line: InvoiceLine) -> Money:
        """What may still be disputed on a line: its gross less credits and open disputes on it,
        and never more than is open and undisputed on the invoice."""
        claimed = [
            d.money
            for d in self.disputes
            if d.state is DisputeState.OPEN and d.line in (None, line.line)
        ]
        left = line.gross(self._currency) - self.credited_on(line.line)
        left = left - total(claimed, self._currency)
        return max(min(left, self.undisputed), Money.zero(self._currency))

    def _line(self, number: int) -> InvoiceLine:
        line = next((line for line in self.invoice.lines if line.line == number), None)
        if line is None:
            raise InputError(f"Invoice {self.invoice.number} has no line {number}")
        return line

    def disputable(self, line: int | None) -> Money:
        """The most that may be disputed now on a line (None: on the whole invoice)."""
        return self.undisputed if line is None else self.open_on(self._line(line))

    def creditable(self, line: int | None) -> Money:
        """The most that may be credited now on a line (None: on the whole invoice).

        Zero for a line that was credited before: a line is never credited twice.
        """
        left = max(self.invoice.total - self.credited, Money.zero(self._currency))
        if line is None:
            return left
        if self.credited_on(line):
            return Money.zero(self._currency)
        return min(left, self._line(line).gross(self._currency))

    def status(self, today: date) -> str:
        """`cancelled`, `paid`, `credited`, `disputed`, `partly_paid`, `overdue` or `open`."""
        if self.invoice.cancelled:
            return "cancelled"
        if not self.open:
            return "paid" if self.paid else "credited" if self.credited else "paid"
        if self.disputed and not self.undisputed:
            return "disputed"
        if self.paid:
            return "partly_paid"
        overdue = self.invoice.due_on is not None and self.invoice.due_on < today
        return "overdue" if overdue else "open"
