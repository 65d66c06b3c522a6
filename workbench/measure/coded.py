"""History as a narrow table of small numbers: what the rules of a policy look at, and the outcome.

Texts become codes, so a rule compares bytes where it would compare strings. All coded fields of a
contact together also make one whole number, its key: contacts with the same key were in the same
situation, as far as the rules can see.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.decide.conditions import FIELDS, LIMIT, Kind
from workbench.decide.policy import Policy
from workbench.errors import InputError
from workbench.measure.hindsight import HUMAN_SECONDS, UsualTimes, usual_times
from workbench.measure.sums import Scope, contacts_source, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DIMENSIONS = ("intent", "stakes", "channel", "segment", "language")
"""What answers can be filtered by."""

OUTCOMES = {
    "contacts": "count(*)",
    "judged": "count_if(judged)::BIGINT",
    "wrong": "count_if(wrong)::BIGINT",
    "people_s": "coalesce(sum(people_s), 0)::BIGINT",
    "kept_s": "coalesce(sum(people_s) FILTER (WHERE alone OR wrong), 0)::BIGINT",
    "idle": "count_if(alone AND people_s = 0)::BIGINT",
    "other_micros": "coalesce(sum(other_micros), 0)::BIGINT",
}
"""Sums of contacts from which the outcome under any level follows: seconds of people, those of them
that stay when the assistant acts alone, contacts that no person has touched, other cost."""

_OUTCOME_COLUMNS = f"""
    coalesce(level = 'automate', FALSE) AS alone, judged, judged AND wrong AS wrong,
    {HUMAN_SECONDS}::INTEGER AS people_s,
    model_cost_micros + tool_cost_micros + telephony_cost_micros AS other_micros
"""

_MANY_VALUES = 250
"""Whole numbers that spread further than this are not coded but kept as they are."""

_numbers = count(1)


@dataclass(frozen=True)
class CodedField:
    """A field of few values: 0 to `size - 1` in the key, `size` for unknown."""

    name: str
    labels: tuple[str, ...] = ()
    """Of a text: its values in the order of their codes."""
    lowest: int = 0
    size: int = 0

    @property
    def kind(self) -> Kind:
        return FIELDS[self.name]

    @property
    def column_sql(self) -> str:
        """From the contact's own value to the column of the table."""
        if self.kind is Kind.TEXT:
            if not self.labels:
                return f"NULL::UTINYINT AS {self.name}"
            texts = ", ".join(_quoted(label) for label in self.labels)
            narrow = "UTINYINT" if self.size < 256 else "USMALLINT"
            return f"enum_code({self.name}::ENUM({texts}))::{narrow} AS {self.name}"
        if self.kind is Kind.WHOLE:
            narrow = "UTINYINT" if 0 <= self.lowest <= _MANY_VALUES else "BIGINT"
            return f"{self.name}::{narrow} AS {self.name}"
        return self.name

    @property
    def digit_sql(self) -> str:
        """From the column to the digit in the key."""
        if self.kind is Kind.WHOLE:
            return f"coalesce({self.name}::BIGINT - {self.lowest}, {self.size})"
        return f"coalesce({self.name}::BIGINT, {self.size})"

    def from_digit_sql(self, digit: str) -> str:
        """From the digit back to the column."""
        value = f"nullif({digit}, {self.size})"
        if self.kind is Kind.FLAG:
            return f"{value}::BOOLEAN AS {self.name}"
        return f"({value} + {self.lowest})::BIGINT AS {self.name}"


