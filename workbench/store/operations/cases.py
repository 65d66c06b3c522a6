"""Cases: open, append, change, subscribe; every step is one that the life of a case allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from workbench.errors import Conflict, InputError
from workbench.govern.case_life import (
    activity_of,
    check_clocks,
    check_complete,
    check_durable,
    check_step,
    check_window,
    followed,
)
from workbench.govern.roles import not_there
from workbench.records.cases import Case, CaseEntry, Grade
from workbench.records.clocks import Clocks, answered, asked, caught_up
from workbench.records.events import EventKind
from workbench.records.operations import AppendToCase, ChangeCase, OpenCase, SetSubscription
from workbench.records.principals import Role
from workbench.store.messages import tell_subscribers
from workbench.store.operations.people import move_packets
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.rows import CASE_ENTRIES, CASES, CUSTOMERS, SUBSCRIPTIONS
from workbench.store.schema import case_entry, handoff

if TYPE_CHECKING:
    from workbench.store.work import Work

# Fields that stay what they were when the case was opened.
_FIXED = ("id", "customer_id", "opened_at", "merged_into")
# What a customer's own conversation may not move, whatever a model says.
_NOT_BY_CUSTOMERS = ("owner", "impact", "urgency", "topic", "subject")


def customer_target(work: Work, customer_id: str) -> Target:
    """A customer as the target of an action."""
    customer = CUSTOMERS.one(work.connection, work.tenant, customer_id)
    return (customer.id if customer else None), f"customer {customer_id}"


def case_target(work: Work, case_id: str) -> Target:
    """A case as the target of an action."""
    case = CASES.one(work.connection, work.tenant, case_id)
    return (case.customer_id if case else None), f"case {case_id}"


def existing_case(work: Work, case_id: str) -> Case:
    """The case under an id that is known to be there, held until the transaction ends."""
    case = CASES.one(work.connection, work.tenant, case_id, hold=True)
    assert case is not None, "the target was found before"
    return case


@performs(OpenCase, lambda work, wish: customer_target(work, wish.case.customer_id))
def open_case(work: Work, wish: OpenCase) -> Outcome:
    """A new case with its first entries; two open cases never share customer and subject."""
    case = wish.case
    step(work, "opened", None, case)
    refuse_second(work, case)
    _check_parent(work, case)
    if CASES.one(work.connection, work.tenant, case.id) is not None:
        raise Conflict(f"There is a case {case.id} already", next_step="Give the case another key.")
    CASES.insert(work.connection, work.tenant, case)
    for text, internal in ((wish.text, False), (wish.internal, True)):
        if text:
            enter(work, case.id, text, internal, "opened")
    record_change(work, None, case, "opened")
    return Outcome({"case_id": case.id})


@performs(AppendToCase, lambda work, wish: case_target(work, wish.case_id))
def append_to_case(work: Work, wish: AppendToCase) -> Outcome:
    """One more entry; the case's revision stays, since entries never contradict each other."""
    case = existing_case(work, wish.case_id)
    step(work, "noted" if wish.internal else "appended", case, case)
    entry = enter(work, case.id, wish.text, wish.internal, "appended")
    touched = case.model_copy(update={"updated_at": work.now})
    CASES.update(work.connection, work.tenant, touched)
    if not wish.internal:
        put_clocks(work, touched, _after_word(work, case, wish), "appended")
        tell_subscribers(work, case, "entry", entry)
    return Outcome({"case_id": case.id, "entry": entry})


@performs(ChangeCase, lambda work, wish: case_target(work, wish.after.id))
def change_case(work: Work, wish: ChangeCase) -> Outcome:
    """Another state of a case that nobody has changed since it was read."""
    before = unchanged_case(work, wish.after.id, wish.before_revision)
    planned = wish.after.model_copy(update={"clocks": caught_up(wish.after.clocks, before.clocks)})
    after = followed(before, planned, work.principal.role, work.now)
    activity = wish.activity or activity_of(before, after)
    _check_change(work, before, after)
    step(work, activity, before, after)
    after = put(work, before, after, activity)
    if after.queue != before.queue:
        move_packets(work, after, handoff.c.queue == before.queue)
    if after.status is not before.status:
        tell_subscribers(work, after, "status", str(after.revision))
    return Outcome({"case_id": after.id, "revision": after.revision})


