"""Labelled messages: reading them, and saying plainly what is wrong with a file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from workbench.errors import InputError
from workbench.records.base import Record

LABEL_COLUMNS = ("label", "category", "intent", "class", "topic", "sentiment")
"""Column names that hold the label, in the order in which they are looked for."""
TEXT_COLUMNS = ("text", "message", "utterance", "sentence", "query")

Row = TypeVar("Row")


class Labelled(Record):
    """A text somebody has labelled."""

    text: str
    label: str
    language: str = ""


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Rows of a CSV file with a text and a label column; others but `language` are ignored.

    Raises:
        InputError: names the file, the line and what is missing.
    """
    return _read(path, _rows)


def read_texts(path: Path) -> tuple[str, ...]:
    """Texts of a CSV file with a text column, one a row; a row without one is empty.

    Raises:
        InputError: names the file and what is missing.
    """
    return _read(path, _texts)


def _read(
    path: Path, rows: Callable[[Path, csv.DictReader[str]], Iterable[Row]]
) -> tuple[Row, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(rows(path, csv.DictReader(file)))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", expected="a CSV file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}", expected="a CSV file") from error
    except csv.Error as error:
        raise InputError(f"{path} is not valid CSV: {error}") from error


def _texts(path: Path, reader: csv.DictReader[str]) -> Iterable[str]:
    column = _column(path, _columns(reader), TEXT_COLUMNS)
    return ((row[column] or "").strip() for row in reader)


def _columns(reader: csv.DictReader[str]) -> dict[str, str]:
    return {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterable[Labelled]:
    columns = _columns(reader)
    text_column = _column(path, columns, TEXT_COLUMNS)
    label_column = _column(path, columns, LABEL_COLUMNS)
    language_column = columns.get("language")
    count = 0
    for row in reader:
        text, label = (row[text_column] or "").strip(), (row[label_column] or "").strip()
        for name, value in ((text_column, text), (label_column, label)):
            if not value:
                raise InputError(
                    f"{path}, line {reader.line_num}: `{name}` is empty",
                    expected="a text and a label in every row",
                )
        count += 1
        language = (row[language_column] or "").strip() if language_column else ""
        yield Labelled(text=text, label=label, language=language)
    if not count:
        raise InputError(f"{path} holds no rows", expected="labelled texts below the header")


def _column(path: Path, columns: dict[str, str], wanted: Sequence[str]) -> str:
    for name in wanted:
        if name in columns:
            return columns[name]
    raise InputError(
        f"{path}, line 1: no column named {' or '.join(f'`{name}`' for name in wanted)}",
        expected=f"a header such as `text,label`, found `{','.join(columns)}`",
    )


def read_folder(folder: Path) -> tuple[Labelled, ...]:
    """All labelled messages of a folder's CSV files, by file name."""
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise InputError(
            f"{folder} holds no CSV file", expected="labelled messages such as intents/en.csv"
        )
    return tuple(row for file in files for row in read_labelled(file))


def digest(*tables: Iterable[Labelled]) -> str:
    """Ten hexadecimal digits that stand for the content of labelled tables."""
    state = hashlib.sha256()
    for table in tables:
        for row in table:
            state.update(f"{row.text}\x1f{row.label}\x1f{row.language}\x1e".encode())
        state.update(b"\x1d")
    return state.hexdigest()[:10]
