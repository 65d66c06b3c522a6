"""Commands that look after things: audit, config, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, show


def register(app: typer.Typer) -> None:
    audit = typer.Typer(help="The ledger's own check.", no_args_is_help=True)
    audit.command("verify")(verify)
    app.add_typer(audit, name="audit")
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    config.command("show")(config_show)
    app.add_typer(config, name="config")
    app.command()(doctor)


@command
def verify(
    poc: Poc = SAMPLE,
    anchor: Annotated[bool, typer.Option(help="Set a new checkpoint when all is well.")] = True,
    as_json: Json = False,
) -> None:
    """Check every hash of the ledger, and its length against the checkpoints outside it."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        report = workbench.verify(anchor=anchor)
    show(report, as_json)
    if not report.ok:
        raise typer.Exit(7)


@command
def config_show(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Every setting with its value and meaning."""
    from workbench.doctor import describe_settings
    from workbench.poc import PocFolder

    show(describe_settings(PocFolder.at(poc)), as_json)


@command
def doctor(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Check that everything a POC needs is in place, and say what to do where it is not."""
    from workbench.doctor import examine

    report = examine(poc)
    show(report, as_json)
    if not report.healthy:
        raise typer.Exit(1)
