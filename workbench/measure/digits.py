"""What the rules of a policy see of a contact, as digits of one whole number.

A field of few values has a digit for each of them. A number has one for each stretch between the
numbers that rules compare it with: contacts in the same stretch pass the same comparisons, so the
number itself need not be known. Digits grow with what they stand for; the last one is "unknown".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from workbench.decide.conditions import FIELDS, LIMIT, THRESHOLD, Kind
from workbench.decide.policy import Policy

Number = float | Decimal


class Digit(Protocol):
    """A field as a digit: 0 to `size - 1` in the key, `size` for unknown."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def codes(self) -> Mapping[Any, int] | None:
        """What a rule may name -> its digit; None when rules compare with the value itself."""

    @property
    def digit_sql(self) -> str:
        """From the column of the coded contacts to the digit."""

    def value_sql(self, digit: str) -> str:
        """From the digit to what rules compare: its code, or the value; unknown is NULL."""

    def is_sql(self, digit: int) -> str:
        """The condition that a contact has this digit; NULL is no."""


@dataclass(frozen=True)
class FewValues:
    """A field of few values."""

    name: str
    labels: tuple[str, ...] = ()
    """Of a text: its values in the order of their codes."""
    lowest: int = 0
    size: int = 0

    @property
    def kind(self) -> Kind:
        return FIELDS[self.name]

    @property
    def codes(self) -> Mapping[Any, int] | None:
        if self.kind is not Kind.TEXT:
            return None
        return {text: number for number, text in enumerate(self.labels)}

    @property
    def column_sql(self) -> str:
        """From the contact's own value to the column of the coded contacts."""
        if self.kind is Kind.TEXT:
            if not self.labels:
                return f"NULL::UTINYINT AS {self.name}"
            texts = ", ".join(_quoted(label) for label in self.labels)
            return f"enum_code({self.name}::ENUM({texts}))::{_narrow(self.size)} AS {self.name}"
        if self.kind is Kind.WHOLE:
            narrow = _narrow(self.lowest + self.size) if self.lowest >= 0 else "BIGINT"
            return f"{self.name}::{narrow} AS {self.name}"
        return self.name

    @property
    def digit_sql(self) -> str:
        lowest = f" - {self.lowest}" if self.kind is Kind.WHOLE else ""
        return f"coalesce({self.name}::BIGINT{lowest}, {self.size})"

    def value_sql(self, digit: str) -> str:
        value = f"nullif({digit}, {self.size})"
        if self.kind is Kind.FLAG:
            return f"{value}::BOOLEAN"
        return f"({value} + {self.lowest})::BIGINT"

    def is_sql(self, digit: int) -> str:
        return f"{self.digit_sql} = {digit}"


Edge = tuple[Number, bool]
"""A number and whether only what lies beyond it has passed (`>`), not the number itself (`>=`)."""


