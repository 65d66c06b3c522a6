"""Approvals: a second person agrees to exactly one action on one state of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from workbench.errors import Conflict, InputError, NotAllowed
from workbench.records.actions import Receipt
from workbench.records.events import EventKind
from workbench.records.operations import (
    DecideApproval,
    ExpireApproval,
    RequestApproval,
    WithdrawApproval,
)
from workbench.records.principals import Role, same_person
from workbench.store.messages import tell_inside
from workbench.store.operations.registry import Outcome, Target, performer_of, performs
from workbench.store.rows import CASES, INVOICES
from workbench.store.schema import approval as table
from workbench.store.views import Approval, ApprovalStatus

if TYPE_CHECKING:
    from workbench.store.work import Work

_SUPERVISORS = "supervisors"


def _action_target(work: Work, wish: RequestApproval) -> Target:
    """Asking is for whoever may ask on the thing that the action touches."""
    performer = performer_of(wish.action.operation)
    return performer.target(work, performer.read(wish.action))


def _approval_target(
    work: Work, wish: DecideApproval | WithdrawApproval | ExpireApproval
) -> Target:
    found = _find(work, wish.approval_id)
    return (found.customer_id if found else None), f"approval {wish.approval_id}"


def _find(work: Work, approval_id: str) -> Approval | None:
    columns = [column for column in table.columns if column.name != "tenant"]
    row = work.connection.execute(
        select(*columns).where(table.c.tenant == work.tenant, table.c.id == approval_id)
    ).one_or_none()
    return None if row is None else Approval.model_validate(dict(row._mapping))


@performs(RequestApproval, _action_target)
def request_approval(work: Work, wish: RequestApproval) -> Outcome:
    """Ask for an action that the requester could do but for its size."""
    customer_id, what = _action_target(work, wish)
    work.authorise(wish.action.operation, customer_id, what)
    if _revision(work, wish.record) != wish.record_revision:
        raise Conflict(
            f"{wish.record} is not at revision {wish.record_revision} any more",
            next_step="Read it again and ask again.",
        )
    request = Approval(
        id=work.ids.new("appr"),
        customer_id=customer_id or "",
        conversation_id=wish.conversation_id,
        requested_by=work.principal.id,
        requested_at=work.now,
        action=wish.action,
        fingerprint=wish.action.fingerprint,
        record=wish.record,
        record_revision=wish.record_revision,
        reason=wish.reason,
        expires_at=wish.expires_at,
    )
    _ask(work, request, wish.limit.model_dump(mode="json") if wish.limit else None)
    return Outcome({"approval_id": request.id})


@performs(DecideApproval, _approval_target)
def decide_approval(work: Work, wish: DecideApproval) -> Outcome:
    """Approve (and perform), decline, or ask again because the record has moved."""
    found = _pending(work, wish.approval_id)
    _check_decision(work, found, wish)
    if not wish.approved:
        _settle(work, found, wish.reason, ApprovalStatus.DECLINED)
        return Outcome({"status": ApprovalStatus.DECLINED.value, "approval_id": found.id})
    revision = _revision(work, found.record)
    if revision != found.record_revision:
        return _ask_again(work, found, wish, revision)
    _settle(work, found, wish.reason, ApprovalStatus.APPROVED)
    receipt = _perform_agreed(work, found)
    return Outcome(
        {
            "status": ApprovalStatus.APPROVED.value,
            "approval_id": found.id,
            "receipt": receipt.model_dump(mode="json"),
        }
    )


@performs(WithdrawApproval, _approval_target)
def withdraw_approval(work: Work, wish: WithdrawApproval) -> Outcome:
    """The request is taken back; what was asked for is not done."""
    found = _pending(work, wish.approval_id)
    own = same_person(found.requested_by, work.principal.id)
    if not own and work.principal.role is not Role.SUPERVISOR:
        raise NotAllowed(
            f"Approval {found.id} was asked for by {found.requested_by}",
            next_step="Ask them or a supervisor to withdraw it.",
        )
    _settle(work, found, wish.reason, ApprovalStatus.WITHDRAWN)
    return Outcome({"approval_id": found.id, "status": ApprovalStatus.WITHDRAWN.value})


@performs(ExpireApproval, _approval_target)
def expire_approval(work: Work, wish: ExpireApproval) -> Outcome:
    """Time is up: nothing is done, and the queue of the customer's people is told."""
    found = _pending(work, wish.approval_id)
    if found.expires_at is None or wish.at < found.expires_at:
        raise InputError(
            f"Approval {found.id} does not expire at {wish.at.isoformat()}",
            expected=f"{found.expires_at.isoformat()} or later" if found.expires_at else "never",
        )
    _settle(work, found, "nobody decided in time", ApprovalStatus.EXPIRED)
    told = {"approval_id": found.id, "operation": found.action.operation}
    tell_inside(work, "approval_expired", _SUPERVISORS, found.record, told, found.customer_id)
    return Outcome({"approval_id": found.id, "status": ApprovalStatus.EXPIRED.value})


