"""Cases on the store: planning changes, with what they do to the case's clocks."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.records.actions import Action
from workbench.records.base import Clock, short_code
from workbench.records.cases import Case, CaseEntry, Subscription
from workbench.records.operations import (
    AppendToCase,
    ChangeCase,
    OpenCase,
    SetSubscription,
    plan,
)
from workbench.records.principals import Principal
from workbench.store import Store
from workbench.systems.clocks import Promises
from workbench.systems.local_gate import Gate
from workbench.systems.ports import CaseDraft


@dataclass(frozen=True)
class LocalTicketing:
    """Implements `ports.Ticketing`."""

    store: Store
    gate: Gate
    clock: Clock
    promises: Promises

    def cases(self, principal: Principal, customer_id: str) -> tuple[Case, ...]:
        return self.gate.call(lambda: self.store.cases(principal, customer_id))

    def case(self, principal: Principal, case_id: str) -> Case:
        return self.gate.call(lambda: self.store.case(principal, case_id))

    def entries(self, principal: Principal, case_id: str) -> tuple[CaseEntry, ...]:
        return self.gate.call(lambda: self.store.entries(principal, case_id))

    def open_case(
        self, principal: Principal, customer_id: str, draft: CaseDraft, key: str
    ) -> tuple[Case, Action]:
        self._admit(principal, OpenCase.operation, customer_id)
        now = self.clock.now()
        case = Case(
            id=f"CASE-{short_code(principal.tenant + key)}",
            customer_id=customer_id,
            opened_at=now,
            updated_at=now,
            **draft.model_dump(exclude={"text", "internal"}),
        )
        case = case.model_copy(update={"clocks": self.promises.on_opening(case, now)})
        wish = OpenCase(case=case, text=draft.text, internal=draft.internal)
        return case, plan(wish, key)

    def append(
        self, principal: Principal, case: Case, text: str, key: str, *, internal: bool = False
    ) -> Action:
        self._admit(principal, AppendToCase.operation, case.customer_id)
        question = self.promises.on_question(case.queue, case.priority, self.clock.now())
        wish = AppendToCase(
            case_id=case.id, text=text, internal=internal, answer=None if internal else question
        )
        return plan(wish, key)

    def change(self, principal: Principal, before: Case, after: Case, key: str) -> Action:
        self._admit(principal, ChangeCase.operation, before.customer_id)
        now = self.clock.now()
        settled = self.promises.on_change(before, after, now)
        return plan(ChangeCase(before_revision=before.revision, after=settled), key)

    def subscribe(self, principal: Principal, wish: Subscription, key: str) -> Action:
        self._admit(principal, SetSubscription.operation, wish.customer_id)
        return plan(SetSubscription(subscription=wish), key)

    def _admit(self, principal: Principal, operation: str, customer_id: str) -> None:
        self.gate.call(lambda: self.store.admit(principal, operation, customer_id))
