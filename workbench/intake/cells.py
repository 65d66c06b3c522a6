"""From a row of text to typed values, by the steps of a mapping."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from workbench.errors import InputError
from workbench.intake import forms
from workbench.intake.forms import Form
from workbench.intake.kinds import Target
from workbench.intake.mapping import ColumnMap
from workbench.store.reading import Table


@dataclass(frozen=True)
class Column:
    """One value of a record, bound to the place of its column in a table."""

    target: Target
    spec: ColumnMap
    place: int | None
    factor_place: int | None

    @classmethod
    def bind(cls, target: Target, spec: ColumnMap, table: Table) -> Column:
        """Raises `InputError` when the table has no such column."""
        return cls(
            target,
            spec,
            table.column(spec.column) if spec.column else None,
            table.column(spec.times) if spec.times else None,
        )

    def raw(self, cells: tuple[str, ...]) -> str:
        """The text as it stands in the source."""
        return (self.spec.constant or "") if self.place is None else cells[self.place]

    def value(self, cells: tuple[str, ...]) -> Any:
        """The typed value, None for an empty cell; raises `InputError` with the reason."""
        text = self._text(self.raw(cells))
        if not text:
            return None
        if self.target.form in (Form.AMOUNT, Form.WHOLE, Form.NUMBER):
            return self._number(text, cells)
        return _typed(text, self.target, self.spec)

    def _text(self, raw: str) -> str:
        spec = self.spec
        text = forms.check_storable(raw.strip() if spec.strip else raw)
        if not text:
            return spec.default or ""
        if spec.text_number:
            text = forms.whole_text(text)
        if spec.map:
            text = _translated(text, spec.map)
        return spec.prefix + text

    def _number(self, text: str, cells: tuple[str, ...]) -> Decimal | int | float:
        with localcontext(prec=80):  # no product of two amounts is rounded on the way
            value = self._amount(text)
            if self.factor_place is not None:
                value *= self._amount(cells[self.factor_place].strip())
            if self.spec.scale is not None:
                value *= self.spec.scale
            if self.spec.negate:
                value = -value
            if self.spec.round is not None:
                value = value.quantize(Decimal(1).scaleb(-self.spec.round), ROUND_HALF_UP)
            return _narrowed(value, self.target.form, text)

    def _amount(self, text: str) -> Decimal:
        spec = self.spec
        if not text:
            raise InputError(f"The cell of `{spec.times}` to multiply with is empty")
        return forms.amount(
            text, decimal=spec.decimal, thousands=spec.thousands, symbol=spec.symbol
        )


def _translated(text: str, words: dict[str, str]) -> str:
    found = words.get(text, words.get("*"))
    if found is None:
        raise InputError(
            f"{text!r} is not in the mapping's list",
            expected="one of " + ", ".join(words),
            next_step="Add it to `map`, or `'*'` for all others.",
        )
    return found


def _narrowed(value: Decimal, form: Form, text: str) -> Decimal | int | float:
    if abs(value) >= forms.LARGEST:
        raise InputError(f"{text} is too large", expected=f"less than {forms.LARGEST:,}")
    if form is Form.AMOUNT:
        return forms.exact(value, text)
    if form is Form.NUMBER:
        return float(value)
    if value != value.to_integral_value():
        raise InputError(f"{text} is not a whole number", expected="digits only")
    return int(value)


def _typed(text: str, target: Target, spec: ColumnMap) -> Any:
    match target.form:
        case Form.IDENTIFIER:
            return forms.identifier(text)
        case Form.DATE:
            return forms.day(text, spec.date)
        case Form.INSTANT:
            return forms.instant(text, spec.datetime, spec.zone)
        case Form.YES_NO:
            return forms.yes_no(text)
        case Form.CHOICE:
            return forms.choice(text, target.choices)
        case Form.CURRENCY:
            return forms.currency(text)
        case Form.LANGUAGE:
            return forms.language(text)
        case Form.ZONE:
            return forms.zone_name(text)
        case Form.EMAIL:
            return forms.email(text)
        case _:
            return text
