"""Watching the promises of open cases: warn in time, take over what is late, say so unasked.

Only cases whose time may have come are read; the rest stay where they are, however many.

A look changes nothing that another look has changed already, so any number of processes may look
at once and as often as they like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from workbench.config import Settings
from workbench.errors import Conflict, NotFound
from workbench.flows import facts
from workbench.govern.case_life import next_moment
from workbench.records.actions import Action
from workbench.records.base import Record
from workbench.records.cases import Case, Grade, SlaClock
from workbench.records.clocks import Takeover, Telling, WatchCase
from workbench.records.customers import ContactPoint, Customer
from workbench.records.evidence import Statement
from workbench.records.operations import ChangeCase, plan
from workbench.records.principals import Principal
from workbench.speak.writer import TemplateWriter
from workbench.store import Store, Transaction
from workbench.store.messages import after_quiet_hours
from workbench.systems.clocks import ClockState, Promises, promises_of


class Watched(Record):
    """What a look at all cases led to, each named by the id of its case."""

    warned: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    durable: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    """Somebody changed the case meanwhile; the next look sees it as it is then."""


@dataclass(frozen=True)
class PromiseWatch:
    """Looks at every case that time may change now."""

    store: Store
    settings: Settings
    principal: Principal
    """Of a process, not of a person."""

    def look(self, now: datetime) -> Watched:
        """Do what is due at `now`: one transaction a case."""
        done: dict[str, list[str]] = {name: [] for name in Watched.model_fields}
        due_by = self._promises.warned_by(now)
        for case in self.store.watched_cases(self.principal, now, due_by):
            for outcome in self._settle(case, now):
                done[outcome].append(case.id)
        return Watched(**{name: tuple(ids) for name, ids in done.items()})

    def _settle(self, case: Case, now: datetime) -> Iterator[str]:
        action = self.planned(case, now)
        if action is None:
            return
        try:
            committed = self.store.commit(
                Transaction(
                    principal=self.principal,
                    stream=f"case:{case.id}",
                    request_id=action.key,
                    actions=(action,),
                )
            )
        except Conflict:
            yield "overtaken"
            return
        if not committed.repeated:
            result = committed.receipts[0].result
            yield from (name for name in ("warned", "broken") if result.get(name))
            yield from () if case.is_open else ("durable",)

    def planned(self, case: Case, now: datetime) -> Action | None:
        """What time asks for on a case; None for nothing."""
        return self._watching(case, now) if case.is_open else _durable(case, now)

    def _watching(self, case: Case, now: datetime) -> Action | None:
        """What the case's clocks ask for; None while all of them have time or stand still."""
        marked = tuple(_marked(c.clock, c.state(now), now) for c in self._promises.countdowns(case))
        wish = WatchCase(case_id=case.id, seen=case.clocks, clocks=marked)
        if not wish.warned and not wish.broken:
            return None
        if wish.broken:
            wish = self._taken_over(case, wish, now)
        said = [f"{clock.kind}:{clock.started_at.isoformat()}" for clock in wish.warned]
        late = [f"{clock.kind}:{clock.started_at.isoformat()}" for clock in wish.broken]
        return plan(wish, f"{case.id}:warned:{'+'.join(said)}:broken:{'+'.join(late)}")

    def _taken_over(self, case: Case, wish: WatchCase, now: datetime) -> WatchCase:
        """The wish with all that follows from a broken promise."""
        takes_over = self.settings.sla.takes_over
        queue = takes_over.get(case.queue, self.settings.queues.next_level)
        renewed = self._promises.renewed(case, queue, now)
        before = case.model_copy(update={"clocks": wish.clocks})
        moved = before.model_copy(update={"queue": queue})
        clocks = tuple(
            clock.model_copy(update={"renewed_until": renewed}) if clock in wish.broken else clock
            for clock in self._promises.on_change(before, moved, now).clocks
        )
        leads = self.settings.sla.leads
        to = Takeover(
            queue=queue,
            lead=leads.get(case.queue) or leads.get("*") or queue,
            renewed_until=renewed,
            stays=tuple(q for q, next_one in takes_over.items() if q == next_one),
            telling=self._telling(moved, renewed, now),
        )
        return wish.model_copy(update={"clocks": clocks, "takeover": to})

    def _telling(self, case: Case, renewed: datetime, now: datetime) -> Telling | None:
        """The truth and the new time, where and as the customer wants to hear of the case."""
        try:
            customer = self.store.customer(self.principal, case.customer_id)
        except NotFound:
            return None
        wishes = self.store.subscriptions(self.principal, case.id)
        wish = next((w for w in wishes if w.active), None)
        point = _verified(customer, wish.channel if wish else "")
        if point is None:
            return None
        zone, language = customer.time_zone, wish.language if wish else customer.language
        said = TemplateWriter().write([late(case, renewed, zone)], language=language, zone=zone)
        return Telling(
            channel=point.kind.value,
            address=point.value,
            language=said.language,
            text=said.text,
            not_before=after_quiet_hours(now, wish, zone) if wish else now,
        )

    @cached_property
    def _promises(self) -> Promises:
        return promises_of(self.settings)


def late(case: Case, renewed: datetime, zone: str) -> Statement:
    """That a promise was broken, who has the case now, and the new time."""
    spoken = {
        "case": facts.reference("case", case.id, facts.from_case(case, "id")),
        "queue": facts.term("queue", case.queue, facts.from_case(case, "queue")),
        "by": facts.moment("promised time", renewed, zone, facts.from_case(case, "clocks")),
    }
    return Statement(key="case.late", facts=spoken)


def _marked(clock: SlaClock, state: ClockState, now: datetime) -> SlaClock:
    """The clock with what is noticed for the first time."""
    if state is ClockState.BREACHED and not clock.breached_at and not clock.paused_at:
        return clock.model_copy(update={"breached_at": now})
    if state is ClockState.WARNED and not clock.warned_at:
        return clock.model_copy(update={"warned_at": now})
    return clock


def _durable(case: Case, now: datetime) -> Action | None:
    """The last grade, earned by time."""
    lasted_at = next_moment(case)
    if lasted_at is None or lasted_at > now:
        return None
    after = case.model_copy(update={"grade": Grade.DURABLE})
    wish = ChangeCase(before_revision=case.revision, after=after)
    return plan(wish, f"{case.id}:durable:{lasted_at.isoformat()}")


def _verified(customer: Customer, channel: str) -> ContactPoint | None:
    """The contact that was asked for if it is verified, else email, else phone."""
    points = {point.kind.value: point for point in customer.contact_points if point.verified}
    return points.get(channel) or points.get("email") or points.get("phone")
