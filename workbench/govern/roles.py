"""Who may do what, as one table; everything that reads or writes asks here.

A customer's right depends on whose record it is; a person's or a process's does not. The answer
is one of three: allowed, hidden (the record answers exactly as if it were not there) or refused
(the role never does this). Whether a role is refused never depends on the record, or the refusal
would tell whose it is. Records of another tenant are hidden from everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workbench.errors import InputError, NotAllowed, NotFound
from workbench.records.actions import Kind
from workbench.records.principals import Principal, Role


class Owner(StrEnum):
    """Whose record it is, seen from the principal."""

    OWN_PROVEN = "own_proven"
    OWN_UNPROVEN = "own_unproven"
    """Of the account that the customer claims, without proof yet."""
    DELEGATED = "delegated"
    """Of an account that registered the customer's own, proven account as its delegate."""
    OTHER_CUSTOMER = "other_customer"
    """Somebody else's in the same tenant; also what belongs to no customer."""
    OTHER_TENANT = "other_tenant"


class Access(StrEnum):
    ALLOWED = "allowed"
    HIDDEN = "hidden"
    REFUSED = "refused"


# Columns: operation, kind, scope of a delegate; then a customer's own record when proven, when
# not, as a delegate, somebody else's; then the other roles. y allowed, . hidden, - refused.
_TABLE = """
operation              kind  scope     proven unproven delegated other  human_agent supervisor analyst admin service
customer.read          read  -         y      .        .         .      y           y          -       y     y
identity.check         read  -         y      y        .         .      y           y          -       -     y
invoice.read           read  invoices  y      .        y         .      y           y          -       y     y
invoice.list           read  invoices  y      .        y         .      y           y          -       y     y
payment.list           read  invoices  y      .        y         .      y           y          -       y     y
credit.list            read  invoices  y      .        y         .      y           y          -       y     y
order.read             read  invoices  y      .        y         .      y           y          -       y     y
rate.read              read  -         y      y        y         y      y           y          y       y     y
knowledge.search       read  -         y      y        y         y      y           y          y       y     y
case.read              read  cases     y      .        y         .      y           y          -       y     y
case.list              read  cases     y      .        y         .      y           y          -       y     y
conversation.read      read  -         y      y        .         .      y           y          -       y     y
conversation.list      read  -         y      .        .         .      y           y          -       y     y
packet.read            read  -         -      -        -         -      y           y          -       y     y
approval.read          read  -         -      -        -         -      y           y          -       y     y
verdict.read           read  -         -      -        -         -      y           y          -       y     y
outbox.read            read  -         -      -        -         -      -           y          -       y     y
ledger.read            read  -         -      -        -         -      -           y          -       y     y
audit.verify           read  -         -      -        -         -      -           y          -       y     y
history.read           read  -         -      -        -         -      -           y          y       y     y
kpi.read               read  -         -      -        -         -      y           y          y       y     y
conversation.write     write -         y      y        .         .      y           y          -       -     y
case.open              write cases     y      .        y         .      y           y          -       -     y
case.append            write cases     y      .        y         .      y           y          -       -     y
case.change            write -         y      .        .         .      y           y          -       -     y
case.merge             write -         -      -        -         -      y           y          -       -     -
case.unmerge           write -         -      -        -         -      y           y          -       -     -
case.split             write -         -      -        -         -      y           y          -       -     -
dispute.open           write -         y      .        .         .      y           y          -       -     -
credit.issue           write -         y      .        .         .      y           y          -       -     -
copy.send              write -         y      .        .         .      y           y          -       -     -
subscription.set       write -         y      .        .         .      y           y          -       -     -
callback.request       write -         y      y        .         .      y           y          -       -     y
detail_change.request  write -         y      .        .         .      y           y          -       -     -
handoff.queue          write -         y      y        .         .      y           y          -       -     y
handoff.take           write -         -      -        -         -      y           y          -       -     -
conversation.hand_back write -         -      -        -         -      y           y          -       -     -
presence.change        write -         -      -        -         -      y           y          -       -     -
approval.request       write -         y      .        .         .      y           y          -       -     y
approval.decide        write -         -      -        -         -      -           y          -       -     -
approval.withdraw      write -         -      -        -         -      y           y          -       -     -
approval.expire        write -         -      -        -         -      -           -          -       -     y
verdict.request        write -         y      .        .         .      y           y          -       -     y
verdict.give           write -         -      -        -         -      y           y          -       -     -
verdict.expire         write -         -      -        -         -      -           -          -       -     y
verdict.remind         write -         -      -        -         -      -           -          -       -     y
verdict.tell           write -         y      .        .         .      -           -          -       -     y
escalation.label       write -         -      -        -         -      y           y          -       -     -
conversation.take_over write -         -      -        -         -      y           y          -       -     -
handling.change        write -         -      -        -         -      y           y          -       -     -
suggestion.show        write -         -      -        -         -      y           y          -       -     -
suggestion.use         write -         -      -        -         -      y           y          -       -     -
note.write             write -         -      -        -         -      y           y          -       -     -
security.report        write -         y      y        .         .      y           y          -       y     y
label.write            write -         -      -        -         -      y           y          y       y     -
record.import          write -         -      -        -         -      -           -          -       y     y
erasure.run            write -         -      -        -         -      -           -          -       y     -
policy.change          write -         -      -        -         -      -           y          -       y     -
policy.propose         write -         -      -        -         -      -           y          y       y     -
policy.decide          write -         -      -        -         -      -           y          -       y     -
threshold.adapt        write -         -      -        -         -      -           -          -       -     y
evaluation.record      write -         -      -        -         -      -           y          y       y     y
experiment.change      write -         -      -        -         -      -           y          -       y     y
clock.watch            write -         -      -        -         -      -           -          -       -     y
alert.raise            write -         -      -        -         -      -           y          -       y     y
alert.close            write -         -      -        -         -      -           y          -       y     -
outbox.deliver         write -         -      -        -         -      -           -          -       y     y
"""  # noqa: E501

