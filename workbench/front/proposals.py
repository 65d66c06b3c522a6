"""`workbench.proposals`: changes of the policy that one person proposes and another decides on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.front.part import Part
from workbench.govern.proposals import PROPOSAL_KINDS, Proposal, proposals_of
from workbench.records.actions import Action
from workbench.records.operations import DecideProposal, ProposeChange, plan
from workbench.records.principals import Principal, Role
from workbench.records.proposals import ChangeEvidence, PeopleNeeded
from workbench.store.work import Committed, Transaction


class Proposals(Part):
    """Nothing here changes the policy that is in force: its owner does, in its file."""

    def list(self) -> tuple[Proposal, ...]:
        """All of them, the latest first."""
        here = self.workbench
        return proposals_of(here.store.events(here.service, self._stream, kinds=PROPOSAL_KINDS))

    def propose(
        self,
        changes: Mapping[str, Any],
        by: str,
        reason: str,
        role: Role = Role.ANALYST,
        people: PeopleNeeded | None = None,
    ) -> Committed:
        """Put a change of settings before another person, with what it would do to history.

        Args:
            people: what it costs in people, from `workbench.staffing.compare`.
        """
        here = self.workbench
        proposed = here.proposed(changes)
        wish = ProposeChange(
            base=here.policy.version,
            proposed=proposed.version,
            changes={name: str(value) for name, value in changes.items()},
            reason=reason,
            evidence=ChangeEvidence(
                before=here.threshold_cube().at().replayed,
                after=here.threshold_cube(proposed).at().replayed,
                people=people,
            ),
        )
        action = plan(wish, key=f"propose:{here.ids.new('click')}")
        return self._commit(here.person(by, role), action)

    def decide(
        self, proposal_id: str, by: str, approved: bool, reason: str, role: Role = Role.SUPERVISOR
    ) -> Committed:
        """Approve or decline. Raises `NotAllowed` for a proposal of one's own."""
        wish = DecideProposal(proposal_id=proposal_id, approved=approved, reason=reason)
        action = plan(wish, key=f"decide:{proposal_id}:{by}")
        return self._commit(self.workbench.person(by, role), action)

    @property
    def _stream(self) -> str:
        return f"proposal:{self.workbench.policy.name}"

    def _commit(self, person: Principal, action: Action) -> Committed:
        here = self.workbench
        return here.store.commit(
            Transaction(
                principal=person,
                stream=self._stream,
                request_id=here.ids.new("click"),
                actions=(action,),
                policy_version=here.policy.version,
            )
        )
