"""What happens to SLA clocks besides changes of their case: words, warnings, broken promises."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workbench.records.base import Instant, Record
from workbench.records.cases import CaseStatus, SlaClock
from workbench.records.operations import Parameters

Clocks = tuple[SlaClock, ...]

_RESPONSES = ("first_response", "next_response")


class Telling(Record):
    """What a customer is told unasked, in words that are grounded in the case."""

    channel: str
    """A verified contact point kind."""
    address: str
    language: str
    text: str
    not_before: Instant
    """After the customer's quiet hours."""


class Takeover(Record):
    """What follows from a broken promise."""

    queue: str
    """That takes over; the case's own when it stays where it is."""
    lead: str
    """Who is told: a name, or a queue."""
    renewed_until: Instant
    """The new time that is promised."""
    stays: tuple[str, ...] = ()
    """Queues whose packets do not go along: matters that only their own people may see."""
    telling: Telling | None = None
    """None: there is no verified contact, so the queue is asked to call."""


class WatchCase(Parameters):
    """Warnings and broken promises of one case that somebody noticed.

    Result: `warned` and `broken`, kinds of clocks. `Conflict` when the clocks are not those that
    were seen: then nothing was done, and whoever looks again sees what is true now.
    """

    operation = "clock.watch"

    case_id: str
    seen: Clocks
    clocks: Clocks
    """The same with `warned_at` or `breached_at` set, as they run on in the queue of `takeover`."""
    takeover: Takeover | None = None
    """None: no promise was broken."""

    def recorded(self) -> dict[str, Any]:
        """Without address and words, which are the customer's and lie in the outbox."""
        return {"case_id": self.case_id, "takes_over": self.takeover.queue if self.takeover else ""}

    @property
    def warned(self) -> Clocks:
        """Clocks whose owner is to be warned now."""
        return tuple(n for o, n in self._pairs if n.warned_at and not o.warned_at)

    @property
    def broken(self) -> Clocks:
        """Clocks whose promise was broken now."""
        return tuple(n for o, n in self._pairs if n.breached_at and not o.breached_at)

    @property
    def _pairs(self) -> tuple[tuple[SlaClock, SlaClock], ...]:
        return tuple(zip(self.seen, self.clocks, strict=True))


def answered(clocks: Clocks, now: datetime) -> Clocks:
    """A public word from a person keeps every promise to respond."""
    return tuple(
        clock.model_copy(update={"met_at": now}) if _awaits(clock) else clock for clock in clocks
    )


def asked(clocks: Clocks, status: CaseStatus, question: SlaClock) -> Clocks:
    """The customer has written again: a promise to respond starts unless one runs already."""
    ended = status in (CaseStatus.SOLVED, CaseStatus.CLOSED)
    return clocks if ended or any(_awaits(clock) for clock in clocks) else (*clocks, question)


def caught_up(planned: Clocks, fresh: Clocks) -> Clocks:
    """Clocks of a planned change with what words and warnings have done to them since the plan."""
    known = {_name(clock): clock for clock in fresh}
    kept = tuple(_marked(clock, known.get(_name(clock), clock)) for clock in planned)
    names = {_name(clock) for clock in planned}
    return kept + tuple(
        clock for clock in fresh if clock.kind == "next_response" and _name(clock) not in names
    )


def _marked(planned: SlaClock, fresh: SlaClock) -> SlaClock:
    marks = {"warned_at": fresh.warned_at or planned.warned_at}
    if planned.kind in _RESPONSES and fresh.met_at is not None:
        marks["met_at"] = fresh.met_at
    return planned.model_copy(update=marks)


def _name(clock: SlaClock) -> tuple[str, datetime]:
    return clock.kind, clock.started_at


def _awaits(clock: SlaClock) -> bool:
    return clock.kind in _RESPONSES and clock.met_at is None
