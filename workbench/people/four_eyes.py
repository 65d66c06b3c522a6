"""What a request for approval weighs: amounts that count together, limits, and its record now."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workbench.errors import InputError, NotFound
from workbench.records.authority import Authority
from workbench.records.base import Record
from workbench.records.money import Money
from workbench.records.principals import Principal, Role
from workbench.store.store import Store
from workbench.store.views import Approval


class Weighed(Record):
    """What a second person looks at before deciding."""

    revision: int
    """Of the record as it is now; 0 when it is gone."""
    asked_revision: int
    """Of the record when the request was made; it holds for this one only."""
    amount: Money | None = None
    """None: the action moves no money."""
    alone: Money | None = None
    """Moved for the same customer within the window without a second person."""
    window_days: int = 0
    limits: Mapping[Role, Decimal] = {}
    """Role -> the largest sum that it decides alone, in the currency of the amount."""

    @property
    def together(self) -> Money | None:
        """The sum that is held to the limits."""
        if self.amount is None or self.alone is None:
            return None
        return self.amount + self.alone

    @property
    def moved_on(self) -> bool:
        """Whether the record has changed since, so that agreeing only asks again."""
        return self.revision != self.asked_revision


def weigh(store: Store, reader: Principal, authority: Authority, asked: Approval) -> Weighed:
    """The amounts of a request with what counts beside them, and where its record stands.

    Raises `InputError` when its record is neither an invoice nor a case.
    """
    weighed = Weighed(
        revision=_revision(store, reader, asked.record), asked_revision=asked.record_revision
    )
    amount, operation = asked.action.amount, asked.action.operation
    if amount is None:
        return weighed
    of_roles = ((role, authority.limit(role, operation, amount.currency)) for role in _DECIDING)
    money = {
        "amount": amount,
        "alone": store.moved_alone(reader, operation, asked.customer_id, amount.currency),
        "window_days": authority.window.days,
        "limits": {role: limit for role, limit in of_roles if limit is not None},
    }
    return weighed.model_copy(update=money)


_DECIDING = (Role.HUMAN_AGENT, Role.SUPERVISOR)


def _revision(store: Store, reader: Principal, record: str) -> int:
    kind, _, key = record.partition(" ")
    try:
        if kind == "invoice":
            return store.account(reader, key).invoice.revision
        if kind == "case":
            return store.case(reader, key).revision
    except NotFound:
        return 0
    raise InputError(f"{record!r} names no record", expected="`invoice X` or `case X`")
