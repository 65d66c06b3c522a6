"""Conditions of a rule as data: a field of the situation, an operator, a value.

    { field = "intent", op = "in", value = ["invoice_copy", "invoice_amount"] }
    { field = "confidence", op = ">=", value = "@threshold" }
    { any = [{ field = "vulnerable", op = "is_true" }, { field = "hops", op = ">", value = 2 }] }

An unknown value (None) fails every comparison, `!=` and `not_in` included, as NULL does in SQL;
only `is_null` and `not_null` look at it. `@threshold` is the confidence threshold that applies to
the situation, `@limit` the authority limit of its action in its currency.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from workbench.records.base import Record
from workbench.records.signals import SensitiveTopic, Situation, Stakes

THRESHOLD = "@threshold"
LIMIT = "@limit"


class Kind(StrEnum):
    """What sort of value a field of the situation holds."""

    TEXT = "text"
    FLAG = "true or false"
    WHOLE = "a whole number"
    SHARE = "a number"
    AMOUNT = "an exact decimal number"


class Operator(StrEnum):
    EQUAL = "=="
    UNEQUAL = "!="
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not_in"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"


_KIND_OF_TYPE = {
    bool: Kind.FLAG,
    int: Kind.WHOLE,
    float: Kind.SHARE,
    Decimal: Kind.AMOUNT,
    str: Kind.TEXT,
    Stakes: Kind.TEXT,
}

FIELDS: dict[str, Kind] = {
    name: _KIND_OF_TYPE[get_args(hint)[0]]
    for name, hint in get_type_hints(Situation).items()
    if name in Situation.model_fields
}
"""Every field a condition may name; exactly those of `Situation`."""

_CLOSED = {"stakes": tuple(Stakes), "sensitive": tuple(SensitiveTopic)}

_NULL_TESTS = (Operator.IS_NULL, Operator.NOT_NULL)
_FLAG_TESTS = (Operator.IS_TRUE, Operator.IS_FALSE)
_SETS = (Operator.IN, Operator.NOT_IN)
_ORDER = (Operator.BELOW, Operator.AT_MOST, Operator.ABOVE, Operator.AT_LEAST)
_EQUALITY = (Operator.EQUAL, Operator.UNEQUAL)

# A threshold is passed at `>=`, a limit is kept at `<=`: one meaning each, in every rule and in
# every replay, so only the operator and its opposite may name them.
_BOUNDS = {
    THRESHOLD: ("confidence", (Operator.AT_LEAST, Operator.BELOW)),
    LIMIT: ("amount", (Operator.AT_MOST, Operator.ABOVE)),
}

COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: operator.eq,
    Operator.UNEQUAL: operator.ne,
    Operator.BELOW: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.ABOVE: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.IN: lambda value, values: value in values,
    Operator.NOT_IN: lambda value, values: value not in values,
}
"""Operators with a value; those of order and equality also work on whole columns."""


def operators_of(kind: Kind) -> tuple[Operator, ...]:
    """The operators that make sense on a kind of field."""
    if kind is Kind.FLAG:
        return _FLAG_TESTS + _NULL_TESTS
    if kind is Kind.TEXT:
        return _EQUALITY + _SETS + _NULL_TESTS
    return _EQUALITY + _ORDER + _SETS + _NULL_TESTS


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that `@threshold` and `@limit` stand for in one situation, with their names."""

    threshold: float
    threshold_name: str
    limit: Decimal
    limit_name: str


Test = Callable[[Situation, Bounds], bool]


class Condition(Record):
    """One comparison of a field with a value."""

    field: str
    op: Operator
    value: Any = Field(default=None, validate_default=True)
    """Text, number, list of either, `@threshold` or `@limit`; none for the `is_` operators."""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        if field not in FIELDS:
            raise ValueError(f"{field!r} is not a field of the situation; {one_of(FIELDS)}")
        return field

    @field_validator("op")
    @classmethod
    def _fitting(cls, op: Operator, info: ValidationInfo) -> Operator:
        field = info.data.get("field")
        if field and op not in (allowed := operators_of(FIELDS[field])):
            raise ValueError(f"{op.value!r} does not fit `{field}`; {one_of(allowed)}")
        return op

    @field_validator("value")
    @classmethod
    def _typed(cls, value: Any, info: ValidationInfo) -> Any:
        field, op = info.data.get("field"), info.data.get("op")
        return value if field is None or op is None else _operand(field, op, value)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (self,)

    def test(self) -> Test:
        """This condition as a function that is ready to run."""
        read = operator.attrgetter(self.field)
        if self.op is Operator.IS_NULL:
            return lambda situation, _: read(situation) is None
        if self.op is Operator.NOT_NULL:
            return lambda situation, _: read(situation) is not None
        if self.op in _FLAG_TESTS:
            wanted = self.op is Operator.IS_TRUE
            return lambda situation, _: read(situation) is wanted
        return _comparison(read, COMPARE[self.op], self.value)

    def describe(self, bounds: Bounds | None = None) -> str:
        """This condition in words; with `bounds`, the numbers that applied."""
        operand = _spoken(self.value, bounds)
        return f"{self.field} {_WORDS.get(self.op, self.op)} {operand}".strip()

    def miss(self, situation: Situation, bounds: Bounds) -> str:
        """Why this condition did not hold: `confidence >= 0.8 (was 0.76)`."""
        return f"{self.describe(bounds)} (was {_value_text(getattr(situation, self.field))})"


