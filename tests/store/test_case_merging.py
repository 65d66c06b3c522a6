"""Merging, parting and splitting: nothing that a customer was promised is lost or doubled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_world import ADMIN, AGENT, ANNA, NOON, SUPERVISOR, act, begin, case, fill, open_case

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.records.cases import Case, CaseStatus, Degree, Priority, SlaClock, Subscription
from workbench.records.events import EventKind
from workbench.records.operations import (
    AppendToCase,
    CasePart,
    ChangeCase,
    MergeCases,
    SetSubscription,
    SplitCase,
    UnmergeCases,
    plan,
)
from workbench.records.principals import Principal
from workbench.store import Store

FIRST, SECOND = "CASE-22222222", "CASE-33333333"


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def promise(kind: str, hours: int, **more: Any) -> SlaClock:
    return SlaClock(kind=kind, started_at=NOON, due_at=NOON + timedelta(hours=hours), **more)


def two_cases(store: Store, first: dict[str, Any], second: dict[str, Any]) -> tuple[Case, Case]:
    return (
        open_case(store, case(FIRST, **first)),
        open_case(store, case(SECOND, **{"subject": "invoice:INV-1", **second})),
    )


def merge(
    store: Store, kept: Case, merged: Case, by: Principal = AGENT, key: str = "merge"
) -> tuple[Case, Case]:
    """The survivor and the case that was closed."""
    wish = MergeCases(
        kept_id=kept.id,
        kept_revision=kept.revision,
        merged_id=merged.id,
        merged_revision=merged.revision,
    )
    act(store, by, plan(wish, key))
    return store.case(AGENT, kept.id), store.case(AGENT, merged.id)


def part(store: Store, merged_id: str, by: Principal = AGENT, key: str = "part") -> None:
    act(store, by, plan(UnmergeCases(merged_id=merged_id), key))


def change(store: Store, case_id: str, key: str, **fields: Any) -> Case:
    before = store.case(AGENT, case_id)
    wish = ChangeCase(before_revision=before.revision, after=before.model_copy(update=fields))
    act(store, AGENT, plan(wish, key))
    return store.case(AGENT, case_id)


def subscribe(store: Store, case_id: str, **fields: Any) -> None:
    wish = Subscription(case_id=case_id, customer_id="C-100", channel="email", **fields)
    act(store, ANNA, plan(SetSubscription(subscription=wish), f"sub-{case_id}-{fields}"))


def content(found: Case) -> dict[str, Any]:
    return found.model_dump(exclude={"revision", "updated_at"})


def test_the_survivor_owes_what_both_owed(store: Store) -> None:
    kept, merged = two_cases(
        store,
        {
            "requests": ("refund", "copy"),
            "answered": ("refund", "copy"),
            "impact": Degree.LOW,
            "clocks": (promise("first_response", 2, met_at=NOON), promise("resolution", 40)),
        },
        {
            "requests": ("copy", "call"),
            "promises": ("call on Monday",),
            "impact": Degree.HIGH,
            "urgency": Degree.HIGH,
            "legal_hold": True,
            "clocks": (promise("first_response", 1), promise("resolution", 4)),
        },
    )
    survivor, closed = merge(store, kept, merged)
    assert survivor.requests == ("refund", "copy", "call")
    assert survivor.answered == ("refund",)
    assert survivor.promises == ("call on Monday",)
    assert survivor.priority is Priority.P1
    assert survivor.legal_hold
    assert {(c.kind, c.due_at - NOON, c.met_at) for c in survivor.clocks} == {
        ("first_response", timedelta(hours=2), NOON),
        ("first_response", timedelta(hours=1), None),
        ("resolution", timedelta(hours=4), None),
    }
    assert (closed.status, closed.merged_into, closed.grade) == (CaseStatus.CLOSED, FIRST, None)
    assert closed.clocks == ()


def test_both_histories_are_kept_and_linked(store: Store) -> None:
    kept, merged = two_cases(store, {}, {})
    for one in (kept, merged):
        act(store, ANNA, plan(AppendToCase(case_id=one.id, text=f"on {one.id}"), one.id))
    merge(store, kept, merged)
    for one in (kept, merged):
        assert [e.text for e in store.entries(ANNA, one.id)] == [f"on {one.id}"]
        assert store.entries(AGENT, one.id)[-1].text == f"{SECOND} was merged into {FIRST}."


@pytest.mark.parametrize("subscribed", [(FIRST, SECOND), (SECOND,), (FIRST,), ()])
def test_a_subscriber_is_told_of_a_merge_once_and_hears_on(store, subscribed) -> None:
    kept, merged = two_cases(store, {}, {})
    for case_id in subscribed:
        subscribe(store, case_id)
    merge(store, kept, merged)
    change(store, FIRST, "solve", status=CaseStatus.SOLVED)
    told = [m.payload["change"] for m in store.outbox(ADMIN, "C-100")]
    assert told == (["merged", "status"] if subscribed else [])


def test_who_leaves_the_survivor_hears_nothing_of_the_other_either(store: Store) -> None:
    kept, merged = two_cases(store, {}, {})
    subscribe(store, SECOND)
    merge(store, kept, merged)
    subscribe(store, FIRST, active=False)
    change(store, FIRST, "solve", status=CaseStatus.SOLVED)
    assert [m.payload["change"] for m in store.outbox(ADMIN, "C-100")] == ["merged"]


@pytest.mark.parametrize("status", list(CaseStatus)[1:4])
def test_taking_a_merge_back_restores_both_exactly(store: Store, status: CaseStatus) -> None:
    given = {"status": CaseStatus.NEW, "parent_id": FIRST, "owner": "ana"}
    kept, _ = two_cases(store, {"clocks": (promise("resolution", 40),)}, given)
    clocks = (promise("resolution", 9, paused_at=NOON),)
    merged = change(store, SECOND, "move", status=status, clocks=clocks)
    merge(store, kept, merged)
    part(store, merged.id)
    assert content(store.case(AGENT, FIRST)) == content(kept)
    assert content(store.case(AGENT, SECOND)) == content(merged)
    assert store.verify(ADMIN).ok


def test_merges_are_taken_back_one_by_one(store: Store) -> None:
    kept, merged = two_cases(store, {"requests": ("a",)}, {"requests": ("b",)})
    third = open_case(store, case("CASE-44444444", subject="order:1", requests=("c",)))
    survivor, _ = merge(store, kept, merged, key="1")
    merge(store, survivor, third, key="2")
    with pytest.raises(Conflict, match="was changed after the merge"):
        part(store, merged.id, key="too-early")
    part(store, third.id, key="3")
    part(store, merged.id, key="4")
    for before in (kept, merged, third):
        assert content(store.case(AGENT, before.id)) == content(before)


def test_a_survivor_that_went_its_own_way_is_not_parted(store: Store) -> None:
    kept, merged = two_cases(store, {}, {})
    merge(store, kept, merged)
    change(store, FIRST, "queue", queue="legal")
    with pytest.raises(Conflict, match="Split it instead"):
        part(store, merged.id)


def test_a_word_spoken_meanwhile_counts_after_the_parting(store: Store) -> None:
    kept, merged = two_cases(store, {"clocks": (promise("first_response", 2),)}, {})
    merge(store, kept, merged)
    act(store, AGENT, plan(AppendToCase(case_id=FIRST, text="We are on it"), "word"))
    part(store, merged.id)
    (clock,) = store.case(AGENT, FIRST).clocks
    assert clock.met_at is not None


def test_a_case_that_was_merged_can_only_be_parted(store: Store) -> None:
    kept, merged = two_cases(store, {}, {})
    merge(store, kept, merged)
    for fields in ({"status": CaseStatus.OPEN}, {"merged_into": ""}, {"queue": "legal"}):
        with pytest.raises(InputError):
            change(store, SECOND, f"try-{fields}", **fields)


def test_cases_of_two_customers_are_never_merged(store: Store) -> None:
    kept = open_case(store)
    other = open_case(store, case(SECOND, "C-200"))
    with pytest.raises(InputError, match="belong to different customers"):
        merge(store, kept, other)
    with pytest.raises(InputError, match="into itself"):
        merge(store, kept, kept, key="self")
    with pytest.raises(NotFound, match="There is no case CASE-55555555"):
        merge(store, kept, other.model_copy(update={"id": "CASE-55555555"}), key="missing")


@pytest.mark.parametrize("stale", ["kept", "merged"])
def test_a_merge_of_what_somebody_changed_meanwhile_is_a_conflict(store: Store, stale) -> None:
    kept, merged = two_cases(store, {}, {})
    change(store, FIRST if stale == "kept" else SECOND, "queue", queue="legal")
    with pytest.raises(Conflict, match="changed by somebody else"):
        merge(store, kept, merged)
    assert store.case(AGENT, FIRST).is_open
    assert store.case(AGENT, SECOND).is_open


@pytest.mark.parametrize("principal", [ANNA, ADMIN])
def test_only_people_merge_part_and_split(store: Store, principal: Principal) -> None:
    kept, merged = two_cases(store, {"requests": ("a", "b")}, {})
    with pytest.raises(NotAllowed):
        merge(store, kept, merged, principal)
    with pytest.raises(NotAllowed):
        part(store, merged.id, principal)
    with pytest.raises(NotAllowed):
        split(store, kept, piece("a"), by=principal)


def piece(*requests: str, case_id: str = SECOND, **more: Any) -> CasePart:
    given = {"subject": f"part:{case_id}", "title": "A part", "queue": "billing"}
    return CasePart(id=case_id, requests=requests, **{**given, **more})


def split(store: Store, whole: Case, *parts: CasePart, by: Principal = SUPERVISOR) -> Case:
    wish = SplitCase(case_id=whole.id, before_revision=whole.revision, parts=parts)
    act(store, by, plan(wish, "split"))
    return store.case(AGENT, whole.id)


def test_a_part_has_its_own_queue_and_the_time_that_was_left(store: Store) -> None:
    clocks = (promise("first_response", 2, met_at=NOON), promise("resolution", 40))
    given: dict[str, Any] = {
        "requests": ("refund", "copy", "call"),
        "answered": ("copy",),
        "promises": ("call on Monday",),
    }
    whole = open_case(store, case(FIRST, owner="ana", clocks=clocks, **given))
    third = "CASE-44444444"
    calls = piece("call", case_id=third, queue="phone", promises=("call on Monday",))
    rest = split(store, whole, piece("copy"), calls)
    assert (rest.requests, rest.answered, rest.promises) == (("refund",), (), ())
    assert (rest.owner, rest.clocks, rest.revision) == ("ana", clocks, 2)
    copies, calling = store.case(AGENT, SECOND), store.case(AGENT, third)
    assert (copies.requests, copies.answered, copies.queue) == (("copy",), ("copy",), "billing")
    assert (calling.promises, calling.queue) == (("call on Monday",), "phone")
    for child in (copies, calling):
        assert (child.parent_id, child.owner, child.clocks) == (FIRST, "", clocks)
        (event,) = store.events(ADMIN, f"case:{child.id}", kinds=[EventKind.CASE_CHANGED])
        assert event.data["activity"] == "opened"


def test_a_subscriber_is_told_of_a_split_once_and_hears_of_the_parts(store: Store) -> None:
    whole = open_case(store, case(FIRST, requests=("a", "b"), answered=("a", "b")))
    subscribe(store, FIRST)
    split(store, whole, piece("b"))
    change(store, SECOND, "solve", status=CaseStatus.SOLVED)
    told = [(m.record, m.payload["change"]) for m in store.outbox(ADMIN, "C-100")]
    assert told == [(f"case {FIRST}", "split"), (f"case {SECOND}", "status")]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ((), "split into nothing"),
        ((piece(),), "split into nothing"),
        ((piece("a"), piece("b", case_id="CASE-44444444")), "Nothing would be left"),
        ((piece("c"),), "cannot give away 'c'"),
        ((piece("a"), piece("a", case_id="CASE-44444444")), "cannot give away 'a'"),
        ((piece("a", promises=("call",)),), "cannot give away 'call'"),
    ],
)
def test_a_split_gives_away_what_is_there_and_leaves_something(store, parts, why) -> None:
    whole = open_case(store, case(FIRST, requests=("a", "b")))
    with pytest.raises(InputError, match=why):
        split(store, whole, *parts)
    assert store.cases(AGENT, "C-100") == (whole,)


def test_a_part_never_shares_the_subject_of_an_open_case(store: Store) -> None:
    whole = open_case(store, case(FIRST, requests=("a", "b")))
    with pytest.raises(Conflict, match="on the same subject is open"):
        split(store, whole, piece("a", subject=whole.subject))
