"""Jobs on a schedule that any number of workers share.

DBOS gives every tick of a schedule to one worker and remembers it in a database of its own. A
worker that dies in the middle of a job leaves it to the next tick, which finds what was done and
does the rest. Nothing is sent to anybody: no console, no telemetry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING
from uuid import uuid4

from workbench.front import Workbench
from workbench.worker.jobs import JOBS, Job, JobRun

if TYPE_CHECKING:
    from dbos import DBOSConfig

_APPLICATION = "service-workbench"
_JOBS_VERSION = "1"
"""Workers of one version share their ticks; another version is needed only for other workflows."""
_LAST_SECONDS = 20
"""How long jobs under way may take to end when a worker is stopped."""


def serve(
    workbench: Workbench,
    stop: Event,
    *,
    jobs: Sequence[Job] = JOBS,
    tell: Callable[[JobRun], object] = lambda _: None,
) -> None:
    """Run the jobs on their schedules until `stop` is set; `tell` hears of every run here."""
    from dbos import DBOS

    by_name = {job.name: job for job in jobs}

    def run(_due: datetime, name: str) -> None:
        tell(by_name[name].try_on(workbench))

    DBOS(config=_configuration(workbench))
    try:
        workflow = DBOS.workflow(name="job")(run)
        DBOS.launch()
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": job.name,
                    "workflow_fn": workflow,
                    "schedule": job.schedule,
                    "context": job.name,
                }
                for job in jobs
            ]
        )
        stop.wait()
    finally:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_LAST_SECONDS)


def _configuration(workbench: Workbench) -> DBOSConfig:
    """Beside the store: a file in the state folder, or a schema in the same PostgreSQL."""
    return {
        "name": _APPLICATION,
        "system_database_url": system_database(workbench),
        "dbos_system_schema": "background",
        "application_version": _JOBS_VERSION,
        "executor_id": f"worker-{uuid4().hex}",
        "scheduler_polling_interval_sec": 1.0,
        "log_level": "ERROR",
        "enable_otlp": False,
    }


def system_database(workbench: Workbench) -> str:
    """URL of the database that remembers the ticks."""
    url = workbench.store.url
    if url.startswith("sqlite"):
        return f"sqlite:///{workbench.folder.state / 'worker.db'}"
    return url
