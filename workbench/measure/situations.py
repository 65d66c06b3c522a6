"""The distinct situations of a history, so that a changed rule is decided on thousands of them
instead of on millions of contacts.

Contacts are summed up by everything that the rules of a policy look at. Fields of few values stay
as they are; numbers are told apart only by comparison with the very literals of the rules, and
confidence by those of the threshold grid. All contacts of such a group get the same decision from
every policy that compares with the same numbers, so a changed, moved or dropped rule needs the
groups only. On ten million contacts of the sample's kind and its policy there are about 46,000
situations to decide and 900,000 groups to sum; a history with more varied contacts has more, but
never more than contacts. A number that no rule compared with before needs one more pass over the
coded contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.decide.conditions import FIELDS, LIMIT, THRESHOLD, Kind
from workbench.decide.policy import Policy
from workbench.decide.sql import limit_sql, policy_sql
from workbench.measure.coded import DIMENSIONS, OUTCOMES, CodedContacts
from workbench.records.decisions import Level

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.intp]
    Flags = NDArray[np.bool_]

STEPS = tuple(step / 100 for step in range(101))

Number = float | Decimal
_LEVELS = (Level.AUTOMATE, Level.ASSIST, Level.ESCALATE)
_numbers = count(1)


@dataclass(frozen=True)
class Groups:
    """Contacts summed up; rows are in the order of cell and confidence, segments are their runs."""

    situation: Codes
    """Row -> row of the table of situations."""
    starts: Codes
    """Segment -> its first row."""
    cell: Ints
    """Segment -> number for the values of all dimensions."""
    passed: Codes
    """Segment -> how many thresholds of the grid its confidences pass."""
    sums: Mapping[str, Ints]
    """Outcome -> its sum per row."""

    @cached_property
    def cells(self) -> tuple[Ints, Codes]:
        """The different cells, and the place of each segment's among them."""
        import numpy as np

        found, place = np.unique(self.cell, return_inverse=True)
        return found, place

    @cached_property
    def everyone(self) -> Mapping[str, Ints]:
        """Outcome -> its sum per segment, whatever is decided."""
        return {name: self._total(amounts) for name, amounts in self.sums.items()}

    def under(self, mask: Flags, name: str) -> Ints:
        """The sum of an outcome per segment, over the rows of a mask."""
        import numpy as np

        if mask.all():
            return self.everyone[name]
        if not mask.any():
            return np.zeros(len(self.starts), np.int64)
        return self._total(np.where(mask, self.sums[name], 0))

    def _total(self, amounts: Ints) -> Ints:
        import numpy as np

        found: Ints = np.add.reduceat(amounts, self.starts) if len(self.starts) else amounts[:0]
        return found


@dataclass(frozen=True)
class Situations:
    """What one moment's contacts were summed up to, in the memory of a database until `drop`."""

    coded: CodedContacts
    table: str
    """One row per situation: the columns that rules look at, numbers as range `x` to `x_high`."""
    grid: tuple[float, ...]
    groups: Groups

    @classmethod
    def build(cls, coded: CodedContacts, policies: Sequence[Policy]) -> Situations:
        """Sum up the coded contacts, apart by every number that these policies compare with."""
        grid = tuple(sorted({*STEPS, *(t for p in policies for t in _thresholds(p))}))
        table, grouped = (f"{name}_{next(_numbers)}" for name in ("situation", "grouped"))
        connection = coded.connection.cursor()
        connection.execute(f"CREATE TEMP TABLE {grouped} AS {_grouped_sql(coded, policies, grid)}")
        connection.execute(f"CREATE TABLE {table} AS {_situations_sql(coded, grouped)}")
        groups = _groups(connection, coded, grouped, table)
        connection.execute(f"DROP TABLE {grouped}")
        return cls(coded, table, grid, groups)

    def knows(self, policy: Policy) -> bool:
        """Whether all contacts of each group get the same decision from this policy."""
        if not self.coded.knows(policy) or not set(_thresholds(policy)) <= set(self.grid):
            return False
        splits = [
            f"({number} < {number}_high AND {operand} BETWEEN {number} AND {number}_high)"
            for number, operand in _operands(policy, self.coded)
        ]
        if not splits:
            return True
        asked = f"SELECT 1 FROM {self.table} WHERE {' OR '.join(splits)} LIMIT 1"
        return not self.coded.connection.cursor().execute(asked).fetchall()

    def levels(self, policy: Policy, *, confident: bool) -> Codes:
        """Per situation 0 automate, 1 assist, 2 escalate, as if every threshold was passed or not.

        The policy must be known; see `knows`.
        """
        import numpy as np

        position = policy_sql(policy, confident=confident, codes=self.coded.codes).position
        found = self.coded.connection.cursor().execute(
            f"SELECT ({position})::INTEGER AS position FROM {self.table} ORDER BY situation"
        )
        by_position = [Level.ESCALATE, *(rule.level for rule in policy.rules)]
        levels = np.array([_LEVELS.index(level) for level in by_position])
        return levels[found.fetchnumpy()["position"]]

    def drop(self) -> None:
        """Free the table of situations; the coded contacts stay."""
        self.coded.connection.cursor().execute(f"DROP TABLE IF EXISTS {self.table}")


def _thresholds(policy: Policy) -> tuple[float, ...]:
    own = policy.thresholds
    return (own.default, *own.stakes.values(), *own.intent.values())