def _perform_agreed(work: Work, found: Approval) -> Receipt:
    """Do what two people agreed to; it does not count against anybody's limit."""
    work.agreed = True
    try:
        receipt: Receipt = work.perform(found.action, found.conversation_id)
    finally:
        work.agreed = False
    return receipt


def _pending(work: Work, approval_id: str) -> Approval:
    found = _find(work, approval_id)
    assert found is not None, "the target was found before"
    if found.status is not ApprovalStatus.PENDING:
        raise Conflict(
            f"Approval {found.id} is {found.status.value} already", next_step="Reload the list."
        )
    return found


def _check_decision(work: Work, found: Approval, wish: DecideApproval) -> None:
    if found.expires_at is not None and work.now >= found.expires_at:
        raise Conflict(
            f"Approval {found.id} expired at {found.expires_at.isoformat()}",
            next_step="Have it asked for again.",
        )
    if same_person(found.requested_by, work.principal.id):
        raise NotAllowed(
            "Nobody decides on a request of their own",
            expected="another person, not another identity of the same one",
        )
    if wish.fingerprint != found.fingerprint:
        raise Conflict(
            f"Approval {found.id} is for another action than the one you have seen",
            next_step="Look at the request again.",
        )


def _ask_again(work: Work, found: Approval, wish: DecideApproval, revision: int) -> Outcome:
    """The record changed since the request: nothing is done, the new state goes to a person."""
    _settle(work, found, wish.reason, ApprovalStatus.SUPERSEDED)
    again = found.model_copy(
        update={
            "id": work.ids.new("appr"),
            "record_revision": revision,
            "requested_at": work.now,
        }
    )
    _ask(work, again, None)
    return Outcome({"status": "asked_again", "approval_id": again.id})


def _ask(work: Work, request: Approval, limit: object) -> None:
    values = request.model_dump() | {"action": request.action.model_dump(mode="json")}
    work.connection.execute(insert(table).values(tenant=work.tenant, **values))
    work.record(
        EventKind.APPROVAL_REQUESTED,
        {
            "approval_id": request.id,
            "action": request.action.model_dump(mode="json"),
            "record": request.record,
            "record_revision": request.record_revision,
            "limit": limit,
        },
        request.conversation_id,
    )


def _settle(work: Work, found: Approval, reason: str, status: ApprovalStatus) -> None:
    work.connection.execute(
        update(table)
        .where(table.c.tenant == work.tenant, table.c.id == found.id)
        .values(
            status=status.value,
            decided_by=work.principal.id,
            decided_at=work.now,
            decision_reason=reason,
        )
    )
    work.record(
        EventKind.APPROVAL_DECIDED,
        {
            "approval_id": found.id,
            "approved": status is ApprovalStatus.APPROVED,
            "status": status.value,
            "reason": reason,
        },
        found.conversation_id,
    )


def _revision(work: Work, record: str) -> int:
    """Revision of the record that an approval is bound to, named as `invoice X` or `case X`."""
    kind, _, key = record.partition(" ")
    if kind not in ("invoice", "case"):
        raise InputError(f"{record!r} names no record", expected="`invoice X` or `case X`")
    if kind == "invoice":
        invoice = INVOICES.one(work.connection, work.tenant, key)
        return invoice.revision if invoice else 0
    case = CASES.one(work.connection, work.tenant, key)
    return case.revision if case else 0
