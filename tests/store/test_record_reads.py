"""Reading records: in order, exact, and within what the principal may see."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from store_world import (
    ADMIN,
    AGENT,
    ANALYST,
    ANNA,
    BORIS,
    act,
    begin,
    case,
    fill,
    invoice,
    open_case,
    payment,
    person,
    said,
)

from workbench.errors import NotAllowed, NotFound
from workbench.records.events import EventKind
from workbench.records.invoices import ExchangeRate
from workbench.records.operations import OpenDispute, plan
from workbench.records.principals import Role, customer_principal
from workbench.store import Store

DORA = customer_principal("C-300", proven=True)


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)


def test_an_account_joins_everything_that_changed_what_is_owed(store: Store) -> None:
    account = store.account(ANNA, "INV-2")
    assert [p.id for p in account.payments] == ["PAY-1"]
    assert str(account.open) == "100.00 EUR"


def test_accounts_come_oldest_first(store: Store) -> None:
    older = invoice("INV-0", "C-100").model_copy(update={"issued_on": date(2026, 1, 1)})
    store.import_records(ADMIN, "invoices", [older], "x")
    numbers = [a.invoice.number for a in store.accounts(ANNA, "C-100")]
    assert numbers == ["INV-0", "INV-1", "INV-2"]


def test_cases_come_newest_first(store: Store) -> None:
    begin(store)
    old = open_case(store)
    later = old.opened_at + timedelta(days=1)
    new = open_case(store, case("CASE-33333333", subject="other", opened_at=later))
    assert store.cases(ANNA, "C-100") == (new, old)


def test_the_rate_is_the_latest_known_on_a_day(store: Store) -> None:
    rates = [
        ExchangeRate(base="EUR", quote="USD", on=date(2026, 4, day), rate=Decimal(rate), source="B")
        for day, rate in ((1, "1.10"), (10, "1.12"), (20, "1.15"))
    ]
    store.import_records(ADMIN, "exchange_rates", rates, "x")
    assert store.rate(ANNA, "EUR", "USD", date(2026, 4, 19)) == rates[1]
    with pytest.raises(NotFound, match="no rate from EUR to USD"):
        store.rate(ANNA, "EUR", "USD", date(2026, 3, 31))


def test_payments_that_match_no_invoice_are_shown_too(store: Store) -> None:
    cash = payment("PAY-7", "C-100", "", "5").model_copy(update={"invoice_number": None})
    store.import_records(ADMIN, "payments", [cash], "x")
    assert [p.id for p in store.payments(ANNA, "C-100")] == ["PAY-1", "PAY-7"]


def test_a_registered_delegate_reads_invoices_and_nothing_else(store: Store) -> None:
    begin(store)
    opened = open_case(store)
    assert store.is_delegate(DORA, "C-100", "invoices")
    assert not store.is_delegate(DORA, "C-100", "cases")
    assert not store.is_delegate(customer_principal("C-300"), "C-100", "invoices")
    assert len(store.accounts(DORA, "C-100")) == 2
    for look in (
        lambda: store.customer(DORA, "C-100"),
        lambda: store.case(DORA, opened.id),
        lambda: store.conversation(DORA, "conv-1"),
        lambda: store.accounts(customer_principal("C-300"), "C-100"),
    ):
        with pytest.raises(NotFound):
            look()


def test_identity_tells_only_which_claims_match(store: Store) -> None:
    claims = {"customer_number": "c-100", "postcode": "99999", "invoice_number": "inv 1"}
    unproven = customer_principal("C-100")
    found = store.check_identity(unproven, "C-100", claims)
    assert found == {"customer_number": True, "postcode": False, "invoice_number": True}


@pytest.mark.parametrize("customer_id", ["C-200", "C-404"])
def test_identity_of_another_and_of_nobody_matches_nothing(store: Store, customer_id) -> None:
    claims = {"customer_number": customer_id, "email": "c-200@example.com"}
    found = store.check_identity(customer_principal("C-100"), customer_id, claims)
    assert found == {"customer_number": False, "email": False}


def test_an_unverified_contact_and_an_unknown_kind_prove_nothing(store: Store) -> None:
    claims = {"phone": "+49 30 1234567", "shoe_size": "42"}
    found = store.check_identity(customer_principal("C-100"), "C-100", claims)
    assert found == {"phone": False, "shoe_size": False}


def test_an_unproven_customer_is_told_nothing_about_invoices(store: Store) -> None:
    unproven = customer_principal("C-100")
    for number in ("INV-1", "INV-3", "INV-404"):
        with pytest.raises(NotFound, match=f"There is no invoice {number}"):
            store.account(unproven, number)


def test_an_analyst_sees_no_names_and_no_texts(store: Store) -> None:
    begin(store)
    for look in (
        lambda: store.customer(ANALYST, "C-100"),
        lambda: store.conversations(ANALYST),
        lambda: store.events(ANALYST),
        lambda: store.events(ANALYST, "conv-1"),
        lambda: store.accounts(ANALYST, "C-100"),
    ):
        with pytest.raises(NotAllowed):
            look()


def test_events_can_be_followed_from_where_one_left_off(store: Store) -> None:
    begin(store)
    last = store.events(ADMIN)[-1].seq
    act(store, ANNA, request_id="r", events=(said("more"),))
    action = plan(OpenDispute(dispute=_dispute()), "d")
    act(store, ANNA, action)
    assert [e.kind for e in store.events(ADMIN, after=last)] == ["message_received", "acted"]
    assert [e.kind for e in store.events(ANNA, "conv-1", kinds=[EventKind.ACTED])] == ["acted"]


def _dispute():
    from store_world import dispute

    return dispute("1.00")


def test_a_stream_of_somebody_else_is_as_empty_as_none(store: Store) -> None:
    begin(store)
    assert store.events(BORIS, "conv-1") == store.events(BORIS, "conv-404") == ()


def test_tenants_may_use_the_same_numbers(store: Store) -> None:
    elsewhere = person(Role.ADMIN, tenant="other")
    other = invoice("INV-1", "C-100", "elsewhere")
    from store_world import customer

    store.import_records(elsewhere, "customers", [customer("C-100", "elsewhere")], "x")
    store.import_records(elsewhere, "invoices", [other], "x")
    assert store.account(AGENT, "INV-1").invoice.purchase_order == ""
    assert store.account(elsewhere, "INV-1").invoice == other


def test_people_can_list_customers_and_cases(store: Store) -> None:
    begin(store)
    opened = open_case(store)
    assert [c.id for c in store.customers(AGENT)] == ["C-100", "C-200", "C-300"]
    assert [c.id for c in store.all_cases(AGENT)] == [opened.id]
    with pytest.raises(NotFound):
        store.customers(ANNA)
