"""Changes of a policy: proposed by one person, decided on by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.govern.proposals import PROPOSAL_KINDS, Proposal, ProposalStatus, proposals_of
from workbench.records.events import EventKind
from workbench.records.operations import DecideProposal, ProposeChange
from workbench.records.principals import same_person
from workbench.store import ledger
from workbench.store.operations.registry import Outcome, Target, performs

if TYPE_CHECKING:
    from workbench.store.work import Work


def _target(work: Work, _wish: ProposeChange | DecideProposal) -> Target:
    """A policy is no customer's."""
    return "", work.transaction.stream


@performs(ProposeChange, _target)
def propose_change(work: Work, wish: ProposeChange) -> Outcome:
    """Put a change before another person, with its reason and its replay."""
    if not wish.changes or not wish.reason.strip():
        raise InputError(
            "A proposal changes nothing or has no reason",
            expected="at least one setting, and why it should change",
        )
    proposal_id = work.ids.new("prop")
    told = wish.model_dump(mode="json")
    work.record(EventKind.POLICY_PROPOSED, {"proposal_id": proposal_id, **told})
    return Outcome({"proposal_id": proposal_id})


@performs(DecideProposal, _target)
def decide_proposal(work: Work, wish: DecideProposal) -> Outcome:
    """Approve or decline; the policy file stays as it is until its owner changes it."""
    found = _find(work, wish.proposal_id)
    if found.status is not ProposalStatus.WAITING:
        raise Conflict(
            f"Proposal {found.id} is {found.status.value} already", next_step="Reload the list."
        )
    if same_person(found.by, work.principal.id):
        raise NotAllowed(
            "Nobody decides on a proposal of their own", next_step="Ask another person to decide."
        )
    if not wish.reason.strip():
        raise InputError("A decision needs a reason", expected="why it is right or not")
    work.record(EventKind.POLICY_DECIDED, wish.model_dump(mode="json"))
    return Outcome({"proposal_id": found.id})


def _find(work: Work, proposal_id: str) -> Proposal:
    events = ledger.read(
        work.connection, work.tenant, stream=work.transaction.stream, kinds=PROPOSAL_KINDS
    )
    found = next((one for one in proposals_of(events) if one.id == proposal_id), None)
    if found is None:
        raise NotFound(
            f"There is no proposal {proposal_id}", next_step="List them on the Govern page."
        )
    return found