class AnyOf(Record):
    """Holds when at least one of its conditions holds."""

    any: tuple[Condition, ...] = Field(min_length=1)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self.any

    def test(self) -> Test:
        tests = tuple(condition.test() for condition in self.any)
        return lambda situation, bounds: any(test(situation, bounds) for test in tests)

    def describe(self, bounds: Bounds | None = None) -> str:
        return "(" + " or ".join(each.describe(bounds) for each in self.any) + ")"

    def miss(self, situation: Situation, bounds: Bounds) -> str:
        return " or ".join(each.miss(situation, bounds) for each in self.any)


def _shape(value: Any) -> str:
    grouped = "any" in value if isinstance(value, dict) else isinstance(value, AnyOf)
    return "any" if grouped else "one"


Clause = Annotated[
    Annotated[Condition, Tag("one")] | Annotated[AnyOf, Tag("any")], Discriminator(_shape)
]
"""An entry of a rule's `when`: a condition, or a group of which one must hold."""


def _comparison(read: Callable[[Situation], Any], compare: Any, value: Any) -> Test:
    if value == THRESHOLD:
        return lambda situation, bounds: (
            (known := read(situation)) is not None and compare(known, bounds.threshold)
        )
    if value == LIMIT:
        return lambda situation, bounds: (
            (known := read(situation)) is not None and compare(known, bounds.limit)
        )
    return lambda situation, _: (known := read(situation)) is not None and compare(known, value)


def _operand(field: str, op: Operator, value: Any) -> Any:
    """The value as the field's own type; raises ValueError with what would be allowed."""
    if op in _FLAG_TESTS + _NULL_TESTS:
        if value is not None:
            raise ValueError(f"`{op.value}` takes no value; leave `value` out")
        return None
    if isinstance(value, str) and value.startswith("@"):
        return _bound(field, op, value)
    if op not in _SETS:
        return _scalar(field, value)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"`{op.value}` needs a list of at least one value, e.g. [1, 2]")
    return tuple(_scalar(field, each) for each in value)


def _bound(field: str, op: Operator, name: str) -> str:
    if name not in _BOUNDS:
        raise ValueError(f"{name!r} is not known; {one_of(_BOUNDS)}")
    owner, operators = _BOUNDS[name]
    if field != owner or op not in operators:
        raise ValueError(f"{name!r} goes with `{owner}` and {one_of(operators)}")
    return name


def _scalar(field: str, value: Any) -> str | int | float | Decimal:
    kind = FIELDS[field]
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if kind is Kind.TEXT and isinstance(value, str):
        if field in _CLOSED and value not in _CLOSED[field]:
            raise ValueError(f"{value!r} is not a value of `{field}`; {one_of(_CLOSED[field])}")
        return str(value)
    if kind is Kind.WHOLE and isinstance(value, int) and number:
        return value
    if kind is Kind.SHARE and number and Decimal(value).is_finite():
        return float(value)
    if kind is Kind.AMOUNT and number and not isinstance(value, float):
        return Decimal(value)
    raise ValueError(f"`{field}` is compared with {kind.value}, not with {value!r}")


_WORDS = {
    Operator.EQUAL: "is",
    Operator.UNEQUAL: "is not",
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.IS_NULL: "is unknown",
    Operator.NOT_NULL: "is known",
    Operator.IS_TRUE: "is true",
    Operator.IS_FALSE: "is false",
}


def _spoken(value: Any, bounds: Bounds | None) -> str:
    if value == THRESHOLD:
        return "the threshold" if bounds is None else _value_text(bounds.threshold)
    if value == LIMIT:
        return "the authority limit" if bounds is None else _value_text(bounds.limit)
    if isinstance(value, tuple):
        return ", ".join(_value_text(each) for each in value)
    return "" if value is None else _value_text(value)


def _value_text(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def one_of(names: Any) -> str:
    """`allowed: a, b, c`, for error texts."""
    return "allowed: " + ", ".join(str(getattr(name, "value", name)) for name in names)
