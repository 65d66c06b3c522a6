"""What lies in the store after an import, by the name of each record."""

from __future__ import annotations

from typing import Any

import sqlalchemy

from workbench.intake import ImportTarget
from workbench.store.rows import IMPORTABLE


def stored(target: ImportTarget, kind: str) -> dict[str, Any]:
    records = _all(target, kind)
    return {getattr(record, "number", None) or record.id: record for record in records}


def entries_of(target: ImportTarget, case_id: str) -> list[Any]:
    return [entry for entry in _all(target, "case_entries") if entry.case_id == case_id]


def _all(target: ImportTarget, kind: str) -> tuple[Any, ...]:
    engine = sqlalchemy.create_engine(target.store.url)
    with engine.connect() as connection:
        records = IMPORTABLE[kind].all(connection, target.principal.tenant)
    engine.dispose()
    return records
