"""Any table a team may have, as rows of text with the line each one stands on.

Text first: `00123`, `0001e5` and `17850.0` arrive as they are written, and a mapping decides later
what they mean. Nothing is dropped: a row that cannot be split into the columns comes back with its
problem. A source that cannot be read to its end raises `InputError`, so it is never half-read.
"""

from __future__ import annotations

from pathlib import Path

from workbench.errors import InputError
from workbench.store.reading.examine import Examined, Format, examine
from workbench.store.reading.table import ReadOptions, Row, Table

__all__ = ["ReadOptions", "Row", "Table", "open_table"]


def open_table(source: str | Path, options: ReadOptions | None = None) -> Table:
    """Open a file or database URL; its rows are read once, in order, as they are asked for.

    The format follows from the content, not from the file's name. Raises `InputError` for what
    cannot be read and `Unavailable` for a database that does not answer.
    """
    options = options or ReadOptions()
    if "://" in str(source):
        from workbench.store.reading.database import read_database

        return read_database(str(source), options)
    return _open_file(examine(Path(source)), options)


def _open_file(file: Examined, options: ReadOptions) -> Table:
    if options.query or options.table:
        raise InputError(
            f"{file.path.name} is a file, and `query` and `table` are for databases",
            next_step="Give a URL such as sqlite:///shop.db, or leave them out.",
        )
    match file.format:
        case Format.TEXT:
            from workbench.store.reading.delimited import read_delimited

            return read_delimited(file, options)
        case Format.JSON:
            from workbench.store.reading.documents import read_documents

            return read_documents(file)
        case Format.PARQUET:
            from workbench.store.reading.parquet import read_parquet

            return read_parquet(file)
        case Format.EXCEL:
            from workbench.store.reading.excel import read_excel

            return read_excel(file, options)
