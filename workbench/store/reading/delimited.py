"""CSV and its relatives: any delimiter, quoted line breaks, and no row silently repaired."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from workbench.errors import InputError
from workbench.store.reading.examine import Examined
from workbench.store.reading.table import ReadOptions, Row, Table, column_names, fitted

MAX_CELL = 16 << 20
"""Characters of one cell; more than that is a quote that never closes."""
_DELIMITERS = ",;\t|"


def read_delimited(file: Examined, options: ReadOptions) -> Table:
    """Rows of a text table. The first line that is not blank is the header.

    A quoting mistake that stays within its line makes that row a problem row; one that swallows
    lines after it cannot be confined and raises `InputError`.
    """
    encoding = _known(options.encoding) or file.encoding
    if encoding == "cp1252" and not options.encoding:
        encoding = _western(file)
    delimiter = _checked(options.delimiter) or _find_delimiter(file, encoding)
    records = _records(file, encoding, delimiter)
    header = next(records, None)
    if header is None:
        raise InputError(f"{file.path.name} is blank", expected="a header and rows below it")
    if header.problem:
        raise InputError(f"{file.path.name}, line {header.line}: the header: {header.problem}")
    columns = column_names(header.cells, file.path.name)
    rows = (r if r.problem else fitted(r.line, r.cells, len(columns)) for r in records)
    return Table(file.path.name, columns, rows, lambda: file.digest, list(file.notes))


def _known(encoding: str) -> str:
    try:
        "".encode(encoding or "utf-8")
    except LookupError as error:
        raise InputError(
            f"Unknown encoding {encoding!r}", expected="a name such as utf-8, cp1252 or utf-16"
        ) from error
    return encoding


def _checked(delimiter: str) -> str:
    if len(delimiter) > 1 or delimiter in {'"', "\r", "\n", "\0"}:
        raise InputError(
            f"{delimiter!r} cannot be a delimiter", expected="one character, e.g. ; or a tab"
        )
    return delimiter


def _western(file: Examined) -> str:
    """cp1252, unless one of its five unassigned bytes occurs: then Latin-1, which has none."""
    data = file.path.read_bytes()
    return "latin-1" if any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"


def _find_delimiter(file: Examined, encoding: str) -> str:
    """The delimiter under which most of the first rows are as wide as the header, and widest."""
    with _open(file, encoding) as stream:
        try:
            sample = "".join(islice(stream, 50))
        except UnicodeError as error:
            raise _undecodable(file, encoding, error) from error
    scores = {delimiter: _fit(sample, delimiter) for delimiter in _DELIMITERS}
    return max(scores, key=lambda delimiter: scores[delimiter])


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    csv.field_size_limit(MAX_CELL)
    try:
        widths = [len(r) for r in csv.reader(io.StringIO(sample), delimiter=delimiter) if r]
    except csv.Error:
        return (0, 0)
    if not widths or widths[0] < 2:
        return (0, 0)
    return (Counter(widths)[widths[0]] / len(widths), widths[0])


def _open(file: Examined, encoding: str) -> TextIO:
    return file.path.open(encoding=encoding, newline="")


def _records(file: Examined, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every record that is not a blank line, with the line it begins on."""
    csv.field_size_limit(MAX_CELL)
    with _open(file, encoding) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        while True:
            begins = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _broken(file, begins, reader.line_num, error)
            except UnicodeError as error:
                raise _undecodable(file, encoding, error) from error
            else:
                if cells:
                    yield Row(begins, tuple(cells))


def _broken(file: Examined, begins: int, ends: int, error: csv.Error) -> Row:
    """A row whose quotes are wrong, if the damage ends on the line on which it began."""
    if ends == begins and "unexpected end of data" not in str(error):
        return Row(begins, (), f"The quotes of this row are broken ({error}).")
    raise InputError(
        f"{file.path.name}: quotes opened on line {begins} swallow lines up to {ends} ({error})",
        expected="a quote inside a cell written twice, and every quoted cell closed",
        next_step=f"Repair line {begins}; nothing of this file was used.",
    ) from error


def _undecodable(file: Examined, encoding: str, error: UnicodeError) -> InputError:
    return InputError(
        f"{file.path.name} is not {encoding} text: {error}",
        next_step="Name its encoding in the mapping, e.g. encoding = 'cp1252'.",
    )
