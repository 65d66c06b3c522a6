"""Command that plans people: staffing."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, Changes, Json, Poc
from workbench.cli.measuring import changes
from workbench.cli.output import command, show, suggest


def register(app: typer.Typer) -> None:
    app.command()(staffing)


@command
def staffing(
    poc: Poc = SAMPLE,
    set_: Changes = None,
    weekday: Annotated[str, typer.Option(help="E.g. Monday; empty: the whole week.")] = "",
    volume: Annotated[float, typer.Option(help="So many times as many customers.")] = 1.0,
    as_json: Json = False,
) -> None:
    """People needed per interval under the policy, or under it with changes."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        plan = workbench.staffing.plan(changes(set_ or []), weekday.capitalize() or None, volume)
        show(plan, as_json)
    suggest("workbench replay --set confidence=0.8", "shows what else a threshold would change")
