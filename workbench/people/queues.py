"""Where a hand-off goes, whether anybody is there, and how long it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workbench.config import Settings
from workbench.people.load import Choice, Floor, choose
from workbench.people.routing import Matter, Route, RoutingRules
from workbench.records.cases import Priority
from workbench.store.views import HandOffRow
from workbench.systems.calendar import BusinessCalendar

Escalation = Literal["functional", "hierarchical"]


@dataclass(frozen=True)
class Destination:
    """Where a hand-off goes and what the customer may be told about it."""

    route: Route
    choice: Choice
    staffed: bool
    wait_minutes: int
    """Expected wait for somebody on duty; 0 when nobody is."""

    @property
    def queue(self) -> str:
        return self.route.queue

    @property
    def escalation(self) -> Escalation:
        """Functional: more skill. Hierarchical: more authority."""
        return "hierarchical" if self.route.up else "functional"

    def recorded(self) -> dict[str, Any]:
        """What the ledger keeps: the rule, its reason, and the person it is offered to."""
        return {
            "rule_id": self.route.rule_id,
            "why": self.route.why,
            "from_queue": self.route.from_queue,
            "person": self.choice.person,
            "person_why": self.choice.why,
        }

    def to_dict(self) -> dict[str, Any]:
        told = {"queue": self.queue, "escalation": self.escalation, "staffed": self.staffed}
        return told | {"wait_minutes": self.wait_minutes} | self.recorded()

    def __str__(self) -> str:
        person = self.choice.person or "whoever is free first"
        wait = f"about {self.wait_minutes} minutes" if self.staffed else "nobody is there now"
        return f"{self.route}\n  offered to {person}: {self.choice.why}\n  wait: {wait}"


def destination(
    matter: Matter,
    rules: RoutingRules,
    floor: Floor,
    settings: Settings,
    now: datetime,
    keeper: Collection[str] = (),
) -> Destination:
    """The queue and, where it is known who is there, the person for a matter.

    `keeper` names who has the case already. A second transfer goes up, so it is not theirs.
    """
    route = _overflowed(rules.route(matter), rules, floor, settings, now)
    choice = choose(floor, route.queue, matter.language, () if matter.hops else keeper)
    people = people_on_duty(route.queue, settings, now, floor)
    wait = settings.queues.expected_wait(floor.waiting.get(route.queue, 0), people)
    return Destination(route, choice, people > 0, wait)


def people_on_duty(queue: str, settings: Settings, now: datetime, floor: Floor) -> int:
    """People at a queue now, those on a pause included.

    Before anybody has logged in, it is the declared number in business hours, and one where no
    number is declared.
    """
    if floor.known:
        return len(floor.of(queue))
    if not BusinessCalendar(settings.hours).is_open(now):
        return 0
    return settings.queues.staffed.get(queue, 1)


def _overflowed(
    route: Route, rules: RoutingRules, floor: Floor, settings: Settings, now: datetime
) -> Route:
    """The declared other queue, while too many wait for each person and fewer do over there."""

    def pressure(queue: str) -> float:
        people = people_on_duty(queue, settings, now, floor)
        return floor.waiting.get(queue, 0) / people if people else float("inf")

    rule = next((each for each in rules.overflows if each.queue == route.queue), None)
    if rule is None or route.stays:
        return route
    here = pressure(route.queue)
    if not rule.waiting_per_person <= here < float("inf") or pressure(rule.to) >= here:
        return route
    moved = {"queue": rule.to, "rule_id": rule.id, "why": rule.why, "from_queue": route.queue}
    return route.model_copy(update=moved)


ORDERS = ("time left", "risk")
"""In which a queue can be worked."""


def in_order(rows: Iterable[HandOffRow], order: str) -> list[HandOffRow]:
    """Packets as they should be taken: by time left, or by risk alone.

    By time left, what falls due in the same half hour goes by risk.
    """
    ranks = list(Priority)
    by_risk = sorted(rows, key=lambda row: ranks.index(row.priority))
    return by_risk if order == "risk" else sorted(by_risk, key=_half_hour)


def _half_hour(row: HandOffRow) -> float:
    """Half hours since 1970 until it falls due; what has no promise comes last."""
    return row.due_at.timestamp() // 1800 if row.due_at else float("inf")
