"""SLA clocks: by when something must have happened on a case, counted in business time.

A clock is never started anew. What has been used of it stays used across hand-off, reassignment,
another priority and other settings; time while we wait for the customer, or while the case is
solved, does not count. A promise that was broken stays broken: its time no longer moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from workbench.config import Settings, SlaSettings
from workbench.records.cases import Case, CaseStatus, Priority, SlaClock
from workbench.systems.calendar import BusinessCalendar

_MINUTE = timedelta(minutes=1)


class ClockState(StrEnum):
    """Where a clock stands at a moment."""

    RUNNING = "running"
    PAUSED = "paused"
    WARNED = "warned"
    """Runs, with so little left that its owner is to be warned."""
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"


@dataclass(frozen=True)
class Countdown:
    """A clock on the calendar that it counts in; answers for any moment of its present state."""

    clock: SlaClock
    calendar: BusinessCalendar
    target: timedelta
    """Business time that was promised."""
    warn_share: float
    """Share of the target; with less than that left, the owner is warned."""

    def remaining(self, at: datetime) -> timedelta:
        """Business time left; negative by how much it is overdue. It stands still when stopped."""
        at = self.clock.met_at or self.clock.paused_at or at
        if at <= self.clock.due_at:
            return self.calendar.between(at, self.clock.due_at)
        return -self.calendar.between(self.clock.due_at, at)

    def state(self, at: datetime) -> ClockState:
        """The state at a moment. A clock is kept up to and including its due time."""
        met, due = self.clock.met_at, self.clock.due_at
        if met is not None:
            return ClockState.MET if met <= due else ClockState.MET_LATE
        if (self.clock.paused_at or at) > due:
            return ClockState.BREACHED
        if self.clock.paused_at is not None:
            return ClockState.PAUSED
        runs_out = self.remaining(at) < self.warn_share * self.target
        return ClockState.WARNED if runs_out else ClockState.RUNNING


def first_out(countdowns: Iterable[Countdown], at: datetime) -> Countdown | None:
    """The clock with the least business time left; None when nothing is owed."""
    owed = [each for each in countdowns if each.clock.met_at is None]
    return min(owed, key=lambda each: each.remaining(at), default=None)


@dataclass(frozen=True)
class Promises:
    """Starts, stops and moves the clocks of cases."""

    calendar: BusinessCalendar
    """Of every queue that has none of its own."""
    sla: SlaSettings
    by_queue: Mapping[str, BusinessCalendar] = field(default_factory=dict)

    def of(self, queue: str) -> BusinessCalendar:
        """The calendar that cases of a queue are counted in."""
        return self.by_queue.get(queue, self.calendar)

    def countdowns(self, case: Case) -> tuple[Countdown, ...]:
        """The clocks of a case with all that is needed to read them."""
        calendar = self.of(case.queue)
        return tuple(
            Countdown(clock, calendar, self._promised(clock, case.priority), self.sla.warn_share)
            for clock in case.clocks
        )

    def on_opening(self, case: Case, now: datetime) -> tuple[SlaClock, ...]:
        kinds = ("first_response", "resolution")
        return tuple(self._started(kind, case.queue, case.priority, now) for kind in kinds)

    def on_question(self, queue: str, priority: Priority, now: datetime) -> SlaClock:
        """The clock that starts when the customer has written again and awaits an answer."""
        return self._started("next_response", queue, priority, now)

    def on_change(self, before: Case, after: Case, now: datetime) -> Case:
        """The case with what its change of status, priority or queue does to its clocks."""
        clocks = tuple(self._moved(clock, before, after, now) for clock in after.clocks)
        return after.model_copy(update={"clocks": clocks})

    def warned_by(self, now: datetime) -> datetime:
        """Due times after this one leave more than any warning share, on every calendar.

        The targets of the settings count: a clock with a longer one of its own is warned late.
        """
        targets = (
            self.sla.first_response_minutes,
            self.sla.next_response_minutes,
            self.sla.resolution_minutes,
        )
        longest = max(minutes for by_priority in targets for minutes in by_priority.values())
        calendars = (self.calendar, *self.by_queue.values())
        return max(calendar.add(now, self.sla.warn_share * longest) for calendar in calendars)

    def renewed(self, case: Case, queue: str, now: datetime) -> datetime:
        """The time that is promised instead of a broken one, to be kept by people of `queue`."""
        return self.of(queue).add(now, self.sla.renewed_minutes[case.priority])

    def _started(self, kind: str, queue: str, priority: Priority, now: datetime) -> SlaClock:
        minutes = self._target(kind, priority)
        due = self.of(queue).add(now, minutes)
        return SlaClock(kind=kind, started_at=now, due_at=due, target_minutes=minutes)

    def _moved(self, clock: SlaClock, before: Case, after: Case, now: datetime) -> SlaClock:
        """Priority and queue first, as the clock stands; then what the new status does to it."""
        clock = self._adjusted(clock, before, after, now)
        if not before.is_open and after.is_open and clock.kind == "resolution" and clock.met_at:
            clock = self._resumed(clock, clock.met_at, after, now)
        if clock.met_at is not None or after.status is before.status:
            return clock
        if clock.paused_at is not None:
            clock = self._resumed(clock, clock.paused_at, after, now)
        return clock.model_copy(update=_at_status(clock, before, after, now))

    def _adjusted(self, clock: SlaClock, before: Case, after: Case, now: datetime) -> SlaClock:
        """The same clock under another target or calendar: what has been used up stays used.

        A target that is used up already falls due at once: no promise is broken before it is made.
        """
        old, new = self.of(before.queue), self.of(after.queue)
        other_target = after.priority is not before.priority
        since = clock.paused_at or now
        if not (other_target or new is not old) or clock.met_at or clock.due_at < since:
            return clock
        left, promised = old.between(since, clock.due_at), clock.target_minutes
        if other_target:
            was = self._promised(clock, before.priority)
            promised = self._target(clock.kind, after.priority)
            left = max(left + promised * _MINUTE - was, timedelta(0))
        moved = {"due_at": new.add(since, left / _MINUTE), "target_minutes": promised}
        return clock.model_copy(update=moved)

    def _resumed(self, clock: SlaClock, since: datetime, case: Case, now: datetime) -> SlaClock:
        """Running again, with the business time that was left when it stopped."""
        calendar = self.of(case.queue)
        left = calendar.between(since, clock.due_at)
        due = calendar.add(now, left / _MINUTE) if clock.due_at >= since else clock.due_at
        return clock.model_copy(update={"paused_at": None, "met_at": None, "due_at": due})

    def _promised(self, clock: SlaClock, priority: Priority) -> timedelta:
        """The target of a clock; one from elsewhere that names none has that of the settings."""
        if clock.target_minutes is not None:
            return clock.target_minutes * _MINUTE
        return self._target(clock.kind, priority) * _MINUTE

    def _target(self, kind: str, priority: Priority) -> int:
        """Business minutes."""
        targets = {
            "first_response": self.sla.first_response_minutes,
            "next_response": self.sla.next_response_minutes,
            "resolution": self.sla.resolution_minutes,
        }
        return targets[kind][priority]


def promises_of(settings: Settings) -> Promises:
    """The promises of a POC, on the calendars that its settings name."""
    own = {queue: BusinessCalendar(hours) for queue, hours in settings.queues.hours.items()}
    return Promises(BusinessCalendar(settings.hours), settings.sla, own)


def _at_status(
    clock: SlaClock, before: Case, after: Case, now: datetime
) -> dict[str, datetime | None]:
    """What a new status does to a running clock."""
    if not after.is_open:
        return {"met_at": now}
    if clock.kind == "first_response" and before.status is CaseStatus.NEW:
        return {"met_at": now}
    return {"paused_at": now} if after.status is CaseStatus.WAITING else {}
