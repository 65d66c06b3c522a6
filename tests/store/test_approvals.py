"""A second person agrees to exactly one action on one state of one record."""

from __future__ import annotations

import pytest
from store_world import (
    AGENT,
    ANNA,
    SUPERVISOR,
    act,
    begin,
    credit,
    dispute,
    fill,
    person,
)

from workbench.errors import Conflict, NotAllowed, NotFound
from workbench.records.actions import Action
from workbench.records.events import EventKind
from workbench.records.money import Money
from workbench.records.operations import DecideApproval, OpenDispute, RequestApproval, plan
from workbench.records.principals import Principal, Role
from workbench.store import Approval, ApprovalStatus, Committed, Store

OTHER = person(Role.SUPERVISOR, "olga")


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def ask(
    store: Store,
    principal: Principal = ANNA,
    action: Action | None = None,
    revision: int = 1,
    key: str = "ask",
) -> Approval:
    wish = RequestApproval(
        action=action or credit("100.00"),
        record="invoice INV-1",
        record_revision=revision,
        limit=Money.of("50", "EUR"),
        conversation_id="conv-1",
    )
    act(store, principal, plan(wish, key))
    return store.approvals(SUPERVISOR)[-1]


def decide(
    store: Store, request: Approval, principal: Principal = SUPERVISOR, **changes: object
) -> Committed:
    given = {"approval_id": request.id, "approved": True, "fingerprint": request.fingerprint}
    wish = DecideApproval.model_validate(given | changes)
    return act(store, principal, plan(wish, f"decide-{request.id}-{principal.id}"))


def test_an_approved_action_is_performed_in_the_same_transaction(store: Store) -> None:
    request = ask(store)
    assert store.account(ANNA, "INV-1").credit_notes == ()
    committed = decide(store, request)
    assert committed.receipts[0].result["status"] == "approved"
    assert [n.number for n in store.account(ANNA, "INV-1").credit_notes] == ["CN-cr-1"]
    kinds = [e.kind for e in committed.events]
    assert EventKind.APPROVAL_DECIDED in kinds
    assert [e.data["operation"] for e in committed.events if e.kind is EventKind.ACTED] == [
        "credit.issue",
        "approval.decide",
    ]
    assert store.approvals(SUPERVISOR) == ()


def test_a_declined_action_is_not_performed(store: Store) -> None:
    request = ask(store)
    decide(store, request, approved=False, reason="not damaged")
    assert store.account(ANNA, "INV-1").credit_notes == ()
    (declined,) = store.approvals(SUPERVISOR, ApprovalStatus.DECLINED)
    assert (declined.decided_by, declined.decision_reason) == (SUPERVISOR.id, "not damaged")


def test_nobody_decides_on_a_request_of_their_own(store: Store) -> None:
    request = ask(store, SUPERVISOR)
    with pytest.raises(NotAllowed, match="request of their own"):
        decide(store, request)
    assert decide(store, request, OTHER).receipts[0].result["status"] == "approved"


@pytest.mark.parametrize("principal", [ANNA, AGENT, person(Role.ADMIN), person(Role.SERVICE)])
def test_only_supervisors_decide(store: Store, principal: Principal) -> None:
    request = ask(store)
    with pytest.raises(NotAllowed):
        decide(store, request, principal)


def test_a_changed_record_is_asked_for_again_and_nothing_is_done(store: Store) -> None:
    request = ask(store)
    act(store, ANNA, plan(OpenDispute(dispute=dispute("10.00", 2)), key="meanwhile"))
    result = decide(store, request).receipts[0].result
    assert result["status"] == "asked_again"
    assert store.account(ANNA, "INV-1").credit_notes == ()
    (again,) = store.approvals(SUPERVISOR)
    assert (again.id, again.record_revision) == (result["approval_id"], 2)
    assert again.fingerprint == request.fingerprint
    assert decide(store, again).receipts[0].result["status"] == "approved"


def test_a_payment_that_arrives_meanwhile_changes_the_record(store: Store) -> None:
    from store_world import ADMIN, payment

    request = ask(store)
    store.import_records(ADMIN, "payments", [payment("PAY-9", "C-100", "INV-1", "178.50")], "x")
    assert decide(store, request).receipts[0].result["status"] == "asked_again"


def test_an_approval_is_for_the_action_that_was_seen(store: Store) -> None:
    request = ask(store)
    with pytest.raises(Conflict, match="another action"):
        decide(store, request, fingerprint=credit("1.00").fingerprint)


def test_an_approval_is_decided_once(store: Store) -> None:
    request = ask(store)
    decide(store, request)
    with pytest.raises(Conflict, match="approved already"):
        decide(store, request, OTHER)
    assert len(store.account(ANNA, "INV-1").credit_notes) == 1


def test_an_outdated_request_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict, match="not at revision 7"):
        ask(store, revision=7)


def test_nobody_asks_for_what_they_may_not_touch(store: Store) -> None:
    with pytest.raises(NotFound):
        ask(store, action=credit("10.00", number="INV-3"))
    with pytest.raises(NotFound):
        ask(store, action=credit("10.00", number="INV-404"))
