"""One transaction: all of it, once, or nothing of it."""

from __future__ import annotations

import pytest
from store_world import (
    ADMIN,
    AGENT,
    ANALYST,
    ANNA,
    BORIS,
    SERVICE,
    act,
    begin,
    case,
    credit,
    dispute,
    fill,
    said,
    started,
)

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.records.actions import Action
from workbench.records.events import EventKind, NewEvent
from workbench.records.operations import OpenCase, OpenDispute, plan
from workbench.records.principals import customer_principal
from workbench.store import Store, Transaction


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def test_events_get_places_times_and_a_chain(store: Store) -> None:
    first, second = store.events(ANNA, "conv-1")
    assert (first.position, second.position) == (1, 2)
    assert second.seq == first.seq + 1
    assert (first.previous, second.previous) == ("", first.hash)
    assert first.actor == ANNA.id
    assert second.data == {"speaker": "customer", "text": "hello"}


def test_a_repeated_request_does_nothing_and_gives_the_earlier_events(store: Store) -> None:
    action = plan(OpenDispute(dispute=dispute("10.00")), key="d-1")
    once = act(store, ANNA, action, events=(said("wrong"),))
    again = act(store, ANNA, action, events=(said("wrong"),))
    assert (once.repeated, again.repeated) == (False, True)
    assert again.events == once.events
    assert again.receipts[0].result == once.receipts[0].result
    assert again.receipts[0].repeated
    assert len(store.account(ANNA, "INV-1").disputes) == 1


def test_the_same_request_id_in_another_stream_is_another_request(store: Store) -> None:
    begin(store, stream="conv-2")
    act(store, ANNA, request_id="r", events=(said("a"),))
    assert not act(store, ANNA, stream="conv-2", request_id="r", events=(said("b"),)).repeated


def test_a_key_is_performed_once_whatever_request_carries_it(store: Store) -> None:
    action = plan(OpenDispute(dispute=dispute("10.00")), key="d-1")
    once = act(store, ANNA, action, request_id="r-1")
    again = act(store, ANNA, action, request_id="r-2")
    assert not again.repeated
    assert again.receipts[0].repeated
    assert again.receipts[0].result == once.receipts[0].result
    assert len(store.account(ANNA, "INV-1").disputes) == 1
    acted = store.events(ADMIN, kinds=[EventKind.ACTED])
    assert [event.data["repeated"] for event in acted] == [False, True]


def test_a_key_used_for_something_else_is_a_conflict(store: Store) -> None:
    act(store, ANNA, plan(OpenDispute(dispute=dispute("10.00")), key="k"))
    with pytest.raises(Conflict, match="used for something else"):
        act(store, AGENT, plan(OpenCase(case=case()), key="k"), request_id="r-2")


def test_a_writer_who_read_an_older_state_of_the_stream_is_told(store: Store) -> None:
    write = Transaction(
        principal=ANNA, stream="conv-1", request_id="r", events=(said("x"),), expected_revision=1
    )
    with pytest.raises(Conflict, match="has 2 events, you have read 1"):
        store.commit(write)
    store.commit(write.model_copy(update={"expected_revision": 2}))


def test_a_failing_action_leaves_nothing_of_its_transaction(store: Store) -> None:
    before = store.events(ADMIN)
    with pytest.raises(Conflict):
        act(
            store,
            ANNA,
            plan(OpenDispute(dispute=dispute("10.00")), key="good"),
            plan(OpenDispute(dispute=dispute("999.00", name="2")), key="bad"),
            events=(said("both"),),
        )
    assert store.events(ADMIN) == before
    assert store.account(ANNA, "INV-1").disputes == ()
    assert store.outbox(ADMIN) == ()


def test_an_action_leaves_exactly_one_record_of_itself(store: Store) -> None:
    action = plan(OpenDispute(dispute=dispute("10.00")), key="d-1")
    store.commit(
        Transaction(
            principal=ANNA,
            stream="conv-1",
            request_id="r",
            actions=(action,),
            actor="assistant",
            policy_version="p-7",
        )
    )
    (acted,) = store.events(ADMIN, kinds=[EventKind.ACTED])
    assert acted.data["operation"] == "dispute.open"
    assert acted.data["amount"] == {"amount": "10.00", "currency": "EUR"}
    assert (acted.actor, acted.on_behalf_of) == ("assistant", ANNA.id)
    assert acted.policy_version == "p-7"


@pytest.mark.parametrize("kind", ["acted", "case_changed", "approval_decided", "imported"])
def test_nobody_can_claim_an_event_that_follows_from_actions(store: Store, kind: str) -> None:
    with pytest.raises(InputError, match="follow from actions"):
        act(store, SERVICE, request_id="r", events=(NewEvent(kind=EventKind(kind)),))


@pytest.mark.parametrize(
    ("principal", "stream", "error"),
    [
        (BORIS, "conv-1", NotFound),
        (BORIS, "conv-unknown", NotFound),
        (ANALYST, "conv-1", NotAllowed),
        (ANNA, "policy:main", NotAllowed),
        (ANNA, "case:CASE-99999999", NotFound),
    ],
)
def test_a_stream_is_written_by_those_who_may(store, principal, stream, error) -> None:
    with pytest.raises(error):
        act(store, principal, stream=stream, request_id="r", events=(said("x"),))


def test_nobody_starts_a_conversation_in_another_customers_name(store: Store) -> None:
    with pytest.raises(NotFound):
        act(store, BORIS, stream="conv-9", request_id="r", events=(started("C-100"),))


def test_an_unproven_customer_talks_but_does_not_act(store: Store) -> None:
    unproven = customer_principal("C-100")
    act(store, unproven, request_id="talk", events=(said("who am I"),))
    with pytest.raises(NotFound):
        act(store, unproven, plan(OpenDispute(dispute=dispute("10.00")), key="d"))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action(operation="case.open", key="k", parameters={}), "parameter `case`"),
        (Action(operation="invoice.read", key="k"), "cannot be performed"),
        (Action(operation="world.rule", key="k"), "no operation 'world.rule'"),
        (credit("0.00"), "cannot be credited"),
        (credit("-1.00"), "cannot be credited"),
        (credit("10.00", line=9), "no line 9"),
    ],
)
def test_an_action_that_cannot_be_says_why(store: Store, action: Action, words: str) -> None:
    with pytest.raises(InputError, match=words):
        act(store, AGENT, action)


def test_events_that_are_no_json_are_refused(store: Store) -> None:
    odd = NewEvent(kind=EventKind.MESSAGE_RECEIVED, data={"score": float("nan")})
    with pytest.raises(InputError, match="cannot be stored as JSON"):
        act(store, ANNA, request_id="r", events=(odd,))


def test_text_that_no_database_can_hold_is_stored_readably(store: Store) -> None:
    act(store, ANNA, request_id="r", events=(said("a\x00b\ud800c"),))
    assert store.events(ANNA, "conv-1")[-1].data["text"] == "a\x00b�c"
    assert store.verify(ADMIN).ok


def test_the_index_of_conversations_follows_the_events(store: Store) -> None:
    ended = NewEvent(kind=EventKind.CONVERSATION_ENDED, data={"resolution": "confirmed"})
    act(store, ANNA, request_id="end", events=(ended,))
    (row,) = store.conversations(AGENT)
    assert (row.customer_id, row.status, row.revision) == ("C-100", "ended", 3)
    assert row.last_kind == "conversation_ended"
    assert store.conversations(BORIS) == ()
    assert store.conversations(ANNA) == (row,)
