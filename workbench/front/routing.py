"""Routing, as the front door offers it: `workbench.routing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.flows.handover import PRIORITIES
from workbench.front.part import Part
from workbench.people.load import Floor
from workbench.people.presence import Attendance, Word
from workbench.people.queues import Destination, destination
from workbench.people.routing import Matter, RoutingRules
from workbench.records.cases import Priority
from workbench.records.decisions import HandOffReason
from workbench.records.events import Event
from workbench.records.operations import plan
from workbench.records.presence import ChangePresence, Presence, presence_stream
from workbench.records.principals import Role
from workbench.store.work import Committed, Transaction

if TYPE_CHECKING:
    from workbench.measure.routing_bias import BiasReport
    from workbench.measure.routing_study import RoutingStudy


class Routing(Part):
    """Who gets what, by which rule; who is there."""

    @property
    def rules(self) -> RoutingRules:
        return self._attendance.rules

    def explain(self, reason: str = "", keeper: str = "", **known: Any) -> Destination:
        """Where a matter would go now, by which rule and to whom.

        Args:
            reason: Why it needs a person, as a `HandOffReason`; empty: unknown.
            keeper: Who has its case already.
            known: Other fields of `people.routing.Matter`: flow, intent, segment, language, hops,
                sla_minutes_left.
        """
        matter = Matter(reason=_reason(reason) if reason else None, **known)
        now, settings = self.workbench.clock.now(), self.workbench.settings
        return destination(matter, self.rules, self.floor(), settings, now, (keeper,))

    def floor(self) -> Floor:
        """Who is there, what they have in hand and what waits by queue."""
        return self._attendance.floor()

    def presence(self) -> tuple[Word, ...]:
        """What everybody last said about their presence."""
        return self._attendance.words()

    def came_and_went(self, by: str, role: Role = Role.HUMAN_AGENT) -> tuple[Event, ...]:
        """All that somebody said about their presence, oldest first."""
        return self.workbench.events(presence_stream(self.workbench.person(by, role).id))

    def set_presence(
        self,
        by: str,
        state: Presence | str,
        queue: str = "",
        role: Role = Role.HUMAN_AGENT,
    ) -> Committed:
        """Somebody comes (`on`), pauses (`pause`) or leaves (`off`)."""
        here = self.workbench
        person, word = here.person(by, role), here.ids.new("word")
        wish = plan(_presence(state, queue), key=f"presence:{person.id}:{word}")
        return here.store.commit(
            Transaction(
                principal=person,
                stream=presence_stream(person.id),
                request_id=word,
                actions=(wish,),
            )
        )

    def study(self, busy: float = 0.85, days: int = 20, seed: int = 0) -> RoutingStudy:
        """What the rules are worth on simulated days; see `measure.routing_study`."""
        from workbench.measure.routing_study import routing_study
        from workbench.measure.staffing.simulation import Crew

        crews = [
            Crew(1, frozenset(each.queues), at_once=each.at_once) for each in self.rules.people
        ]
        return routing_study(
            self.workbench.history.connection(),
            self.workbench.settings,
            crews,
            self._priorities(),
            busy=busy,
            days=days,
            seed=seed,
        )

    def check(self, confidence: float = 0.95) -> BiasReport:
        """Whether some customers wait longer than others; see `measure.routing_bias`."""
        from workbench.measure.routing_bias import routing_bias

        return routing_bias(self.workbench.history.connection(), confidence)

    def _priorities(self) -> dict[str, str]:
        """The priority of what a queue is for, by the reasons that are routed there."""
        routed = ((self.rules.route(Matter(reason=r)).queue, p) for r, p in PRIORITIES.items())
        return {queue: str(priority) for queue, priority in sorted(routed, key=_least_urgent)}

    @property
    def _attendance(self) -> Attendance:
        return self.workbench.assistant.around.attendance


def _least_urgent(routed: tuple[str, Priority]) -> int:
    return -list(Priority).index(routed[1])


def _reason(text: str) -> HandOffReason:
    try:
        return HandOffReason(text)
    except ValueError as error:
        raise InputError(
            f"There is no reason {text!r}", expected="one of " + ", ".join(HandOffReason)
        ) from error


def _presence(state: Presence | str, queue: str) -> ChangePresence:
    try:
        return ChangePresence(state=Presence(state), queue=queue)
    except ValueError as error:
        raise InputError(
            f"Nobody can be {state!r}", expected="one of " + ", ".join(Presence)
        ) from error
