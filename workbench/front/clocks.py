"""SLA clocks at the front door: how much time a case has left, and the watch over all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from workbench.flows.promise_watch import PromiseWatch, Watched
from workbench.front.part import Part
from workbench.records.cases import Case
from workbench.systems.clocks import Countdown, promises_of


class Clocks(Part):
    """Promises of cases in business time."""

    def of(self, case: Case) -> tuple[Countdown, ...]:
        """The clocks of a case; each answers `remaining(at)` and `state(at)`."""
        return promises_of(self.workbench.settings).countdowns(case)

    def left(self, due_at: datetime, queue: str = "") -> timedelta:
        """Business time that a queue has until a due time; negative by how much it is over."""
        calendar, now = promises_of(self.workbench.settings).of(queue), self.workbench.clock.now()
        if now <= due_at:
            return calendar.between(now, due_at)
        return -calendar.between(due_at, now)

    def sweep(self, now: datetime | None = None) -> Watched:
        """Warn, hand broken promises on, tell customers the new time, grade what has lasted.

        Safe to repeat and to run in any number of processes at once: nothing is done twice.
        """
        bench = self.workbench
        watch = PromiseWatch(bench.store, bench.settings, bench.service)
        return watch.look(now or bench.clock.now())
