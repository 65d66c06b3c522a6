"""Commands about who gets what: routing explain, study, check, thresholds, spike."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, say, show, suggest


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Which queue and person a matter goes to.", no_args_is_help=True)
    for each in (explain, study, check, thresholds, spike):
        group.command()(each)
    app.add_typer(group, name="routing")


@command
def explain(
    poc: Poc = SAMPLE,
    reason: Annotated[str, typer.Option(help="Why it needs a person, e.g. disputed_amount.")] = "",
    flow: Annotated[str, typer.Option(help="E.g. invoice_inquiry.")] = "",
    intent: Annotated[str, typer.Option(help="E.g. invoice_copy.")] = "",
    segment: Annotated[str, typer.Option(help="E.g. key_account.")] = "",
    language: Annotated[str, typer.Option(help="E.g. de.")] = "",
    hops: Annotated[int, typer.Option(help="Hand-offs before this one.")] = 0,
    minutes_left: Annotated[
        float | None, typer.Option(help="Until the promise on it runs out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Which queue and person a matter would go to now, and by which rule."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        found = workbench.routing.explain(
            reason,
            flow=flow,
            intent=intent,
            segment=segment,
            language=language,
            hops=hops,
            sla_minutes_left=minutes_left,
        )
        show(found, as_json)
    suggest("workbench routing study", "measures what the rules are worth")


@command
def study(
    poc: Poc = SAMPLE,
    busy: Annotated[float, typer.Option(help="Work / time of all people.")] = 0.85,
    days: Annotated[int, typer.Option(help="Simulated days.", min=2)] = 20,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 0,
    as_json: Json = False,
) -> None:
    """What the rules are worth against first in, first out and against skills alone."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.routing.study(busy, days, seed), as_json)
    suggest("workbench routing explain --reason disputed_amount", "shows one decision")


@command
def thresholds(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Thresholds that follow the load on people: where they stand, and every change."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        standing, changes = workbench.thresholds.standing(), workbench.thresholds.changes()
    if as_json:
        show({"standing": standing, "changes": changes}, as_json)
    elif not standing:
        say("No threshold of this policy follows the load: it has no [[adapting]].")
    else:
        show("\n".join(map(str, [*standing, "", *(changes or ["No change so far."])])), as_json)
    suggest("workbench worker", "watches the load and moves thresholds")


@command
def spike(
    poc: Poc = SAMPLE,
    times: Annotated[float, typer.Option(help="As many customers for two hours.", min=1)] = 2.0,
    people: Annotated[int, typer.Option(help="Who answer.", min=1)] = 10,
    days: Annotated[int, typer.Option(help="Simulated days.", min=2)] = 20,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 0,
    as_json: Json = False,
) -> None:
    """What a threshold that follows the load is worth in a spike: waiting beside wrong answers."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        found = workbench.thresholds.study(spike=times, people=people, days=days, seed=seed)
        show(found, as_json)
    suggest("workbench routing thresholds", "shows where thresholds stand now")


@command
def check(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Whether a segment or language waits longer or is answered otherwise; exit 1 if flagged."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        report = workbench.routing.check()
        show(report, as_json)
    suggest("workbench kpis --by segment,language", "shows the figures behind it")
    if report.flagged:
        raise typer.Exit(1)
