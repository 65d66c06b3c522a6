"""The columns of the contact fact, derived from the `Contact` record and from nothing else.

Parquet files, the DuckDB view, the importer and the generator all take names, types and defaults
from here, so a new field of the record is a new column everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args

from pydantic.fields import FieldInfo

from workbench.records.contacts import Contact

if TYPE_CHECKING:
    import pyarrow as pa

AMOUNT_DIGITS = (18, 3)
"""Precision and scale of decimal columns: three digits cover every ISO 4217 currency."""

_SQL_TYPES: dict[type, str] = {
    str: "VARCHAR",
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    Decimal: f"DECIMAL({AMOUNT_DIGITS[0]},{AMOUNT_DIGITS[1]})",
    datetime: "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class ContactColumn:
    """One column: its name, its DuckDB type, whether it may be null and what stands in for it."""

    name: str
    sql_type: str
    nullable: bool
    required: bool
    """Without a default: a file that lacks this column is refused."""
    default: Any

    @property
    def default_sql(self) -> str:
        """The default as a SQL literal of the column's type."""
        if self.default is None:
            return f"NULL::{self.sql_type}"
        if isinstance(self.default, str):
            return "'" + self.default.replace("'", "''") + "'"
        return str(self.default).lower()


def _plain_type(annotation: Any) -> tuple[type, bool]:
    """The type of a field without `None`, and whether `None` is allowed."""
    if not isinstance(annotation, UnionType):
        return annotation, False
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return parts[0], True


def _column(name: str, field: FieldInfo) -> ContactColumn:
    python_type, nullable = _plain_type(field.annotation)
    stored_type = str if issubclass(python_type, Enum) else python_type
    return ContactColumn(
        name=name,
        sql_type=_SQL_TYPES[stored_type],
        nullable=nullable,
        required=field.is_required(),
        default=None if field.is_required() else field.default,
    )


CONTACT_COLUMNS: tuple[ContactColumn, ...] = tuple(
    _column(name, field) for name, field in Contact.model_fields.items()
)


def contact_schema() -> pa.Schema:
    """The Arrow schema of contact facts; columns that a contact always has are not nullable.

    `pyarrow.Table.from_pylist(rows, schema=contact_schema())` makes a table from
    `Contact.model_dump()` rows (times must be aware); `table.cast(contact_schema())` refuses a null
    where a contact always has a value.
    """
    import pyarrow as pa

    arrow_types = {
        "VARCHAR": pa.string(),
        "BOOLEAN": pa.bool_(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
        _SQL_TYPES[Decimal]: pa.decimal128(*AMOUNT_DIGITS),
    }
    return pa.schema(
        [pa.field(c.name, arrow_types[c.sql_type], nullable=c.nullable) for c in CONTACT_COLUMNS]
    )
