"""The distinct situations of a history, so that a changed rule is decided on thousands of them
instead of on millions of contacts.

Contacts are summed up by everything that the rules of a policy look at. Fields of few values stay
as they are; numbers are told apart only by comparison with the very literals of the rules, and
confidence by those of the threshold grid. All contacts of such a group get the same decision from
every policy that compares with the same numbers, so a changed, moved or dropped rule needs the
groups only. On ten million contacts of the sample's kind and its policy there are about 46,000
situations to decide and 900,000 groups to sum; a history with more varied contacts has more, but
never more than contacts. For a number that no rule compared with before see `splits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
Literals = Mapping[str, tuple[Number, ...]]
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

    @classmethod
    def of(cls, rows: Mapping[str, Any]) -> Groups:
        """From columns in any order: situation, cell, passed and the outcomes."""
        import numpy as np

        order = np.lexsort((rows["passed"], rows["cell"]))
        found = {name: column[order] for name, column in rows.items()}
        changes = (np.diff(found[name], prepend=-1) != 0 for name in ("cell", "passed"))
        starts = np.flatnonzero(np.logical_or.reduce([*changes]))
        return cls(
            situation=found["situation"],
            starts=starts,
            cell=found["cell"][starts],
            passed=found["passed"][starts],
            sums={name: found[name] for name in OUTCOMES},
        )

    @cached_property
    def cells(self) -> Ints:
        """The different cells, in order."""
        import numpy as np

        found: Ints = np.unique(self.cell)
        return found

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
    """One row per situation: the columns that rules look at; of a number `x` one that occurs, and
    the range `x_low` to `x_high` that holds all that occur."""
    grid: tuple[float, ...]
    literals: Literals
    """Number field -> what its values are told apart by, in order."""
    groups: tuple[Groups, ...]
    """Their total counts: the first has all contacts, others take some away and add them anew."""

    @classmethod
    def build(cls, coded: CodedContacts, policy: Policy) -> Situations:
        """Sum up the coded contacts, apart by every number that the policy compares with."""
        grid = tuple(sorted({*STEPS, *thresholds_of(policy)}))
        literals = {field: literals_of(policy, field) for field in coded.numbers}
        table, grouped = new_table("situation"), new_table("grouped")
        connection = coded.connection.cursor()
        connection.execute(f"CREATE TEMP TABLE {grouped} AS {_grouped_sql(coded, literals, grid)}")
        connection.execute(f"CREATE TABLE {table} AS {situations_sql(coded, grouped)}")
        groups = _groups(connection, coded, grouped, table)
        connection.execute(f"DROP TABLE {grouped}")
        return cls(coded, table, grid, literals, (groups,))

    @property
    def count(self) -> int:
        """How many there are; their numbers are below this."""
        asked = self.coded.connection.cursor().execute(f"SELECT count(*) FROM {self.table}")
        (found,) = asked.fetchone() or (0,)
        return int(found)

    def knows(self, policy: Policy) -> bool:
        """Whether all contacts of each group get the same decision from this policy."""
        if not self.coded.knows(policy) or not set(thresholds_of(policy)) <= set(self.grid):
            return False
        splits = [
            f"({number}_low < {number}_high AND {operand} BETWEEN {number}_low AND {number}_high)"
            for number in self.coded.numbers
            if not {*literals_of(policy, number)} <= {*self.literals[number]}
            for operand in _operands(policy, number, self.coded)
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


def new_table(name: str) -> str:
    """A name that no other table has."""
    return f"{name}_{next(_numbers)}"


def thresholds_of(policy: Policy) -> tuple[float, ...]:
    """Every threshold of a policy."""
    own = policy.thresholds
    return (own.default, *own.stakes.values(), *own.intent.values())


def literals_of(policy: Policy, field: str) -> tuple[Number, ...]:
    """The numbers that the policy compares a field with, in order."""
    found: set[Number] = set()
    for value in _compared(policy, field):
        if value == LIMIT:
            found |= {Decimal(0), *(a for row in policy.limits.values() for a in row.values())}
        else:
            found |= set(value if isinstance(value, tuple) else (value,))
    return tuple(sorted(found))


def _compared(policy: Policy, field: str) -> list[Any]:
    """What rules compare a number field with; its threshold is told apart by the grid."""
    conditions = [each for rule in policy.rules for each in rule.conditions]
    return [c.value for c in conditions if c.field == field and c.value not in (None, THRESHOLD)]


def _operands(policy: Policy, field: str, coded: CodedContacts) -> Iterator[str]:
    """The same as SQL; a limit is the one that applies to the row."""
    for value in _compared(policy, field):
        if value == LIMIT:
            yield limit_sql(policy.limits, codes=coded.codes)
        else:
            several = value if isinstance(value, tuple) else (value,)
            yield from (number_sql(field, each) for each in several)


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


def spot_sql(literals: Literals) -> str:
    """One whole number for where all numbers of a contact lie among the literals."""
    spot, place = list[str](), 1
    for field, values in literals.items():
        steps = [f"({field} {op} {number_sql(field, v)})::BIGINT" for v in values for op in _SIDES]
        known = " + ".join(["1", *steps])
        # An unknown number is apart even where nothing is compared: rules may ask for that.
        spot.append(f"CASE WHEN {field} IS NULL THEN 0 ELSE {place} * ({known}) END")
        place *= 2 * len(values) + 2
    return " + ".join(spot)


_SIDES = (">=", ">")


def summed_sql(coded: CodedContacts) -> str:
    """The columns of a group: ends of its numbers, sums of its outcomes."""
    ends = [f"min({n}) AS {n}_low, max({n}) AS {n}_high" for n in coded.numbers]
    return ", ".join([*ends, *(f"{sql} AS {name}" for name, sql in OUTCOMES.items())])


def _grouped_sql(coded: CodedContacts, literals: Literals, grid: Sequence[float]) -> str:
    return f"""
        SELECT key, {spot_sql(literals)} AS spot, ({passed_sql(grid)})::SMALLINT AS passed,
               {summed_sql(coded)}
        FROM {coded.table} GROUP BY ALL
    """


def situations_sql(coded: CodedContacts, grouped: str, first: int = 0) -> str:
    """What rules see of the groups, each once, numbered from `first`."""
    ends = [
        f"min({n}_low) AS {n}, min({n}_low) AS {n}_low, max({n}_high) AS {n}_high"
        for n in coded.numbers
    ]
    seen = [field for field in coded.fields if field.name in coded.looked_at]
    columns = [field.from_digit_sql(coded.digit(field, f"seen * {coded.unseen}")) for field in seen]
    return f"""
        SELECT *, ({first} + row_number() OVER () - 1)::INTEGER AS situation, {", ".join(columns)}
        FROM (SELECT key // {coded.unseen} AS seen, spot, {", ".join(ends)}
              FROM {grouped} GROUP BY ALL)
    """


def _groups(
    connection: DuckDBPyConnection, coded: CodedContacts, grouped: str, table: str
) -> Groups:
    found: dict[str, Any] = connection.execute(
        f"""SELECT situation, (key % {coded.cells})::BIGINT AS cell, passed, {", ".join(OUTCOMES)}
            FROM {grouped} AS g JOIN {table} AS s
              ON g.key // {coded.unseen} = s.seen AND g.spot = s.spot"""
    ).fetchnumpy()
    return Groups.of(found)


def cell_values(coded: CodedContacts, cell: Ints) -> dict[str, tuple[Codes, tuple[Any, ...]]]:
    """Dimension -> the digit of each cell, and what the digits mean (None: unknown)."""
    found, place = {}, 1
    for field in coded.fields[: len(DIMENSIONS)]:
        digits = (cell // place) % (field.size + 1)
        found[field.name] = (digits, (*field.labels, None))
        place *= field.size + 1
    return found
