"""Four eyes: what one decides alone stays within a limit, however often and in what steps."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from workbench.errors import NotAllowed
from workbench.records.decisions import Level
from workbench.records.events import EventKind
from workbench.records.money import Money
from workbench.records.operations import Parameters
from workbench.records.principals import Role
from workbench.records.signals import Stakes
from workbench.store.schema import performed

if TYPE_CHECKING:
    from workbench.store.work import Work


def moved_alone(
    connection: Connection,
    tenant: str,
    customer_id: str,
    operation: str,
    currency: str,
    since: datetime,
) -> Decimal:
    """What was moved for a customer since then without a second person, whoever did it."""
    rows = connection.execute(
        select(performed.c.amount).where(
            performed.c.tenant == tenant,
            performed.c.customer_id == customer_id,
            performed.c.operation == operation,
            performed.c.currency == currency,
            performed.c.alone.is_(True),
            performed.c.at > since,
        )
    )
    return sum((row.amount for row in rows), Decimal(0))


def keep_to_limits(work: Work, wish: Parameters, customer_id: str) -> None:
    """Whoever moves money alone stays within the limits, whatever the operation."""
    if wish.moved is None or work.agreed:
        return
    if work.principal.role is Role.CUSTOMER:
        _check_decided(work, wish, customer_id, wish.moved)
    else:
        _check_limit(work, wish.operation, customer_id, wish.moved)


def _together(work: Work, operation: str, customer_id: str, amount: Money) -> Decimal:
    """This amount and what was moved alone in the window before."""
    since = work.now - work.authority.window
    before = moved_alone(
        work.connection, work.tenant, customer_id, operation, amount.currency, since
    )
    return before + amount.amount


def _check_limit(work: Work, operation: str, customer_id: str, amount: Money) -> None:
    """A person above their limit needs another one."""
    role = work.principal.role
    limit = work.authority.limit(role, operation, amount.currency)
    if limit is None:
        return
    total = _together(work, operation, customer_id, amount)
    if total > limit:
        raise NotAllowed(
            f"{total} {amount.currency} is more than a {role.value} may decide alone",
            expected=f"at most {limit} {amount.currency} in {work.authority.window.days} days "
            f"for one customer",
            next_step="Ask for approval; a second person decides.",
        )


def _check_decided(work: Work, wish: Parameters, customer_id: str, amount: Money) -> None:
    """A customer's conversation does what policy decided to automate, on the record.

    That holds for high stakes and for what the policy limits. The decision must cover what was
    moved alone before, so that small steps add up.
    """
    if wish.stakes is not Stakes.HIGH and wish.operation not in work.authority.of_assistant:
        return
    total = _together(work, wish.operation, customer_id, amount)
    decided = [e.data for e in work.transaction.events if e.kind is EventKind.DECIDED]
    if not any(_automates(data, wish.operation, total, amount.currency) for data in decided):
        raise NotAllowed(
            f"Nobody decided to let {wish.operation} move {amount} automatically",
            expected=f"a decision of this turn to automate {wish.operation} over at least "
            f"{total} {amount.currency}, with what was moved lately",
            next_step="Ask a person for approval.",
        )


def _automates(data: dict[str, Any], operation: str, total: Decimal, currency: str) -> bool:
    """Whether a `decided` event allows this much together with what was moved earlier."""
    situation, decision = data.get("situation") or {}, data.get("decision") or {}
    amount = situation.get("amount")
    return (
        data.get("stage") == operation
        and decision.get("level") == Level.AUTOMATE
        and amount is not None
        and situation.get("currency") == currency
        and Decimal(str(amount)) >= total
    )