@dataclass(frozen=True)
class CodedContacts:
    """The table of one moment, in the memory of its connection's database until `drop`."""

    connection: DuckDBPyConnection
    table: str
    fields: tuple[CodedField, ...]
    """In the order of their digits in the key, the least one first."""
    numbers: tuple[str, ...]
    """Fields of many values, as they are; confidence is always one of them."""
    usual: UsualTimes
    looked_at: frozenset[str]
    """Fields that rules may look at; the other dimensions only filter answers."""

    @classmethod
    def build(
        cls, connection: DuckDBPyConnection, names: Iterable[str], scope: Scope | None = None
    ) -> CodedContacts:
        """Read the contacts in scope twice: once for the values there are, once to code them.

        Args:
            names: fields of the situation; what answers are filtered by is coded anyway.
        """
        chosen, source = scope or Scope(), contacts_source(connection, last_known_time(connection))
        condition, values = chosen.sql()
        contacts = f"{source.sql} WHERE {condition}"
        looked_at = {*names, "confidence"}
        wanted = {*looked_at, *DIMENSIONS}
        fields = _coded_fields(connection, contacts, values, looked_at)
        numbers = tuple(sorted(wanted - {field.name for field in fields}))
        table = f"coded_{next(_numbers)}"
        columns = ", ".join([*(field.column_sql for field in fields), *numbers])
        connection.execute(
            f"""CREATE TABLE {table} AS SELECT *, {_key_sql(fields)} AS key
                FROM (SELECT {columns}, {_OUTCOME_COLUMNS} FROM {contacts})""",
            values,
        )
        usual = usual_times(source, chosen)
        return cls(connection, table, fields, numbers, usual, frozenset(looked_at))

    @property
    def codes(self) -> dict[str, dict[str, int]]:
        """The numbers of the texts, for the policy as SQL."""
        texts = (field for field in self.fields if field.kind is Kind.TEXT)
        return {field.name: {text: n for n, text in enumerate(field.labels)} for field in texts}

    def field(self, name: str) -> CodedField:
        return next(field for field in self.fields if field.name == name)

    def digit(self, field: CodedField, key: str = "key") -> str:
        """The digit of a field as SQL, read out of a key."""
        place = _places(self.fields)[self.fields.index(field)]
        return f"({key} // {place}) % {field.size + 1}"

    @property
    def unseen(self) -> int:
        """By what to divide a key to keep only what rules look at."""
        return math.prod(f.size + 1 for f in self.fields if f.name not in self.looked_at)

    @property
    def cells(self) -> int:
        """Keys leave this remainder: a number for the values of all dimensions."""
        return math.prod(f.size + 1 for f in self.fields if f.name in DIMENSIONS)

    def knows(self, policy: Policy) -> bool:
        """Whether every field that the policy looks at is here."""
        return fields_of(policy) <= self.looked_at

    def drop(self) -> None:
        """Free its memory."""
        self.connection.cursor().execute(f"DROP TABLE IF EXISTS {self.table}")


def fields_of(policy: Policy) -> set[str]:
    """Fields that the rules look at, and those that choose the limit where one is asked for."""
    conditions = [each for rule in policy.rules for each in rule.conditions]
    limited = {"action", "currency"} if any(each.value == LIMIT for each in conditions) else set()
    return {each.field for each in conditions} | limited | {"intent", "stakes", "confidence"}


def chosen_values(filters: Mapping[str, Any] | None) -> dict[str, tuple[Any, ...]]:
    """Dimension -> the values that are let through; raises `InputError` for another column."""
    found = {}
    for dimension, wanted in (filters or {}).items():
        if dimension not in DIMENSIONS:
            raise InputError(
                f"The cube cannot be filtered by {dimension!r}",
                expected="one of " + ", ".join(DIMENSIONS),
                next_step="Build it with `where` to look at a part of history.",
            )
        several = isinstance(wanted, list | tuple | set | frozenset)
        found[dimension] = tuple(wanted) if several else (wanted,)
    return found


def _coded_fields(
    connection: DuckDBPyConnection, contacts: str, values: Sequence[Any], looked_at: set[str]
) -> tuple[CodedField, ...]:
    """The fields of few values, with the values that there are.

    Dimensions come first, those that no rule looks at before all, so that what the rules see of a
    key is what remains after a division.
    """
    names = sorted({*looked_at, *DIMENSIONS})
    texts = [n for n in names if FIELDS[n] is Kind.TEXT]
    texts.sort(key=lambda n: (n not in DIMENSIONS, n in looked_at))
    wholes = [n for n in names if FIELDS[n] is Kind.WHOLE]
    flags = [n for n in names if FIELDS[n] is Kind.FLAG]
    asked = [
        *(f"list_sort(list(DISTINCT {n}) FILTER (WHERE {n} IS NOT NULL))" for n in texts),
        *(f"[min({n}), max({n})]" for n in wholes),
    ]
    (row,) = connection.execute(f"SELECT {', '.join(asked)} FROM {contacts}", values).fetchall()
    found = [
        CodedField(name, labels=tuple(labels or ()), size=len(labels or ()))
        for name, labels in zip(texts, row, strict=False)
    ]
    spans = zip(wholes, row[len(texts) :], strict=True)
    counted = [(name, low or 0, high or 0) for name, (low, high) in spans]
    found += [
        CodedField(name, lowest=low, size=high - low + 1)
        for name, low, high in counted
        if high - low < _MANY_VALUES
    ]
    return (*found, *(CodedField(name, size=2) for name in flags))


def _places(fields: Sequence[CodedField]) -> list[int]:
    places = [1]
    for field in fields:
        places.append(places[-1] * (field.size + 1))
    return places[:-1]


def _key_sql(fields: Sequence[CodedField]) -> str:
    """All digits as one whole number."""
    wide = "HUGEINT" if _places([*fields, fields[-1]])[-1] >= 2**63 else "BIGINT"
    pairs = zip(fields, _places(fields), strict=True)
    return " + ".join(f"{field.digit_sql}::{wide} * {place}" for field, place in pairs)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
