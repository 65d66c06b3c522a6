"""Hand-off, take-over, hand-back, and what only people carry out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_world import (
    ADMIN,
    AGENT,
    ANALYST,
    ANNA,
    BORIS,
    NOON,
    SUPERVISOR,
    act,
    begin,
    fill,
    packet,
    queue,
)

from workbench.errors import Conflict, NotAllowed, NotFound
from workbench.records.cases import Priority
from workbench.records.events import EventKind, NewEvent
from workbench.records.operations import (
    HandBack,
    QueueHandOff,
    ReportSecurity,
    RequestCallback,
    RequestDetailChange,
    TakeHandOff,
    plan,
)
from workbench.records.principals import customer_principal
from workbench.store import HandOffStatus, Store


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def take(store: Store, principal, packet_id: str = "PKT-1"):
    key = f"take-{packet_id}-{principal.id}"
    return act(store, principal, plan(TakeHandOff(packet_id=packet_id), key))


def test_a_packet_waits_in_its_queue_with_its_conversation(store: Store) -> None:
    queue(store)
    (row,) = store.handoffs(AGENT, "billing")
    assert (row.id, row.conversation_id, row.customer_id) == ("PKT-1", "conv-1", "C-100")
    assert store.handoffs(AGENT, "legal") == ()
    assert store.packet(AGENT, "PKT-1") == packet("conv-1")
    assert store.conversation(AGENT, "conv-1").status == "waiting"
    assert store.conversation(AGENT, "conv-1").speaker == "assistant"


def test_an_unproven_customer_reaches_a_person_too(store: Store) -> None:
    wish = QueueHandOff(packet=packet("conv-1"))
    act(store, customer_principal("C-100"), plan(wish, key="q"))
    assert len(store.handoffs(AGENT)) == 1


def test_the_ledger_names_a_queued_packet_without_repeating_it(store: Store) -> None:
    queue(store)
    (acted,) = store.events(ADMIN, kinds=[EventKind.ACTED])
    assert acted.data["parameters"]["packet_id"] == "PKT-1"
    assert "packet" not in acted.data["parameters"]


def test_whoever_takes_a_packet_speaks_and_nobody_else_can_take_it(store: Store) -> None:
    queue(store)
    take(store, AGENT)
    row = store.conversation(AGENT, "conv-1")
    assert (row.status, row.speaker) == ("with_person", "person")
    with pytest.raises(Conflict, match="was taken by human_agent:ana"):
        take(store, SUPERVISOR)
    assert store.handoffs(AGENT) == ()
    assert [r.taken_by for r in store.handoffs(AGENT, status=HandOffStatus.TAKEN)] == [AGENT.id]


def test_a_second_hand_off_closes_the_first_packet(store: Store) -> None:
    queue(store, "PKT-1")
    queue(store, "PKT-2")
    assert [row.id for row in store.handoffs(AGENT)] == ["PKT-2"]
    with pytest.raises(Conflict, match="PKT-1 is closed"):
        take(store, AGENT, "PKT-1")


def test_a_packet_id_is_used_once(store: Store) -> None:
    queue(store)
    with pytest.raises(Conflict, match="is there already"):
        act(store, ANNA, plan(QueueHandOff(packet=packet("conv-1")), key="another"))
    assert [row.id for row in store.handoffs(AGENT)] == ["PKT-1"]


def test_hand_back_lets_the_assistant_speak_again(store: Store) -> None:
    queue(store)
    take(store, AGENT)
    act(store, AGENT, plan(HandBack(conversation_id="conv-1", note="all clear"), key="back"))
    row = store.conversation(AGENT, "conv-1")
    assert (row.status, row.speaker, row.queue) == ("open", "assistant", "")
    assert store.handoffs(AGENT, status=HandOffStatus.TAKEN) == ()


def test_a_persons_reply_makes_them_the_speaker(store: Store) -> None:
    reply = NewEvent(kind=EventKind.REPLIED, data={"text": "hi", "speaker": "human_agent:ana"})
    act(store, AGENT, request_id="reply", events=(reply,))
    assert store.conversation(AGENT, "conv-1").speaker == "person"


def test_the_queue_goes_by_priority_then_by_what_falls_due_first(store: Store) -> None:
    wishes = [
        ("late", Priority.P3, NOON + timedelta(hours=5)),
        ("soon", Priority.P3, NOON + timedelta(hours=1)),
        ("urgent", Priority.P1, None),
        ("open", Priority.P3, None),
    ]
    for name, priority, due in wishes:
        begin(store, stream=f"conv-{name}")
        wish = QueueHandOff(packet=packet(f"conv-{name}", name), priority=priority, due_at=due)
        act(store, ANNA, plan(wish, key=name), stream=f"conv-{name}")
    assert [row.id for row in store.handoffs(AGENT)] == ["urgent", "soon", "late", "open"]


@pytest.mark.parametrize(("principal", "error"), [(ANNA, NotAllowed), (ANALYST, NotAllowed)])
def test_packets_are_for_people_at_the_desk(store: Store, principal, error) -> None:
    queue(store)
    for look in (store.handoffs, store.approvals, lambda p: store.packet(p, "PKT-1")):
        with pytest.raises(error):
            look(principal)
    with pytest.raises(error):
        take(store, principal)


def test_a_missing_packet_cannot_be_taken(store: Store) -> None:
    with pytest.raises(NotFound, match="There is no packet PKT-9"):
        take(store, AGENT, "PKT-9")


@pytest.mark.parametrize(
    ("wish", "kind", "queue_name"),
    [
        (RequestCallback(customer_id="C-100", reason="r", queue="billing"), "callback", "billing"),
        (
            RequestDetailChange(customer_id="C-100", detail="bank_details"),
            "detail_change",
            "security",
        ),
        (RequestDetailChange(customer_id="C-100", detail="email"), "detail_change", "identity"),
        (ReportSecurity(what="foreign_record"), "security_alert", "security"),
    ],
)
def test_what_people_must_do_lies_in_the_outbox_of_their_queue(
    store: Store, wish, kind: str, queue_name: str
) -> None:
    act(store, ANNA, plan(wish, key="k"))
    (message,) = store.outbox(ADMIN)
    assert (message.kind, message.channel, message.address) == (kind, "queue", queue_name)
    assert message.customer_id == "C-100"


def test_nobody_asks_for_changes_in_anothers_name(store: Store) -> None:
    begin(store, BORIS, "conv-b")
    for wish in (
        RequestCallback(customer_id="C-100", reason="r"),
        RequestDetailChange(customer_id="C-100", detail="email"),
        ReportSecurity(what="x", customer_id="C-100"),
    ):
        with pytest.raises(NotFound):
            act(store, BORIS, plan(wish, key=wish.operation), stream="conv-b")
