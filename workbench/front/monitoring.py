"""Monitoring at the front door: what broke, drifted or changed, and the alerts about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from workbench.front.part import Part
from workbench.measure.monitoring.alerting import states_of
from workbench.measure.monitoring.report import MonitorReport, drift, monitor
from workbench.records.alerts import (
    MONITOR,
    Alert,
    CloseAlert,
    RaiseAlert,
    change_of,
    fold_alerts,
    same_alert,
    stream_of,
)
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role
from workbench.store.work import Committed, Transaction
from workbench.systems.webhook import Delivery, checked, deliver

if TYPE_CHECKING:
    from workbench.measure.monitoring.drift import FeatureDrift
    from workbench.records.actions import Action

_FRESH = timedelta(days=14)
"""What was over longer ago than this raises no alert any more."""


class Monitoring(Part):
    """Drift, control charts, diagnosis and alerts of one POC."""

    @property
    def today(self) -> date:
        """The first day that is not over."""
        return self.workbench.clock.now().date()

    def report(self, as_of: date | None = None) -> MonitorReport:
        """Every week before a day (today) judged by what came before it; changes nothing."""
        connection = self.workbench.history.connection()
        return monitor(connection, self.workbench.settings, as_of or self.today)

    def drift(self, step: str = "week", as_of: date | None = None) -> tuple[FeatureDrift, ...]:
        """PSI and JS of every feature in every week or day, with what chance alone would do."""
        connection = self.workbench.history.connection()
        return drift(connection, self.workbench.settings, as_of or self.today, step)

    def check(self) -> MonitorReport:
        """The report as of today; what is new in it is raised, updated or closed as alerts."""
        report = self.report()
        known = self.alerts(every=True)
        webhook = self.workbench.settings.monitoring.webhook
        if webhook:
            checked(webhook)
        for state in states_of(report, self.today - _FRESH, known):
            if change_of(same_alert(known, state), state) != "none":
                wish = RaiseAlert(state=state, webhook=webhook)
                self._commit(self.workbench.service, plan(wish, key=self.workbench.ids.new("al")))
        return report

    def alerts(self, *, every: bool = False) -> tuple[Alert, ...]:
        """Open alerts, or `every` alert there ever was, oldest first."""
        found = fold_alerts(self.workbench.events(stream_of(MONITOR))).values()
        return tuple(alert for alert in found if every or alert.open)

    def close(self, alert_id: str, by: str, reason: str) -> Committed:
        """A person closes an alert; the same cause and time is not raised again."""
        person = self.workbench.person(by, Role.SUPERVISOR)
        wish = CloseAlert(alert_id=alert_id, reason=reason)
        return self._commit(person, plan(wish, key=f"close:{alert_id}"))

    def deliver(self, limit: int = 100) -> tuple[Delivery, ...]:
        """Post the alerts that wait in the outbox; only to the address that the settings name."""
        return deliver(self.workbench.store, self.workbench.service, limit=limit)

    def _commit(self, principal: Principal, action: Action) -> Committed:
        return self.workbench.store.commit(
            Transaction(
                principal=principal,
                stream=stream_of(MONITOR),
                request_id=self.workbench.ids.new("monitor"),
                actions=(action,),
                policy_version=self.workbench.policy.version,
            )
        )
