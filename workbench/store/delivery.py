"""The outbox seen by the worker that sends: what is due, and what became of it.

At least once: a message counts as sent when the worker says so, and it says so after the other
side has answered. A worker that dies between the two sends again, under the same key.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from workbench.errors import NotFound
from workbench.store.schema import outbox
from workbench.store.views import Message

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


def due(
    connection: Connection, tenant: str, channel: str, now: datetime, limit: int
) -> tuple[Message, ...]:
    """Unsent messages of a channel whose time has come, oldest first."""
    columns = [column for column in outbox.columns if column.name != "tenant"]
    query = (
        select(*columns)
        .where(outbox.c.tenant == tenant, outbox.c.channel == channel)
        .where(outbox.c.sent_at.is_(None), outbox.c.not_before <= now)
        .order_by(outbox.c.created_at, outbox.c.key)
        .limit(limit)
    )
    rows = connection.execute(query).mappings()
    return tuple(Message.model_validate(dict(row)) for row in rows)


def settle(connection: Connection, tenant: str, key: str, now: datetime, sent: bool) -> Message:
    """Note that a message was sent, or when to try again. Raises `NotFound` for an unknown key."""
    same = (outbox.c.tenant == tenant, outbox.c.key == key)
    columns = [column for column in outbox.columns if column.name != "tenant"]
    row = connection.execute(select(*columns).where(*same)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no message {key} in the outbox")
    message = Message.model_validate(dict(row))
    if message.sent_at is not None:
        return message
    changed = {"sent_at": now} if sent else {"not_before": now + pause(message, now)}
    connection.execute(update(outbox).where(*same).values(**changed))
    return message.model_copy(update=changed)


def pause(message: Message, now: datetime) -> timedelta:
    """Time until the next attempt: as long as the message has waited already, within limits.

    So waits double with every failure, and nothing but the message itself has to be kept.
    """
    return min(max(now - message.created_at, FIRST_PAUSE), LONGEST_PAUSE)
