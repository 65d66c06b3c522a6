"""Command that plans people: staffing."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, Changes, Json, Poc
from workbench.cli.measuring import changes
from workbench.cli.output import command, say, show, suggest
from workbench.errors import InputError


def register(app: typer.Typer) -> None:
    app.command()(staffing)


@command
def staffing(
    poc: Poc = SAMPLE,
    set_: Changes = None,
    weekday: Annotated[str, typer.Option(help="E.g. Monday; empty: the whole week.")] = "",
    volume: Annotated[float, typer.Option(help="So many times as many customers.")] = 1.0,
    propose: Annotated[
        str, typer.Option(help="Put the changes before another person, for this reason.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who proposes; needed with --propose.")] = "",
    as_json: Json = False,
) -> None:
    """People needed per interval under the policy, or under it with changes."""
    from workbench.bootstrap import open_workbench

    wanted, day = changes(set_ or []), weekday.capitalize() or None
    if propose and not (wanted and by):
        raise InputError("--propose needs --set and --by", expected="what to change, and your name")
    with open_workbench(poc) as workbench:
        show(workbench.staffing.plan(wanted, day, volume), as_json)
        if wanted:
            needed = workbench.staffing.compare(wanted, day, volume)
            say(f"Now -> then, {needed}")
        if propose:
            workbench.proposals.propose(wanted, by, propose, people=needed)
            say("It waits for another person on the Govern page.")
    suggest("workbench replay --set confidence=0.8", "shows what else a threshold would change")
