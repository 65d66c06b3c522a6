"""Commands that ask people for labels: label, and what belongs to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import SAMPLE, By, Json, Poc
from workbench.cli.output import command, say, show, suggest
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.front.labels import Labels
    from workbench.triage.asking import Question

From = Annotated[
    Path | None, typer.Option("--from", help="CSV with a text column, asked about as well.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Label the messages that teach the most, and see what it brings.")
    group.callback(invoke_without_command=True)(label)
    for name, function in (
        ("set", label_set),
        ("undo", label_undo),
        ("gain", label_gain),
        ("proposed", label_proposed),
        ("settle", label_settle),
        ("calibrate", label_calibrate),
    ):
        group.command(name)(function)
    app.add_typer(group, name="label")


@command
def label(
    context: typer.Context,
    poc: Poc = SAMPLE,
    next_: Annotated[int, typer.Option("--next", min=1, help="How many messages.")] = 10,
    from_: From = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """List the messages whose labels would teach the most.

    With --by on a terminal it asks for each: 1-5 for a guess, the name of an intent,
    something_else, skip, new:NAME, undo, or an empty line to stop.
    """
    if context.invoked_subcommand:
        return
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        questions = workbench.labels.ask(next_, from_)
        if by and sys.stdin.isatty() and not as_json:
            _interview(workbench.labels, questions, by)
        else:
            _list(questions, as_json)


def _list(questions: tuple[Question, ...], as_json: bool) -> None:
    if as_json:
        show({"questions": questions}, as_json)
        return
    if not questions:
        say("No message is left to label. Bring some with --from FILE.csv.")
    for question in questions:
        typer.echo(f"{question.message.id}  {question.message.text}")
        told = ", ".join(f"{g.label} {g.confidence:.0%}" for g in question.guesses[:3])
        typer.echo(f"{'':14}{question.why.value}: {told}")
    if questions:
        one = questions[0]
        suggest(
            f"workbench label set {one.message.id} {one.guesses[0].label} --by NAME",
            "answers the first; --by NAME alone asks one by one",
        )


def _interview(labels: Labels, questions: tuple[Question, ...], by: str) -> None:
    """One question after the other; an answer that cannot be used is asked for again."""
    for number, question in enumerate(questions, 1):
        say(f"\n{number}/{len(questions)}  {question.message.text}")
        for place, guess in enumerate(question.guesses, 1):
            say(f"  {place}  {guess.label} ({guess.confidence:.0%})")
        if not _answered(labels, question, by):
            break
    suggest("workbench label gain", "measures what the labels have brought")


def _answered(labels: Labels, question: Question, by: str) -> bool:
    """Ask until there is an answer; False when the person wants to stop."""
    while True:
        said = input("label> ").strip()
        if not said:
            return False
        try:
            if said == "undo":
                say(f"Taken back: {labels.undo(by).text}")
                continue
            given = labels.answer(question, _meant(said, question), by)
            say(f"  {given.label or given.answer.value}")
            return True
        except WorkbenchError as error:
            say(f"Error: {error}")


def _meant(said: str, question: Question) -> str:
    """The label that a number stands for, or what was typed."""
    numbered = {str(place): guess.label for place, guess in enumerate(question.guesses, 1)}
    return numbered.get(said, said)


@command
def label_set(
    message: Annotated[str, typer.Argument(help="Id of the message, as `workbench label` lists.")],
    label_: Annotated[
        str,
        typer.Argument(metavar="LABEL", help="An intent, something_else, skip or new:NAME."),
    ],
    by: By,
    poc: Poc = SAMPLE,
    from_: From = None,
    as_json: Json = False,
) -> None:
    """Label one message; a second label takes the place of the first."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        labels = workbench.labels
        _shown(labels.answer(labels.question(message, from_), label_, by), as_json)
    suggest("workbench label gain", "measures what the labels have brought")


@command
def label_undo(by: By, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Take back the last label of a person; what stood before it stands again."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        _shown(workbench.labels.undo(by), as_json)


def _shown(answer: Any, as_json: bool) -> None:
    told = f"{answer.message}  {answer.label or answer.answer.value}"
    show(answer if as_json else told, as_json)


@command
def label_gain(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Accuracy before and after, what fifty more labels would bring, competence per intent."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        say("Fitting on the labels with and without those of people; this takes a minute ...")
        show(workbench.labels.gain(), as_json)
    suggest("workbench label --next 10", "asks for the most useful labels")


@command
def label_proposed(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Intents that people missed, with the messages they gave them to."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        proposed = workbench.labels.proposed()
    if as_json:
        show({"proposed": proposed}, as_json)
        return
    for one in proposed:
        typer.echo(f"{one.name}  messages: {len(one.texts)}, proposed by {', '.join(one.by)}")
        for text in one.texts[:3]:
            typer.echo(f"  {text}")
    if proposed:
        say("Declare one in intents.toml, then run `workbench label settle`.")


@command
def label_settle(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Bring messages into the team's file whose proposed intent has been declared since."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        settled = workbench.labels.settle()
    told = f"{settled} labels were added to the team's file."
    show({"settled": settled} if as_json else told, as_json)


@command
def label_calibrate(
    poc: Poc = SAMPLE,
    messages: Annotated[
        int, typer.Option(min=30, help="Labelled messages that the model is asked about.")
    ] = 200,
    as_json: Json = False,
) -> None:
    """Measure how far the language model's word about intents can be trusted."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        say(f"Asking {workbench.settings.model.name} about labelled messages ...")
        show(workbench.labels.calibrate(messages), as_json)
    suggest("workbench config show", "tells whether `[model] classify` is set, so that it counts")
