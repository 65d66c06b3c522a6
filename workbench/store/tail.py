"""The live tail: events of conversations that are not published as they now stand.

Read through the store's own driver. A second SQLite library in the same process (ADBC's) would drop
the first one's file locks whenever it closes the file, which can corrupt the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    String,
    func,
    inspect,
    literal,
    select,
    type_coerce,
    union,
)

from workbench.store.engine import Database
from workbench.store.schema import event, support_case

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = ("tenant", "stream", "position", "at", "kind", "actor", "policy_version", "data")


@dataclass(frozen=True)
class Tail:
    """What one snapshot of the ledger held."""

    last_seq: int
    events: pa.Table
    """Times are text on SQLite and zoned on PostgreSQL; erased data is `{}`."""


class LedgerTail:
    """Reads the ledger of one tenant for the history."""

    def __init__(self, url: str, tenant: str) -> None:
        self._database = Database(url)
        self._tenant = tenant

    def close(self) -> None:
        self._database.close()

    def last_seq(self) -> int:
        """Position of the tenant's last event; 0 for none, or before the store was first opened."""
        if not self._is_there():
            return 0
        with self._database.reading() as connection:
            return self._last_seq(connection)

    def _is_there(self) -> bool:
        return inspect(self._database.engine).has_table(event.name)

    def _last_seq(self, connection: Connection) -> int:
        query = select(func.coalesce(func.max(event.c.seq), 0))
        return int(connection.execute(query.where(event.c.tenant == self._tenant)).scalar_one())

    def read(self, through: int, still_open: Sequence[str]) -> Tail:
        """All events of every conversation that was touched after `through` or was open then, and
        of the cases that it opened."""
        if not self._is_there():
            return Tail(0, _table([]))
        touched = self._streams().where(event.c.seq > through)
        case_stream = literal("case:") + support_case.c.id
        own_case = support_case.c.tenant == self._tenant
        conversations = union(
            touched,
            select(support_case.c.conversation_id).where(own_case, case_stream.in_(touched)),
            self._streams().where(event.c.stream.in_(list(still_open))),
        )
        cases = select(case_stream).where(
            own_case, support_case.c.conversation_id.in_(conversations)
        )
        query = _all_of_it().where(
            event.c.tenant == self._tenant,
            event.c.stream.in_(conversations) | event.c.stream.in_(cases),
        )
        with self._database.reading() as connection:
            return Tail(self._last_seq(connection), _table(connection.execute(query).fetchall()))

    def _streams(self) -> Select[tuple[str]]:
        return select(event.c.stream).where(
            event.c.tenant == self._tenant, ~event.c.stream.startswith("import:")
        )


def _all_of_it() -> Select[Any]:
    """The event's columns as the driver gives them: parsing a million times one by one is slow."""
    columns = {name: event.c[name] for name in _COLUMNS}
    columns["at"] = type_coerce(event.c.at, String)  # type: ignore[assignment]
    columns["data"] = func.coalesce(event.c.data, "{}")  # type: ignore[assignment]
    return select(*(column.label(name) for name, column in columns.items()))


def _table(rows: Sequence[Row[Any]]) -> pa.Table:
    import pyarrow as pa

    columns = zip(*rows, strict=True) if rows else ([] for _ in _COLUMNS)
    return pa.table({name: list(values) for name, values in zip(_COLUMNS, columns, strict=True)})
