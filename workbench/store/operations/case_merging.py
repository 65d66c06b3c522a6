"""Merging two cases of one customer, and taking the merge back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.errors import Conflict, InputError
from workbench.govern.roles import not_there
from workbench.records.cases import Case, CaseStatus, SlaClock
from workbench.records.events import Event, EventKind
from workbench.records.operations import MergeCases, UnmergeCases
from workbench.store import ledger
from workbench.store.messages import tell_subscribers
from workbench.store.operations.cases import (
    case_target,
    enter,
    existing_case,
    put,
    refuse_second,
    step,
    unchanged_case,
)
from workbench.store.operations.registry import Outcome, performs
from workbench.store.rows import CASES

if TYPE_CHECKING:
    from workbench.store.work import Work

# What goes on by itself after a merge; the rest of a survivor must be as the merge left it.
_GOES_ON = {"revision", "updated_at", "clocks"}


@performs(MergeCases, lambda work, wish: case_target(work, wish.kept_id))
def merge_cases(work: Work, wish: MergeCases) -> Outcome:
    """The survivor takes over what is open of the other case, which is closed and linked to it."""
    kept = unchanged_case(work, wish.kept_id, wish.kept_revision)
    _check_other(work, kept, wish.merged_id)
    merged = unchanged_case(work, wish.merged_id, wish.merged_revision)
    step(work, "merged", merged, _taken_over(merged, kept))
    step(work, "joined", kept, kept)
    put(work, merged, _taken_over(merged, kept), "merged")
    survivor = put(work, kept, joined(kept, merged, work.now), "joined")
    _enter_both(work, survivor, merged, "merged", "was merged into")
    tell_subscribers(work, survivor, "status", f"merged:{merged.id}:{survivor.revision}", "merged")
    return Outcome({"case_id": survivor.id, "revision": survivor.revision})


@performs(UnmergeCases, lambda work, wish: case_target(work, wish.merged_id))
def unmerge_cases(work: Work, wish: UnmergeCases) -> Outcome:
    """Both cases are again what they were before; entries written since stay where they are."""
    merged = existing_case(work, wish.merged_id)
    if not merged.merged_into:
        raise InputError(
            f"Case {merged.id} was not merged into another",
            next_step="Name the case that was closed by the merge.",
        )
    survivor = existing_case(work, merged.merged_into)
    ours, theirs = _merge_events(work, merged, survivor)
    _refuse_overtaken(survivor, Case.model_validate(theirs.data["after"]))
    restored = _with_hold(Case.model_validate(ours.data["before"]), merged)
    kept = _with_responses(Case.model_validate(theirs.data["before"]), survivor)
    step(work, "unmerged", merged, restored)
    step(work, "parted", survivor, kept)
    if restored.is_open:
        refuse_second(work, restored)
    change_id = f"unmerged:{merged.id}:{survivor.revision}"
    tell_subscribers(work, survivor, "status", change_id, "unmerged")
    restored = put(work, merged, restored, "unmerged")
    kept = put(work, survivor, kept, "parted")
    _enter_both(work, kept, restored, "unmerged", "is separate again from")
    return Outcome({"kept_id": kept.id, "merged_id": restored.id})


def _check_other(work: Work, kept: Case, merged_id: str) -> None:
    if merged_id == kept.id:
        raise InputError(f"Case {kept.id} cannot be merged into itself")
    other = CASES.one(work.connection, work.tenant, merged_id)
    if other is None:
        raise not_there(f"case {merged_id}")
    if other.customer_id != kept.customer_id:
        raise InputError(
            f"Cases {kept.id} and {merged_id} belong to different customers",
            expected="two cases of one customer",
            next_step="Leave both as they are; answer each customer on their own case.",
        )


def _taken_over(merged: Case, kept: Case) -> Case:
    """Closed without a grade: whether the need is met, the survivor will say.

    The promises that still run go with the survivor, so they are not counted twice.
    """
    kept_promises = tuple(clock for clock in merged.clocks if clock.met_at)
    ended = {"status": CaseStatus.CLOSED, "merged_into": kept.id, "grade": None}
    return merged.model_copy(update={**ended, "clocks": kept_promises})


def joined(kept: Case, merged: Case, now: datetime) -> Case:
    """The survivor of a merge: nothing that either case owes the customer is lost."""
    gravest = min(kept, merged, key=lambda case: case.priority)
    requests = tuple(dict.fromkeys((*kept.requests, *merged.requests)))
    changes: dict[str, Any] = {
        "impact": gravest.impact,
        "urgency": gravest.urgency,
        "requests": requests,
        "answered": tuple(r for r in requests if _answered(r, kept) and _answered(r, merged)),
        "promises": tuple(dict.fromkeys((*kept.promises, *merged.promises))),
        "clocks": _joined_clocks(kept, merged, now),
        "legal_hold": kept.legal_hold or merged.legal_hold,
    }
    return kept.model_copy(update=changes)


def _answered(request: str, case: Case) -> bool:
    return request not in case.requests or request in case.answered


def _joined_clocks(kept: Case, merged: Case, now: datetime) -> tuple[SlaClock, ...]:
    """Of each kind the running clock that runs out first; kept promises stay where they were."""
    running = [clock for clock in (*kept.clocks, *merged.clocks) if not clock.met_at]
    kinds = dict.fromkeys(clock.kind for clock in running)
    chosen = (_first_out([c for c in running if c.kind == kind], kept, now) for kind in kinds)
    met = (clock for clock in kept.clocks if clock.met_at)
    return (*met, *(clock for clock in chosen if clock is not None))


def _first_out(clocks: list[SlaClock], kept: Case, now: datetime) -> SlaClock | None:
    """The clock with the least time left; it stands still while the survivor does.

    A clock that stood still on the other case is no promise for a survivor that does not wait.
    """
    waits = kept.status is CaseStatus.WAITING
    going = [clock for clock in clocks if waits or not clock.paused_at]
    if not going:
        return None
    first = min(going, key=lambda c: (c.due_at - (c.paused_at or now), c.started_at))
    return first.model_copy(update={"paused_at": first.paused_at or now}) if waits else first


def _merge_events(work: Work, merged: Case, survivor: Case) -> tuple[Event, Event]:
    """What the ledger wrote about the last merge of `merged`, on either side."""
    ours = _changes(work, merged, "merged")[-1]
    theirs = [e for e in _changes(work, survivor, "joined") if e.request_id == ours.request_id]
    if not theirs or not ours.data["before"]:
        raise Conflict(
            f"The merge of case {merged.id} cannot be taken back: its record was erased",
            next_step=f"Split {survivor.id} instead.",
        )
    return ours, theirs[-1]


def _changes(work: Work, case: Case, activity: str) -> list[Event]:
    kinds = [EventKind.CASE_CHANGED]
    events = ledger.read(work.connection, work.tenant, stream=f"case:{case.id}", kinds=kinds)
    return [event for event in events if event.data.get("activity") == activity]


def _refuse_overtaken(survivor: Case, as_merged: Case) -> None:
    if survivor.model_dump(exclude=_GOES_ON) != as_merged.model_dump(exclude=_GOES_ON):
        raise Conflict(
            f"Case {survivor.id} was changed after the merge",
            next_step="Split it instead; its history tells what came from where.",
        )


def _with_hold(before: Case, merged: Case) -> Case:
    """A hold that was set or lifted on the merged case since is not undone with the merge."""
    return before.model_copy(update={"legal_hold": merged.legal_hold})


def _with_responses(before: Case, survivor: Case) -> Case:
    """A response that was given on the survivor since was given on this case."""
    met = {(c.kind, c.started_at): c.met_at for c in survivor.clocks if c.met_at}
    clocks = tuple(
        clock if clock.met_at else clock.model_copy(update={"met_at": met.get(_start(clock))})
        for clock in before.clocks
    )
    return before.model_copy(update={"clocks": clocks})


def _start(clock: SlaClock) -> tuple[str, datetime]:
    return clock.kind, clock.started_at


def _enter_both(work: Work, kept: Case, merged: Case, activity: str, words: str) -> None:
    text = f"{merged.id} {words} {kept.id}."
    for case in (kept, merged):
        enter(work, case.id, text, internal=True, activity=activity)
