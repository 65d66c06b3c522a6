"""Bulk import of records: all or nothing, and nothing when nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, tuple_, update

from workbench.errors import InputError
from workbench.records.base import Record
from workbench.records.events import EventKind
from workbench.store.accounts import moved_on
from workbench.store.columns import canonical_json
from workbench.store.rows import CASE_ENTRIES, IMPORTABLE, Kind
from workbench.store.views import ImportCounts
from workbench.store.work import Work

_CHUNK = 300


def kind_named(name: str) -> Kind[Any]:
    """The importable kind of that name. Raises `InputError` when there is none."""
    try:
        return IMPORTABLE[name]
    except KeyError:
        raise InputError(
            f"{name!r} cannot be imported", expected=f"one of {', '.join(IMPORTABLE)}"
        ) from None


def import_all(
    work: Work, kind: Kind[Any], records: Iterable[Record], source_digest: str
) -> ImportCounts:
    """Insert what is new, update what differs from its last import, leave the rest alone."""
    counts = ImportCounts()
    remaining = iter(records)
    while chunk := list(islice(remaining, _CHUNK)):
        done = _import_chunk(work, kind, chunk)
        counts = ImportCounts(
            added=counts.added + done.added,
            changed=counts.changed + done.changed,
            unchanged=counts.unchanged + done.unchanged,
        )
    if counts.added or counts.changed:
        data = {"records": kind.name, "source_digest": source_digest}
        data |= counts.model_dump(include={"added", "changed"})
        work.record(EventKind.IMPORTED, data, stream=f"import:{kind.name}")
    return counts


def _import_chunk(work: Work, kind: Kind[Any], records: Sequence[Any]) -> ImportCounts:
    rows = dict(_row(work, kind, record) for record in records)
    known = _known(work, kind, list(rows))
    new = [row for key, row in rows.items() if key not in known]
    changed = [row for key, row in rows.items() if key in known and known[key][0] != row["digest"]]
    if new:
        work.connection.execute(insert(kind.table), new)
    for row in changed:
        revision = known[_key(kind, row)][1] + 1
        same = [kind.table.c[name] == row[name] for name in ("tenant", *kind.key)]
        work.connection.execute(
            update(kind.table).where(*same).values({**row, "revision": revision})
        )
    touched = [row["invoice_number"] for row in new + changed if row.get("invoice_number")]
    moved_on(work.connection, work.tenant, touched)
    return ImportCounts(
        added=len(new), changed=len(changed), unchanged=len(records) - len(new) - len(changed)
    )


def _row(work: Work, kind: Kind[Any], record: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Key and columns of a record, with the digest of its content."""
    if not isinstance(record, kind.model):
        raise InputError(f"A {type(record).__name__} is not one of {kind.name}")
    digest = hashlib.sha256(canonical_json(record).encode()).hexdigest()
    row = {"tenant": work.tenant, **kind.row(record), "digest": digest}
    if kind is CASE_ENTRIES:
        row["id"] = f"{record.case_id}:{digest[:16]}"
    return _key(kind, row), row


def _key(kind: Kind[Any], row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in kind.key)


def _known(
    work: Work, kind: Kind[Any], keys: list[tuple[Any, ...]]
) -> dict[tuple[Any, ...], tuple[str, int]]:
    """Digest and revision of the rows that are there already."""
    columns = [kind.table.c[name] for name in kind.key]
    rows = work.connection.execute(
        select(*columns, kind.table.c.digest, kind.table.c.revision).where(
            kind.table.c.tenant == work.tenant, tuple_(*columns).in_(keys)
        )
    )
    return {tuple(row)[:-2]: (row.digest, row.revision) for row in rows}
