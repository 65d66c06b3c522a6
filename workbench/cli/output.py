"""How every command prints: a value as a table or as JSON on stdout, messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import typer

from workbench.errors import WorkbenchError

P = ParamSpec("P")
T = TypeVar("T")


def show(value: Any, as_json: bool) -> None:
    """Print a result: as one JSON document, or in its readable form."""
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False, default=_plain, indent=2))
    else:
        typer.echo(str(value))


def _plain(value: Any) -> Any:
    """A record, also one inside a list or table, as JSON can hold it; anything else as text."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)


def say(text: str) -> None:
    """A message for the person at the terminal; never mixed with data."""
    typer.echo(text, err=True)


def suggest(command: str, why: str) -> None:
    """What to do next, on a terminal only."""
    if sys.stderr.isatty():
        say(f"Next: {command}  ({why})")


@contextmanager
def explained() -> Iterator[None]:
    """Turn our own errors into one line on stderr and their documented exit code."""
    try:
        yield
    except WorkbenchError as error:
        say(f"Error: {error}")
        raise typer.Exit(error.exit_code) from error


def command(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a command so that its errors are explained."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        with explained():
            return function(*args, **kwargs)

    return wrapped
