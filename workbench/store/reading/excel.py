"""Excel workbooks, looked over before they are unpacked into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from workbench.errors import InputError
from workbench.store.reading.examine import Examined
from workbench.store.reading.excel_guard import look_over
from workbench.store.reading.table import (
    ReadOptions,
    Row,
    Table,
    column_names,
    fitted,
    shortened,
)

NO_RESULT = "#FORMULA!"
"""Stands for a formula whose result is an error or was never computed."""


def read_excel(file: Examined, options: ReadOptions) -> Table:
    """Rows of one sheet; the first row that is not empty is the header.

    Formulas are read as the results stored with them; one that has none, or an error, reads
    `#FORMULA!`, so it is never mistaken for an empty cell. Numbers appear with the 15 digits that
    Excel keeps, so 17850 stays 17850.
    """
    unusable = look_over(file)
    sheet, grid, notes = _load(file, options.sheet)
    for row, column in sorted(unusable.get(sheet, ())):
        _put(grid, row - 1, column - 1, NO_RESULT)
    numbered = [
        (line, [_text(value) for value in values])
        for line, values in enumerate(grid, 1)
        if _holds_anything(values)
    ]
    if not numbered:
        raise InputError(f"{file.path.name} is empty", expected="a header and rows below it")
    columns = column_names(_trimmed(numbered[0][1]), file.path.name)
    rows = _rows(numbered[1:], len(columns))
    return Table(file.path.name, columns, rows, lambda: file.digest, notes)


def _load(file: Examined, wanted: str) -> tuple[str, list[list[Any]], list[str]]:
    """Name and cells of the sheet to read, and what was assumed in choosing it."""
    try:
        return _chosen_sheet(file, wanted)
    except (InputError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the Rust reader derives from BaseException
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"{file.path.name} is not a sound workbook: {why}",
            next_step="Open it in Excel and save it again as .xlsx or CSV.",
        ) from error


def _chosen_sheet(file: Examined, wanted: str) -> tuple[str, list[list[Any]], list[str]]:
    import python_calamine

    workbook = python_calamine.load_workbook(str(file.path))
    names = workbook.sheet_names
    if wanted and wanted not in names:
        raise InputError(
            f"{file.path.name} has no sheet {wanted!r}", expected="one of " + shortened(names)
        )
    for name in [wanted] if wanted else names:
        grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if grid or wanted:
            others = [other for other in names if other != name]
            notes = [f"Read sheet {name!r}; not read: {shortened(others)}."] if others else []
            return name, grid, notes
    return "", [], []


def _put(grid: list[list[Any]], row: int, column: int, value: str) -> None:
    """Set a cell, which a reader that stops at the last value may not have reached."""
    grid.extend([] for _ in range(row + 1 - len(grid)))
    grid[row].extend([""] * (column + 1 - len(grid[row])))
    grid[row][column] = value


def _rows(numbered: list[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    for line, values in numbered:
        cells = values if _holds_anything(values[width:]) else values[:width]
        yield fitted(line, cells + [""] * (width - len(cells)), width)


def _holds_anything(values: Iterable[Any]) -> bool:
    return any(value != "" for value in values)


def _trimmed(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header.pop()
    return header


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return format(value, ".15g")
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)
