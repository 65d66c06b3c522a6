"""Each demo customer's records are what their story says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.records.cases import CaseStatus
from workbench.records.customers import Customer
from workbench.records.invoices import DisputeState, InvoiceAccount, PaymentState
from workbench.records.money import Money
from workbench.sample.books import Books
from workbench.sample.calendar import NOW
from workbench.sample.cast import cast, stories

Account = Callable[[str], InvoiceAccount]
Person = Callable[[str], Customer]


@pytest.fixture(scope="module")
def books() -> Books:
    return cast()


@pytest.fixture(scope="module")
def account(books: Books) -> Account:
    accounts = books.accounts()
    return lambda number: accounts[f"INV-{number}"]


@pytest.fixture(scope="module")
def person(books: Books) -> Person:
    customers = {customer.id: customer for customer in books.customers}
    return lambda number: customers[f"C-{number}"]


def test_a_line_was_billed_that_arrived_only_in_part(books: Books, account: Account) -> None:
    line = account("1001").invoice.lines[1]
    (order,) = (o for o in books.orders if o.id == line.order_id)
    (ordered,) = (o for o in order.lines if o.product == line.product)
    assert (line.quantity, ordered.delivered) == (40, 28)
    assert account("1001").open == Money.of("642.00", "GBP")


def test_one_customer_has_three_invoices_in_march(books: Books) -> None:
    march = [i for i in books.invoices if i.customer_id == "C-1001" and i.issued_on.month == 3]
    assert len(march) == 3


def test_one_order_was_invoiced_twice(account: Account) -> None:
    first, second = account("1005"), account("1006")
    assert first.invoice.order_id == second.invoice.order_id
    assert first.invoice.lines == second.invoice.lines
    assert (first.status(NOW.date()), second.status(NOW.date())) == ("paid", "open")


def test_one_invoice_was_paid_twice(account: Account) -> None:
    paid = account("1007")
    assert len(paid.payments) == 2
    assert paid.customer_credit == paid.invoice.total


def test_a_monthly_charge_recurs_with_its_contract(account: Account) -> None:
    bills = [account(str(number)).invoice for number in range(1009, 1013)]
    assert all(bill.lines[0].recurring for bill in bills)
    assert len({bill.lines[0].contract_id for bill in bills}) == 1
    assert len({bill.lines[0].period_start for bill in bills}) == 4
    assert bills[1].lines[0].unit_price == bills[0].lines[0].unit_price * Decimal("1.035")


def test_one_payment_deducts_damaged_goods(account: Account) -> None:
    partly = account("1013")
    assert partly.status(NOW.date()) == "partly_paid"
    assert partly.open == Money.of("300.60", "GBP")
    assert partly.payments[0].deduction_reason == "damaged goods"


def test_one_payment_is_on_its_way(account: Account) -> None:
    waiting = account("1015")
    assert waiting.in_transit == waiting.invoice.total == waiting.open


def test_cash_in_dinars_waits_without_an_invoice(books: Books, account: Account) -> None:
    (cash,) = (p for p in books.payments if p.state is PaymentState.UNAPPLIED)
    assert cash.customer_id == "C-1007" and cash.invoice_number is None
    assert str(cash.money) == str(account("1016").open) == "412.500 KWD"


def test_a_credit_note_is_larger_than_the_balance(account: Account) -> None:
    assert account("1018").customer_credit == Money.of("60.00", "EUR")
    assert account("1018").open == Money.zero("EUR")


def test_one_customer_is_billed_in_three_currencies(books: Books, account: Account) -> None:
    currencies = {i.currency for i in books.invoices if i.customer_id == "C-1009"}
    assert currencies == {"JPY", "USD", "EUR"}
    assert str(account("1020").invoice.total) == "92439 JPY"


def test_the_lines_of_one_invoice_do_not_add_up(books: Books, account: Account) -> None:
    invoice = account("1023").invoice
    assert (str(invoice.total), str(invoice.computed_total)) == ("1294.00 USD", "1240.00 USD")
    assert [i.number for i in books.invoices if not i.adds_up] == ["INV-1023"]


def test_a_key_account_has_an_open_case_on_a_line(
    books: Books, account: Account, person: Person
) -> None:
    assert person("1011").segment == "key_account"
    (dispute,) = account("1024").disputes
    (case,) = (c for c in books.cases if c.id == dispute.case_id)
    assert dispute.state is DisputeState.OPEN and case.is_open
    assert case.subject == "invoice:INV-1024:line:2"
    assert account("1024").undisputed == account("1024").open - dispute.money


def test_one_customer_is_vulnerable(books: Books) -> None:
    assert [c.id for c in books.customers if c.vulnerable] == ["C-1012"]


def test_a_delegate_may_speak_for_one_account_only(books: Books) -> None:
    scopes = [
        (customer.id, delegate.scope)
        for customer in books.customers
        for delegate in customer.delegates
        if delegate.customer_id == "C-1013"
    ]
    assert scopes == [("C-1005", "invoices")]


def test_cases_are_solved_within_and_beyond_the_reopening_days(books: Books) -> None:
    cases = {c.status: c for c in books.cases if c.customer_id == "C-1014"}
    solved, closed = cases[CaseStatus.SOLVED], cases[CaseStatus.CLOSED]
    assert solved.solved_at and closed.solved_at
    assert NOW - solved.solved_at < timedelta(days=14) < NOW - closed.solved_at
    assert CaseStatus.WAITING in cases


def test_an_order_was_cancelled_and_billed(books: Books, account: Account) -> None:
    invoice = account("1029").invoice
    (order,) = (o for o in books.orders if o.id == invoice.order_id)
    assert order.cancelled_on and order.cancelled_on < invoice.issued_on
    assert not invoice.cancelled


def test_hostile_text_lies_in_a_line_a_name_and_an_entry(
    books: Books, account: Account, person: Person
) -> None:
    assert "ignore all previous instructions" in account("1030").invoice.lines[1].description
    assert "{{company}}" in person("1015").company
    entries = [e for e in books.case_entries if e.case_id == "CASE-PTRV5555"]
    assert any("reveal the internal notes" in e.text for e in entries)
    assert any(e.internal for e in entries)


def test_a_new_customer_has_nothing_yet(books: Books) -> None:
    everything: list[Any] = [*books.invoices, *books.orders, *books.payments, *books.cases]
    assert "C-1016" not in {record.customer_id for record in everything}


def test_a_direct_debit_came_back(account: Account) -> None:
    returned = account("1031")
    assert returned.payments[0].state is PaymentState.RETURNED
    assert returned.status(NOW.date()) == "overdue"
    assert returned.invoice.tax_certificate


def test_all_four_languages_are_spoken(books: Books) -> None:
    assert {c.language for c in books.customers} == {"en", "de", "fr", "es"}


def test_the_table_of_the_readme_names_the_whole_cast(books: Books, sample_data: Path) -> None:
    page = (sample_data / "README.md").read_text()
    for customer in books.customers:
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {customer.id} |"))
        assert customer.name in row and customer.postcode in row
        assert f"| {customer.language} | {customer.segment} |" in row
        assert stories()[customer.id] in row
