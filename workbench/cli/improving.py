"""Commands that say where to start next: friction, friction gaps, friction second-look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, show, suggest
from workbench.errors import InputError

File = Annotated[Path | None, typer.Option("--from", help="A file instead of history.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Where to start next.", invoke_without_command=True)
    group.callback()(friction)
    group.command("gaps")(friction_gaps)
    group.command("second-look")(friction_second_look)
    app.add_typer(group, name="friction")


@command
def friction(
    context: typer.Context,
    poc: Poc = SAMPLE,
    by: Annotated[str, typer.Option(help="topic or intent; a file is always by topic.")] = "intent",
    topics: Annotated[
        int | None, typer.Option(help="Number of topics; by default the messages decide.")
    ] = None,
    from_: File = None,
    as_json: Json = False,
) -> None:
    """The friction map: value, feasibility and risk per topic or intent, and the next use case.

    Each row: contacts, minutes of people per contact and a month, what is within reach, what is
    safe, and their product, the minutes a month that could be given back, with a 95 % interval.
    """
    from workbench.bootstrap import open_workbench

    if context.invoked_subcommand:
        return
    if by not in ("topic", "intent"):
        raise InputError(f"Contacts cannot be grouped by {by!r}", expected="topic or intent")
    with open_workbench(poc) as workbench:
        if from_:
            show(workbench.friction.map_of_file(from_, topics), as_json)
        else:
            grouped = cast(Literal["intent", "topic"], by)
            show(workbench.friction.map(grouped, topics), as_json)
    suggest("workbench friction second-look", "shows what customers really wanted")


@command
def friction_gaps(poc: Poc = SAMPLE, from_: File = None, as_json: Json = False) -> None:
    """Questions that no article answers well, grouped into the articles that are missing."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.friction.gaps(from_), as_json)
    suggest("workbench friction", "shows which topic is worth the most")


@command
def friction_second_look(poc: Poc = SAMPLE, from_: File = None, as_json: Json = False) -> None:
    """What customers really wanted: requests behind the first one, and those nobody answered."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.friction.second_look(from_), as_json)
    suggest("workbench friction gaps", "shows which articles are missing")
