"""Any database that SQLAlchemy reaches: a table or a query, read-only, rendered as text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError, Unavailable
from workbench.store.reading.table import ReadOptions, Row, Table, column_names

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine
    from sqlalchemy.engine import URL


def read_database(url: str, options: ReadOptions) -> Table:
    """Rows of a table or a SELECT; the `line` of a row is its place in the result, from 1.

    Nothing can be written: SQLite files open read-only and must exist, PostgreSQL runs a
    read-only transaction. Raises `Unavailable` when the database does not answer.
    """
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        parsed = sqlalchemy.make_url(url)
        shown = parsed.render_as_string(hide_password=True)
        engine = sqlalchemy.create_engine(_read_only(parsed))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InputError(
            f"The database URL cannot be used: {_reason(error)}",
            expected="a SQLAlchemy URL such as sqlite:///shop.db or postgresql+psycopg://host/db",
        ) from error
    try:
        connection = engine.connect().execution_options(
            stream_results=True, postgresql_readonly=engine.dialect.name == "postgresql"
        )
    except SQLAlchemyError as error:
        raise Unavailable(f"{shown} does not answer: {_reason(error)}") from error
    result = _select(engine, connection, options, shown)
    digest = hashlib.sha256()
    rows = _rows(connection, result, digest, shown)
    return Table(shown, column_names(result.keys(), shown), rows, digest.hexdigest)


def _read_only(url: URL) -> URL:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    path = Path(url.database.removeprefix("file:").partition("?")[0])
    if not path.is_file():
        raise InputError(
            f"{path} does not exist", next_step="Check the URL; sqlite:////abs/path has 4 slashes."
        )
    return url.set(database=f"file:{path.resolve()}", query={"mode": "ro", "uri": "true"})


def _select(
    engine: Engine, connection: Connection, options: ReadOptions, shown: str
) -> CursorResult[Any]:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    if bool(options.query) == bool(options.table):
        connection.close()
        raise InputError(
            f"{shown}: which rows?", expected="either `table` or `query` under [source]"
        )
    names = engine.dialect.identifier_preparer
    quoted = ".".join(names.quote_identifier(part) for part in options.table.split("."))
    try:
        result = connection.execute(text(options.query or f"SELECT * FROM {quoted}"))
        result.keys()
    except SQLAlchemyError as error:
        connection.close()
        raise InputError(f"{shown}: the query failed: {_reason(error)}") from error
    return result


def _rows(
    connection: Connection, result: CursorResult[Any], digest: Any, shown: str
) -> Iterator[Row]:
    from sqlalchemy.exc import SQLAlchemyError

    with connection:
        try:
            for line, values in enumerate(result, 1):
                cells = tuple(_text(value) for value in values)
                digest.update(repr(cells).encode("utf-8", "backslashreplace"))
                yield Row(line, cells)
        except SQLAlchemyError as error:
            raise Unavailable(f"{shown} stopped answering: {_reason(error)}") from error


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(" ")
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            return str(value)


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
