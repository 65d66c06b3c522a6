"""The Parquet file of imported contact facts: one row per contact, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.files import replacing
from workbench.intake.report import Counts
from workbench.records.contacts import Contact

_BATCH = 5000


@dataclass(frozen=True)
class HistoryFile:
    """Contact facts under their `contact_id`. Readers see the file before or after a change."""

    path: Path

    def ids(self) -> set[str]:
        """The contacts that the file has."""
        return set(self._read(["contact_id"]).column("contact_id").to_pylist())

    def bring_in(self, contacts: Iterable[Contact]) -> Counts:
        """Add contacts; one whose `contact_id` is there already replaces it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        from workbench.store.history import contact_schema

        given = pa.Table.from_batches(_batches(contacts), contact_schema())
        before = self._read()
        is_known = pc.is_in(given.column("contact_id"), before.column("contact_id"))
        is_replaced = pc.is_in(before.column("contact_id"), given.column("contact_id"))
        known = given.num_rows - given.filter(pc.invert(is_known)).num_rows
        unchanged = _equal_rows(before.filter(is_replaced), given.filter(is_known))
        if unchanged < given.num_rows:
            self._write(pa.concat_tables([before.filter(pc.invert(is_replaced)), given]))
        return Counts(new=given.num_rows - known, changed=known - unchanged, unchanged=unchanged)

    def label(self, truths: Mapping[str, str]) -> Counts:
        """Set `true_intent` of contacts that the file has."""
        import pyarrow as pa

        table = self._read()
        ids, before = (
            table.column("contact_id").to_pylist(),
            table.column("true_intent").to_pylist(),
        )
        after = [truths.get(name, old) for name, old in zip(ids, before, strict=True)]
        changed = sum(a != b for a, b in zip(before, after, strict=True))
        if changed:
            place = table.schema.get_field_index("true_intent")
            column = pa.array(after, table.schema.field(place).type)
            self._write(table.set_column(place, table.schema.field(place), column))
        return Counts(changed=changed, unchanged=len(truths) - changed)

    def _read(self, columns: list[str] | None = None) -> Any:
        import pyarrow.parquet as pq

        from workbench.store.history import contact_schema

        if not self.path.exists():
            return contact_schema().empty_table()
        return pq.read_table(self.path, columns=columns)

    def _write(self, table: Any) -> None:
        """Sorted by time."""
        import pyarrow.parquet as pq

        ordered = table.sort_by([("started_at", "ascending"), ("contact_id", "ascending")])
        with replacing(self.path) as draft:
            pq.write_table(ordered, draft, compression="zstd")


def _batches(contacts: Iterable[Contact]) -> Iterator[Any]:
    import pyarrow as pa

    from workbench.store.history import contact_schema

    remaining = iter(contacts)
    while batch := [contact.model_dump() for contact in islice(remaining, _BATCH)]:
        yield pa.RecordBatch.from_pylist(batch, schema=contact_schema())


def _equal_rows(before: Any, after: Any) -> int:
    """How many rows of two tables with the same contacts are equal in every column."""
    import pyarrow.compute as pc

    if not before.num_rows:
        return 0
    before, after = before.sort_by("contact_id"), after.sort_by("contact_id")
    same = None
    for name in before.column_names:
        old, new = before.column(name), after.column(name)
        both_null = pc.and_(pc.is_null(old), pc.is_null(new))
        equal = pc.or_(pc.fill_null(pc.equal(old, new), False), both_null)
        same = equal if same is None else pc.and_(same, equal)
    return int(pc.sum(same).as_py() or 0)
