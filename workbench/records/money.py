"""Money: a decimal amount with its currency; never a float, never two currencies added."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from pydantic import field_validator

from workbench.errors import InputError
from workbench.records.base import Record

# ISO 4217 minor units that differ from two.
_DIGITS = dict.fromkeys(
    ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0
) | dict.fromkeys(("BHD IQD JOD KWD LYD OMR TND").split(), 3)


def currency_digits(currency: str) -> int:
    """Digits behind the decimal point of an ISO 4217 currency: 0, 2 or 3."""
    return _DIGITS.get(currency, 2)


class Money(Record):
    """An amount in one currency. Adding or comparing two currencies raises `InputError`."""

    amount: Decimal
    """Major units, e.g. 12.50; may be negative."""
    currency: str
    """ISO 4217 code in capitals."""

    @field_validator("currency")
    @classmethod
    def _code(cls, value: str) -> str:
        if len(value) != 3 or not (value.isascii() and value.isalpha() and value.isupper()):
            raise ValueError(f"{value!r} is not an ISO 4217 code such as EUR")
        return value

    @field_validator("amount")
    @classmethod
    def _finite(cls, value: Decimal) -> Decimal:
        if not value.is_finite():
            raise ValueError("an amount must be a finite number")
        return value

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        """Build from text or decimal; floats are refused by type."""
        return cls(amount=Decimal(amount), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(amount=Decimal(0), currency=currency)

    @property
    def minor(self) -> int:
        """The amount in the smallest unit (cents, yen, fils), rounded half up."""
        return int(self.rounded().amount.scaleb(currency_digits(self.currency)))

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        return cls(amount=Decimal(minor).scaleb(-currency_digits(currency)), currency=currency)

    def rounded(self) -> Self:
        """Rounded half up to the currency's smallest unit."""
        step = Decimal(1).scaleb(-currency_digits(self.currency))
        return self.model_copy(update={"amount": self.amount.quantize(step, ROUND_HALF_UP)})

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise InputError(
                f"{self} and {other} are in different currencies",
                expected="two amounts in one currency",
                next_step="Convert one of them first, naming rate, date and source.",
            )

    def __add__(self, other: Money) -> Self:
        self._same(other)
        return self.model_copy(update={"amount": self.amount + other.amount})

    def __sub__(self, other: Money) -> Self:
        return self + -other

    def __neg__(self) -> Self:
        return self.model_copy(update={"amount": -self.amount})

    def __mul__(self, factor: Decimal | int) -> Self:
        return self.model_copy(update={"amount": self.amount * factor})

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.rounded().amount:f} {self.currency}"


def total(amounts: list[Money], currency: str) -> Money:
    """The exact sum of amounts in `currency` (zero for none)."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
