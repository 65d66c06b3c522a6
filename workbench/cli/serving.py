"""Commands that serve: the app."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import SAMPLE, Poc
from workbench.cli.output import command, say
from workbench.errors import ConfigError


def register(app: typer.Typer) -> None:
    app.command("app")(app_command)


@command
def app_command(
    poc: Poc = SAMPLE,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8501,
) -> None:
    """Serve the app on this machine."""
    serve_app(poc, port)


def serve_app(poc: Path, port: int) -> None:
    """Run the app until it is stopped. It reads the POC from the environment."""
    page = Path(__file__).parents[2] / "app" / "streamlit_app.py"
    if not page.exists():
        raise ConfigError(
            f"The app's pages are not at {page}",
            next_step="Run it from a checkout of the project, with `make app`.",
        )
    say(f"The app is at http://localhost:{port} (stop with Ctrl-C)")
    command_line = [sys.executable, "-m", "streamlit", "run", str(page)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = {**os.environ, "WORKBENCH_POC": str(poc.resolve())}
    try:
        # Streamlit reads its settings, themes among them, from the folder it is started in.
        subprocess.run([*command_line, *options], env=environment, cwd=page.parents[1], check=True)
    except KeyboardInterrupt:
        say("Stopped.")
