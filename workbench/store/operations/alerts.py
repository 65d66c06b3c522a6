"""Alerts of the monitoring: raised once, brought up to date, closed; each change may be posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import Conflict, InputError
from workbench.records.alerts import (
    Alert,
    AlertState,
    CloseAlert,
    RaiseAlert,
    change_of,
    fold_alerts,
    same_alert,
    stream_of,
)
from workbench.records.events import EventKind
from workbench.store import ledger
from workbench.store.messages import send
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.views import Message

if TYPE_CHECKING:
    from workbench.store.work import Work

WEBHOOK = "webhook"
"""Kind and channel of messages that are posted to another system."""
BACK_TO_NORMAL = "back to normal"
_KINDS = {
    "raised": EventKind.ALERT_RAISED,
    "updated": EventKind.ALERT_UPDATED,
    "closed": EventKind.ALERT_CLOSED,
}


def _nobodys(_: Work, wish: RaiseAlert | CloseAlert) -> Target:
    """Alerts belong to no customer."""
    return "", f"monitor {wish.monitor}"


@performs(RaiseAlert, _nobodys)
def raise_alert(work: Work, wish: RaiseAlert) -> Outcome:
    """A new alert, news of a known one, or nothing when all of it was said before."""
    known = same_alert(_alerts(work, wish.monitor).values(), wish.state)
    change = change_of(known, wish.state)
    alert_id = known.id if known and change != "raised" else work.ids.new("alert")
    if change != "none":
        _say(work, wish, alert_id, change)
    if change == "raised" and wish.state.until is not None:
        _say(work, wish, alert_id, "closed")
    return Outcome({"alert_id": alert_id, "change": change})


@performs(CloseAlert, _nobodys)
def close_alert(work: Work, wish: CloseAlert) -> Outcome:
    """A person's last word on an alert; closing twice is a conflict."""
    known = _alerts(work, wish.monitor).get(wish.alert_id)
    if known is None:
        raise InputError(
            f"There is no alert {wish.alert_id}", next_step="`workbench monitor` lists them."
        )
    if not known.open:
        raise Conflict(f"{known.id} was closed by {known.closed_by}", next_step="Reload the page.")
    if not wish.reason.strip():
        raise InputError("An alert is not closed without a reason", expected="a few words")
    data = {"alert_id": known.id, "reason": wish.reason}
    work.record(EventKind.ALERT_CLOSED, data, stream=stream_of(wish.monitor))
    return Outcome({"alert_id": known.id})


def _alerts(work: Work, monitor: str) -> dict[str, Alert]:
    return fold_alerts(
        ledger.read(work.connection, work.tenant, stream=stream_of(monitor), kinds=_KINDS.values())
    )


def _say(work: Work, wish: RaiseAlert, alert_id: str, change: str) -> None:
    """The event, and the message that tells another system of it, in the same transaction."""
    data: dict[str, Any] = {"alert_id": alert_id, "state": wish.state.model_dump(mode="json")}
    if change == "closed":
        data["reason"] = BACK_TO_NORMAL
    work.record(_KINDS[change], data, stream=stream_of(wish.monitor))
    if wish.webhook:
        _post(work, wish.webhook, alert_id, change, wish.state)


def _place(work: Work) -> int:
    """Grows with every event of the stream, so messages sort as things happened."""
    length, _ = ledger.head(work.connection, work.tenant, work.transaction.stream)
    return length + len(work.written)


def _post(work: Work, url: str, alert_id: str, change: str, state: AlertState) -> None:
    send(
        work,
        Message(
            key=f"{alert_id}:{_place(work):06d}",
            kind=WEBHOOK,
            customer_id="",
            record=f"alert {alert_id}",
            channel=WEBHOOK,
            address=url,
            payload={
                "alert": alert_id,
                "change": change,
                "at": work.now.isoformat(),
                **state.model_dump(mode="json"),
            },
            created_at=work.now,
            not_before=work.now,
        ),
    )
