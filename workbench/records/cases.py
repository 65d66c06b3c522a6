"""Cases: one customer concern that somebody owns until it is answered."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.base import Instant, Record


class CaseStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting_for_customer"
    SOLVED = "solved"
    CLOSED = "closed"


class Grade(StrEnum):
    """How sure we are that the need is met; each step includes the one before."""

    CONTAINED = "contained"
    ASSUMED = "assumed"
    CONFIRMED = "confirmed"
    DURABLE = "durable"


class Degree(StrEnum):
    """Impact and urgency of a case."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Priority(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


# ITIL's impact x urgency grid; tone does not enter.
_GRID = {
    (Degree.HIGH, Degree.HIGH): Priority.P1,
    (Degree.HIGH, Degree.MEDIUM): Priority.P2,
    (Degree.MEDIUM, Degree.HIGH): Priority.P2,
    (Degree.HIGH, Degree.LOW): Priority.P3,
    (Degree.MEDIUM, Degree.MEDIUM): Priority.P3,
    (Degree.LOW, Degree.HIGH): Priority.P3,
}


def priority_of(impact: Degree, urgency: Degree) -> Priority:
    """Priority from impact and urgency; never from tone."""
    return _GRID.get((impact, urgency), Priority.P4)


class SlaClock(Record):
    """One promise on a case. Paused time does not count; a hand-off never restarts it."""

    kind: str
    """`first_response`, `next_response` or `resolution`."""
    started_at: Instant
    due_at: Instant
    paused_at: Instant | None = None
    met_at: Instant | None = None
    target_minutes: int | None = None
    """Business minutes that were promised; None: those that the settings name."""
    warned_at: Instant | None = None
    """When its owner was told that little time is left."""
    breached_at: Instant | None = None
    """When it was noticed that the promise is broken."""
    renewed_until: Instant | None = None
    """The new time that the customer was told then."""


class Case(Record):
    """A concern with an owner, a queue, a priority and clocks. `revision` guards every change."""

    id: str
    customer_id: str
    topic: str
    """What it is about, as a key: `invoice_dispute`, `duplicate_charge`, ..."""
    subject: str
    """The thing about, as a key: `invoice:INV-1001:line:2`; two open cases never share one."""
    title: str
    status: CaseStatus = CaseStatus.NEW
    impact: Degree = Degree.LOW
    urgency: Degree = Degree.LOW
    queue: str = "general"
    owner: str = ""
    """The human agent who has it; empty while nobody has."""
    conversation_id: str = ""
    parent_id: str = ""
    """The case this one follows up or was split from."""
    merged_into: str = ""
    """The case that took this one over; this one is closed then and keeps its own history."""
    requests: tuple[str, ...] = ()
    """What the customer asked for; closing needs every one answered."""
    answered: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    """What we promised and have not yet kept."""
    clocks: tuple[SlaClock, ...] = ()
    grade: Grade | None = None
    legal_hold: bool = False
    opened_at: Instant
    updated_at: Instant
    solved_at: Instant | None = None
    reopened: int = 0
    revision: int = 1

    @property
    def priority(self) -> Priority:
        return priority_of(self.impact, self.urgency)

    @property
    def is_open(self) -> bool:
        return self.status not in (CaseStatus.SOLVED, CaseStatus.CLOSED)

    def due(self, kind: str = "resolution") -> Instant | None:
        """When the promise of this kind falls due, if it is still running.

        Once it is broken, that is the new time that was promised instead.
        """
        running = (c for c in self.clocks if c.kind == kind and not c.met_at)
        return next((c.renewed_until or c.due_at for c in running), None)


class CaseEntry(Record):
    """One line of a case's history. Internal entries never reach a customer."""

    case_id: str
    at: Instant
    actor: str
    text: str
    internal: bool = False
    activity: str = ""
    """What happened, as a key, for imported event logs."""


class Subscription(Record):
    """A customer's wish to hear of changes on a case."""

    case_id: str
    customer_id: str
    channel: str
    """A verified contact point kind: `email` or `phone`."""
    events: tuple[str, ...] = ("status",)
    language: str = "en"
    quiet_from: int | None = None
    """Hour of the customer's day from which nothing is sent (0-23)."""
    quiet_until: int | None = None
    active: bool = True
