"""Cases at the front door: what people do with them, each act one that a case's life allows."""

from __future__ import annotations

from typing import Any

from workbench.front.part import Part
from workbench.records.actions import Action
from workbench.records.base import short_code
from workbench.records.cases import Case, CaseEntry
from workbench.records.operations import CasePart, MergeCases, SplitCase, UnmergeCases, plan
from workbench.records.principals import Principal, Role
from workbench.store.work import Committed, Transaction


class Cases(Part):
    """Cases under the hands of people.

    What a person has read is what they act on: a `Case` that somebody changed meanwhile gives
    `Conflict`, and nothing is written. A step that the case cannot take gives `InputError`.
    """

    def get(self, case_id: str) -> Case:
        """One case. Raises `NotFound` for an id that does not exist."""
        return self.workbench.store.case(self.workbench.service, case_id)

    def entries(self, case_id: str) -> tuple[CaseEntry, ...]:
        """A case's history with its internal entries, the oldest first."""
        return self.workbench.store.entries(self.workbench.service, case_id)

    def append(self, seen: Case, by: str, text: str, *, internal: bool = False) -> Committed:
        """One more entry; an internal one stays inside."""
        person = self.workbench.person(by)
        ticketing, key = self.workbench.systems.ticketing, self._key()
        action = ticketing.append(person, seen, text, key, internal=internal)
        return self._commit(person, seen.id, action)

    def change(
        self, seen: Case, by: str, role: Role = Role.HUMAN_AGENT, **fields: Any
    ) -> Committed:
        """Another status, owner, queue, impact, urgency or hold; its clocks follow."""
        person = self.workbench.person(by, role)
        after = seen.model_copy(update=fields)
        action = self.workbench.systems.ticketing.change(person, seen, after, self._key())
        return self._commit(person, seen.id, action)

    def merge(self, kept: Case, merged: Case, by: str) -> Committed:
        """The first case takes over the second; both histories are kept."""
        wish = MergeCases(
            kept_id=kept.id,
            kept_revision=kept.revision,
            merged_id=merged.id,
            merged_revision=merged.revision,
        )
        return self._commit(self.workbench.person(by), kept.id, plan(wish, self._key()))

    def part(self, merged: Case, by: str) -> Committed:
        """Take a merge back; both cases are as they were before it."""
        wish = UnmergeCases(merged_id=merged.id)
        return self._commit(self.workbench.person(by), merged.id, plan(wish, self._key()))

    def split(self, seen: Case, by: str, *parts: CasePart) -> Committed:
        """Concerns of a case become cases of their own; the rest stays."""
        wish = SplitCase(case_id=seen.id, before_revision=seen.revision, parts=parts)
        return self._commit(self.workbench.person(by), seen.id, plan(wish, self._key()))

    def new_part(self, seen: Case, queue: str, *requests: str) -> CasePart:
        """A part for `split`, with a number and a subject of its own."""
        case_id = f"CASE-{short_code(self._key())}"
        subject = f"{seen.subject}:part:{case_id}"
        return CasePart(
            id=case_id, subject=subject, title=requests[0][:80], queue=queue, requests=requests
        )

    def _key(self) -> str:
        return self.workbench.ids.new("click")

    def _commit(self, person: Principal, case_id: str, action: Action) -> Committed:
        return self.workbench.store.commit(
            Transaction(
                principal=person,
                stream=f"case:{case_id}",
                request_id=action.key,
                actions=(action,),
                policy_version=self.workbench.policy.version,
            )
        )
