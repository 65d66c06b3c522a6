"""The contacts behind a number, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.records.contacts import Contact

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def contact_rows(connection: DuckDBPyConnection, ids: Sequence[str]) -> tuple[Contact, ...]:
    """Contacts by id, the newest first; ids that history does not have are left out."""
    names = ", ".join(Contact.model_fields)
    found = connection.sql(
        f"SELECT {names} FROM contact WHERE contact_id IN (SELECT unnest($ids))"
        " ORDER BY started_at DESC, contact_id",
        params={"ids": list(ids)},
    )
    return tuple(Contact.model_validate(row) for row in found.to_arrow_table().to_pylist())
