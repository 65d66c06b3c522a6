"""Commands that bring data in: import, sample, new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import SAMPLE, Json, Poc
from workbench.cli.output import command, say, show, suggest


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(sample)
    app.command()(new)


@command
def import_(
    kind: Annotated[str, typer.Argument(help="invoices, customers, cases, contacts, labels, ...")],
    source: Annotated[str, typer.Argument(help="A CSV, Parquet, Excel or JSON file, or a URL.")],
    poc: Poc = SAMPLE,
    map_: Annotated[Path | None, typer.Option("--map", help="Mapping file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import rows; every row is accepted or rejected with line, column, value and reason."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc, records=False) as workbench:
        report = workbench.import_file(kind, source, mapping=map_, dry_run=dry_run)
    show(report, as_json)
    suggest("workbench kpis", "shows what the data says")


@command
def sample(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("sample_out"),
    contacts: Annotated[int, typer.Option(min=1, help="Contacts to generate.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 2026,
    as_json: Json = False,
) -> None:
    """Generate synthetic contacts of any number with known truths in them."""
    from workbench.sample.history import generate_contacts

    say(f"Generating {contacts:,} contacts ...")
    show(generate_contacts(contacts, seed=seed, out=out), as_json)


@command
def new(
    name: Annotated[str, typer.Argument(help="Name of the new POC folder.")],
    parent: Annotated[Path, typer.Option(help="Where to make it.")] = Path(),
) -> None:
    """Make a POC folder that runs at once and that a team fills with its own."""
    from workbench.scaffold import new_poc

    folder = new_poc(name, parent)
    typer.echo(str(folder))
    suggest(f"workbench scenarios --poc {folder}", "plays its first scenario")
