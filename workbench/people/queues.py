"""Which queue a hand-off goes to, and whether anybody is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.config import Settings
from workbench.records.customers import Customer
from workbench.records.decisions import HandOffReason
from workbench.systems.calendar import BusinessCalendar

Escalation = Literal["functional", "hierarchical"]

# More authority is needed, not another skill.
_HIERARCHICAL = frozenset({HandOffReason.AUTHORITY_LIMIT, HandOffReason.ABUSIVE_CUSTOMER})

# These have their own people, whoever the customer is and however often it moved.
_FIXED = frozenset(
    {
        HandOffReason.LEGAL_OR_REGULATORY_MATTER,
        HandOffReason.FRAUD_OR_SECURITY_CONCERN,
        HandOffReason.SAFETY_CONCERN,
        HandOffReason.VULNERABLE_CUSTOMER,
    }
)


@dataclass(frozen=True)
class Destination:
    """Where a hand-off goes and what the customer may be told about it."""

    queue: str
    escalation: Escalation
    staffed: bool
    wait_minutes: int
    """Expected wait for somebody on duty; 0 when nobody is."""


def destination(
    reason: HandOffReason,
    flow: str,
    customer: Customer,
    hops: int,
    settings: Settings,
    now: datetime,
    waiting: int = 0,
) -> Destination:
    """The queue for a reason. A second transfer goes up, not sideways."""
    queues = settings.queues
    if reason in _FIXED:
        queue = queues.by_reason.get(reason, queues.default)
    elif hops >= 1:
        queue = queues.next_level
    elif customer.segment == "key_account":
        queue = queues.key_account
    else:
        queue = queues.by_reason.get(reason) or queues.by_flow.get(flow, queues.default)
    up = reason in _HIERARCHICAL or queue == queues.next_level
    people = people_on_duty(queue, settings, now)
    wait = queues.wait_minutes * (waiting + people) // people if people else 0
    return Destination(queue, "hierarchical" if up else "functional", people > 0, wait)


def people_on_duty(queue: str, settings: Settings, now: datetime) -> int:
    """People at a queue now; a queue without a declared number has one in business hours."""
    if not BusinessCalendar(settings.hours).is_open(now):
        return 0
    return settings.queues.staffed.get(queue, 1)
