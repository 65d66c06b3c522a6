"""The demo customers: hand-made accounts that exercise every behaviour of the three flows."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

from workbench.records.cases import Case, CaseEntry
from workbench.records.customers import Customer
from workbench.records.invoices import CreditNote, Dispute, Invoice, InvoiceLine, Order, Payment
from workbench.sample.books import Books

_PARTS = ("orders", "invoices", "payments", "credit_notes", "disputes", "cases")


def cast() -> Books:
    """The demo customers and all their records."""
    books = Books()
    for entry in _entries():
        _enter(books, entry)
    return books


def stories() -> dict[str, str]:
    """Customer number -> what the account is good for."""
    return {entry["id"]: entry["story"] for entry in _entries()}


def _entries() -> list[dict[str, Any]]:
    text = files("workbench.sample").joinpath("cast.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text, parse_float=Decimal)["customer"]
    return entries


def _enter(books: Books, entry: dict[str, Any]) -> None:
    own = {key: value for key, value in entry.items() if key not in (*_PARTS, "story")}
    books.customers.append(Customer.model_validate(own))
    part = {name: _owned(entry["id"], entry.get(name, [])) for name in _PARTS}
    books.orders += [Order.model_validate(row) for row in part["orders"]]
    books.invoices += [_invoice(row) for row in part["invoices"]]
    books.payments += [Payment.model_validate(row) for row in part["payments"]]
    books.credit_notes += [CreditNote.model_validate(row) for row in part["credit_notes"]]
    books.disputes += [Dispute.model_validate(row) for row in part["disputes"]]
    for row in part["cases"]:
        entries = row.pop("entries", [])
        books.cases.append(Case.model_validate(row))
        books.case_entries += [CaseEntry(case_id=row["id"], **line) for line in entries]


def _owned(customer_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"customer_id": customer_id, **row} for row in rows]


def _invoice(row: dict[str, Any]) -> Invoice:
    """An invoice whose stated total is what its lines give, unless the cast states another."""
    lines = [InvoiceLine(line=n, **line) for n, line in enumerate(row.pop("lines"), 1)]
    invoice = Invoice.model_validate({"stated_total": 0, **row, "lines": lines})
    if "stated_total" in row:
        return invoice
    return invoice.model_copy(update={"stated_total": invoice.computed_total.amount})
