"""Suggestions, notes and taking over in both databases: once, private, and one person at a time."""

from __future__ import annotations

import pytest
from store_world import ADMIN, AGENT, ANNA, SUPERVISOR, act, begin, fill, queue

from workbench.errors import Conflict, NotAllowed, NotFound
from workbench.records.desk import (
    ShowSuggestions,
    Suggested,
    SuggestionKind,
    SuggestionOutcome,
    Suggestions,
    TakeOver,
    UseSuggestion,
    WriteNote,
    desk_stream,
)
from workbench.records.events import Event, EventKind
from workbench.records.operations import TakeHandOff, plan
from workbench.store import HandOffStatus, Store

CANARY = "zebra-quartz-canary"
OFFERED = Suggestions(
    conversation_id="conv-1",
    turn=1,
    intent="invoice_amount",
    sentiment=0.0,
    shown=(
        Suggested(
            id="sug-1",
            kind=SuggestionKind.DRAFT,
            key="invoice_amount",
            text=CANARY,
            why=CANARY,
            confidence=0.5,
        ),
    ),
)


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def show(store: Store) -> None:
    act(store, AGENT, plan(ShowSuggestions(suggestions=OFFERED), "show-1"))


def use(store: Store, outcome: SuggestionOutcome, name: str = "sug-1") -> None:
    wish = UseSuggestion(
        conversation_id="conv-1", suggestion_id=name, outcome=outcome, reason=CANARY
    )
    act(store, AGENT, plan(wish, f"use-{name}"))


def beside(store: Store, kind: EventKind) -> list[Event]:
    return list(store.events(ADMIN, stream=desk_stream("conv-1"), kinds=(kind,)))


def test_a_suggestion_is_shown_once_and_settled_once(store: Store) -> None:
    for _ in range(2):
        show(store)
        use(store, SuggestionOutcome.REJECTED)
    use(store, SuggestionOutcome.ACCEPTED)
    assert len(beside(store, EventKind.SUGGESTION_SHOWN)) == 1
    (used,) = beside(store, EventKind.SUGGESTION_USED)
    assert used.data["outcome"] == "rejected"


def test_what_was_not_shown_cannot_be_used(store: Store) -> None:
    with pytest.raises(NotFound, match="was shown"):
        use(store, SuggestionOutcome.ACCEPTED)


def test_the_customers_ledger_has_the_seal_and_not_the_words(store: Store) -> None:
    show(store)
    use(store, SuggestionOutcome.REJECTED)
    act(store, AGENT, plan(WriteNote(conversation_id="conv-1", text=CANARY), "note-1"))
    own = store.events(ANNA, stream="conv-1")
    assert sum(event.kind is EventKind.ACTED for event in own) == 3
    assert not any(CANARY in event.model_dump_json() for event in own)
    with pytest.raises(NotAllowed):
        store.events(ANNA, stream=desk_stream("conv-1"))
    assert beside(store, EventKind.NOTE_WRITTEN)[0].data["text"] == CANARY


def test_taking_over_takes_the_packet_that_waits(store: Store) -> None:
    queue(store)
    act(store, AGENT, plan(TakeOver(conversation_id="conv-1"), "over-1"))
    (row,) = store.handoffs(AGENT, status=HandOffStatus.TAKEN)
    assert row.taken_by == AGENT.id
    assert store.conversation(AGENT, "conv-1").speaker == "person"


def test_a_colleague_is_not_pushed_aside(store: Store) -> None:
    queue(store)
    act(store, AGENT, plan(TakeHandOff(packet_id="PKT-1"), "take-1"))
    with pytest.raises(Conflict, match=AGENT.id):
        act(store, SUPERVISOR, plan(TakeOver(conversation_id="conv-1"), "over-1"))
    assert not [e for e in store.events(ADMIN, stream="conv-1") if e.kind is EventKind.TAKEN_OVER]


def test_a_customer_takes_nothing_over(store: Store) -> None:
    with pytest.raises(NotAllowed):
        act(store, ANNA, plan(TakeOver(conversation_id="conv-1"), "over-1"))
