"""Alerts of the monitoring: what was raised, how it went on, and who closed it why.

An alert is a fold of the events of `monitor:<name>`, like a conversation is of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from workbench.records.base import Instant, Record
from workbench.records.events import Event, EventKind
from workbench.records.operations import Parameters
from workbench.records.signals import Stakes

MONITOR = "service"
"""The monitor that watches the contacts of a POC."""


class AlertState(Record):
    """What the monitor says about one cause and its time."""

    cause: str
    kind: str
    """`process`, `model`, `customers` or `unclear`."""
    since: date
    until: date | None = None
    """Last day; None while it lasts."""
    intents: tuple[str, ...] = ()
    sentence: str
    """What happened, with its figures."""
    advice: str

    def continues(self, other: AlertState) -> bool:
        """Whether both are about the same: one cause, times that touch, intents that meet."""
        apart = self.intents and other.intents and not set(self.intents) & set(other.intents)
        return self.cause == other.cause and not apart and self._touches(other)

    def _touches(self, other: AlertState) -> bool:
        first, second = sorted((self, other), key=lambda one: one.since)
        return first.until is None or (second.since - first.until).days <= 7


class Alert(Record):
    """One alert as it stands."""

    id: str
    state: AlertState
    raised_at: Instant
    updated_at: Instant
    closed_at: Instant | None = None
    closed_by: str = ""
    """A person, or the monitor when everything was back to normal."""
    reason: str = ""
    back_to_normal: bool = False
    """Closed by the monitor, since it was over; otherwise by a person."""

    @property
    def open(self) -> bool:
        return self.closed_at is None


class RaiseAlert(Parameters):
    """Say what the monitor found: a new alert, or how a known one goes on.

    Result: `alert_id` and `change`: `raised`, `updated`, `closed` (back to normal) or `none`.
    The same cause and time is one alert; one that a person closed stays closed.
    """

    operation = "alert.raise"

    monitor: str = MONITOR
    state: AlertState
    webhook: str = ""
    """Where it is posted; empty: nowhere."""


class CloseAlert(Parameters):
    """A person closes an alert, with a reason."""

    operation = "alert.close"
    stakes = Stakes.MEDIUM

    monitor: str = MONITOR
    alert_id: str
    reason: str


def stream_of(monitor: str) -> str:
    return f"monitor:{monitor}"


def fold_alerts(events: Iterable[Event]) -> dict[str, Alert]:
    """Every alert by id, in the order in which they were raised."""
    alerts: dict[str, Alert] = {}
    for event in events:
        if event.kind is EventKind.ALERT_RAISED:
            alerts[event.data["alert_id"]] = Alert(
                id=event.data["alert_id"],
                state=AlertState.model_validate(event.data["state"]),
                raised_at=event.at,
                updated_at=event.at,
            )
        elif event.kind in (EventKind.ALERT_UPDATED, EventKind.ALERT_CLOSED):
            known = alerts[event.data["alert_id"]]
            alerts[known.id] = known.model_copy(update=_changed(event))
    return alerts


def _changed(event: Event) -> dict[str, Any]:
    changed: dict[str, Any] = {"updated_at": event.at}
    if "state" in event.data:
        changed["state"] = AlertState.model_validate(event.data["state"])
    if event.kind is EventKind.ALERT_CLOSED:
        closed = {"closed_at": event.at, "closed_by": event.actor, "reason": event.data["reason"]}
        changed |= closed | {"back_to_normal": "state" in event.data}
    return changed


def same_alert(alerts: Iterable[Alert], state: AlertState) -> Alert | None:
    """The alert that a state belongs to, the latest first; None when it is news."""
    fitting = [alert for alert in alerts if alert.state.continues(state)]
    return max(fitting, key=lambda alert: alert.raised_at, default=None)


def change_of(known: Alert | None, state: AlertState) -> str:
    """What a state does to what is known: `raised`, `updated`, `closed` or `none`."""
    again = known is not None and known.back_to_normal and state.until is None
    if known is None or again:
        return "raised"
    if not known.open or known.state == state:
        return "none"
    return "closed" if state.until is not None else "updated"
