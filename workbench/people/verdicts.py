"""Private questions to people: who is asked, until when, and what to do about those that wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from workbench.config import Settings
from workbench.records.actions import Action
from workbench.records.base import Record, short_code
from workbench.records.conversations import Conversation, Request
from workbench.records.evidence import Fact
from workbench.records.operations import ExpireApproval, plan
from workbench.records.verdicts import (
    Choice,
    ExpireVerdict,
    MicroTask,
    RemindOfVerdict,
    Verdict,
    VerdictStatus,
)
from workbench.store.views import Approval
from workbench.systems.calendar import BusinessCalendar


@dataclass(frozen=True)
class Question:
    """What a flow wants to know from a person."""

    about: str
    """Key under which the flow finds the answer."""
    text: str
    """The question, in words for the person."""
    choices: tuple[Choice, ...]
    suggested: str
    """What the assistant would choose alone."""
    fallback: str
    """What counts when nobody answers in time."""
    evidence: tuple[Fact, ...] = ()


def micro_task(
    question: Question,
    request: Request,
    conversation: Conversation,
    settings: Settings,
    now: datetime,
) -> MicroTask:
    """The question with its people and its times, which run while somebody is there."""
    calendar, review = BusinessCalendar(settings.hours), settings.review
    queues = settings.queues
    named = f"{conversation.id}:{request.id}:{question.about}"
    return MicroTask(
        id=f"VRD-{short_code(named)}",
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        request_id=request.id,
        about=question.about,
        question=question.text,
        words=request.text,
        choices=question.choices,
        evidence=question.evidence,
        queue=queues.by_flow.get(request.flow, queues.default),
        suggested=question.suggested,
        fallback=question.fallback,
        asked_at=now,
        remind_at=calendar.add(now, min(review.remind_minutes, review.verdict_minutes)),
        due_at=calendar.add(now, review.verdict_minutes),
    )


def overdue(verdicts: Iterable[Verdict], now: datetime) -> Iterator[tuple[Verdict, Action]]:
    """Questions whose deadline has passed, each with the act that makes its fallback count."""
    for one in verdicts:
        if one.task.due_at <= now:
            yield one, plan(ExpireVerdict(task_id=one.task.id, at=now), f"expire:{one.task.id}")


def to_remind(verdicts: Iterable[Verdict], now: datetime) -> Iterator[tuple[Verdict, Action]]:
    """Questions that fall due soon and that nobody was reminded of, each with its reminder."""
    for one in verdicts:
        if one.reminded_at is None and one.task.remind_at <= now < one.task.due_at:
            yield one, plan(RemindOfVerdict(task_id=one.task.id), f"remind:{one.task.id}")


def to_expire(approvals: Iterable[Approval], now: datetime) -> Iterator[tuple[Approval, Action]]:
    """Requests for approval whose time is up, each with the act that ends it."""
    for one in approvals:
        if one.expires_at is not None and one.expires_at <= now:
            wish = ExpireApproval(approval_id=one.id, at=now)
            yield one, plan(wish, f"expire-approval:{one.id}")


class VerdictLabel(Record):
    """One example that a person has labelled by a verdict."""

    task_id: str
    about: str
    words: str
    """The customer's own words, masked."""
    evidence: tuple[Fact, ...]
    suggested: str
    choice: str
    by: str


def labels_of(verdicts: Iterable[Verdict]) -> tuple[VerdictLabel, ...]:
    """The questions that a person answered; a fallback is nobody's judgement and is left out."""
    return tuple(
        VerdictLabel(
            task_id=one.task.id,
            about=one.task.about.partition(":")[0],
            words=one.task.words,
            evidence=one.task.evidence,
            suggested=one.task.suggested,
            choice=one.choice,
            by=one.decided_by,
        )
        for one in verdicts
        if one.status is VerdictStatus.ANSWERED
    )
