"""Commands for background work: worker."""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, say, show

if TYPE_CHECKING:
    from workbench.worker.jobs import JobRun

_FAILED = 1


def register(app: typer.Typer) -> None:
    app.command()(worker)


@command
def worker(
    poc: Poc = SAMPLE,
    once: Annotated[bool, typer.Option("--once", help="Run every job once and end.")] = False,
    as_json: Json = False,
) -> None:
    """Watch promises and deadlines, send messages, publish history; any number may run at once.

    Exit code 1 with --once: a job could not be done.
    """
    from workbench.bootstrap import open_workbench
    from workbench.worker.jobs import run_once
    from workbench.worker.serving import serve

    with open_workbench(poc) as workbench:
        if not once:
            say("Working until stopped with Ctrl-C.")
            serve(workbench, _stopped(), tell=lambda run: _print(run, as_json))
            return
        runs = run_once(workbench)
    if as_json:
        show(runs, as_json)
    for run in runs if not as_json else ():
        _print(run, False)
    if any(run.error for run in runs):
        raise typer.Exit(_FAILED)


def _stopped() -> Event:
    """Set when somebody stops this process."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _print(run: JobRun, as_json: bool) -> None:
    """One line a run, as JSON or in words."""
    if as_json:
        typer.echo(run.model_dump_json())
        return
    did = ", ".join(f"{count} {what}" for what, count in run.done.items() if count)
    typer.echo(f"{run.job}: {run.error or did or 'nothing to do'}")