@performs(SetSubscription, lambda work, wish: case_target(work, wish.subscription.case_id))
def set_subscription(work: Work, wish: SetSubscription) -> Outcome:
    """The customer's one wish for a case, on a verified contact point; a new one replaces it."""
    new = wish.subscription
    customer = CUSTOMERS.one(work.connection, work.tenant, new.customer_id)
    points = customer.contact_points if customer else ()
    if new.customer_id != existing_case(work, new.case_id).customer_id:
        raise InputError("Only the customer of a case can subscribe to it")
    if new.active and not any(p.kind == new.channel and p.verified for p in points):
        raise InputError(
            f"There is no verified {new.channel} on file",
            next_step="Have the contact verified first, or choose another channel.",
        )
    if SUBSCRIPTIONS.one(work.connection, work.tenant, new.case_id, new.customer_id) is None:
        SUBSCRIPTIONS.insert(work.connection, work.tenant, new)
    else:
        SUBSCRIPTIONS.update(work.connection, work.tenant, new)
    return Outcome({"case_id": new.case_id, "active": new.active})


def unchanged_case(work: Work, case_id: str, revision: int) -> Case:
    """The case as its reader has seen it. Raises `Conflict` when somebody changed it since."""
    case = existing_case(work, case_id)
    if case.revision != revision:
        raise Conflict(
            f"Case {case.id} was changed by somebody else meanwhile",
            next_step="Read the case again and repeat the change.",
        )
    return case


def step(work: Work, activity: str, before: Case | None, after: Case) -> None:
    """Pass when this may happen to the case now, at the hands of this principal."""
    was = before.status if before else None
    check_step(after.id, activity, was, after.status, work.principal.role)


def put(work: Work, before: Case, after: Case, activity: str) -> Case:
    """Write another state of a case, one revision on, and record it."""
    after = after.model_copy(update={"revision": before.revision + 1, "updated_at": work.now})
    CASES.update(work.connection, work.tenant, after)
    record_change(work, before, after, activity)
    return after


def refuse_second(work: Work, case: Case) -> None:
    """Two open cases of a customer never share a subject. Raises `Conflict`."""
    same = CASES.all(
        work.connection, work.tenant, customer_id=case.customer_id, subject=case.subject
    )
    other = next((c for c in same if c.is_open and c.id != case.id), None)
    if other is not None:
        raise Conflict(
            f"Case {other.id} on the same subject is open already",
            next_step="Append to it instead of opening another.",
        )


def _check_parent(work: Work, case: Case) -> None:
    """A case follows up another one of the same customer only."""
    if not case.parent_id:
        return
    parent = CASES.one(work.connection, work.tenant, case.parent_id)
    if parent is None or parent.customer_id != case.customer_id:
        raise not_there(f"case {case.parent_id}")


def _check_change(work: Work, before: Case, after: Case) -> None:
    fixed = _FIXED + (_NOT_BY_CUSTOMERS if work.principal.role is Role.CUSTOMER else ())
    moved = [name for name in fixed if getattr(before, name) != getattr(after, name)]
    if moved:
        raise InputError(f"A case keeps its {', '.join(moved)} in this change")
    if before.legal_hold and not after.legal_hold and work.principal.role is Role.CUSTOMER:
        raise InputError("A legal hold is lifted by people only")
    check_clocks(before, after)
    if after.is_open and not before.is_open:
        check_window(before, work.now, work.authority.reopen_window)
        refuse_second(work, after)
    if not after.is_open and after.status is not before.status:
        check_complete(after)
    if after.grade is Grade.DURABLE and before.grade is not Grade.DURABLE:
        check_durable(after, work.now)


def _after_word(work: Work, case: Case, wish: AppendToCase) -> Clocks:
    """The case's clocks once somebody has said something that the customer can read."""
    if work.principal.role is not Role.CUSTOMER:
        return answered(case.clocks, work.now)
    return asked(case.clocks, case.status, wish.answer) if wish.answer else case.clocks


def put_clocks(work: Work, case: Case, clocks: Clocks, activity: str) -> None:
    """Write and record other clocks; the revision stays, since no reader's change is overtaken."""
    if clocks == case.clocks:
        return
    after = case.model_copy(update={"clocks": clocks})
    CASES.update(work.connection, work.tenant, after)
    record_change(work, case, after, activity)


def enter(work: Work, case_id: str, text: str, internal: bool, activity: str) -> str:
    """Write an entry; its id counts the entries of the case, so ids sort as entries came."""
    same = (case_entry.c.tenant == work.tenant, case_entry.c.case_id == case_id)
    count = work.connection.execute(select(func.count()).where(*same)).scalar_one()
    entry = CaseEntry(
        case_id=case_id,
        at=work.now,
        actor=work.actor,
        text=text,
        internal=internal,
        activity=activity,
    )
    entry_id = f"{case_id}:{count + 1:06d}"
    CASE_ENTRIES.insert(work.connection, work.tenant, entry, id=entry_id)
    return entry_id


def record_change(work: Work, before: Case | None, after: Case, activity: str) -> None:
    data: dict[str, Any] = {
        "case_id": after.id,
        "before": before.model_dump(mode="json") if before else None,
        "after": after.model_dump(mode="json"),
        "activity": activity,
    }
    work.record(EventKind.CASE_CHANGED, data, stream=f"case:{after.id}")
