"""A change of the policy takes two people, whatever the front of the house lets through."""

from __future__ import annotations

import pytest

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.govern.proposals import Proposal, proposals_of
from workbench.records.events import EventKind, NewEvent
from workbench.records.operations import DecideProposal, Parameters, ProposeChange, plan
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.store.work import Committed, Transaction

STREAM = "proposal:sample"
CHANGE = ProposeChange(
    base="sample-1", proposed="sample-2", changes={"confidence": "0.9"}, reason="Fewer errors"
)


def person(name: str, role: Role) -> Principal:
    return Principal(id=f"{role.value}:{name}", role=role)


def commit(store: Store, who: Principal, wish: Parameters, request: str = "r-1") -> Committed:
    action = plan(wish, key=f"{who.id}:{request}")
    return store.commit(
        Transaction(principal=who, stream=STREAM, request_id=request, actions=(action,))
    )


def proposals(store: Store) -> tuple[Proposal, ...]:
    return proposals_of(store.events(person("x", Role.SERVICE), STREAM))


def proposed(store: Store, name: str = "Pia", role: Role = Role.ANALYST) -> str:
    done = commit(store, person(name, role), CHANGE)
    return str(done.receipts[0].result["proposal_id"])


def decide(store: Store, who: Principal, proposal_id: str, **more) -> Committed:
    wish = {"proposal_id": proposal_id, "approved": True, "reason": "Agreed"} | more
    return commit(store, who, DecideProposal(**wish), "r-2")


def test_one_proposes_and_another_decides(store: Store) -> None:
    decide(store, person("Max", Role.SUPERVISOR), proposed(store))
    (found,) = proposals(store)
    assert (found.status, found.by, found.decided_by) == (
        "approved",
        "analyst:Pia",
        "supervisor:Max",
    )
    assert (found.changes, found.decision_reason) == ({"confidence": "0.9"}, "Agreed")


def test_declining_is_a_decision_too(store: Store) -> None:
    decide(store, person("Max", Role.ADMIN), proposed(store), approved=False)
    assert proposals(store)[0].status == "declined"


@pytest.mark.parametrize("name", ["Pia", "pia", " PIA "])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_nobody_approves_their_own_change_under_any_role(store: Store, name, role) -> None:
    with pytest.raises(NotAllowed, match="a proposal of their own"):
        decide(store, person(name, role), proposed(store, "Pia", Role.SUPERVISOR))
    assert proposals(store)[0].status == "waiting"


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.CUSTOMER, Role.SERVICE])
def test_other_roles_may_not_propose(store: Store, role) -> None:
    with pytest.raises(NotAllowed):
        proposed(store, "Pia", role)
    assert proposals(store) == ()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.HUMAN_AGENT, Role.SERVICE])
def test_other_roles_may_not_decide(store: Store, role) -> None:
    with pytest.raises(NotAllowed):
        decide(store, person("Max", role), proposed(store))
    assert proposals(store)[0].status == "waiting"


def test_a_decision_is_made_once(store: Store) -> None:
    proposal_id = proposed(store)
    decide(store, person("Max", Role.SUPERVISOR), proposal_id)
    with pytest.raises(Conflict, match="approved already"):
        commit(
            store,
            person("Uma", Role.SUPERVISOR),
            DecideProposal(proposal_id=proposal_id, approved=False, reason="No"),
            "r-3",
        )


@pytest.mark.parametrize(
    "empty", [{"changes": {}}, {"reason": " "}], ids=["changes nothing", "no reason"]
)
def test_a_proposal_needs_a_change_and_a_reason(store: Store, empty) -> None:
    with pytest.raises(InputError, match="changes nothing or has no reason"):
        commit(store, person("Pia", Role.ANALYST), CHANGE.model_copy(update=empty))


def test_a_decision_needs_a_reason_and_a_proposal(store: Store) -> None:
    max_ = person("Max", Role.SUPERVISOR)
    with pytest.raises(InputError, match="needs a reason"):
        decide(store, max_, proposed(store), reason="")
    with pytest.raises(NotFound, match="no proposal prop-X"):
        decide(store, max_, "prop-X")


def test_nobody_writes_an_approval_of_their_own_past_the_performer(store: Store) -> None:
    forged = NewEvent(
        kind=EventKind.POLICY_DECIDED,
        data={"proposal_id": proposed(store), "approved": True, "reason": "mine"},
    )
    with pytest.raises(InputError, match="follow from actions"):
        store.commit(
            Transaction(
                principal=person("Pia", Role.SUPERVISOR),
                stream=STREAM,
                request_id="r-9",
                events=(forged,),
            )
        )
