"""Parquet: pyarrow decodes strictly, DuckDB renders every value as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.errors import InputError
from workbench.store.reading.examine import Examined
from workbench.store.reading.table import Row, Table, column_names, fitted

_BATCH = 8192


def read_parquet(file: Examined) -> Table:
    """Rows of a Parquet file, batch by batch; times with a zone are rendered in UTC.

    DuckDB alone accepts some files whose pages contradict each other, so it does not decode.
    Raises `InputError` when a page cannot be decoded or rows are missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(file.path, page_checksum_verification=True)
        names = opened.schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _corrupt(file, error) from error
    columns = column_names(names, file.path.name)
    return Table(file.path.name, columns, _rows(file, opened, columns), lambda: file.digest)


def _rows(file: Examined, opened: Any, columns: tuple[str, ...]) -> Iterator[Row]:
    import duckdb

    line = 1
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for batch in _batches(file, opened):
            for cells in _as_text(file, connection, batch, columns):
                line += 1
                yield fitted(line, ["" if cell is None else cell for cell in cells], len(columns))
    if line - 1 != opened.metadata.num_rows:
        promised = opened.metadata.num_rows
        raise _corrupt(file, ValueError(f"it promises {promised} rows and holds {line - 1}"))


def _batches(file: Examined, opened: Any) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from opened.iter_batches(batch_size=_BATCH)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _corrupt(file, error) from error


def _as_text(
    file: Examined, connection: Any, batch: Any, columns: tuple[str, ...]
) -> list[tuple[str | None, ...]]:
    import duckdb
    import pyarrow as pa

    try:
        batch.validate(full=True)
        arrays = [
            values.cast(pa.string()) if pa.types.is_decimal(values.type) else values
            for values in batch.columns  # DuckDB writes a decimal 0.10 as .10
        ]
        table = pa.Table.from_arrays(arrays, names=list(columns))
        found: list[tuple[str | None, ...]] = (
            connection.from_arrow(table).project("COLUMNS(*)::VARCHAR").fetchall()
        )
    except (duckdb.Error, pa.ArrowException, ValueError) as error:
        raise _corrupt(file, error) from error
    return found


def _corrupt(file: Examined, error: Exception) -> InputError:
    why = (str(error).splitlines() or ["unknown"])[0]
    return InputError(
        f"{file.path.name} is not a sound Parquet file: {why}",
        next_step="Export it again; nothing of this file was used.",
    )