_MARKS = {"y": Access.ALLOWED, ".": Access.HIDDEN, "-": Access.REFUSED}


@dataclass(frozen=True)
class Operation:
    """Something that can be done, with its row of the table."""

    name: str
    kind: Kind
    scope: str
    """What a delegate must be registered for: `invoices`, `cases`, or empty for nobody."""
    customer: dict[Owner, Access]
    staff: dict[Role, Access]

    def access(self, role: Role, owner: Owner) -> Access:
        refused = self._in_tenant(role, Owner.OTHER_CUSTOMER) is Access.REFUSED
        if owner is Owner.OTHER_TENANT and not refused:
            return Access.HIDDEN
        return self._in_tenant(role, owner)

    def _in_tenant(self, role: Role, owner: Owner) -> Access:
        if role is Role.CUSTOMER:
            return self.customer.get(owner, self.customer[Owner.OTHER_CUSTOMER])
        return self.staff[role]


def _read_row(line: str) -> Operation:
    name, kind, scope, *marks = line.split()
    cells = [_MARKS[mark] for mark in marks]
    owners = list(Owner)[:4]
    staff = [role for role in Role if role is not Role.CUSTOMER]
    return Operation(
        name=name,
        kind=Kind(kind),
        scope=scope.strip("-"),
        customer=dict(zip(owners, cells[:4], strict=True)),
        staff=dict(zip(staff, cells[4:], strict=True)),
    )


OPERATIONS: Final = {
    row.name: row for row in (_read_row(line) for line in _TABLE.strip().splitlines()[1:])
}
"""Every operation there is, by name."""


def operation(name: str) -> Operation:
    """The operation's row. Raises `InputError` when the table has none."""
    try:
        return OPERATIONS[name]
    except KeyError:
        raise InputError(
            f"There is no operation {name!r}",
            expected=f"one of {', '.join(OPERATIONS)}",
            next_step="A new operation needs a row in workbench/govern/roles.py.",
        ) from None


def owner_of(principal: Principal, customer_id: str, *, delegated: bool = False) -> Owner:
    """Whose record it is, for a record of `customer_id` in the principal's own tenant."""
    if principal.role is Role.CUSTOMER and principal.customer_id == customer_id:
        return Owner.OWN_PROVEN if principal.proven else Owner.OWN_UNPROVEN
    if principal.role is Role.CUSTOMER and principal.proven and delegated:
        return Owner.DELEGATED
    return Owner.OTHER_CUSTOMER


def access(principal: Principal, name: str, owner: Owner) -> Access:
    """What the table says."""
    return operation(name).access(principal.role, owner)


def authorise(principal: Principal, name: str, owner: Owner | None, what: str) -> None:
    """Pass when allowed; `owner` None means that `what` does not exist.

    Raises `NotAllowed` when the role never does this and `NotFound` when the record is hidden or
    not there: one statement raises both, so they cannot differ.
    """
    verdict = access(principal, name, owner or Owner.OTHER_CUSTOMER)
    if verdict is Access.REFUSED:
        raise NotAllowed(
            f"A {principal.role.value} may not do {name}",
            next_step="Ask somebody whose role allows it.",
        )
    if verdict is Access.HIDDEN or owner is None:
        raise not_there(what)


def not_there(what: str) -> NotFound:
    """The one answer to a record that is missing or not the principal's to see."""
    return NotFound(f"There is no {what}", next_step="Check the number and ask again.")
