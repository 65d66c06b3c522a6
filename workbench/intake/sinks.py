"""Where records go: the store, the history of contacts, the labelled messages of the POC.

Every sink takes all records before it writes the first, so a source that breaks off half-way
leaves nothing behind.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.errors import InputError
from workbench.files import replacing
from workbench.intake.history_file import HistoryFile
from workbench.intake.kinds import Label
from workbench.intake.report import Counts
from workbench.poc import PocFolder
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry
from workbench.records.contacts import Contact
from workbench.records.customers import Customer
from workbench.records.invoices import CreditNote, Invoice, Order, Payment
from workbench.records.principals import Principal
from workbench.records.signals import SOMETHING_ELSE
from workbench.store.reading.table import shortened

if TYPE_CHECKING:
    from workbench.store import Store

_STORED: dict[type[Record], str] = {
    Customer: "customers",
    Invoice: "invoices",
    CreditNote: "credit_notes",
    Payment: "payments",
    Order: "orders",
    Case: "cases",
    CaseEntry: "case_entries",
}
_ALL = 10**9


@dataclass(frozen=True)
class ImportTarget:
    """The POC that receives an import, and who imports."""

    poc: PocFolder
    store: Store
    principal: Principal


@dataclass(frozen=True)
class Outcome:
    """What came of the records, per kind, and what their owner should know."""

    counts: dict[str, Counts]
    notes: tuple[str, ...] = ()


Sink = Callable[[Iterator[Record], Callable[[], str]], Outcome]
"""Takes all records, and the fingerprint of their source once they are exhausted."""


def sink_for(kind: str, source: str, target: ImportTarget, *, dry_run: bool) -> Sink:
    """The sink of a kind of input; a dry run only counts."""
    if dry_run:
        return lambda records, _: _counted(records)
    if kind == "contacts":
        history = HistoryFile(target.poc.history / "contacts.parquet")
        return lambda records, _: Outcome(
            {"contacts": history.bring_in(cast(Iterable[Contact], records))}
        )
    if kind == "labels":
        return lambda records, _: _keep_labels(cast(Iterable[Label], records), source, target.poc)
    return lambda records, fingerprint: _store(records, fingerprint, target)


def check_for(kind: str, target: ImportTarget) -> Callable[[Record], None] | None:
    """What the POC itself demands of a record, raised as `InputError`."""
    if kind != "labels":
        return None
    intents = {*target.poc.intent_rows(), SOMETHING_ELSE}
    contacts = HistoryFile(target.poc.history / "contacts.parquet").ids()

    def check(record: Record) -> None:
        label = cast(Label, record)
        if label.label not in intents:
            raise InputError(
                f"{label.label!r} is not an intent of this POC",
                expected="one of " + ", ".join(sorted(intents)),
                next_step="Add it to intents.toml, or translate it with `map` in the mapping.",
            )
        if label.contact_id and label.contact_id not in contacts:
            raise InputError(f"The history has no contact {label.contact_id!r}")

    return check


def _counted(records: Iterable[Record]) -> Outcome:
    found: dict[str, int] = {}
    for record in records:
        name = _STORED.get(type(record), "contacts" if isinstance(record, Contact) else "labels")
        found[name] = found.get(name, 0) + 1
    return Outcome({name: Counts(new=count) for name, count in found.items()})


def _store(
    records: Iterable[Record], fingerprint: Callable[[], str], target: ImportTarget
) -> Outcome:
    """One transaction for each kind; after a crash between two, the same import completes it."""
    batches: dict[str, list[Record]] = {}
    for record in records:
        batches.setdefault(_STORED[type(record)], []).append(record)
    counts: dict[str, Counts] = {}
    notes: list[str] = []
    for kind, batch in batches.items():
        once = list(dict.fromkeys(batch))
        done = target.store.import_records(target.principal, kind, once, fingerprint())
        counts[kind] = Counts(new=done.added, changed=done.changed, unchanged=done.unchanged)
        if len(once) < len(batch):
            notes.append(repeated(len(batch) - len(once), kind))
    return Outcome(counts, (*notes, *_missing_customers(batches, target)))


def repeated(times: int, kind: str) -> str:
    """The note on records that say the same as one before them."""
    return f"{times:,} {kind} repeat one before them word for word; each is kept once."


def _missing_customers(batches: dict[str, list[Record]], target: ImportTarget) -> tuple[str, ...]:
    """A record is only found through its customer, so a customer that is missing hides it."""
    named = {getattr(record, "customer_id", "") for batch in batches.values() for record in batch}
    known = target.store.customers(target.principal, limit=_ALL)
    missing = sorted(named - {""} - {customer.id for customer in known})
    if not missing:
        return ()
    return (
        f"{len(missing):,} customers of these records are not in the store, so nobody can ask "
        f"about them yet; import customers too: {shortened(missing, 5)}.",
    )


def _keep_labels(records: Iterable[Label], source: str, poc: PocFolder) -> Outcome:
    """Labelled messages become a file of the POC; labels of contacts go into the history."""
    labels = list(records)
    messages = [label for label in labels if label.text]
    truths = {label.contact_id: label.label for label in labels if label.contact_id}
    counts = Counts()
    if truths:
        counts = HistoryFile(poc.history / "contacts.parquet").label(truths)
    if messages:
        is_new = _write_messages(_own_folder(poc) / f"{Path(source).stem}.csv", messages)
        written = Counts(**{"new" if is_new else "unchanged": len(messages)})
        counts = Counts(
            new=written.new, changed=counts.changed, unchanged=counts.unchanged + written.unchanged
        )
    return Outcome({"labels": counts})


def _own_folder(poc: PocFolder) -> Path:
    """The POC's own folder of messages; made from the defaults that it has used so far."""
    folder = poc.root / "intents"
    if not folder.exists():
        shutil.copytree(poc.labelled, folder) if poc.labelled.is_dir() else folder.mkdir()
    return folder


def _write_messages(path: Path, labels: list[Label]) -> bool:
    """Write the file if it differs from what is there; whether it was written."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["text", "label", "language"])
    writer.writerows([label.text, label.label, label.language] for label in labels)
    data = text.getvalue().encode()
    if path.exists() and path.read_bytes() == data:
        return False
    with replacing(path) as draft:
        draft.write_bytes(data)
    return True
