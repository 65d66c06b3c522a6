"""Which records a pattern of an expectation fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbench.records.base import Record
from workbench.records.cases import Case, Subscription
from workbench.records.invoices import CreditNote, Dispute
from workbench.scenarios.expectations import (
    ApprovalPattern,
    CasePattern,
    CreditPattern,
    DisputePattern,
    SubscriptionPattern,
    fits,
)
from workbench.scenarios.seen import World
from workbench.store import Approval


def _all(*pairs: tuple[Any, Any]) -> bool:
    """Whether every wish that is given holds: (wish, actual) pairs."""
    return all(wish is None or wish == actual or fits(wish, actual) for wish, actual in pairs)


def _case(wish: CasePattern, case: Case, world: World) -> bool:
    fields = _all(
        (wish.id, case.id),
        (wish.customer, case.customer_id),
        (wish.topic, case.topic),
        (wish.subject, case.subject),
        (wish.status, case.status),
        (wish.queue, case.queue),
        (wish.priority, case.priority),
        (wish.grade, case.grade),
        (wish.parent, case.parent_id),
        (wish.reopened, case.reopened),
        (wish.legal_hold, case.legal_hold),
    )
    if not (fields and wish.contains):
        return fields
    history = " ".join([case.title, case.subject, *(e.text for e in world.entries(case.id))])
    return all(part in history for part in wish.contains)


def _dispute(wish: DisputePattern, dispute: Dispute, _: World) -> bool:
    return _all(
        (wish.invoice, dispute.invoice_number),
        (wish.line, dispute.line),
        (wish.amount, dispute.amount),
        (wish.reason, dispute.reason),
        (wish.state, dispute.state),
    )


def _credit(wish: CreditPattern, note: CreditNote, _: World) -> bool:
    lines = [line.invoice_line for line in note.lines]
    return _all((wish.invoice, note.invoice_number), (wish.amount, note.amount)) and (
        wish.line is None or wish.line in lines
    )


def _approval(wish: ApprovalPattern, approval: Approval, _: World) -> bool:
    amount = approval.action.amount
    return _all(
        (wish.operation, approval.action.operation),
        (wish.state, approval.status),
        (wish.amount, amount.amount if amount else None),
    )


def _subscription(wish: SubscriptionPattern, found: Subscription, _: World) -> bool:
    return _all(
        (wish.case, found.case_id),
        (wish.channel, found.channel),
        (wish.language, found.language),
        (wish.active, found.active),
        (wish.quiet_from, found.quiet_from),
        (wish.quiet_until, found.quiet_until),
    )


Find = Callable[[World], Sequence[Record]]
Matches = Callable[[Any, Any, World], bool]

PATTERNS: dict[str, tuple[Find, Matches]] = {
    "cases": (lambda world: world.cases, _case),
    "disputes": (lambda world: world.disputes, _dispute),
    "credit_notes": (lambda world: world.credit_notes, _credit),
    "approvals": (lambda world: world.approvals, _approval),
    "subscriptions": (lambda world: world.subscriptions, _subscription),
}
"""Key of an expectation -> where its records lie, and when a pattern fits one."""
