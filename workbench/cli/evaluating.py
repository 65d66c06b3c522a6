"""Commands that evaluate: how well messages are read, and how well everything answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import Json
from workbench.cli.output import command, show

Train = Annotated[Path, typer.Option(help="CSV with columns text and label.")]
Test = Annotated[Path, typer.Option(help="CSV with columns text and label.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="How good the answers are, measured.", no_args_is_help=True)
    for name, function in (("intent", intent), ("sentiment", sentiment)):
        group.command(name)(function)
    app.add_typer(group, name="evaluate")


@command
def intent(train: Train, test: Test, as_json: Json = False) -> None:
    """Fit triage of intents on one labelled file and score it on another."""
    from workbench.triage.evaluate import evaluate_intents

    show(evaluate_intents(train, test), as_json)


@command
def sentiment(train: Train, test: Test, as_json: Json = False) -> None:
    """Fit triage of sentiment on one labelled file and score it on another."""
    from workbench.triage.evaluate import evaluate_sentiment

    show(evaluate_sentiment(train, test), as_json)
