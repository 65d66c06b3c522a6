"""History as Parquet: contact facts of any number, block by block, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import InputError
from workbench.files import replacing
from workbench.sample.arrays import Ints
from workbench.sample.columns import Column
from workbench.sample.contacts import Contacts, draw_contacts
from workbench.sample.facts import fact_columns
from workbench.sample.population import draw_population
from workbench.sample.words import choose_leads, choose_openings, openings
from workbench.store.history import CONTACT_COLUMNS, contact_schema

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "contacts.parquet"
BLOCK = 250_000
"""Contacts that are worked out at once; customers never span two blocks."""
CONTACTS_PER_CUSTOMER = 50
ROW_GROUP = 125_000


@dataclass(frozen=True)
class Generated:
    """What was written, and where."""

    contacts: int
    path: Path

    def to_dict(self) -> dict[str, Any]:
        return {"contacts": self.contacts, "path": str(self.path), "bytes": self.bytes}

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size

    def __str__(self) -> str:
        return f"{self.contacts:,} contacts in {self.path} ({self.bytes / 1e6:,.1f} MB)"


def generate_contacts(n: int, seed: int, out: Path) -> Generated:
    """Write `n` contacts to `contacts.parquet` in folder `out`, completely or not at all.

    The same `n` and `seed` give the same bytes. Memory stays below 2 GB for any `n`; within a
    block of 250,000 contacts rows are in order of time.

    Raises `InputError` for less than one contact.
    """
    if n < 1:
        raise InputError(f"{n} contacts", expected="a positive number")
    path = out / FILE
    write_contacts(_tables(n, seed), path)
    return Generated(n, path)


def _tables(n: int, seed: int) -> Iterator[pa.Table]:
    for block, first in enumerate(range(0, n, BLOCK)):
        yield contact_table(_draw_block(seed, block, min(BLOCK, n - first)), first)


def write_contacts(tables: Iterable[pa.Table], path: Path) -> None:
    """Write tables of contacts one after the other into one file (zstd)."""
    import pyarrow.parquet as pq

    with (
        replacing(path) as partial,
        pq.ParquetWriter(partial, contact_schema(), compression="zstd") as writer,
    ):
        for table in tables:
            writer.write_table(table, row_group_size=ROW_GROUP)


def _draw_block(seed: int, block: int, size: int) -> Contacts:
    rng = np.random.default_rng([seed, 1, block])
    customers = max(size // CONTACTS_PER_CUSTOMER, 1)
    first = block * (BLOCK // CONTACTS_PER_CUSTOMER)
    return draw_contacts(rng, draw_population(rng, customers, first), size)


def contact_table(contacts: Contacts, first: int) -> pa.Table:
    """The rows of a block in the schema of history; `first` counts earlier contacts."""
    import pyarrow as pa

    size, schema = len(contacts), contact_schema()
    columns, texts = fact_columns(contacts), _texts(contacts, first)
    arrays = [
        texts[column.name]
        if column.name in texts
        else _arrow(columns[column.name], schema.field(column.name).type)
        if column.name in columns
        else pa.repeat(pa.scalar(column.default, schema.field(column.name).type), size)
        for column in CONTACT_COLUMNS
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _texts(contacts: Contacts, first: int) -> dict[str, Any]:
    customer = contacts.population.customer_number(contacts.arrivals.customer)
    return {
        "contact_id": _numbered("H-", first + 1 + np.arange(len(contacts))),
        "customer_id": _numbered("C-", customer),
        "summary": _summaries(contacts),
    }


def _numbered(prefix: str, numbers: Ints) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def _summaries(contacts: Contacts) -> pa.Array:
    """The customer's first words: lead, sentence and, where it names one, the invoice number."""
    import pyarrow.compute as pc

    arrivals, read, table = contacts.arrivals, contacts.read, openings()
    chosen = opening_of(contacts)
    lead = choose_leads(read.language, arrivals.follow_up, read.sentiment)
    number = contacts.population.invoice_number(arrivals.customer, arrivals.month)
    named = table.names_invoice[chosen]
    invoice = pc.if_else(named, _numbered("INV-", number), "")
    before, after = _labels(chosen, table.before), _labels(chosen, table.after)
    return pc.binary_join_element_wise(_labels(lead, table.leads), before, invoice, after, "")


def opening_of(contacts: Contacts) -> Ints:
    """Which first sentence each contact has, as a position in `openings()`."""
    arrivals, read = contacts.arrivals, contacts.read
    chance = contacts.luck.uniform("words")
    return choose_openings(read.language, arrivals.intent, arrivals.new_words, chance)


def _labels(codes: Ints, labels: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(labels)).cast(
        pa.string()
    )


def _arrow(column: Column, kind: pa.DataType) -> pa.Array:
    """A column as an Arrow array of the given type, unknown values as null."""
    import pyarrow as pa

    missing = ~column.known
    if column.labels is not None:
        codes = pa.array(column.values, pa.int32(), mask=missing)
        return pa.DictionaryArray.from_arrays(codes, pa.array(column.labels)).cast(kind)
    return pa.array(column.values, mask=missing).cast(kind)
