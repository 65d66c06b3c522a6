"""SLA clocks in the store: words that start or meet them, warnings, broken promises.

Whoever watches, and however many do at once: a warning and a broken promise happen once, since
they are noted on the clock in the transaction that tells of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from workbench.errors import Conflict
from workbench.records.cases import Case, SlaClock
from workbench.records.clocks import Clocks, Takeover, Telling, WatchCase, answered, asked
from workbench.records.conversations import Speaker
from workbench.records.events import EventKind, NewEvent
from workbench.store.messages import send, tell_inside
from workbench.store.operations.cases import (
    case_target,
    enter,
    existing_case,
    put,
    put_clocks,
    step,
)
from workbench.store.operations.people import move_packets
from workbench.store.operations.registry import Outcome, performs
from workbench.store.rows import CASES
from workbench.store.schema import handoff
from workbench.store.views import Message

if TYPE_CHECKING:
    from workbench.store.work import Work


@performs(WatchCase, lambda work, wish: case_target(work, wish.case_id))
def watch_case(work: Work, wish: WatchCase) -> Outcome:
    """Owner, lead and customer learn what a clock says, and the next level takes over."""
    case = existing_case(work, wish.case_id)
    if case.clocks != wish.seen or any(clock.due_at >= work.now for clock in wish.broken):
        raise Conflict(f"The clocks of case {case.id} have moved", next_step="Look at them again.")
    if wish.takeover:
        case = _take_over(work, case, wish.takeover, wish)
    else:
        put_clocks(work, case, wish.clocks, "noted")
    for clock in wish.warned:
        _note(work, case, clock, "clock_warning", case.owner or case.queue)
    return Outcome({"warned": _kinds(wish.warned), "broken": _kinds(wish.broken)})


def _take_over(work: Work, case: Case, to: Takeover, wish: WatchCase) -> Case:
    """The case in the queue of the next level with its packets, where nobody has it yet."""
    owner = case.owner if to.queue == case.queue else ""
    moved = {"clocks": wish.clocks, "queue": to.queue, "owner": owner}
    step(work, "assigned", case, case)
    after = put(work, case, case.model_copy(update=moved), "assigned")
    move_packets(work, after, handoff.c.queue.not_in(to.stays))
    for clock in wish.broken:
        _note(work, after, clock, "promise_broken", to.lead)
    key = f"{case.id}:late:{wish.broken[0].kind}:{wish.broken[0].started_at.isoformat()}"
    if to.telling:
        _tell_customer(work, after, to.telling, key)
    else:
        _send_inside(work, after, "callback", to.queue, key, to.renewed_until)
    return after


def _note(work: Work, case: Case, clock: SlaClock, kind: str, whom: str) -> None:
    """An internal entry, and a message to somebody inside."""
    words = {"clock_warning": "runs out", "promise_broken": "has run out"}[kind]
    due = f"{clock.due_at:%Y-%m-%d %H:%M} UTC"
    enter(work, case.id, f"{clock.kind} {words}: due {due}; told {whom}.", True, "noted")
    key = f"{case.id}:{kind}:{clock.kind}:{clock.started_at.isoformat()}"
    _send_inside(work, case, kind, whom, key, clock.due_at)


def _send_inside(work: Work, case: Case, kind: str, whom: str, key: str, due_at: datetime) -> None:
    payload = {"title": case.title, "queue": case.queue, "due_at": due_at.isoformat()}
    tell_inside(work, kind, whom, f"case {case.id}", payload, case.customer_id, key)


def _tell_customer(work: Work, case: Case, telling: Telling, key: str) -> None:
    enter(work, case.id, telling.text, False, "appended")
    send(
        work,
        Message(
            key=key,
            kind="case_late",
            customer_id=case.customer_id,
            record=f"case {case.id}",
            channel=telling.channel,
            address=telling.address,
            language=telling.language,
            payload={"text": telling.text},
            created_at=work.now,
            not_before=telling.not_before,
        ),
    )


def follow_words(work: Work) -> None:
    """What is said in a conversation starts or meets the clocks of the cases it is about."""
    for event in work.transaction.events:
        if _by_person(event) or event.data.get("awaits"):
            stream = event.stream or work.transaction.stream
            for case in CASES.all(work.connection, work.tenant, conversation_id=stream):
                put_clocks(work, case, _after(event, case, work.now), "appended")


def _by_person(event: NewEvent) -> bool:
    return event.kind is EventKind.REPLIED and event.data.get("speaker") != Speaker.ASSISTANT


def _after(event: NewEvent, case: Case, now: datetime) -> Clocks:
    if _by_person(event):
        return answered(case.clocks, now)
    return asked(case.clocks, case.status, SlaClock.model_validate(event.data["awaits"]))


def _kinds(clocks: Clocks) -> list[str]:
    return [clock.kind for clock in clocks]
