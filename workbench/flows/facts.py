"""Short names for making facts, and the facts that invoices and cases are spoken with.

A fact's name is its label: the grounding check holds the text around the value to it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import partial

from workbench.records.cases import Case
from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NameValue,
    NumberValue,
    PassageValue,
    ReferenceValue,
    Source,
    TermValue,
    TimeValue,
)
from workbench.records.invoices import Invoice, InvoiceAccount, InvoiceLine
from workbench.records.money import Money


def from_invoice(invoice: Invoice, field: str = "") -> Source:
    return Source(
        system="billing",
        record=f"invoice {invoice.number}",
        field=field,
        revision=invoice.revision,
    )


def from_case(case: Case, field: str = "") -> Source:
    return Source(system="ticketing", record=f"case {case.id}", field=field, revision=case.revision)


def from_settings(field: str) -> Source:
    return Source(system="policy", record="settings", field=field)


def money(name: str, value: Money, source: Source) -> Fact:
    return Fact(name=name, value=MoneyValue(value=value.rounded()), source=source)


def price(name: str, value: Money, source: Source) -> Fact:
    """Money with all its digits: a unit price may be finer than the currency's smallest unit."""
    return Fact(name=name, value=MoneyValue(value=value), source=source)


def day(name: str, value: date, source: Source) -> Fact:
    return Fact(name=name, value=DateValue(value=value), source=source)


def moment(name: str, value: datetime, zone: str, source: Source) -> Fact:
    return Fact(name=name, value=TimeValue(value=value, zone=zone), source=source)


def number(name: str, value: Decimal | int, source: Source, unit: str = "") -> Fact:
    return Fact(name=name, value=NumberValue(value=Decimal(value), unit=unit), source=source)


def reference(name: str, value: str, source: Source) -> Fact:
    return Fact(name=name, value=ReferenceValue(value=value), source=source)


def wording(name: str, value: str, source: Source) -> Fact:
    """A name or description out of a record; data, whatever it says."""
    return Fact(name=name, value=NameValue(value=value), source=source)


def term(name: str, value: str, source: Source) -> Fact:
    """A word of our own closed lists, translated when spoken."""
    return Fact(name=name, value=TermValue(value=value), source=source)


def passage(name: str, text: str, title: str, source: Source) -> Fact:
    return Fact(name=name, value=PassageValue(value=text, title=title), source=source)


def about(account: InvoiceAccount, today: date) -> dict[str, Fact]:
    """All that can be said about one invoice, by the placeholder that speaks it."""
    invoice = account.invoice
    billing = partial(from_invoice, invoice)
    facts: dict[str, Fact | None] = {
        "number": reference("invoice number", invoice.number, billing("number")),
        "issued": day("issue date", invoice.issued_on, billing("issued_on")),
        "due": day("due date", invoice.due_on, billing("due_on")) if invoice.due_on else None,
        "total": money("total", invoice.total, billing("stated_total")),
        "status": term("status", account.status(today), billing("status")),
        "open": money("open balance", account.open, billing("balance")),
        "disputed": money("disputed amount", account.disputed, billing("disputes")),
        "undisputed": money("undisputed rest", account.undisputed, billing("balance")),
        "customer_credit": money("customer credit", account.customer_credit, billing("balance")),
        "credited": money("credited amount", account.credited, billing("credit_notes")),
        "paid": money("paid amount", account.paid, billing("payments")),
        "in_transit": money("payment in transit", account.in_transit, billing("payments")),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _from_line(invoice: Invoice, line: InvoiceLine, field: str) -> Source:
    return from_invoice(invoice, f"line {line.line} {field}")


def about_line(account: InvoiceAccount, line: InvoiceLine) -> dict[str, Fact]:
    """All that can be said about one line: quantity, price, discount, tax, period, order."""
    invoice, currency = account.invoice, account.invoice.currency
    billing = partial(_from_line, invoice, line)
    exact = partial(Money, currency=currency)
    facts: dict[str, Fact | None] = {
        "number": reference("invoice number", invoice.number, from_invoice(invoice, "number")),
        "line": number("line", line.line, billing("number")),
        "description": wording(
            "description", line.description or line.product or "-", billing("description")
        ),
        "quantity": number("quantity", line.quantity, billing("quantity")),
        "unit_price": price("unit price", exact(amount=line.unit_price), billing("unit_price")),
        "discount": money("discount", exact(amount=line.discount), billing("discount"))
        if line.discount
        else None,
        "net": money("net amount", line.net(currency), billing("net")),
        "tax_rate": number("tax rate", line.tax_rate, billing("tax_rate"), "%")
        if line.tax_rate
        else None,
        "tax": money("tax", line.tax(currency), billing("tax")) if line.tax_rate else None,
        "gross": money("gross amount", line.gross(currency), billing("gross")),
        "period_start": day("period start", line.period_start, billing("period"))
        if line.period_start
        else None,
        "period_end": day("period end", line.period_end, billing("period"))
        if line.period_end
        else None,
        "order": reference("order", line.order_id or invoice.order_id, billing("order"))
        if line.order_id or invoice.order_id
        else None,
        "contract": reference("contract", line.contract_id, billing("contract"))
        if line.contract_id
        else None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def about_case(case: Case, zone: str) -> dict[str, Fact]:
    """All that a customer may hear about a case; internal entries are not among it."""
    facts: dict[str, Fact | None] = {
        "case": reference("case", case.id, from_case(case, "id")),
        "title": wording("title", case.title, from_case(case, "title")),
        "case_status": term("case status", case.status.value, from_case(case, "status")),
        "opened": day("opened", case.opened_at.date(), from_case(case, "opened_at")),
        "updated": moment("last update", case.updated_at, zone, from_case(case, "updated_at")),
        "solved": moment("solved", case.solved_at, zone, from_case(case, "solved_at"))
        if case.solved_at
        else None,
        "next_step": term("next step", case.topic, from_case(case, "topic")),
        "by": _promised(case, zone),
        "parent": reference("earlier case", case.parent_id, from_case(case, "parent_id"))
        if case.parent_id
        else None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _promised(case: Case, zone: str) -> Fact | None:
    due = case.due("first_response") or case.due("resolution")
    return moment("promised time", due, zone, from_case(case, "clocks")) if due else None


def veiled(contact: str) -> str:
    """A contact point shown so that its owner knows it and nobody else learns it."""
    name, at, domain = contact.partition("@")
    return f"{name[:1]}…@{domain}" if at else "…" + contact[-3:]
