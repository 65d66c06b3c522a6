"""Commands that watch the running service: monitor, and the outbox of its alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.measuring import day
from workbench.cli.output import command, say, show, suggest

if TYPE_CHECKING:
    from workbench.measure.monitoring.report import MonitorReport

_ATTENTION = 1


def register(app: typer.Typer) -> None:
    app.command()(monitor)
    outbox = typer.Typer(help="Messages to other systems.", no_args_is_help=True)
    outbox.command("deliver")(outbox_deliver)
    app.add_typer(outbox, name="outbox")


@command
def monitor(
    poc: Poc = SAMPLE,
    as_of: Annotated[
        str, typer.Option(help="First day not counted; looks back, raises no alert.")
    ] = "",
    since: Annotated[str, typer.Option(help="Leave out what was over before this day.")] = "",
    as_json: Json = False,
) -> None:
    """Did the process break, the model drift, the customers change? Exit code 1: needs attention.

    Raises, updates and closes the alerts; an alert that a person closed does not count any more.
    """
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        if before := day(as_of):
            report = workbench.monitoring.report(before)
            waiting = len(report.open)
        else:
            report = workbench.monitoring.check()
            waiting = len(workbench.monitoring.alerts())
    show(_shown(report, since), as_json)
    if waiting:
        suggest("workbench app", "shows charts and contacts under Govern, Monitoring")
        raise typer.Exit(_ATTENTION)


@command
def outbox_deliver(
    poc: Poc = SAMPLE,
    limit: Annotated[int, typer.Option(min=1, help="Messages at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Post the alerts that wait. Exit code 1: some could not be posted and are tried again."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        deliveries = workbench.monitoring.deliver(limit)
    if as_json:
        show(deliveries, as_json)
    for one in deliveries if not as_json else ():
        again = "" if one.sent else f", again at {one.next_attempt}"
        typer.echo(f"{one.record} to {one.address}: {one.detail}{again}")
    if not deliveries:
        say("Nothing waits in the outbox.")
    if not all(one.sent for one in deliveries):
        raise typer.Exit(_ATTENTION)


def _shown(report: MonitorReport, since: str) -> MonitorReport:
    first = day(since)
    return report.since(first) if first else report
