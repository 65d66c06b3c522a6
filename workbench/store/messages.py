"""The outbox: what is to be sent, written in the transaction that caused it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from workbench.records.cases import Case, Subscription
from workbench.records.customers import ContactPoint, Customer
from workbench.store.rows import CASES, CUSTOMERS, SUBSCRIPTIONS
from workbench.store.schema import outbox
from workbench.store.views import Message

if TYPE_CHECKING:
    from workbench.store.work import Work


def send(work: Work, message: Message) -> None:
    """Put a message into the outbox."""
    work.connection.execute(insert(outbox).values(tenant=work.tenant, **message.model_dump()))


def tell_inside(
    work: Work,
    kind: str,
    queue: str,
    record: str,
    payload: dict[str, Any],
    customer_id: str = "",
    key: str = "",
) -> None:
    """A message to the people of a queue; `key`, if given, keeps it from being sent twice."""
    send(
        work,
        Message(
            key=key or work.ids.new("msg"),
            kind=kind,
            customer_id=customer_id,
            record=record,
            channel="queue",
            address=queue,
            payload=payload,
            created_at=work.now,
            not_before=work.now,
        ),
    )


def tell_subscribers(
    work: Work, case: Case, change: str, change_id: str, happened: str = ""
) -> None:
    """One message to every subscriber who wants to hear of this kind of change.

    `happened` says it more closely: a merge is a change of status of its own kind.
    """
    for wish in _wishes(work, case.id).values():
        customer = CUSTOMERS.one(work.connection, work.tenant, wish.customer_id)
        point = _verified_point(customer, wish.channel)
        if customer is None or point is None or not {change, "all"} & set(wish.events):
            continue
        send(
            work,
            Message(
                key=f"{case.id}:{change_id}:{customer.id}",
                kind="case_update",
                customer_id=customer.id,
                record=f"case {case.id}",
                channel=wish.channel,
                address=point.value,
                language=wish.language,
                payload={
                    "change": happened or change,
                    "status": case.status.value,
                    "title": case.title,
                },
                created_at=work.now,
                not_before=after_quiet_hours(work.now, wish, customer.time_zone),
            ),
        )


def _wishes(work: Work, case_id: str) -> dict[str, Subscription]:
    """Active wishes by customer, also for cases that were merged into this one.

    What a customer said about the case itself counts before what was said about a merged one.
    """
    wishes: dict[str, Subscription] = {}
    for merged in CASES.all(work.connection, work.tenant, merged_into=case_id):
        wishes |= _wishes(work, merged.id)
    for own in SUBSCRIPTIONS.all(work.connection, work.tenant, case_id=case_id):
        wishes[own.customer_id] = own
    return {customer_id: wish for customer_id, wish in wishes.items() if wish.active}


def _verified_point(customer: Customer | None, channel: str) -> ContactPoint | None:
    points = customer.contact_points if customer else ()
    return next((p for p in points if p.kind == channel and p.verified), None)


def after_quiet_hours(now: datetime, wish: Subscription, zone: str) -> datetime:
    """The first moment from `now` on that is outside the subscriber's quiet hours."""
    start, end = wish.quiet_from, wish.quiet_until
    if start is None or end is None or start == end:
        return now
    local = now.astimezone(ZoneInfo(zone))
    quiet = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not quiet:
        return now
    wake = local.replace(hour=end, minute=0, second=0, microsecond=0)
    if wake <= local:
        wake = wake + timedelta(days=1)
    return wake.astimezone(now.tzinfo)
