"""The jobs: plain functions over the front door, each safe to repeat and to run twice at once.

What keeps a job from doing something twice is the store, not the schedule: every step is one
transaction that a second worker finds done. A message to another system is sent at least once,
under a key by which the other side can tell a repetition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.errors import WorkbenchError
from workbench.front import Workbench
from workbench.records.base import Record


class JobRun(Record):
    """What one run of a job came to."""

    job: str
    done: dict[str, int] = {}
    """What was done -> how often."""
    error: str = ""
    """Why it could not be done; the next run tries again."""


@dataclass(frozen=True)
class Job:
    """Something that is to be done again and again."""

    name: str
    schedule: str
    """Cron expression in UTC: seconds, minutes, hours, days, months, weekdays."""
    run: Callable[[Workbench], dict[str, int]]

    def try_on(self, workbench: Workbench) -> JobRun:
        """Run it; what cannot be done now is told, not raised."""
        try:
            return JobRun(job=self.name, done=self.run(workbench))
        except WorkbenchError as error:
            return JobRun(job=self.name, error=str(error))


def run_once(workbench: Workbench, jobs: Iterable[Job] | None = None) -> tuple[JobRun, ...]:
    """Every job once, in order; one that fails does not keep the others from their turn."""
    return tuple(job.try_on(workbench) for job in (JOBS if jobs is None else jobs))


def watch_promises(workbench: Workbench) -> dict[str, int]:
    """Warn of SLA clocks, hand broken promises on, grade what has lasted."""
    return _counted(workbench.clocks.sweep())


def watch_verdicts(workbench: Workbench) -> dict[str, int]:
    """Remind of private questions, and let fallbacks count where nobody has answered."""
    return _counted(workbench.verdicts.sweep())


def follow_the_load(workbench: Workbench) -> dict[str, int]:
    """Move thresholds within their limits as the load on people asks for it."""
    return {"thresholds moved": len(workbench.thresholds.sweep())}


def deliver_messages(workbench: Workbench) -> dict[str, int]:
    """Post what waits in the outbox for other systems."""
    deliveries = workbench.monitoring.deliver()
    sent = sum(delivery.sent for delivery in deliveries)
    return {"sent": sent, "waiting": len(deliveries) - sent}


def publish_history(workbench: Workbench) -> dict[str, int]:
    """Move the contacts of ended conversations to the published history."""
    return {"contacts known": workbench.history.publish().contacts}


JOBS = (
    Job("promises", "*/20 * * * * *", watch_promises),
    Job("verdicts", "5/20 * * * * *", watch_verdicts),
    Job("thresholds", "15/20 * * * * *", follow_the_load),
    Job("outbox", "10/20 * * * * *", deliver_messages),
    Job("history", "0 */5 * * * *", publish_history),
)
"""All background work of a POC."""


def _counted(report: Record) -> dict[str, int]:
    """How much of each kind a report names."""
    return {name: len(value) for name, value in report if isinstance(value, tuple)}
