"""Commands of people who are asked: verdicts, and what belongs to them."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, By, Json, Poc
from workbench.cli.output import command, say, show, suggest
from workbench.errors import InputError


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Private questions of the assistant to people, and their deadlines.")
    group.callback(invoke_without_command=True)(verdicts)
    for name, function in (
        ("give", verdicts_give),
        ("sweep", verdicts_sweep),
        ("labels", verdicts_labels),
        ("hand-off", verdicts_hand_off),
    ):
        group.command(name)(function)
    app.add_typer(group, name="verdicts")


@command
def verdicts(context: typer.Context, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """List the open questions with their choices, what falls due first in front."""
    if context.invoked_subcommand:
        return
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        waiting = [one.task for one in workbench.verdicts.all()]
    if as_json:
        show({"verdicts": waiting}, as_json)
        return
    if not waiting:
        say("Nobody is asked anything right now.")
    for task in waiting:
        typer.echo(f"{task.id}  {task.question}  (by {task.due_at:%Y-%m-%d %H:%M} UTC)")
        for choice in task.choices:
            typer.echo(f"{'':14}{choice.key}: {choice.means}")
    if waiting:
        one = waiting[0]
        suggest(
            f"workbench verdicts give {one.id} {one.choices[0].key} --by NAME",
            "answers the first; the assistant goes on at once",
        )


@command
def verdicts_give(
    task: Annotated[str, typer.Argument(help="Id of the question.")],
    choice: Annotated[str, typer.Argument(help="One of its choices.")],
    by: By,
    note: Annotated[str, typer.Option(help="Your reason; the customer never reads it.")] = "",
    poc: Poc = SAMPLE,
    as_json: Json = False,
) -> None:
    """Answer a question; prints what the customer is told now."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        turn = workbench.verdicts.answer(task, choice, by, note)
    told = turn.reply.text if turn.reply else "The customer is told nothing now."
    show(turn if as_json else told, as_json)


@command
def verdicts_sweep(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Keep the deadlines: remind, let fallbacks count, go on with what was decided."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        swept = workbench.verdicts.sweep()
    if as_json:
        show(swept, as_json)
        return
    for what, ids in swept.model_dump().items():
        typer.echo(f"{what.replace('_', ' ')}: {', '.join(ids) or 'none'}")


@command
def verdicts_labels(
    keep: Annotated[
        bool, typer.Option("--keep", help="Add what was said about intents to the labels.")
    ] = False,
    poc: Poc = SAMPLE,
    as_json: Json = False,
) -> None:
    """What people have judged, as labelled examples."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        labels = workbench.verdicts.labels()
        if keep:
            say(f"{len(workbench.labels.learn_from_verdicts())} new labelled messages")
    if as_json:
        show({"labels": labels}, as_json)
        return
    for label in labels:
        typer.echo(f"{label.task_id}  {label.about}: {label.choice} ({label.by})  {label.words}")
    if not labels:
        say("Nobody has judged anything yet.")


@command
def verdicts_hand_off(
    packet: Annotated[str, typer.Argument(help="Id of the packet that was handed over.")],
    label: Annotated[str, typer.Argument(help="needed, not_needed or too_late.")],
    by: By,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    poc: Poc = SAMPLE,
) -> None:
    """Say afterwards whether a hand-off was right; it counts in the override rate."""
    from workbench.bootstrap import open_workbench
    from workbench.records.operations import EscalationLabel

    if label not in tuple(EscalationLabel):
        raise InputError(f"{label!r} is no label", expected=", ".join(EscalationLabel))
    with open_workbench(poc) as workbench:
        workbench.verdicts.label_escalation(packet, EscalationLabel(label), by, note)
    say(f"{packet}: {label}")
