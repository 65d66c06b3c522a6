"""Commands that measure: kpis, baseline, replay."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import SAMPLE, Changes, Json, Poc
from workbench.cli.output import command, say, show, suggest
from workbench.errors import InputError, NotFound


def register(app: typer.Typer) -> None:
    app.command()(kpis)
    app.command()(replay)
    baseline = typer.Typer(help="The measure before launch.", no_args_is_help=True)
    baseline.command("save")(baseline_save)
    baseline.command("show")(baseline_show)
    app.add_typer(baseline, name="baseline")


@command
def kpis(
    poc: Poc = SAMPLE,
    by: Annotated[str, typer.Option(help="Slices, e.g. intent,channel.")] = "",
    since: Annotated[str, typer.Option(help="First day, e.g. 2026-04-01.")] = "",
    until: Annotated[str, typer.Option(help="First day that no longer counts.")] = "",
    as_json: Json = False,
) -> None:
    """Every KPI with n, interval, baseline and target."""
    from workbench.bootstrap import open_workbench

    slices = tuple(part.strip() for part in by.split(",") if part.strip())
    with open_workbench(poc) as workbench:
        report = workbench.kpis(by=slices, since=day(since), until=day(until))
    show(report, as_json)
    suggest("workbench replay --set confidence=0.8", "shows what a threshold would change")


@command
def baseline_save(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Keep how service worked before launch, for every later comparison."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.save_baseline(), as_json)
        say(f"Saved to {workbench.folder.baseline}")


@command
def baseline_show(poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """Print the saved baseline."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        saved = workbench.baseline()
        if saved is None:
            raise NotFound(
                f"{workbench.folder.root} has no baseline yet",
                next_step="Save one with `workbench baseline save`.",
            )
        show(saved, as_json)


@command
def replay(
    poc: Poc = SAMPLE,
    set_: Changes = None,
    policy: Annotated[Path | None, typer.Option(help="Compare with this policy file.")] = None,
    as_json: Json = False,
) -> None:
    """Decide all of history again under a changed policy: levels, KPIs, conversations that move."""
    from workbench.bootstrap import open_workbench

    with open_workbench(poc) as workbench:
        show(workbench.replay(changes(set_ or []), policy), as_json)


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{text!r} is no day", expected="a date such as 2026-04-01") from error


def changes(settings: list[str]) -> dict[str, str]:
    """Proposed settings of the policy from `NAME=VALUE` texts."""
    pairs = [text.partition("=") for text in settings]
    wrong = [text for text, (_, equals, _) in zip(settings, pairs, strict=True) if not equals]
    if wrong:
        raise InputError(f"{wrong[0]!r} changes nothing", expected="NAME=VALUE")
    return {name.strip(): value.strip() for name, _, value in pairs}