def _literals(policies: Sequence[Policy], field: str) -> list[Number]:
    """The numbers that these policies compare a field with, in order."""
    found: set[Number] = set()
    for policy in policies:
        for condition in (each for rule in policy.rules for each in rule.conditions):
            if condition.field != field or condition.value in (None, THRESHOLD):
                continue
            if condition.value == LIMIT:
                found |= {Decimal(0), *(a for row in policy.limits.values() for a in row.values())}
            else:
                several = isinstance(condition.value, tuple)
                found |= set(condition.value if several else (condition.value,))
    return sorted(found)


def _operands(policy: Policy, coded: CodedContacts) -> list[tuple[str, str]]:
    """Each number field with what the policy compares it with, as SQL."""
    found = []
    for condition in (each for rule in policy.rules for each in rule.conditions):
        if condition.field not in coded.numbers or condition.value in (None, THRESHOLD):
            continue
        if condition.value == LIMIT:
            found.append((condition.field, limit_sql(policy.limits, codes=coded.codes)))
        else:
            literals = _literals([policy], condition.field)
            found += [(condition.field, number_sql(condition.field, each)) for each in literals]
    return list(dict.fromkeys(found))


def number_sql(field: str, value: Number) -> str:
    """A number that is compared with a field, as the very number that Python compares with."""
    # Through text: `0.1` alone is a decimal in SQL.
    return f"CAST('{value!r}' AS DOUBLE)" if FIELDS[field] is Kind.SHARE else f"{value:f}"


def passed_sql(grid: Sequence[float], low: int = 0, high: int | None = None) -> str:
    """How many thresholds of the sorted grid confidence passes, as a search by halves in SQL."""
    high = len(grid) if high is None else high
    if low == high:
        return str(low)
    middle = (low + high + 1) // 2
    return (
        f"CASE WHEN confidence >= {number_sql('confidence', grid[middle - 1])} "
        f"THEN {passed_sql(grid, middle, high)} ELSE {passed_sql(grid, low, middle - 1)} END"
    )


def _spot_sql(coded: CodedContacts, policies: Sequence[Policy]) -> str:
    """One whole number for where all numbers of a contact lie among the literals."""
    spot, place = list[str](), 1
    for field in coded.numbers:
        literals = _literals(policies, field)
        steps = [
            f"({field} {op} {number_sql(field, v)})::BIGINT" for v in literals for op in _SIDES
        ]
        known = " + ".join(["1", *steps])
        # An unknown number is apart even where nothing is compared: rules may ask for that.
        spot.append(f"CASE WHEN {field} IS NULL THEN 0 ELSE {place} * ({known}) END")
        place *= 2 * len(literals) + 2
    return " + ".join(spot)


_SIDES = (">=", ">")


def _grouped_sql(coded: CodedContacts, policies: Sequence[Policy], grid: Sequence[float]) -> str:
    ends = [f"min({n}) AS {n}, max({n}) AS {n}_high" for n in coded.numbers]
    sums = [f"{sql} AS {name}" for name, sql in OUTCOMES.items()]
    return f"""
        SELECT key, {_spot_sql(coded, policies)} AS spot,
               ({passed_sql(grid)})::SMALLINT AS passed, {", ".join([*ends, *sums])}
        FROM {coded.table} GROUP BY ALL
    """


def _situations_sql(coded: CodedContacts, grouped: str) -> str:
    """What rules see of the groups, each once, numbered."""
    ends = [f"min({n}) AS {n}, max({n}_high) AS {n}_high" for n in coded.numbers]
    seen = [field for field in coded.fields if field.name in coded.looked_at]
    columns = [field.from_digit_sql(coded.digit(field, f"seen * {coded.unseen}")) for field in seen]
    return f"""
        SELECT *, (row_number() OVER () - 1)::INTEGER AS situation, {", ".join(columns)}
        FROM (SELECT key // {coded.unseen} AS seen, spot, {", ".join(ends)}
              FROM {grouped} GROUP BY ALL)
    """


def _groups(
    connection: DuckDBPyConnection, coded: CodedContacts, grouped: str, table: str
) -> Groups:
    import numpy as np

    names = ", ".join(OUTCOMES)
    found: dict[str, Any] = connection.execute(
        f"""SELECT situation, (key % {coded.cells})::BIGINT AS cell, passed, {names}
            FROM {grouped} AS g JOIN {table} AS s
              ON g.key // {coded.unseen} = s.seen AND g.spot = s.spot
            ORDER BY cell, passed, situation"""
    ).fetchnumpy()
    same = (np.diff(found[name], prepend=-1) == 0 for name in ("cell", "passed"))
    starts = np.flatnonzero(~np.logical_and.reduce([*same]))
    return Groups(
        situation=found["situation"],
        starts=starts,
        cell=found["cell"][starts],
        passed=found["passed"][starts],
        sums={name: found[name] for name in OUTCOMES},
    )


def cell_values(coded: CodedContacts, cell: Ints) -> dict[str, tuple[Codes, tuple[Any, ...]]]:
    """Dimension -> the digit of each cell, and what the digits mean (None: unknown)."""
    found, place = {}, 1
    for field in coded.fields[: len(DIMENSIONS)]:
        digits = (cell // place) % (field.size + 1)
        found[field.name] = (digits, (*field.labels, None))
        place *= field.size + 1
    return found
