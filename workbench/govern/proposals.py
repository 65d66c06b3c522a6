"""Changes of the policy that were proposed, and what became of them, from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from workbench.records.base import Instant, Record
from workbench.records.events import Event, EventKind
from workbench.records.proposals import ChangeEvidence

PROPOSAL_KINDS = (EventKind.POLICY_PROPOSED, EventKind.POLICY_DECIDED)
_TOLD = ("base", "proposed", "changes", "reason", "evidence")


class ProposalStatus(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class Proposal(Record):
    """One proposed change."""

    id: str
    base: str
    """Version of the policy that it changes."""
    proposed: str
    """Version that it gives."""
    changes: dict[str, str]
    reason: str
    evidence: ChangeEvidence | None = None
    """What was measured when it was proposed."""
    by: str
    at: Instant
    status: ProposalStatus = ProposalStatus.WAITING
    decided_by: str = ""
    decided_at: Instant | None = None
    decision_reason: str = ""


def proposals_of(events: Iterable[Event]) -> tuple[Proposal, ...]:
    """Every proposal of a ledger, the latest first."""
    found: dict[str, Proposal] = {}
    for event in events:
        if event.kind is EventKind.POLICY_PROPOSED:
            told = {name: event.data.get(name) for name in _TOLD}
            proposal = Proposal(id=event.data["proposal_id"], by=event.actor, at=event.at, **told)
            found[proposal.id] = proposal
        elif event.kind is EventKind.POLICY_DECIDED:
            found[event.data["proposal_id"]] = _decided(found[event.data["proposal_id"]], event)
    return tuple(reversed(found.values()))


def _decided(proposal: Proposal, event: Event) -> Proposal:
    approved = event.data["approved"]
    return proposal.model_copy(
        update={
            "status": ProposalStatus.APPROVED if approved else ProposalStatus.DECLINED,
            "decided_by": event.actor,
            "decided_at": event.at,
            "decision_reason": event.data["reason"],
        }
    )