@dataclass(frozen=True)
class Stretches:
    """A number field: the digit of a known number is how many edges it has passed."""

    name: str
    edges: tuple[Edge, ...]
    """In order."""

    @classmethod
    def among(cls, name: str, literals: Iterable[Number]) -> Stretches:
        """Told apart by every comparison with these numbers."""
        return cls(name, tuple((v, beyond) for v in sorted(literals) for beyond in (False, True)))

    @classmethod
    def from_steps(cls, name: str, steps: Iterable[Number]) -> Stretches:
        """Told apart only by which of the steps are reached."""
        return cls(name, tuple((step, False) for step in sorted(steps)))

    @property
    def size(self) -> int:
        return len(self.edges) + 1

    @cached_property
    def codes(self) -> Mapping[Any, int]:
        places = enumerate(self.edges, 1)
        return {value: place for place, (value, beyond) in places if not beyond}

    @property
    def digit_sql(self) -> str:
        passed = self._passed_sql(0, len(self.edges))
        return f"CASE WHEN {self.name} IS NULL THEN {self.size} ELSE {passed} END"

    def value_sql(self, digit: str) -> str:
        return f"nullif({digit}, {self.size})::INTEGER"

    def is_sql(self, digit: int) -> str:
        if digit == self.size:
            return f"{self.name} IS NULL"
        above = [self._beyond_sql(edge) for edge in self.edges[digit - 1 : digit]]
        below = [self._before_sql(edge) for edge in self.edges[digit : digit + 1]]
        return " AND ".join([*above, *below]) or f"{self.name} IS NOT NULL"

    def coarse(self, digit: int, among: Stretches) -> int:
        """The digit of the same number among fewer edges, all of which are here too."""
        if digit == self.size:
            return among.size
        return len({*self.edges[:digit]} & {*among.edges})

    def _passed_sql(self, low: int, high: int) -> str:
        """How many edges are passed, known to be `low` to `high`: a search by halves."""
        if low == high:
            return str(low)
        middle = (low + high + 1) // 2
        passed, not_passed = self._passed_sql(middle, high), self._passed_sql(low, middle - 1)
        edge = self._beyond_sql(self.edges[middle - 1])
        return f"CASE WHEN {edge} THEN {passed} ELSE {not_passed} END"

    def _beyond_sql(self, edge: Edge) -> str:
        value, beyond = edge
        return f"{self.name} {'>' if beyond else '>='} {number_sql(self.name, value)}"

    def _before_sql(self, edge: Edge) -> str:
        value, beyond = edge
        return f"{self.name} {'<=' if beyond else '<'} {number_sql(self.name, value)}"


@dataclass(frozen=True)
class Key:
    """All digits of a contact as one whole number, that of the first field the least."""

    fields: tuple[Digit, ...]

    @property
    def sql(self) -> str:
        """From the columns of the coded contacts to the key."""
        wide = "HUGEINT" if self.span(len(self.fields)) >= 2**63 else "BIGINT"
        digits = (f"({f.digit_sql})::{wide} * {self.span(n)}" for n, f in enumerate(self.fields))
        return " + ".join(digits)

    def span(self, count: int) -> int:
        """How many numbers the first fields make together."""
        return math.prod(field.size + 1 for field in self.fields[:count])

    def digit(self, field: Digit, key: str) -> str:
        """The digit of a field as SQL, read out of a key."""
        return f"({key} // {self.span(self.fields.index(field))}) % {field.size + 1}"


def number_sql(field: str, value: Number) -> str:
    """A number that is compared with a field, as the very number that Python compares with."""
    # Through text: `0.1` alone is a decimal in SQL.
    return f"CAST('{value!r}' AS DOUBLE)" if FIELDS[field] is Kind.SHARE else f"{value:f}"


def fields_of(policy: Policy) -> set[str]:
    """Fields that the rules look at, and those that choose the limit where one is asked for."""
    conditions = [each for rule in policy.rules for each in rule.conditions]
    limited = {"action", "currency"} if any(each.value == LIMIT for each in conditions) else set()
    return {each.field for each in conditions} | limited | {"intent", "stakes", "confidence"}


def thresholds_of(policy: Policy) -> tuple[float, ...]:
    """Every threshold of a policy."""
    own = policy.thresholds
    return (own.default, *own.stakes.values(), *own.intent.values())


def literals_of(policy: Policy, field: str) -> set[Number]:
    """The numbers that the rules compare a field with; thresholds are told apart by the grid."""
    found: set[Number] = set()
    for value in _compared(policy, field):
        if value == LIMIT:
            found |= {Decimal(0), *(a for row in policy.limits.values() for a in row.values())}
        else:
            found |= set(value if isinstance(value, tuple) else (value,))
    return found


def _compared(policy: Policy, field: str) -> Sequence[Any]:
    conditions = [each for rule in policy.rules for each in rule.conditions]
    return [c.value for c in conditions if c.field == field and c.value not in (None, THRESHOLD)]


def _narrow(size: int) -> str:
    """A type for whole numbers from 0 up to a size."""
    bits = ((8, "UTINYINT"), (16, "USMALLINT"), (32, "UINTEGER"))
    return next((name for width, name in bits if size < 2**width), "BIGINT")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
