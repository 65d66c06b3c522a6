"""Invoices joined with everything that changed what is owed on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, update

from workbench.records.invoices import CreditNote, Dispute, Invoice, InvoiceAccount, Payment
from workbench.store.rows import CREDIT_NOTES, DISPUTES, INVOICES, PAYMENTS
from workbench.store.schema import invoice as table

D = TypeVar("D", CreditNote, Payment, Dispute)


def account(
    connection: Connection, tenant: str, number: str, *, hold: bool = False
) -> InvoiceAccount | None:
    """One invoice by its number, None when there is none; `hold` keeps other writers off it."""
    invoice = INVOICES.one(connection, tenant, number, hold=hold)
    return None if invoice is None else _joined(connection, tenant, [invoice])[0]


def accounts(connection: Connection, tenant: str, customer_id: str) -> tuple[InvoiceAccount, ...]:
    """All invoices of a customer, oldest first."""
    invoices = INVOICES.all(connection, tenant, customer_id=customer_id)
    oldest_first = sorted(invoices, key=lambda invoice: (invoice.issued_on, invoice.number))
    return tuple(_joined(connection, tenant, oldest_first))


def _joined(connection: Connection, tenant: str, invoices: list[Invoice]) -> list[InvoiceAccount]:
    numbers = [invoice.number for invoice in invoices]

    def of(kind: Any) -> Any:
        return kind.all(connection, tenant, kind.table.c.invoice_number.in_(numbers))

    notes, paid, disputes = (_by_invoice(of(kind)) for kind in (CREDIT_NOTES, PAYMENTS, DISPUTES))
    return [
        InvoiceAccount(
            invoice=invoice,
            credit_notes=notes[invoice.number],
            payments=paid[invoice.number],
            disputes=disputes[invoice.number],
        )
        for invoice in invoices
    ]


def _by_invoice(documents: Iterable[D]) -> defaultdict[str | None, tuple[D, ...]]:
    found: defaultdict[str | None, tuple[D, ...]] = defaultdict(tuple)
    for document in documents:
        found[document.invoice_number] += (document,)
    return found


def moved_on(connection: Connection, tenant: str, numbers: Iterable[str]) -> None:
    """Give invoices a new revision, because what is owed on them has changed."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), 500):
        connection.execute(
            update(table)
            .where(table.c.tenant == tenant, table.c.number.in_(wanted[start : start + 500]))
            .values(revision=table.c.revision + 1)
        )
