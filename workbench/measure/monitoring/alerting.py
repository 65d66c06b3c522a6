"""From diagnoses to what the alerts should say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from workbench.measure.monitoring.report import Diagnosis, MonitorReport
from workbench.records.alerts import Alert, AlertState


def states_of(
    report: MonitorReport, over_since: date, known: Iterable[Alert]
) -> Iterator[AlertState]:
    """What lasts, what ended lately, and open alerts that the report does not know any more.

    Args:
        over_since: What ended before this day is history, unless an alert of it is still open.
    """
    alerts = [alert for alert in known if alert.open]
    states = [_state(one) for one in report.diagnoses]
    for state in states:
        followed = any(alert.state.continues(state) for alert in alerts)
        if state.until is None or state.until >= over_since or followed:
            yield state
    for alert in alerts:
        if not any(state.continues(alert.state) for state in states):
            last = max(report.as_of - timedelta(days=1), alert.state.since)
            yield alert.state.model_copy(update={"until": last})


def _state(one: Diagnosis) -> AlertState:
    return AlertState(
        cause=one.cause,
        kind=one.kind,
        since=one.since,
        until=one.until,
        intents=one.intents,
        sentence=one.words,
        advice=one.advice,
    )
