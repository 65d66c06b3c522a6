"""Cases at the front door: what people do with them, each act one that a case's life allows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from workbench.errors import InputError
from workbench.front.part import Part
from workbench.govern.case_life import Statuses, open_to
from workbench.records.actions import Action
from workbench.records.base import short_code
from workbench.records.cases import Case, CaseEntry, Subscription
from workbench.records.evidence import Packet
from workbench.records.operations import CasePart, MergeCases, SplitCase, UnmergeCases, plan
from workbench.records.principals import Principal, Role
from workbench.store.views import ConversationRow
from workbench.store.work import Committed, Transaction

if TYPE_CHECKING:
    from workbench.people.similar_cases import SimilarCase


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

    def open_cases(self) -> tuple[Case, ...]:
        """Cases of all customers that somebody owes something, what falls due first in front."""
        return self.workbench.store.open_cases(self.workbench.service)

    def of_customer(self, customer_id: str) -> tuple[Case, ...]:
        """All cases of a customer, the newest first."""
        return self.workbench.store.cases(self.workbench.service, customer_id)

    def subscriptions(self, case_id: str) -> tuple[Subscription, ...]:
        """Who hears of changes on a case, where and when."""
        return self.workbench.store.subscriptions(self.workbench.service, case_id)

    def conversations(self, case: Case) -> tuple[ConversationRow, ...]:
        """Conversations of its customer in which a case was opened or gone on with."""
        rows = self.workbench.conversations(customer_id=case.customer_id)
        return tuple(row for row in rows if self._is_about(row, case))

    def similar(self, concern: Case | Packet) -> tuple[SimilarCase, ...]:
        """Solved cases most like a case or a packet, and how they were solved."""
        from workbench.people.similar_cases import of_case, of_packet, similar_cases

        if isinstance(concern, Packet) and concern.case_id:
            concern = self.get(concern.case_id)
        about = of_case(concern) if isinstance(concern, Case) else of_packet(concern)
        return similar_cases(self.workbench.store, self.workbench.service, about)

    def open_to(self, case: Case, role: Role = Role.HUMAN_AGENT) -> dict[str, Statuses]:
        """What a person may have happen to a case now; see `case_life.open_to`."""
        window = timedelta(days=self.workbench.settings.sla.reopen_days)
        return open_to(case, role, self.workbench.clock.now(), window)

    def queues(self) -> tuple[str, ...]:
        """Queues that a case may be given to, by name."""
        return self.workbench.routing.rules.queues

    def append(self, seen: Case, by: str, text: str, *, internal: bool = False) -> Committed:
        """One more entry; an internal one stays inside."""
        person = self.workbench.person(by)
        ticketing, key = self.workbench.systems.ticketing, self._key()
        action = ticketing.append(person, seen, text, key, internal=internal)
        return self._commit(person, seen.id, action)

    def change(
        self, seen: Case, by: str, role: Role = Role.HUMAN_AGENT, **fields: Any
    ) -> Committed:
        """Another status, owner, queue, impact, urgency or hold; its clocks follow.

        Raises `InputError` for a field that a case does not have or a value that it cannot take.
        """
        person = self.workbench.person(by, role)
        after = _with(seen, fields)
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

    def _is_about(self, row: ConversationRow, case: Case) -> bool:
        if row.id == case.conversation_id:
            return True
        state = self.workbench.conversation(row.id)
        return case.id in {state.case_id, *(request.case_id for request in state.requests)}

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


def _with(case: Case, fields: dict[str, Any]) -> Case:
    """The case with other fields, each of its proper type."""
    try:
        return Case.model_validate(dict(case) | fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InputError(
            f"Case {case.id} cannot have {wrong['loc'][0]} = {wrong['input']!r}",
            expected=wrong["msg"],
        ) from error
