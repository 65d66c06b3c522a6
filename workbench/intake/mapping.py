"""A mapping says which column gives which value of a record, through a closed list of steps.

    kind = "invoices"
    group_by = "InvoiceNo"                   # rows that share it are one invoice

    [columns]                                # values of the invoice
    number = "InvoiceNo"
    customer_id = { column = "CustomerID", text_number = true, prefix = "C-" }
    issued_on = { column = "InvoiceDate", date = "%Y-%m-%d %H:%M:%S" }
    currency = { constant = "GBP" }

    [lines]                                  # values of each row's line
    product = "StockCode"
    unit_price = { column = "UnitPrice", decimal = "," }

    [[route]]                                # rows that are something else
    kind = "credit_notes"
    when = { column = "InvoiceNo", starts_with = "C" }
    ...

There are no expressions: a mapping can be read by its owner and cannot run anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator

from workbench.config import Section, config_error, line_of, read_toml
from workbench.errors import ConfigError
from workbench.intake.forms import Form
from workbench.intake.kinds import Target, kind_named
from workbench.store.reading import ReadOptions

Over = Literal["same", "first", "last", "least", "greatest", "sum"]
_NUMBERS = frozenset({Form.AMOUNT, Form.WHOLE, Form.NUMBER})
_OPTION_FORMS: dict[str, frozenset[Form]] = {
    "decimal": _NUMBERS,
    "thousands": _NUMBERS,
    "symbol": _NUMBERS,
    "times": _NUMBERS,
    "scale": _NUMBERS,
    "negate": _NUMBERS,
    "round": _NUMBERS,
    "date": frozenset({Form.DATE}),
    "datetime": frozenset({Form.INSTANT}),
    "zone": frozenset({Form.INSTANT}),
}


class ColumnMap(Section):
    """How one value comes about. The steps are taken in the order in which they stand here."""

    column: str = ""
    """Column that it is read from."""
    constant: str | None = None
    """The same text for every row, instead of a column."""
    strip: bool = True
    """Take spaces off both ends."""
    default: str | None = None
    """Text in place of an empty cell, taken as it is: without `map` and `prefix`."""
    text_number: bool = False
    """Read `17850.0` as `17850`; anything that is not such a number stays as it is."""
    map: dict[str, str] = {}
    """Words of the source -> ours; `*` stands for all others. A word that is missing is refused."""
    prefix: str = ""
    """Text put in front."""
    decimal: str = "."
    """Sign before the decimals."""
    thousands: str = ""
    """Sign between thousands; empty: there is none."""
    symbol: str = ""
    """Currency symbol or code that is written with the amount."""
    date: str = ""
    """How days are written, in strptime's signs: `%d.%m.%Y`; empty: ISO."""
    datetime: str = ""
    """How times are written, in strptime's signs; empty: ISO."""
    zone: str = ""
    """IANA zone of times that name none."""
    times: str = ""
    """Column that the amount is multiplied with, read in the same way."""
    scale: Decimal | None = None
    """Factor, e.g. 60 for minutes where seconds are wanted, 0.01 for cents."""
    negate: bool = False
    """Turn the sign."""
    round: int | None = Field(default=None, ge=0, le=12)
    """Digits behind the point to round to, half up."""
    group: Over = "same"
    """What becomes of a group's rows: they must agree (`same`), or one of them counts, or all."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not an IANA zone such as Europe/Berlin") from error
        return value

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if bool(self.column) == (self.constant is not None):
            raise ValueError("give either `column` or `constant`")
        if self.decimal not in {".", ","} or self.decimal == self.thousands:
            raise ValueError("`decimal` is . or , and differs from `thousands`")
        return self


class Condition(Section):
    """Which rows take a route, by the text of one column."""

    column: str
    starts_with: str | None = None
    equals: tuple[str, ...] | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(part is not None for part in (self.starts_with, self.equals, self.empty)) != 1:
            raise ValueError("give one of `starts_with`, `equals`, `empty`")
        return self

    def holds(self, text: str) -> bool:
        if self.starts_with is not None:
            return text.startswith(self.starts_with)
        if self.equals is not None:
            return text in self.equals
        return (text == "") == self.empty


class Part(Section):
    """What rows become: one kind of record, one per row or one per group of rows."""

    kind: str
    when: Condition | None = None
    group_by: tuple[str, ...] = ()
    """Columns whose equal texts join rows into one record; empty: every row is a record."""
    columns: dict[str, ColumnMap] = {}
    lines: dict[str, ColumnMap] = {}
    """Values of the lines of a document, or of a case's history; one line a row."""

    @field_validator("group_by", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def specs(self) -> Iterator[tuple[ColumnMap, Target]]:
        """Every column map with the value that it gives."""
        kind = kind_named(self.kind)
        yield from ((spec, kind.targets[name]) for name, spec in self.columns.items())
        yield from ((spec, kind.line_targets[name]) for name, spec in self.lines.items())


class Mapping(Part):
    """A whole mapping file: how to read the source, its usual rows, and the routes of others."""

    source: ReadOptions = ReadOptions()
    route: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """In the order in which they are offered a row; the usual one is last."""
        usual = Part(**{name: getattr(self, name) for name in Part.model_fields})
        return (*self.route, usual)


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; `ConfigError` names file, line, key and what to write."""
    try:
        mapping = Mapping.model_validate(read_toml(path))
    except ValidationError as error:
        raise config_error(path, error) from error
    check_mapping(mapping, path)
    return mapping


def check_mapping(mapping: Mapping, path: Path | None = None) -> None:
    """Refuse unknown values, missing ones, and steps that do not fit the value."""
    for part in mapping.parts:
        kind = kind_named(part.kind)
        _check_names(part.columns, kind.targets, part.kind, path)
        _check_names(part.lines, kind.line_targets, f"{part.kind} lines", path)
        for spec, target in part.specs():
            _check_steps(spec, target, path)


def _check_names(
    maps: dict[str, ColumnMap], targets: dict[str, Target], what: str, path: Path | None
) -> None:
    for name in maps:
        if name not in targets:
            raise _wrong(path, name, f"{what} have no `{name}`", ", ".join(targets) or "none")
    missing = [t.name for t in targets.values() if t.required and t.name not in maps]
    if missing and (maps or not what.endswith("lines")):
        given = ", ".join(f"`{name}`" for name in missing)
        raise _wrong(path, "columns", f"no column gives {given} of {what}", "a column or constant")


def _check_steps(spec: ColumnMap, target: Target, path: Path | None) -> None:
    for option, forms in _OPTION_FORMS.items():
        if option in spec.model_fields_set and target.form not in forms:
            what = f"`{option}` does not apply to `{target.name}`, which is a {target.form.value}"
            raise _wrong(path, target.name, what, " or ".join(sorted(forms)) + f" for `{option}`")
    if spec.group == "sum" and target.form is not Form.AMOUNT:
        raise _wrong(path, target.name, f"`{target.name}` cannot be summed", "an amount")


def _wrong(path: Path | None, key: str, what: str, expected: str) -> ConfigError:
    line = line_of(path, key) if path else None
    place = f"{path}{f', line {line}' if line else ''}: " if path else "The mapping: "
    return ConfigError(place + what, expected=expected)
