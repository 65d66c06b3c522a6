"""What is owed, disputed and creditable on an invoice adds up, whatever happened to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from workbench.records.invoices import (
    CreditLine,
    CreditNote,
    Dispute,
    DisputeReason,
    DisputeState,
    Invoice,
    InvoiceAccount,
    InvoiceLine,
    Payment,
    PaymentState,
)
from workbench.records.money import Money, currency_digits

DAY = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
POSITIONS = st.one_of(st.none(), st.integers(1, 3))


@st.composite
def amounts(draw: st.DrawFn, currency: str) -> Decimal:
    return Decimal(draw(st.integers(1, 200_000))).scaleb(-currency_digits(currency))


@st.composite
def accounts(draw: st.DrawFn) -> InvoiceAccount:
    """An invoice of three lines with credits, payments and disputes of any size and state."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    amount = amounts(currency)
    lines = tuple(
        InvoiceLine(
            line=number,
            quantity=Decimal(draw(st.integers(-2, 5))),
            unit_price=draw(amount),
            tax_rate=Decimal(draw(st.sampled_from([0, 7, 19]))),
        )
        for number in (1, 2, 3)
    )
    invoice = Invoice(
        number="INV-1",
        customer_id="C-1",
        issued_on=DAY,
        currency=currency,
        lines=lines,
        stated_total=draw(amount),
        cancelled=draw(st.booleans()),
    )
    return InvoiceAccount(
        invoice=invoice,
        credit_notes=tuple(_credit_notes(draw, currency)),
        payments=tuple(_payments(draw, currency)),
        disputes=tuple(_disputes(draw, currency)),
    )


def _credit_notes(draw: st.DrawFn, currency: str) -> list[CreditNote]:
    given_back = [
        (draw(amounts(currency)), draw(POSITIONS)) for _ in range(draw(st.integers(0, 2)))
    ]
    return [
        CreditNote(
            number=f"CN-{number}",
            customer_id="C-1",
            issued_on=DAY,
            currency=currency,
            amount=amount,
            lines=(CreditLine(invoice_line=line, amount=amount),),
        )
        for number, (amount, line) in enumerate(given_back)
    ]


def _payments(draw: st.DrawFn, currency: str) -> list[Payment]:
    return [
        Payment(
            id=f"PAY-{number}",
            customer_id="C-1",
            received_on=DAY,
            amount=draw(amounts(currency)),
            currency=currency,
            state=draw(st.sampled_from(PaymentState)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]


def _disputes(draw: st.DrawFn, currency: str) -> list[Dispute]:
    return [
        disputed(
            Money(amount=draw(amounts(currency)), currency=currency), draw(POSITIONS)
        ).model_copy(update={"state": draw(st.sampled_from(DisputeState))})
        for _ in range(draw(st.integers(0, 3)))
    ]


def disputed(amount: Money, line: int | None) -> Dispute:
    return Dispute(
        id="DSP-1",
        customer_id="C-1",
        invoice_number="INV-1",
        line=line,
        reason=DisputeReason.PRICE,
        amount=amount.amount,
        currency=amount.currency,
        opened_at=NOON,
    )


@given(accounts())
def test_the_balance_is_what_was_charged_less_credits_and_payments(account: InvoiceAccount) -> None:
    charged = Decimal(0) if account.invoice.cancelled else account.invoice.stated_total
    given_back = sum(note.amount for note in account.credit_notes)
    applied = sum(p.amount for p in account.payments if p.state is PaymentState.APPLIED)
    assert account.balance.amount == charged - given_back - applied


@given(accounts())
def test_nobody_owes_and_has_credit_at_once(account: InvoiceAccount) -> None:
    assert account.open - account.customer_credit == account.balance
    assert not (account.open and account.customer_credit)
    assert account.open.amount >= 0 and account.customer_credit.amount >= 0


@given(accounts())
def test_the_disputed_and_the_undisputed_part_make_up_what_is_open(
    account: InvoiceAccount,
) -> None:
    assert account.disputed + account.undisputed == account.open
    assert account.disputed.amount >= 0 and account.undisputed.amount >= 0


@given(accounts(), POSITIONS)
def test_never_more_can_be_disputed_than_is_open(account: InvoiceAccount, line: int | None) -> None:
    most = account.disputable(line)
    assert Decimal(0) <= most.amount <= account.undisputed.amount <= account.open.amount


@given(accounts(), POSITIONS)
def test_what_was_disputed_cannot_be_disputed_again(
    account: InvoiceAccount, line: int | None
) -> None:
    most = account.disputable(line)
    claims = (*account.disputes, disputed(most, line))
    after = account.model_copy(update={"disputes": claims})
    assert after.disputed <= after.open
    assert not after.disputable(line)
    assert after.undisputed == account.undisputed - most


@given(accounts(), st.integers(1, 3))
def test_a_line_that_was_credited_is_not_credited_again(account: InvoiceAccount, line: int) -> None:
    if account.credited_on(line):
        assert not account.creditable(line)


@given(accounts(), POSITIONS)
def test_credits_never_exceed_what_was_charged(account: InvoiceAccount, line: int | None) -> None:
    most = account.creditable(line)
    assert most.amount <= max(account.invoice.stated_total - account.credited.amount, Decimal(0))
