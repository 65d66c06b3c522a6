"""Questions to people: asked, reminded of, answered or timed out, and told to the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from workbench.errors import Conflict, InputError
from workbench.records.customers import PointKind
from workbench.records.events import EventKind
from workbench.records.operations import sealed
from workbench.records.verdicts import (
    ExpireVerdict,
    GiveVerdict,
    RemindOfVerdict,
    RequestVerdict,
    TellVerdict,
    Verdict,
    VerdictStatus,
)
from workbench.store.messages import send, tell_inside
from workbench.store.operations.people import conversation_target
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.rows import CUSTOMERS
from workbench.store.schema import conversation
from workbench.store.schema import verdict as table
from workbench.store.views import Message

if TYPE_CHECKING:
    from workbench.store.work import Work


def _target(
    work: Work, wish: GiveVerdict | ExpireVerdict | RemindOfVerdict | TellVerdict
) -> Target:
    found = _find(work, wish.task_id)
    return (found.task.customer_id if found else None), f"question {wish.task_id}"


@performs(RequestVerdict, lambda work, wish: conversation_target(work, wish.task.conversation_id))
def request_verdict(work: Work, wish: RequestVerdict) -> Outcome:
    """Put the question before the people of its queue; the conversation stays where it is."""
    task = wish.task
    customer_id, _ = conversation_target(work, task.conversation_id)
    if task.customer_id != customer_id:
        raise InputError("A question belongs to the customer of its conversation")
    if _find(work, task.id) is not None:
        raise Conflict(f"There is a question {task.id} already")
    work.connection.execute(
        insert(table).values(
            tenant=work.tenant,
            id=task.id,
            conversation_id=task.conversation_id,
            customer_id=task.customer_id,
            queue=task.queue,
            task=task.model_dump(mode="json"),
            remind_at=task.remind_at,
            due_at=task.due_at,
            status=VerdictStatus.OPEN.value,
        )
    )
    told = {"task": task.model_dump(mode="json")}
    work.record(EventKind.VERDICT_REQUESTED, told, task.conversation_id)
    return Outcome({"task_id": task.id})


@performs(GiveVerdict, _target)
def give_verdict(work: Work, wish: GiveVerdict) -> Outcome:
    """A person's choice; the first one counts."""
    found = _open(work, wish.task_id)
    offered = [choice.key for choice in found.task.choices]
    if wish.choice not in offered:
        raise InputError(
            f"{wish.choice!r} is no answer to question {wish.task_id}",
            expected=f"one of {', '.join(offered)}",
        )
    _decide(work, found, wish.choice, VerdictStatus.ANSWERED, wish.note)
    return Outcome({"task_id": wish.task_id, "choice": wish.choice})


@performs(ExpireVerdict, _target)
def expire_verdict(work: Work, wish: ExpireVerdict) -> Outcome:
    """Nobody answered in time: the fallback counts, once."""
    found = _open(work, wish.task_id)
    if wish.at < found.task.due_at:
        raise InputError(
            f"Question {wish.task_id} is not due at {wish.at.isoformat()}",
            expected=f"{found.task.due_at.isoformat()} or later",
        )
    _decide(work, found, found.task.fallback, VerdictStatus.TIMED_OUT)
    return Outcome({"task_id": wish.task_id, "choice": found.task.fallback})


@performs(RemindOfVerdict, _target)
def remind_of_verdict(work: Work, wish: RemindOfVerdict) -> Outcome:
    """One message to the queue before the deadline."""
    task = _open(work, wish.task_id).task
    tell_inside(
        work,
        "verdict_reminder",
        task.queue,
        f"conversation {task.conversation_id}",
        {"task_id": task.id, "question": task.question, "due_at": task.due_at.isoformat()},
        task.customer_id,
    )
    _change(work, task.id, reminded_at=work.now)
    return Outcome({"task_id": task.id})


@performs(TellVerdict, _target)
def tell_verdict(work: Work, wish: TellVerdict) -> Outcome:
    """The conversation went on; what it says waits in the outbox for the customer's channel."""
    found = _find(work, wish.task_id)
    assert found is not None, "the target was found before"
    if found.status is VerdictStatus.OPEN:
        raise Conflict(
            f"Question {wish.task_id} is still open", next_step="Answer it first, or let it expire."
        )
    if wish.text and found.told_at is None:
        send(work, _reply(work, found, wish))
    _change(work, wish.task_id, told_at=found.told_at or work.now)
    return Outcome({"task_id": wish.task_id})


def _find(work: Work, task_id: str) -> Verdict | None:
    same = (table.c.tenant == work.tenant, table.c.id == task_id)
    row = work.connection.execute(select(table).where(*same)).mappings().one_or_none()
    if row is None:
        return None
    return Verdict.model_validate({name: row[name] for name in Verdict.model_fields})


def _open(work: Work, task_id: str) -> Verdict:
    """The question, if it is still open; its customer's lock keeps it so."""
    found = _find(work, task_id)
    assert found is not None, "the target was found before"
    if found.status is not VerdictStatus.OPEN:
        raise Conflict(
            f"Question {task_id} is {found.status.value} already", next_step="Reload the list."
        )
    return found


def _decide(work: Work, found: Verdict, choice: str, status: VerdictStatus, note: str = "") -> None:
    task, answered = found.task, status is VerdictStatus.ANSWERED
    _change(
        work,
        task.id,
        status=status.value,
        choice=choice,
        decided_by=work.principal.id if answered else "",
        decided_at=work.now,
        note=note,
    )
    work.record(
        EventKind.VERDICT_GIVEN,
        {
            "task_id": task.id,
            "request_id": task.request_id,
            "about": task.about,
            "choice": choice,
            "suggested": task.suggested,
            "timed_out": not answered,
            "overridden": answered and choice != task.suggested,
            "note": sealed(note),
        },
        task.conversation_id,
    )


def _change(work: Work, task_id: str, **values: Any) -> None:
    same = (table.c.tenant == work.tenant, table.c.id == task_id)
    work.connection.execute(update(table).where(*same).values(**values))


def _reply(work: Work, found: Verdict, wish: TellVerdict) -> Message:
    """The reply for where the customer wrote; by e-mail to a verified address only."""
    task = found.task
    channel, address = _where_to(work, found)
    return Message(
        key=f"verdict:{task.id}",
        kind="reply",
        customer_id=task.customer_id,
        record=f"conversation {task.conversation_id}",
        channel=channel,
        address=address,
        language=wish.language,
        payload={"text": wish.text},
        created_at=work.now,
        not_before=work.now,
    )


def _where_to(work: Work, found: Verdict) -> tuple[str, str]:
    task = found.task
    same = (conversation.c.tenant == work.tenant, conversation.c.id == task.conversation_id)
    channel = work.connection.execute(select(conversation.c.channel).where(*same)).scalar_one()
    customer = CUSTOMERS.one(work.connection, work.tenant, task.customer_id)
    points = customer.contact_points if customer else ()
    verified = {p.kind: p.value for p in reversed(points) if p.verified}
    if channel == PointKind.EMAIL and PointKind.EMAIL in verified:
        return str(channel), verified[PointKind.EMAIL]
    return str(channel), task.conversation_id
