"""An invoice is found by whatever the customer says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from front_door import sample_workbench
from hypothesis import given
from hypothesis import strategies as st

from workbench import Workbench
from workbench.config import ReferenceSettings
from workbench.flows.finding import mentions, narrow
from workbench.records.invoices import InvoiceAccount, InvoiceLine
from workbench.records.principals import Principal, Role
from workbench.triage.entities import read_entities

CUSTOMER = "C-1001"
# C-1001 has INV-1001 (3 March), INV-1002 (17 March), INV-1003 (31 March) and INV-1004 (April).
FOUND = {
    "number": ("How much is INV-1002?", ["INV-1002"]),
    "number in small letters": ("how much is inv-1002", ["INV-1002"]),
    "number without a hyphen": ("how much is INV1002?", ["INV-1002"]),
    "number with a space": ("what about inv 1002", ["INV-1002"]),
    "two numbers": ("How much are INV-1001 and INV-1002?", ["INV-1001", "INV-1002"]),
    "exact day": ("How much is the invoice of 17 March 2026?", ["INV-1002"]),
    "amount": ("How much is open on the invoice over 642.00 pounds?", ["INV-1001"]),
    "last": ("Is my last invoice paid?", ["INV-1004"]),
}


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("finding")) as opened:
        yield opened


@pytest.fixture(scope="module")
def accounts(workbench: Workbench) -> tuple[InvoiceAccount, ...]:
    reader = Principal(id="service:test", role=Role.SERVICE)
    return workbench.store.accounts(reader, CUSTOMER)


@pytest.mark.parametrize("name", FOUND)
def test_the_invoice_that_is_meant_is_found(workbench: Workbench, name: str) -> None:
    text, numbers = FOUND[name]
    result = workbench.converse(CUSTOMER, text, channel="portal")
    told = [fact.value.value for fact in result.facts if fact.name == "invoice number"]
    assert list(dict.fromkeys(told)) == numbers, result.reply


def test_several_that_fit_are_listed_and_one_is_picked_by_its_place(workbench: Workbench) -> None:
    listed = workbench.converse(CUSTOMER, "How much is my March invoice?", channel="portal")
    assert listed.asked == "invoice"
    rows = [row["number"].value.value for row in listed.reply.statements[-1].rows]
    assert rows == ["INV-1001", "INV-1002", "INV-1003"]
    picked = workbench.converse(
        CUSTOMER, "the second one", conversation_id=listed.conversation_id, channel="portal"
    )
    assert rows[1] in picked.reply.text


# What is said, and the numbers that it narrows the invoices down to; None: it says nothing.
NARROWED = {
    "my March invoice": ["INV-1001", "INV-1002", "INV-1003"],
    "on 31 March 2026": ["INV-1003"],
    "over 642.00 GBP": ["INV-1001"],
    "over 642.00 GBP in March": ["INV-1001"],
    "in January": [],
    "please help me": None,
}


@pytest.mark.parametrize("text", NARROWED)
def test_words_narrow_the_invoices_down(
    workbench: Workbench, accounts: tuple[InvoiceAccount, ...], text: str
) -> None:
    said = read_entities(text, workbench.settings.references, workbench.clock.now().date())
    told, left = narrow(accounts, said, text, workbench.clock.now().date())
    wanted = NARROWED[text]
    assert told is (wanted is not None)
    assert [a.invoice.number for a in left] == (
        wanted if wanted is not None else [a.invoice.number for a in accounts]
    )


@given(text=st.text(max_size=60))
def test_narrowing_never_invents_an_invoice(
    accounts: tuple[InvoiceAccount, ...], text: str
) -> None:
    today = date(2026, 5, 4)
    said = read_entities(text, ReferenceSettings(), today)
    told, left = narrow(accounts, said, text, today)
    assert all(account in accounts for account in left)
    assert told or left == list(accounts)


PRODUCTS = {
    ("the espresso machine is broken", "Espresso machine"): True,
    ("two espresso machines", "Espresso machine"): True,
    ("item A-17 is wrong", "Espresso machine"): True,
    ("item A-170 is wrong", "Espresso machine"): False,
    ("the machine", "Espresso machine"): False,
    ("anything", ""): False,
}


@pytest.mark.parametrize(("said", "description"), PRODUCTS)
def test_a_line_is_mentioned_by_its_code_or_most_of_its_words(said: str, description: str) -> None:
    line = InvoiceLine(line=1, product="A-17", description=description, unit_price=Decimal(1))
    assert mentions(said, line) is PRODUCTS[said, description]
