"""Cases on the store: planning changes, and the promises (SLA clocks) that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.config import SlaSettings
from workbench.records.actions import Action
from workbench.records.base import Clock, short_code
from workbench.records.cases import Case, CaseEntry, CaseStatus, Priority, SlaClock, Subscription
from workbench.records.operations import (
    AppendToCase,
    ChangeCase,
    OpenCase,
    SetSubscription,
    plan,
)
from workbench.records.principals import Principal
from workbench.store import Store
from workbench.systems.calendar import BusinessCalendar
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
        return plan(AppendToCase(case_id=case.id, text=text, internal=internal), key)

    def change(self, principal: Principal, before: Case, after: Case, key: str) -> Action:
        self._admit(principal, ChangeCase.operation, before.customer_id)
        settled = self.promises.on_change(before, after, self.clock.now())
        return plan(ChangeCase(before_revision=before.revision, after=settled), key)

    def subscribe(self, principal: Principal, wish: Subscription, key: str) -> Action:
        self._admit(principal, SetSubscription.operation, wish.customer_id)
        return plan(SetSubscription(subscription=wish), key)

    def _admit(self, principal: Principal, operation: str, customer_id: str) -> None:
        self.gate.call(lambda: self.store.admit(principal, operation, customer_id))


@dataclass(frozen=True)
class Promises:
    """By when something must have happened on a case.

    Only business time counts. Time while we wait for the customer, or while the case is solved,
    does not; a clock goes on where it stood and never starts anew.
    """

    calendar: BusinessCalendar
    sla: SlaSettings

    def on_opening(self, case: Case, now: datetime) -> tuple[SlaClock, ...]:
        return tuple(
            SlaClock(kind=kind, started_at=now, due_at=self.calendar.add(now, minutes))
            for kind, minutes in self._targets(case.priority).items()
        )

    def on_change(self, before: Case, after: Case, now: datetime) -> Case:
        """The case with all that follows from its change of status or priority."""
        clocks = tuple(self._moved(clock, before, after, now) for clock in after.clocks)
        return after.model_copy(update={"clocks": clocks, **_solution(before, after, now)})

    def _moved(self, clock: SlaClock, before: Case, after: Case, now: datetime) -> SlaClock:
        if after.priority is not before.priority and clock.met_at is None:
            clock = self._with_target(clock, before.priority, after.priority, now)
        if not before.is_open and after.is_open and clock.kind == "resolution" and clock.met_at:
            clock = self._resumed(clock, clock.met_at, now)
        if clock.met_at is not None or after.status is before.status:
            return clock
        if clock.paused_at is not None:
            clock = self._resumed(clock, clock.paused_at, now)
        return clock.model_copy(update=_at_status(clock, before, after, now))

    def _resumed(self, clock: SlaClock, since: datetime, now: datetime) -> SlaClock:
        """Running again, with the business time that was left when it stopped."""
        left = self.calendar.between(since, clock.due_at)
        due = self.calendar.add(now, left.total_seconds() / 60) if left else clock.due_at
        return clock.model_copy(update={"paused_at": None, "met_at": None, "due_at": due})

    def _with_target(
        self, clock: SlaClock, old: Priority, new: Priority, now: datetime
    ) -> SlaClock:
        """The same clock under another target: what has been used up stays used."""
        was, target = (self._targets(p).get(clock.kind) for p in (old, new))
        if was is None or target is None:
            return clock
        since = clock.paused_at or now
        left = self.calendar.between(since, clock.due_at).total_seconds() / 60 + target - was
        return clock.model_copy(update={"due_at": self.calendar.add(since, max(left, 0))})

    def _targets(self, priority: Priority) -> dict[str, int]:
        return {
            "first_response": self.sla.first_response_minutes[priority],
            "resolution": self.sla.resolution_minutes[priority],
        }


def _at_status(
    clock: SlaClock, before: Case, after: Case, now: datetime
) -> dict[str, datetime | None]:
    """What a new status does to a running clock."""
    if not after.is_open:
        return {"met_at": now}
    if clock.kind == "first_response" and before.status is CaseStatus.NEW:
        return {"met_at": now}
    return {"paused_at": now} if after.status is CaseStatus.WAITING else {}


def _solution(before: Case, after: Case, now: datetime) -> dict[str, object]:
    """When it was solved, and how often it came back."""
    if before.is_open and not after.is_open:
        return {"solved_at": now}
    if after.is_open and not before.is_open:
        return {"solved_at": None, "reopened": before.reopened + 1}
    return {}
