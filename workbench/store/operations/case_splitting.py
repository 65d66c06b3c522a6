"""Splitting a case that holds several concerns into linked cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.errors import Conflict, InputError
from workbench.records.cases import Case
from workbench.records.operations import CasePart, SplitCase
from workbench.store.messages import tell_subscribers
from workbench.store.operations.cases import (
    case_target,
    enter,
    put,
    record_change,
    refuse_second,
    step,
    unchanged_case,
)
from workbench.store.operations.registry import Outcome, performs
from workbench.store.rows import CASES, SUBSCRIPTIONS

if TYPE_CHECKING:
    from workbench.store.work import Work


@performs(SplitCase, lambda work, wish: case_target(work, wish.case_id))
def split_case(work: Work, wish: SplitCase) -> Outcome:
    """Each part becomes a case of its own; the parent keeps what no part has."""
    parent = unchanged_case(work, wish.case_id, wish.before_revision)
    step(work, "split", parent, parent)
    _check_parts(parent, wish.parts)
    for part in wish.parts:
        _open_part(work, parent, part)
    rest = put(work, parent, _without(parent, wish.parts), "split")
    names = ", ".join(part.id for part in wish.parts)
    enter(work, parent.id, f"Split off: {names}.", internal=True, activity="split")
    tell_subscribers(work, rest, "status", f"split:{rest.revision}", "split")
    return Outcome({"case_ids": [part.id for part in wish.parts], "revision": rest.revision})


def _check_parts(parent: Case, parts: tuple[CasePart, ...]) -> None:
    """Every request and promise goes to one part at most, and something stays with the parent."""
    requests = [request for part in parts for request in part.requests]
    promises = [promise for part in parts for promise in part.promises]
    _check_from(parent, "requests", requests, parent.requests)
    _check_from(parent, "promises", promises, parent.promises)
    if not parts or any(not part.requests for part in parts):
        raise InputError(
            f"Case {parent.id} is split into nothing",
            expected="parts with at least one request each",
        )
    if set(requests) == set(parent.requests):
        raise InputError(
            f"Nothing would be left of case {parent.id}",
            expected="at least one request that stays",
            next_step="To hand over a whole case, assign it to another queue.",
        )


def _check_from(parent: Case, what: str, given: list[str], there: tuple[str, ...]) -> None:
    strange = [text for text in given if text not in there or given.count(text) > 1]
    if strange:
        raise InputError(
            f"Case {parent.id} cannot give away {', '.join(map(repr, dict.fromkeys(strange)))}",
            expected=f"{what} of the case, each in one part",
        )


def _open_part(work: Work, parent: Case, part: CasePart) -> None:
    """The part with the parent's standing: the customer has waited for it just as long."""
    child = parent.model_copy(
        update={
            **part.model_dump(exclude={"requests", "promises"}),
            "requests": part.requests,
            "promises": part.promises,
            "answered": tuple(text for text in part.requests if text in parent.answered),
            "owner": "",
            "parent_id": parent.id,
            "opened_at": work.now,
            "updated_at": work.now,
            "reopened": 0,
            "revision": 1,
        }
    )
    refuse_second(work, child)
    if CASES.one(work.connection, work.tenant, child.id) is not None:
        raise Conflict(f"There is a case {child.id} already", next_step="Give the part another id.")
    CASES.insert(work.connection, work.tenant, child)
    enter(work, child.id, f"Split from {parent.id}.", internal=True, activity="opened")
    record_change(work, None, child, "opened")
    for wish in SUBSCRIPTIONS.all(work.connection, work.tenant, case_id=parent.id):
        own = wish.model_copy(update={"case_id": child.id})
        SUBSCRIPTIONS.insert(work.connection, work.tenant, own)


def _without(parent: Case, parts: Iterable[CasePart]) -> Case:
    gone = {request for part in parts for request in part.requests}
    promised = {promise for part in parts for promise in part.promises}
    return parent.model_copy(
        update={
            "requests": tuple(r for r in parent.requests if r not in gone),
            "answered": tuple(r for r in parent.answered if r not in gone),
            "promises": tuple(p for p in parent.promises if p not in promised),
        }
    )
