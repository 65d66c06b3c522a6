"""Commands about who gets what: routing explain."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, show, suggest


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Which queue and person a matter goes to.", no_args_is_help=True)
    for each in (explain,):
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
    suggest("workbench routing check", "asks whether anybody waits longer than others")
