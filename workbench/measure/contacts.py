"""The contacts behind a number, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.records.contacts import Contact

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def contact_rows(connection: DuckDBPyConnection, ids: Sequence[str]) -> tuple[Contact, ...]:
    """Contacts by id, the newest first; ids that history does not have are left out."""
    wanted = "contact_id IN (SELECT unnest($ids))"
    return _newest(connection, f"WHERE {wanted}", {"ids": list(ids)})


def labelled_contacts(connection: DuckDBPyConnection, limit: int) -> tuple[Contact, ...]:
    """The newest contacts whose intent a person has labelled, the newest first."""
    labelled = "true_intent IS NOT NULL AND summary <> ''"
    return _newest(connection, f"WHERE {labelled}", {}, limit)


def _newest(
    connection: DuckDBPyConnection, where: str, values: dict[str, Any], limit: int | None = None
) -> tuple[Contact, ...]:
    names = ", ".join(Contact.model_fields)
    found = connection.sql(
        f"SELECT {names} FROM contact {where} ORDER BY started_at DESC, contact_id"
        + (f" LIMIT {int(limit)}" if limit is not None else ""),
        params=values,
    )
    return tuple(Contact.model_validate(row) for row in found.to_arrow_table().to_pylist())


def unlabelled_words(
    connection: DuckDBPyConnection, limit: int
) -> tuple[tuple[str, str, str | None], ...]:
    """Id, first words and language of imported contacts that nobody labelled, the newest first."""
    found = connection.sql(
        "SELECT contact_id, summary, language FROM contact"
        " WHERE conversation_id IS NULL AND true_intent IS NULL AND summary <> ''"
        " ORDER BY started_at DESC, contact_id LIMIT $limit",
        params={"limit": limit},
    )
    return tuple(found.fetchall())
