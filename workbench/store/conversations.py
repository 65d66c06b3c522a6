"""The index of conversations, kept with their events so that lists need not fold them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from workbench.records.conversations import Speaker
from workbench.records.events import Event, EventKind, NewEvent
from workbench.store.schema import conversation as table
from workbench.store.views import ConversationStatus

_THIS = (table.c.tenant == bindparam("of_tenant"), table.c.id == bindparam("of_id"))
_CUSTOMER = select(table.c.customer_id).where(*_THIS)
_UPDATE = update(table).where(*_THIS)


def customer_of(connection: Connection, tenant: str, conversation_id: str) -> str | None:
    """Whose conversation it is, None when there is none."""
    this = {"of_tenant": tenant, "of_id": conversation_id}
    return connection.execute(_CUSTOMER, this).scalar_one_or_none()


def begin(
    connection: Connection, tenant: str, conversation_id: str, started: NewEvent, now: datetime
) -> None:
    """Enter a new conversation; one that is there already stays as it is."""
    if customer_of(connection, tenant, conversation_id) is not None:
        return
    data = started.data
    connection.execute(
        insert(table).values(
            tenant=tenant,
            id=conversation_id,
            customer_id=str(data.get("customer_id") or ""),
            channel=str(data.get("channel") or "chat"),
            language=str(data.get("language") or "en"),
            phase=str(data.get("phase") or ""),
            speaker=Speaker.ASSISTANT.value,
            status=ConversationStatus.OPEN.value,
            started_at=now,
            last_at=now,
        )
    )


def advance(
    connection: Connection, tenant: str, conversation_id: str, events: Sequence[Event]
) -> None:
    """Move the index to the last of the new events of its conversation."""
    own = [event for event in events if event.stream == conversation_id]
    if not own:
        return
    values: dict[str, Any] = {
        "revision": own[-1].position,
        "last_at": own[-1].at,
        "last_kind": own[-1].kind.value,
    }
    for event in own:
        values |= _consequence(event)
    put(connection, tenant, conversation_id, **values)


def _consequence(event: Event) -> dict[str, Any]:
    """What an event means for who speaks and whether anything is left to do."""
    if event.kind is EventKind.CONVERSATION_ENDED:
        return {"status": ConversationStatus.ENDED.value}
    by_person = str(event.data.get("speaker", "")).startswith("human_agent")
    if event.kind is EventKind.REPLIED and by_person:
        return {
            "status": ConversationStatus.WITH_PERSON.value,
            "speaker": Speaker.PERSON.value,
        }
    return {}


def put(connection: Connection, tenant: str, conversation_id: str, **values: Any) -> None:
    """Set columns of a conversation's row."""
    this = {"of_tenant": tenant, "of_id": conversation_id}
    connection.execute(_UPDATE, this | values)
