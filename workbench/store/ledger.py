"""The append-only ledger: appending with hash chain, reading, and the rows for verification."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select

from workbench.govern.audit import Anchor, Link, digest_of, hash_of
from workbench.records.base import Ids
from workbench.records.events import Event, EventKind, NewEvent
from workbench.store.columns import canonical_json, storable, time_text
from workbench.store.engine import Database
from workbench.store.schema import event as table

_LEDGER_LOCK = "ledger"

# Every commit asks these; building a statement anew takes longer than SQLite needs to answer it.
_LAST_SEQ = select(func.coalesce(func.max(table.c.seq), 0))
_HEAD = (
    select(table.c.position, table.c.hash)
    .where(table.c.tenant == bindparam("tenant"), table.c.stream == bindparam("stream"))
    .order_by(table.c.position.desc())
    .limit(1)
)
_OF_REQUEST = (
    select(table)
    .where(table.c.tenant == bindparam("tenant"), table.c.request_id == bindparam("request_id"))
    .order_by(table.c.seq)
)
_INSERT = insert(table)


def head(connection: Connection, tenant: str, stream: str) -> tuple[int, str]:
    """Length of a stream and the hash of its last event: (0, "") when it has none."""
    row = connection.execute(_HEAD, {"tenant": tenant, "stream": stream}).one_or_none()
    return (row.position, row.hash) if row else (0, "")


def append(
    database: Database,
    connection: Connection,
    ids: Ids,
    *,
    tenant: str,
    at: datetime,
    request_id: str,
    events: Sequence[NewEvent],
) -> tuple[Event, ...]:
    """Write events (each with its stream set) at the end of the ledger.

    `seq` has no gaps and grows in the order of commits: the ledger's lock is held until then.
    """
    if not events:
        return ()
    database.lock(connection, [_LEDGER_LOCK])
    seq = connection.execute(_LAST_SEQ).scalar_one()
    heads = {stream: head(connection, tenant, stream) for stream in {e.stream for e in events}}
    rows = []
    for new in events:
        seq += 1
        link = _link(ids, new, seq, heads[new.stream], tenant, at, request_id)
        heads[new.stream] = (link.position, link.hash)
        rows.append({**link.model_dump(), "at": at})
    connection.execute(_INSERT, rows)
    return tuple(_event(row) for row in rows)


def _link(
    ids: Ids,
    new: NewEvent,
    seq: int,
    head: tuple[int, str],
    tenant: str,
    at: datetime,
    request_id: str,
) -> Link:
    position, previous = head
    header = {
        "seq": seq,
        "id": ids.new("ev"),
        "tenant": tenant,
        "stream": new.stream,
        "position": position + 1,
        "at": time_text(at),
        "kind": new.kind.value,
        "actor": storable(new.actor),
        "on_behalf_of": storable(new.on_behalf_of),
        "request_id": request_id,
        "policy_version": new.policy_version,
    }
    # Two draws make 120 random bits: erased data cannot be found again by guessing.
    salt, data = ids.new("salt") + ids.new(""), canonical_json(new.data)
    digest = digest_of(salt, data)
    return Link(
        **header,
        data=data,
        salt=salt,
        digest=digest,
        previous=previous,
        hash=hash_of(previous, header, digest),
    )


def read(
    connection: Connection,
    tenant: str,
    *,
    stream: str | None = None,
    after: int = 0,
    kinds: Collection[EventKind] | None = None,
) -> tuple[Event, ...]:
    """Events with `seq` above `after`, in the order of the ledger; erased ones have no data."""
    query = select(table).where(table.c.tenant == tenant, table.c.seq > after)
    if stream is not None:
        query = query.where(table.c.stream == stream)
    if kinds is not None:
        query = query.where(table.c.kind.in_([kind.value for kind in kinds]))
    rows = connection.execute(query.order_by(table.c.seq)).mappings()
    return tuple(_event(row) for row in rows)


def of_request(
    connection: Connection, tenant: str, stream: str, request_id: str
) -> tuple[Event, ...]:
    """What a request has already written: all of it, if any of it lies in the stream."""
    named = {"tenant": tenant, "request_id": request_id}
    rows = connection.execute(_OF_REQUEST, named).mappings().all()
    if not any(row["stream"] == stream for row in rows):
        return ()
    return tuple(_event(row) for row in rows)


def links(connection: Connection, tenant: str) -> Iterator[Link]:
    """Every event of a tenant as the chain sees it, by stream and position."""
    query = (
        select(table)
        .where(table.c.tenant == tenant)
        .order_by(table.c.stream, table.c.position, table.c.seq)
        .execution_options(yield_per=1000)
    )
    for row in connection.execute(query).mappings():
        yield Link(**{**row, "at": time_text(row["at"])})


def checkpoint(connection: Connection, tenant: str, at: datetime, last: Anchor | None) -> Anchor:
    """The ledger's size and the heads of the streams that grew since the last checkpoint."""
    size = select(func.coalesce(func.max(table.c.seq), 0), func.count())
    last_seq, count = connection.execute(size.where(table.c.tenant == tenant)).one()
    return Anchor(
        at=at,
        tenant=tenant,
        last_seq=last_seq,
        count=count,
        heads=_heads_after(connection, tenant, last.last_seq if last else 0),
    )


def _heads_after(connection: Connection, tenant: str, seq: int) -> dict[str, tuple[int, str]]:
    grown = (
        select(table.c.stream, func.max(table.c.position).label("position"))
        .where(table.c.tenant == tenant, table.c.seq > seq)
        .group_by(table.c.stream)
        .subquery()
    )
    rows = connection.execute(
        select(table.c.stream, table.c.position, table.c.hash)
        .join(grown, (table.c.stream == grown.c.stream) & (table.c.position == grown.c.position))
        .where(table.c.tenant == tenant)
    )
    return {row.stream: (row.position, row.hash) for row in rows}


def _event(row: RowMapping | dict[str, object]) -> Event:
    fields = {name: row[name] for name in Event.model_fields if name != "data"}
    data = row["data"]
    return Event.model_validate(fields | {"data": json.loads(str(data)) if data else {}})
