"""The books of a POC: every record of the systems of record, as JSON lines on disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from workbench.files import replacing
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry
from workbench.records.customers import Customer
from workbench.records.invoices import (
    CreditNote,
    Dispute,
    ExchangeRate,
    Invoice,
    InvoiceAccount,
    Order,
    Payment,
)


@dataclass
class Books:
    """Records by kind, in the order in which they were made."""

    customers: list[Customer] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    case_entries: list[CaseEntry] = field(default_factory=list)
    exchange_rates: list[ExchangeRate] = field(default_factory=list)

    def add(self, more: Books) -> None:
        """Append the records of other books."""
        for kind in fields(self):
            getattr(self, kind.name).extend(getattr(more, kind.name))

    def accounts(self) -> dict[str, InvoiceAccount]:
        """Every invoice with what changed its balance, by number."""
        notes = _by_invoice(self.credit_notes)
        payments = _by_invoice(self.payments)
        disputes = _by_invoice(self.disputes)
        return {
            invoice.number: InvoiceAccount(
                invoice=invoice,
                credit_notes=tuple(notes[invoice.number]),
                payments=tuple(payments[invoice.number]),
                disputes=tuple(disputes[invoice.number]),
            )
            for invoice in self.invoices
        }

    def write(self, folder: Path) -> None:
        """One `<kind>.jsonl` per kind; defaults are left out, so the files stay readable."""
        folder.mkdir(parents=True, exist_ok=True)
        for kind in fields(self):
            _write_lines(folder / f"{kind.name}.jsonl", getattr(self, kind.name))


Booked = TypeVar("Booked", CreditNote, Payment, Dispute)


def _by_invoice(records: Iterable[Booked]) -> defaultdict[str | None, list[Booked]]:
    found: defaultdict[str | None, list[Booked]] = defaultdict(list)
    for record in records:
        found[record.invoice_number].append(record)
    return found


def _write_lines(path: Path, records: Iterable[Record]) -> None:
    with replacing(path) as partial:
        text = "".join(r.model_dump_json(exclude_defaults=True) + "\n" for r in records)
        partial.write_text(text, encoding="utf-8", newline="\n")
