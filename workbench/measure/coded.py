"""History as a narrow table of small numbers: what the rules of a policy look at, and the outcome.

All that the rules see of a contact, what answers are filtered by and which thresholds confidence
reaches make one whole number, its key: contacts with the same key cannot be told apart. What the
rules do not look at yet stands beside it, so that a changed policy never reads history again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.decide.conditions import FIELDS, Kind
from workbench.decide.policy import Policy
from workbench.errors import InputError
from workbench.measure.digits import (
    Digit,
    FewValues,
    Key,
    Stretches,
    fields_of,
    literals_of,
    thresholds_of,
)
from workbench.measure.hindsight import HUMAN_SECONDS, UsualTimes, usual_times
from workbench.measure.sums import Scope, contacts_source, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DIMENSIONS = ("intent", "stakes", "channel", "segment", "language")
"""What answers can be filtered by."""

STEPS = tuple(step / 100 for step in range(101))

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
"""Whole numbers that spread further than this are told apart by comparison only."""

_numbers = count(1)


@dataclass(frozen=True)
class CodedContacts:
    """The table of one moment, in the memory of its connection's database until `drop`.

    Its columns: key, the fields that no rule looks at, all numbers, and the outcome.
    """

    connection: DuckDBPyConnection
    table: str
    few: Mapping[str, FewValues]
    """Every field of few values."""
    seen: Mapping[str, Digit]
    """What the rules look at, told apart as far as they need."""
    grid: Stretches
    """Confidence, told apart by the thresholds of 0.00 to 1.00 and the policy's own."""
    usual: UsualTimes

    @classmethod
    def build(
        cls, connection: DuckDBPyConnection, policy: Policy, scope: Scope | None = None
    ) -> CodedContacts:
        """Read the contacts in scope twice: once for the values there are, once to code them."""
        chosen, source = scope or Scope(), contacts_source(connection, last_known_time(connection))
        condition, values = chosen.sql()
        contacts = f"{source.sql} WHERE {condition}"
        few = _fields_of_few_values(connection, contacts, values)
        names = sorted(fields_of(policy))
        seen = {name: few.get(name) or among_literals(policy, name) for name in names}
        grid = Stretches.from_steps("confidence", {*STEPS, *thresholds_of(policy)})
        coded = cls(
            connection, f"coded_{next(_numbers)}", few, seen, grid, usual_times(source, chosen)
        )
        coded._fill(contacts, values)
        return coded

    def _fill(self, contacts: str, values: Sequence[Any]) -> None:
        numbers = ", ".join(name for name in FIELDS if name not in self.few)
        coded = ", ".join(field.column_sql for field in self.few.values())
        in_key = ", ".join(name for name in self.few if name in self.seen)
        self.connection.execute(
            f"""CREATE TABLE {self.table} AS
                SELECT {self.key.sql} AS key, * EXCLUDE ({in_key})
                FROM (SELECT {coded}, {numbers}, {_OUTCOME_COLUMNS} FROM {contacts})""",
            values,
        )

    @cached_property
    def key(self) -> Key:
        """Thresholds first, then dimensions, those that no rule looks at before the others: what
        the rules see remains after a division, what answers are filtered by within it."""
        dimensions = sorted(DIMENSIONS, key=lambda name: name in self.seen)
        others = (field for name, field in self.seen.items() if name not in DIMENSIONS)
        return Key((self.grid, *(self.few[name] for name in dimensions), *others))

    @property
    def seen_sql(self) -> str:
        """What the rules see, as a number out of the key."""
        return f"key // {self.key.span(1 + sum(name not in self.seen for name in DIMENSIONS))}"

    @property
    def cell_sql(self) -> str:
        """A number for the values of all dimensions, out of the key."""
        thresholds, cells = self.key.span(1), self.key.span(1 + len(DIMENSIONS))
        return f"(key % {cells} // {thresholds})::BIGINT"

    @property
    def passed_sql(self) -> str:
        """How many thresholds of the grid confidence reaches, out of the key."""
        return passed_sql(self.grid, self.key.digit(self.grid, "key"))

    def drop(self) -> None:
        """Free its memory."""
        self.connection.cursor().execute(f"DROP TABLE IF EXISTS {self.table}")


def among_literals(policy: Policy, name: str) -> Stretches:
    """A number, told apart by what the rules of a policy compare it with."""
    return Stretches.among(name, literals_of(policy, name))


def passed_sql(grid: Stretches, digit: str) -> str:
    """From the digit of confidence to the thresholds that it reaches: none when unknown."""
    return f"(({digit}) % {grid.size})::BIGINT"


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


def _fields_of_few_values(
    connection: DuckDBPyConnection, contacts: str, values: Sequence[Any]
) -> dict[str, FewValues]:
    """Texts, flags and whole numbers that spread little, with the values that there are."""
    texts, wholes, flags = (
        [name for name, kind in FIELDS.items() if kind is wanted]
        for wanted in (Kind.TEXT, Kind.WHOLE, Kind.FLAG)
    )
    asked = [
        *(f"list_sort(list(DISTINCT {n}) FILTER (WHERE {n} IS NOT NULL))" for n in texts),
        *(f"[min({n}), max({n})]" for n in wholes),
    ]
    (row,) = connection.execute(f"SELECT {', '.join(asked)} FROM {contacts}", values).fetchall()
    labels = zip(texts, row, strict=False)
    spans = zip(wholes, row[len(texts) :], strict=True)
    counted = [(name, low or 0, high or 0) for name, (low, high) in spans]
    found = [
        *(FewValues(name, tuple(known or ()), size=len(known or ())) for name, known in labels),
        *(
            FewValues(name, lowest=low, size=high - low + 1)
            for name, low, high in counted
            if high - low < _MANY_VALUES
        ),
        *(FewValues(name, size=2) for name in flags),
    ]
    return {field.name: field for field in found}
