"""Commands that evaluate: how well messages are read, and how well everything answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import SAMPLE, By, Changes, Json, Poc
from workbench.cli.measuring import changes
from workbench.cli.output import command, say, show, suggest
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.triage.evaluate import Evaluation

Run = Annotated[str, typer.Argument(help="Id of a run, or its beginning.")]
Train = Annotated[Path, typer.Option(help="CSV with columns text and label.")]
Test = Annotated[Path, typer.Option(help="CSV with columns text and label.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="How good the answers are, measured.", no_args_is_help=True)
    for function in (run, compare, show_run, export, intent, sentiment):
        group.command(function.__name__.removesuffix("_run"))(function)
    group.command("list")(list_runs)
    app.add_typer(group, name="evaluate")


@command
def intent(
    train: Train,
    test: Test,
    classifier: Annotated[
        str, typer.Option(help="keyless, or model: the POC's language model beside it.")
    ] = "keyless",
    per_label: Annotated[
        int, typer.Option(min=0, help="Fit on so many texts of each label; 0: on all.")
    ] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Draws of these texts.")] = 5,
    poc: Poc = SAMPLE,
    as_json: Json = False,
) -> None:
    """Fit triage of intents on one labelled file and score it on another."""
    if classifier == "model":
        show(_with_model(poc, train, test), as_json)
        return
    if classifier != "keyless":
        raise InputError(f"There is no classifier {classifier!r}", expected="keyless or model")
    from workbench.triage.evaluate import evaluate_few, evaluate_intents

    if per_label:
        show(evaluate_few(train, test, per_label, seeds), as_json)
        return
    show(evaluate_intents(train, test), as_json)


def _with_model(poc: Path, train: Path, test: Path) -> Evaluation:
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        return workbench.labels.evaluate_model(train, test)


@command
def sentiment(train: Train, test: Test, as_json: Json = False) -> None:
    """Fit triage of sentiment on one labelled file and score it on another."""
    from workbench.triage.evaluate import evaluate_sentiment

    show(evaluate_sentiment(train, test), as_json)


@command
def run(
    poc: Poc = SAMPLE,
    scenarios: Annotated[str, typer.Option(help="Ids of scenarios, e.g. 'invoice-*'.")] = "",
    labelled: Annotated[
        str, typer.Option(help="Instead: a CSV file with columns text and label.")
    ] = "",
    contacts: Annotated[
        int, typer.Option(min=0, help="Instead: the newest contacts that people labelled.")
    ] = 0,
    conversations: Annotated[
        int, typer.Option(min=0, help="Instead: the latest conversations, answered anew.")
    ] = 0,
    repeat: Annotated[int, typer.Option(min=1, help="Tries of every case, for pass^k.")] = 1,
    set_: Changes = None,
    policy: Annotated[Path | None, typer.Option(help="A proposed policy file.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of identifiers and intervals.")] = 0,
    judge: Annotated[
        bool, typer.Option("--judge", help="Let the POC's language model judge as well.")
    ] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Try everything in its present version, or a proposed policy, on cases; keep the result.

    All scenarios by default. The same run again tries nothing and prints the first one. Nothing
    that is in force is changed.
    """
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        made = workbench.evaluations.run(
            scenarios=scenarios,
            labelled=labelled,
            contacts=contacts,
            conversations=conversations,
            changes=changes(set_ or []),
            policy=policy,
            repeat=repeat,
            seed=seed,
            judge=workbench.evaluations.model_judge() if judge else None,
            by=by,
        )
    show(made, as_json)
    if made.repeated:
        say(f"{made.id} had been made before; nothing was tried again.")
    suggest(f"workbench evaluate compare RUN {made.id}", "holds it against another run")


@command
def compare(before: Run, after: Run, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Two runs over the same cases: worse, better and same cases first, then totals.

    Exit code 1 when a judging score is worse beyond noise: more groups fell than rose, and the
    exact sign test, corrected for the number of scores (Holm), gives p < 0.05.
    """
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        found = workbench.evaluations.compare(before, after)
    show(found, as_json)
    if found.worse:
        raise typer.Exit(1)


@command
def list_runs(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Every run, the latest first."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        show(workbench.evaluations.runs(), as_json)
    suggest("workbench evaluate show RUN", "prints one of them")


@command
def show_run(run_id: Run, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """One run: totals, what is taken for what, and confident mistakes."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        show(workbench.evaluations.get(run_id), as_json)


@command
def export(
    run_id: Run,
    file: Annotated[Path, typer.Argument(help="CSV file to write.")],
    poc: Poc = SAMPLE,
) -> None:
    """Write a run as CSV: one row per case, try and score."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        rows = workbench.evaluations.export(run_id, file)
    say(f"{rows:,} rows written to {file}")
