"""Disputes, credits and copies: never too much, never twice, never to a stranger."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_world import ADMIN, AGENT, ANNA, act, begin, credit, dispute, fill, invoice

from workbench.errors import Conflict, InputError, NotAllowed
from workbench.records.customers import ContactPoint, PointKind
from workbench.records.events import EventKind, NewEvent
from workbench.records.invoices import DisputeState
from workbench.records.money import Money, total
from workbench.records.operations import OpenDispute, SendCopy, plan
from workbench.store import Store


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def object_to(store: Store, amount: str, line: int | None, name: str) -> None:
    wish = OpenDispute(dispute=dispute(amount, line, name=name))
    act(store, ANNA, plan(wish, key=f"dispute-{name}"))


def decided(amount: str, level: str = "automate", stage: str = "credit.issue") -> NewEvent:
    data = {
        "stage": stage,
        "situation": {"amount": amount, "currency": "EUR"},
        "decision": {"level": level, "rule_id": "small-credits"},
    }
    return NewEvent(kind=EventKind.DECIDED, data=data)


def test_the_disputed_part_leaves_dunning_and_the_rest_stays_due(store: Store) -> None:
    object_to(store, "119.00", 1, "a")
    account = store.account(ANNA, "INV-1")
    assert (account.disputed, account.undisputed) == (eur("119.00"), eur("59.50"))
    assert account.invoice.revision == 2


@pytest.mark.parametrize(
    ("amounts", "line"),
    [
        (["119.01"], 1),  # more than the line
        (["100.00", "19.01"], 1),  # more than is left of the line
        (["178.51"], None),  # more than the invoice
    ],
)
def test_a_dispute_never_exceeds_what_is_open(store: Store, amounts: list[str], line) -> None:
    *earlier, last = amounts
    for number, amount in enumerate(earlier):
        object_to(store, amount, line, f"{number}")
    with pytest.raises(Conflict, match="is open for it now"):
        object_to(store, last, line, "last")


def test_a_line_is_never_credited_twice(store: Store) -> None:
    act(store, AGENT, credit("50.00", key="first"))
    with pytest.raises(Conflict, match=r"0\.00 EUR is open"):
        act(store, AGENT, credit("1.00", key="second"))
    assert store.account(AGENT, "INV-1").credited == eur("50.00")


def test_credits_never_exceed_the_invoice(store: Store) -> None:
    act(store, AGENT, credit("170.00", line=None, key="most"))
    with pytest.raises(Conflict):
        act(store, AGENT, credit("59.50", line=2, key="line"))
    act(store, AGENT, credit("8.50", line=2, key="rest"))
    assert store.account(AGENT, "INV-1").balance == eur("0.00")


def test_a_credit_settles_the_dispute_that_it_covers(store: Store) -> None:
    object_to(store, "119.00", 1, "a")
    object_to(store, "10.00", 2, "b")
    act(store, AGENT, credit("119.00"))
    states = {d.id: d.state for d in store.account(AGENT, "INV-1").disputes}
    assert states == {"DSP-a": DisputeState.CREDITED, "DSP-b": DisputeState.OPEN}


@pytest.mark.parametrize(
    "events",
    [
        (),
        (decided("9.99"),),
        (decided("50.00", level="assist"),),
        (decided("50.00", stage="request"),),
    ],
    ids=["no decision", "on less", "not to automate", "on something else"],
)
def test_a_conversation_credits_nothing_without_a_decision_on_record(store, events) -> None:
    with pytest.raises(NotAllowed, match="Nobody decided"):
        act(store, ANNA, credit("10.00"), events=events)
    assert store.account(ANNA, "INV-1").credit_notes == ()


def test_a_conversation_credits_what_was_decided_in_the_same_turn(store: Store) -> None:
    act(store, ANNA, credit("10.00"), events=(decided("10.00"),))
    assert store.account(ANNA, "INV-1").credited == eur("10.00")


def test_a_copy_goes_to_a_verified_contact_on_file_only(store: Store) -> None:
    on_file = ContactPoint(kind=PointKind.EMAIL, value="c-100@example.com")
    act(store, ANNA, plan(SendCopy(number="INV-1", to=on_file), key="copy"))
    (message,) = store.outbox(ADMIN)
    assert (message.kind, message.address) == ("invoice_copy", "c-100@example.com")
    strangers = [
        ContactPoint(kind=PointKind.EMAIL, value="thief@example.com"),
        ContactPoint(kind=PointKind.PHONE, value="+49 30 1234567"),
    ]
    for number, stranger in enumerate(strangers):
        with pytest.raises(InputError, match="verified contact point on file"):
            act(store, ANNA, plan(SendCopy(number="INV-1", to=stranger), key=f"thief-{number}"))
    assert len(store.outbox(ADMIN)) == 1


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("200"), places=2)
STEPS = st.lists(
    st.tuples(st.sampled_from(["dispute", "credit"]), st.sampled_from([None, 1, 2]), AMOUNTS),
    max_size=6,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_no_order_of_disputes_and_credits_overdraws_an_invoice(store: Store, steps) -> None:
    number = f"INV-{len(store.accounts(AGENT, 'C-100')) + 10}"
    store.import_records(ADMIN, "invoices", [invoice(number, "C-100")], "fresh")
    for step, (what, line, amount) in enumerate(steps):
        name = f"{number}-{step}"
        wish = OpenDispute(dispute=dispute(str(amount), line, number, name))
        action = plan(wish, name) if what == "dispute" else credit(str(amount), line, number, name)
        with contextlib.suppress(Conflict):
            act(store, AGENT, action)
    account = store.account(AGENT, number)
    claimed = [d.money for d in account.disputes if d.state is DisputeState.OPEN]
    assert account.credited <= account.invoice.total
    assert total(claimed, "EUR") <= account.invoice.total
    for line in account.invoice.lines:
        assert account.credited_on(line.line) <= line.gross("EUR")
        assert len([n for n in account.credit_notes if n.lines[0].invoice_line == line.line]) <= 1
