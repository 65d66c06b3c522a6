"""Commands about trust: promise, competence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import SAMPLE, By, Json, Poc
from workbench.cli.measuring import day
from workbench.cli.output import command, say, show, suggest
from workbench.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from workbench.decide.promise import Promise
    from workbench.front import Workbench


def register(app: typer.Typer) -> None:
    app.command()(promise)
    group = typer.Typer(
        help="Measured competence against what is at stake.", invoke_without_command=True
    )
    group.callback()(competence)
    group.command("decide")(competence_decide)
    app.add_typer(group, name="competence")


@command
def promise(
    poc: Poc = SAMPLE,
    error: Annotated[float, typer.Option(help="Share of wrong answers at most, e.g. 0.02.")] = 0.02,
    confidence: Annotated[float, typer.Option(help="How sure, e.g. 0.95.")] = 0.95,
    intent: Annotated[str, typer.Option(help="For one intent.")] = "",
    stakes: Annotated[str, typer.Option(help="For one class: low, medium or high.")] = "",
    together: Annotated[
        bool, typer.Option("--together", help="All of them at once, not one by one.")
    ] = False,
    since: Annotated[str, typer.Option(help="Count evidence from this day on.")] = "",
    changed: Annotated[
        str, typer.Option(help="Promise again: contacts may have changed on this day.")
    ] = "",
    owner: Annotated[
        str, typer.Option(help="Print the entries for the policy file in this name.")
    ] = "",
    as_json: Json = False,
) -> None:
    """The lowest confidence threshold that keeps a promise about wrong answers.

    Without --intent and --stakes: for every threshold of the policy that is not an intent's own.
    Exit code 1 when there is not enough evidence; the output says how many answers to judge.
    """
    from workbench.bootstrap import open_workbench

    wanted = _wanted(error, confidence, intent, stakes)
    with open_workbench(poc) as workbench:
        promises = (wanted,) if intent or stakes else workbench.promises.each(error, confidence)
        if shifted := day(changed):
            _renew(workbench, promises, shifted, as_json)
            return
        report = workbench.promises.keep(*promises, together=together, since=day(since))
        show(report, as_json)
        for given in workbench.promises.give(report, owner) if owner else ():
            say(given.toml())
    if not report.kept:
        suggest("workbench competence", "shows what was measured for each intent")
        raise typer.Exit(1)
    suggest("workbench replay --set confidence=...", "shows what the threshold would change")


def _renew(
    workbench: Workbench, promises: tuple[Promise, ...], shifted: date, as_json: bool
) -> None:
    """What still counts after a day on which contacts may have changed."""
    renewals = [workbench.promises.renew(one, shifted) for one in promises]
    told = [one.to_dict() for one in renewals] if as_json else "\n".join(map(str, renewals))
    show(told, as_json)
    if not all(one.result.kept for one in renewals):
        raise typer.Exit(1)


@command
def competence(context: typer.Context, poc: Poc = SAMPLE, as_json: Json = False) -> None:
    """The level that each intent has earned: measured competence against declared stakes."""
    from workbench.bootstrap import open_workbench

    if context.invoked_subcommand:
        return
    with open_workbench(poc) as workbench:
        show(workbench.competence.report(), as_json)
    suggest("workbench competence decide INTENT LEVEL --by NAME", "records what its owner grants")


@command
def competence_decide(
    intent: Annotated[str, typer.Argument(help="A declared intent.")],
    level: Annotated[str, typer.Argument(help="automate, assist or escalate.")],
    by: By,
    poc: Poc = SAMPLE,
    reason: Annotated[str, typer.Option(help="Needed for another level than recommended.")] = "",
    as_json: Json = False,
) -> None:
    """Record what the owner of an intent grants, beside what is recommended."""
    from workbench.bootstrap import open_workbench
    from workbench.records.decisions import Level

    if level not in tuple(Level):
        raise InputError(f"{level!r} is no level", expected="automate, assist or escalate")
    with open_workbench(poc) as workbench:
        workbench.competence.decide(intent, Level(level), by, reason)
        show(workbench.competence.decisions()[0], as_json)
    suggest(
        f"workbench replay --set ceiling.intent.{intent}={level}", "shows what that would change"
    )


def _wanted(error: float, confidence: float, intent: str, stakes: str) -> Promise:
    from pydantic import ValidationError

    from workbench.decide.promise import Promise

    try:
        return Promise(
            error=error, confidence=confidence, intent=intent or None, stakes=stakes or None
        )
    except ValidationError as problem:
        raise InputError(
            f"No promise: {problem.errors()[0]['msg']}",
            expected="error and confidence between 0 and 1, and an intent or stakes, not both",
        ) from problem
