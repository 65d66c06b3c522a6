"""Bare messages from a file: a CSV with a text column is enough."""

from __future__ import annotations

import csv
from pathlib import Path

from workbench.errors import InputError
from workbench.triage.labelled import TEXT_COLUMNS

_NAMES = (*TEXT_COLUMNS, "summary")


def read_messages(path: Path) -> tuple[tuple[str, str], ...]:
    """(text, language) of every row that has a text; the language is empty where none is given.

    Raises `InputError`: the file is missing, no UTF-8 CSV, or has no text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _texts(path, csv.DictReader(file))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", expected="a CSV file of messages") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}", expected="a UTF-8 CSV file") from error


def _texts(path: Path, reader: csv.DictReader[str]) -> tuple[tuple[str, str], ...]:
    columns = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
    column = next((columns[name] for name in _NAMES if name in columns), None)
    if column is None:
        raise InputError(
            f"{path} has no column of messages, found {', '.join(columns) or 'nothing'}",
            expected=f"one named {' or '.join(_NAMES)}",
        )
    language = columns.get("language", "")
    rows = ((row[column] or "", row.get(language) or "") for row in reader)
    found = tuple((text.strip(), spoken) for text, spoken in rows if text.strip())
    if not found:
        raise InputError(f"{path} holds no message", expected=f"texts in column {column}")
    return found
