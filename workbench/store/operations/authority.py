"""Four eyes: what one decides alone stays within a limit, however often and in what steps."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from workbench.errors import NotAllowed
from workbench.records.money import Money
from workbench.records.principals import Role
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


def together(work: Work, operation: str, customer_id: str, amount: Money) -> Decimal:
    """This amount and what was moved alone in the window before."""
    since = work.now - work.authority.window
    before = moved_alone(
        work.connection, work.tenant, customer_id, operation, amount.currency, since
    )
    return before + amount.amount


def check_limit(work: Work, operation: str, customer_id: str, amount: Money) -> None:
    """A person above their limit needs another one; the assistant's limit is the policy's."""
    role = work.principal.role
    if work.agreed or role is Role.CUSTOMER:
        return
    limit = work.authority.limit(role, operation, amount.currency)
    if limit is None:
        return
    total = together(work, operation, customer_id, amount)
    if total > limit:
        raise NotAllowed(
            f"{total} {amount.currency} is more than a {role.value} may decide alone",
            expected=f"at most {limit} {amount.currency} in {work.authority.window.days} days "
            f"for one customer",
            next_step="Ask for approval; a second person decides.",
        )
