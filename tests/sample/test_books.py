"""Generated books keep the laws of accounting and refer only to what exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from workbench.config import HoursSettings, SlaSettings
from workbench.records.cases import CaseStatus
from workbench.records.invoices import DisputeState, InvoiceAccount, PaymentState
from workbench.records.money import Money, currency_digits
from workbench.sample.arrays import Rng
from workbench.sample.billing import bill_everybody, price_of
from workbench.sample.books import Books
from workbench.sample.calendar import HOLIDAYS, INVOICE_MONTHS, NOW
from workbench.sample.cast import cast
from workbench.sample.needs import needs
from workbench.sample.planted import PRICE_CHANGE
from workbench.sample.population import Population, draw_population
from workbench.sample.world import world
from workbench.systems.calendar import BusinessCalendar

TODAY = NOW.date()
BilledBooks = tuple[Books, Population]


@pytest.fixture(scope="module")
def billed() -> BilledBooks:
    """400 customers, enough for every happening to occur."""
    rng: Rng = np.random.default_rng(11)
    return bill_everybody(rng, draw_population(rng, 400))


@pytest.fixture(scope="module")
def books(billed: BilledBooks) -> Books:
    everything = Books()
    everything.add(cast())
    everything.add(billed[0])
    return everything


@pytest.fixture(scope="module")
def accounts(books: Books) -> dict[str, InvoiceAccount]:
    return books.accounts()


def happened(billed: BilledBooks, name: str) -> Iterator[InvoiceAccount]:
    """Accounts of the invoices to which this happened."""
    books, population = billed
    accounts = books.accounts()
    code = needs().happenings.index(name)
    for customer, month in zip(*np.nonzero(population.happening == code), strict=True):
        yield accounts[f"INV-{population.invoice_number(customer, month)}"]


def exact_total(account: InvoiceAccount) -> Decimal:
    """The lines added up by hand: rounded net and rounded tax of each."""
    step = Decimal(1).scaleb(-currency_digits(account.invoice.currency))
    total = Decimal(0)
    for line in account.invoice.lines:
        net = (line.quantity * line.unit_price - line.discount).quantize(step, "ROUND_HALF_UP")
        total += net + (net * line.tax_rate / 100).quantize(step, "ROUND_HALF_UP")
    return total


def test_lines_add_up_except_on_the_planted_invoices(
    billed: BilledBooks, accounts: dict[str, InvoiceAccount]
) -> None:
    wrong = {n for n, a in accounts.items() if exact_total(a) != a.invoice.stated_total}
    planted = {account.invoice.number for account in happened(billed, "totals_mismatch")}
    assert wrong == planted | {"INV-1023"}
    assert all(accounts[number].invoice.adds_up is (number not in wrong) for number in accounts)


def test_a_balance_is_invoice_less_credits_less_applied_payments(
    books: Books, accounts: dict[str, InvoiceAccount]
) -> None:
    balance = {a.invoice.number: a.invoice.stated_total for a in accounts.values()}
    for number, account in accounts.items():
        if account.invoice.cancelled:
            balance[number] = Decimal(0)
    for payment in books.payments:
        if payment.invoice_number and payment.state is PaymentState.APPLIED:
            balance[payment.invoice_number] -= payment.amount
    for note in books.credit_notes:
        balance[note.invoice_number or ""] -= note.amount
    assert {n: a.balance.amount for n, a in accounts.items()} == balance
    for account in accounts.values():
        assert account.open.amount - account.customer_credit.amount == account.balance.amount
        assert account.disputed + account.undisputed == account.open


def test_every_amount_has_the_digits_of_its_currency(books: Books) -> None:
    amounts = [(p.amount, p.currency) for p in books.payments]
    amounts += [(n.amount, n.currency) for n in books.credit_notes]
    amounts += [(i.stated_total, i.currency) for i in books.invoices]
    amounts += [(line.unit_price, i.currency) for i in books.invoices for line in i.lines]
    amounts += [(d.amount, d.currency) for d in books.disputes]
    assert {currency for _, currency in amounts} == {"EUR", "GBP", "USD", "JPY", "KWD"}
    for amount, currency in amounts:
        money = Money(amount=amount, currency=currency)
        assert money.rounded() == money, money


def test_credits_never_exceed_the_line_that_they_credit(
    accounts: dict[str, InvoiceAccount],
) -> None:
    for account in accounts.values():
        for line in account.invoice.lines:
            gross = line.gross(account.invoice.currency)
            assert account.credited_on(line.line) <= gross


def test_records_refer_to_records_that_exist_and_belong_to_the_same_customer(
    books: Books,
) -> None:
    owner = {i.number: i.customer_id for i in books.invoices}
    orders = {o.id: o.customer_id for o in books.orders}
    cases = {c.id: c.customer_id for c in books.cases}
    customers = {c.id for c in books.customers}
    assert set(owner.values()) <= customers
    for booked in [*books.payments, *books.credit_notes, *books.disputes]:
        assert booked.invoice_number is None or owner[booked.invoice_number] == booked.customer_id
    for invoice in books.invoices:
        assert not invoice.order_id or orders[invoice.order_id] == invoice.customer_id
    assert all(cases[d.case_id] == d.customer_id for d in books.disputes if d.case_id)
    assert all(entry.case_id in cases for entry in books.case_entries)
    subjects = [(c.subject, c.topic) for c in books.cases if c.is_open]
    assert len(subjects) == len(set(subjects))


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("customers", "id"),
        ("invoices", "number"),
        ("credit_notes", "number"),
        ("payments", "id"),
        ("orders", "id"),
        ("disputes", "id"),
        ("cases", "id"),
    ],
)
def test_no_number_is_given_twice(books: Books, kind: str, key: str) -> None:
    numbers = [getattr(record, key) for record in getattr(books, kind)]
    assert len(numbers) == len(set(numbers))


def test_nothing_is_dated_after_the_day_of_the_demo(books: Books) -> None:
    days: list[date] = [i.issued_on for i in books.invoices]
    days += [p.received_on for p in books.payments] + [n.issued_on for n in books.credit_notes]
    moments = [c.updated_at for c in books.cases] + [e.at for e in books.case_entries]
    assert max(days) <= TODAY
    assert max(moments) < NOW


def test_prices_rose_with_the_new_year_in_every_country() -> None:
    before, after = PRICE_CHANGE.first_day, PRICE_CHANGE.first_day + timedelta(days=3)
    for country in world().countries:
        for product in world().products:
            rise = price_of(product, country, after) / price_of(product, country, before) - 1
            expected = Decimal("0.035") if product.recurring else Decimal("0.049")
            step = Decimal(1).scaleb(-currency_digits(country.currency))
            assert abs(rise - expected) < 2 * step / price_of(product, country, before)


def test_months_of_invoices_are_complete(billed: BilledBooks) -> None:
    books, population = billed
    months = Counter(i.issued_on.replace(day=1) for i in books.invoices if "INV-9" not in i.number)
    assert list(months) == list(INVOICE_MONTHS)
    assert set(months.values()) == {len(population)}


def test_the_history_knows_the_totals_that_were_billed(billed: BilledBooks) -> None:
    books, population = billed
    billed_totals = {i.number: float(i.stated_total) for i in books.invoices}
    off = 0
    for customer, month in np.ndindex(population.amount.shape):
        number = f"INV-{population.invoice_number(np.array(customer), np.array(month))}"
        off += population.amount[customer, month] != pytest.approx(billed_totals[number])
    mismatched = sum(1 for _ in happened(billed, "totals_mismatch"))
    assert off == mismatched


def recent(account: InvoiceAccount) -> bool:
    return (TODAY - account.invoice.issued_on).days < 50


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        (
            "duplicate_payment",
            lambda a: a.customer_credit == a.invoice.total or len(a.payments) < 2,
        ),
        ("partial_payment", lambda a: not a.payments or a.payments[0].deduction_reason),
        ("returned_payment", lambda a: not a.payments or a.payments[0].state == "returned"),
        (
            "credited",
            lambda a: a.credited and a.open.amount in (0, (a.invoice.total - a.credited).amount),
        ),
        ("cancelled_order", lambda a: a.invoice.cancelled is not recent(a)),
        ("payment_in_transit", lambda a: recent(a) is bool(a.in_transit)),
        ("unapplied_payment", lambda a: recent(a) is not bool(a.payments)),
        ("duplicate_invoice", lambda a: not a.credited),
        ("routine", lambda a: a.balance.amount in (0, a.invoice.stated_total)),
        ("totals_mismatch", lambda a: a.invoice.total > a.invoice.computed_total),
    ],
)
def test_what_happened_shows_on_the_account(billed: BilledBooks, name: str, holds: Any) -> None:
    found = list(happened(billed, name))
    assert found
    assert all(holds(account) for account in found)


def test_a_short_delivery_is_credited_with_the_part_that_is_missing(billed: BilledBooks) -> None:
    orders = {order.id: order for order in billed[0].orders}
    credited = 0
    for account in happened(billed, "short_delivery"):
        order = orders[account.invoice.order_id]
        (short,) = (line for line in order.lines if line.delivered < line.ordered)
        for dispute in account.disputes:
            line = account.invoice.lines[(dispute.line or 0) - 1]
            assert line.product == short.product
            share = (short.ordered - short.delivered) / short.ordered
            expected = line.gross(account.invoice.currency) * share
            assert dispute.money == expected.rounded()
            if dispute.state is DisputeState.CREDITED:
                credited += 1
                assert account.credited_on(line.line) == dispute.money
    assert credited > 20


def test_cases_keep_business_hours_and_show_their_whole_history(books: Books) -> None:
    calendar = BusinessCalendar(HoursSettings(holidays=HOLIDAYS))
    minutes = SlaSettings().resolution_minutes
    for case in books.cases:
        if case.id not in {c.id for c in cast().cases}:
            assert calendar.is_open(case.opened_at)
            (resolution,) = (clock for clock in case.clocks if clock.kind == "resolution")
            due = calendar.add(case.opened_at, minutes[case.priority])
            assert resolution.due_at == due
        entries = [e for e in books.case_entries if e.case_id == case.id]
        assert entries[0].at == case.opened_at
        assert [e.at for e in entries] == sorted(e.at for e in entries)
        assert (case.solved_at is None) is case.is_open
        assert (case.status is CaseStatus.NEW) is (len(entries) == 1)


def test_same_seed_same_books() -> None:
    def drawn() -> Books:
        rng: Rng = np.random.default_rng(4)
        return bill_everybody(rng, draw_population(rng, 20))[0]

    assert drawn() == drawn()


def test_all_segments_languages_and_kinds_of_customers_occur(books: Books) -> None:
    assert {c.segment for c in books.customers} == {"standard", "business", "key_account"}
    assert {c.language for c in books.customers} == {"en", "de", "fr", "es"}
    assert any(c.vulnerable for c in books.customers)
    assert any(c.delegates for c in books.customers)
    assert any(not point.verified for c in books.customers for point in c.contact_points)
    assert all(c.contact_points and c.postcode and c.since for c in books.customers)
