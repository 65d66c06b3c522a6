"""`workbench ...`: the command line. Data on stdout, messages on stderr.

Exit codes: 0 fine, 1 a check failed, 2 wrong input or file, 3 not found, 4 not allowed,
5 conflict, 6 a system is unavailable, 7 stored data contradicts itself.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

Poc = Annotated[
    Path,
    typer.Option("--poc", envvar="WORKBENCH_POC", help="The POC folder.", show_default=True),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
By = Annotated[str, typer.Option("--by", help="Who does this; it is kept with what was done.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change of the policy: confidence=0.8, rule.ask-back=off, ..."),
]
SAMPLE = Path("sample_data")

_EPILOG = """Examples:

  workbench demo --no-app                         build the sample and play the three flows

  workbench chat --customer C-1001                talk to the assistant

  workbench scenarios --only invoice-7 --repeat 8

  workbench kpis --by intent,channel --since 2026-04-01 --json

  workbench replay --set confidence=0.8

  workbench import invoices FILE.csv --map mappings/invoices.toml --dry-run
"""

_MODULES = (
    "conversing",
    "data",
    "measuring",
    "promising",
    "staffing",
    "routing",
    "evaluating",
    "experimenting",
    "monitoring",
    "working",
    "labelling",
    "reviewing",
    "improving",
    "keeping",
    "serving",
)


def main() -> None:
    """Entry point of the `workbench` command."""
    application()()


def application() -> typer.Typer:
    """The command line with every command."""
    app = typer.Typer(
        name="workbench",
        help="Take AI-led customer service from a proof of concept to production.",
        epilog=_EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in _MODULES:
        import_module(f"workbench.cli.{name}").register(app)
    return app
