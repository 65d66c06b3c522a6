"""Commands of experiments: list, show, plan, start, stop, learn, report."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, By, Json, Poc
from workbench.cli.output import command, say, show, suggest

Name = Annotated[str, typer.Argument(help="The experiment: its file without `.toml`.")]
Reason = Annotated[str, typer.Option(help="Why, and why now.")]


def register(app: typer.Typer) -> None:
    experiment = typer.Typer(
        help="Shadow and A/B experiments that may be looked at every day.", no_args_is_help=True
    )
    experiment.command("list")(list_)
    experiment.command("show")(show_)
    for each in (plan, start, stop, learn, report):
        experiment.command()(each)
    app.add_typer(experiment, name="experiment")


@command
def list_(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Every experiment with its status."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        found = workbench.experiments.list()
    rows = [
        {
            "name": state.experiment.name,
            "status": state.status.value,
            "kind": state.experiment.kind.value,
            "owner": state.experiment.owner,
            "hypothesis": state.experiment.hypothesis,
        }
        for state in found
    ]
    text = "\n".join(f"{row['name']}: {row['status']}. {row['hypothesis']}" for row in rows)
    show(rows if as_json else text or "No experiments yet.", as_json)
    suggest("workbench experiment report NAME", "says stop, continue or ship, and why")


@command
def show_(name: Name, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """An experiment's definition and its story so far."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.experiments.get(name), as_json)


@command
def plan(
    name: Name,
    effect: Annotated[
        float | None, typer.Option(help="Another smallest effect, e.g. 0.1 for ten points.")
    ] = None,
    poc: Poc = SAMPLE,
    as_json: Json = False,
) -> None:
    """How many contacts and days it takes, with this POC's own traffic."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.experiments.plan(name, effect=effect), as_json)


@command
def start(name: Name, by: By, reason: Reason, poc: Poc = SAMPLE) -> None:
    """Start an experiment; new conversations take part from now on."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        workbench.experiments.start(name, by, reason)
    say(f"{name} runs. Stop it with `workbench experiment stop {name} --by NAME --reason TEXT`.")


@command
def stop(name: Name, by: By, reason: Reason, poc: Poc = SAMPLE) -> None:
    """End an experiment; conversations that have begun keep their arm."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        workbench.experiments.stop(name, by, reason)
    say(f"{name} has ended.")
    suggest(f"workbench experiment learn {name} --by NAME TEXT", "keeps what was learned")


@command
def learn(
    name: Name,
    text: Annotated[str, typer.Argument(help="What was learned.")],
    by: By,
    poc: Poc = SAMPLE,
) -> None:
    """Keep what was learned beside the experiment."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        workbench.experiments.learn(name, by, text)
    say(f"Kept with {name}.")


@command
def report(
    name: Name,
    enforce: Annotated[
        bool, typer.Option("--enforce", help="Stop the experiment when a stop rule says so.")
    ] = False,
    poc: Poc = SAMPLE,
    as_json: Json = False,
) -> None:
    """Stop, continue or ship, and why; exit code 1 when a stop rule says stop."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        experiments = workbench.experiments
        found = experiments.enforce(name) if enforce else experiments.report(name)
    show(found, as_json)
    if found.stop_rule:
        raise typer.Exit(1)
