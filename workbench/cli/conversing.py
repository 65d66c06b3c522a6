"""Commands that talk: demo, chat, scenarios."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, say, show, suggest
from workbench.errors import WorkbenchError


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(chat)
    app.command()(scenarios)


@command
def demo(
    poc: Poc = SAMPLE,
    app: Annotated[bool, typer.Option(help="Serve the app afterwards.")] = True,
    port: Annotated[int, typer.Option(help="Port of the app.")] = 8501,
    as_json: Json = False,
) -> None:
    """Build the store, play the scripted conversations, print outcomes and KPIs, open the app."""
    from workbench.demo import play_demo

    say(f"Building {poc} and playing its conversations ...")
    outcome = play_demo(poc)
    show(outcome, as_json)
    if app:
        from workbench.cli.serving import serve_app

        serve_app(poc, port)
    else:
        suggest("workbench demo", "serves the app")
    if not outcome.passed:
        raise typer.Exit(1)


@command
def chat(
    customer: Annotated[str, typer.Option(help="Customer number that the channel claims.")],
    poc: Poc = SAMPLE,
    channel: Annotated[
        str, typer.Option(help="chat (claimed), portal (signed in), email or phone.")
    ] = "chat",
    conversation: Annotated[str, typer.Option(help="Go on with this conversation.")] = "",
    as_json: Json = False,
) -> None:
    """Talk to the assistant: one message a line, one answer each.

    With --json one object a turn: reply, level, rule, reason, intents with confidence, sentiment,
    facts with sources, actions, case, packet. A line that cannot be used gives {"error": ...}.
    """
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        workbench.systems.crm.customer(workbench.service, customer)
        talk = conversation or workbench.ids.new("conv")
        for line in _lines(as_json):
            try:
                turn = workbench.converse(customer, line, conversation_id=talk, channel=channel)
            except WorkbenchError as error:
                _trouble(error, as_json)
                continue
            if as_json:
                typer.echo(json.dumps(turn.to_dict(), ensure_ascii=False, default=str))
            else:
                typer.echo(turn.reply.text if turn.reply else "(a person has the conversation)")
                typer.echo(f"  [{turn.level}, {turn.rule}]\n", err=True)
            sys.stdout.flush()


def _lines(as_json: bool) -> Iterator[str]:
    """Messages from stdin, with a prompt on a terminal; a last line without newline counts."""
    if sys.stdin.isatty() and not as_json:
        say("Type a message; an empty line ends.")
        return iter(lambda: input("> "), "")
    if isinstance(sys.stdin, TextIOWrapper):  # whatever the bytes are, a line is answered
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return (line.rstrip("\n") for line in sys.stdin)


def _trouble(error: WorkbenchError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": str(error), "what": error.what}, ensure_ascii=False))
    else:
        say(f"Error: {error}")


@command
def scenarios(
    poc: Poc = SAMPLE,
    only: Annotated[list[str] | None, typer.Option(help="Scenario id or its beginning.")] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Runs per wording, for pass^k.")] = 1,
    as_json: Json = False,
) -> None:
    """Play scenarios on fresh stores and print pass or fail per id, and pass^k."""
    from workbench.bootstrap import open_workbench
    from workbench.scenarios.play import run_folder

    report = run_folder(poc, open_workbench, only=tuple(only or ()), repeat=repeat)
    show(report, as_json)
    if not report.passed:
        raise typer.Exit(1)
