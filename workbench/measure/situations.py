"""The distinct situations of a history, so that a changed rule is decided on thousands of them
instead of on millions of contacts.

Contacts are summed up by their key: what the rules see of them, what answers are filtered by, and
how many thresholds of the grid their confidence reaches. All contacts of such a group get the same
decision from every policy that looks at the same fields and compares with the same numbers, so a
changed, moved or dropped rule needs the groups only. On a million contacts of the sample's kind and
its policy there are about 47,000 situations to decide and 270,000 groups to sum, on ten million
1,140,000 groups; a history with more varied contacts has more, but never more than contacts. For a
number or a field that no rule looked at before see `finer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.decide.policy import Policy
from workbench.decide.sql import policy_sql
from workbench.measure.coded import DIMENSIONS, OUTCOMES, CodedContacts
from workbench.measure.digits import Digit, Stretches, fields_of, literals_of, thresholds_of
from workbench.records.decisions import Level

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.intp]
    Flags = NDArray[np.bool_]

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

        place = rows["cell"] * (int(rows["passed"].max(initial=0)) + 1) + rows["passed"]
        order = np.argsort(place)
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        found = {name: column[order] for name, column in rows.items()}
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
    """One row per situation: its number, and the fields that rules look at as `Digit.value_sql`."""
    fields: Mapping[str, Digit]
    """What the situations are told apart by."""
    grid: Stretches
    """The thresholds that are told apart, as edges of confidence."""
    groups: tuple[Groups, ...]
    """Their total counts: the first has all contacts, others take some away and add them anew."""

    @classmethod
    def build(cls, coded: CodedContacts) -> Situations:
        """Sum up the coded contacts by their keys."""
        table, grouped = new_table("situation"), new_table("grouped")
        connection = coded.connection.cursor()
        sums = ", ".join(sums_sql())
        connection.execute(
            f"CREATE TEMP TABLE {grouped} AS SELECT key, {sums} FROM {coded.table} GROUP BY key"
        )
        connection.execute(f"CREATE TABLE {table} AS {_situations_sql(coded, grouped)}")
        groups = _groups(connection, coded, grouped, table)
        connection.execute(f"DROP TABLE {grouped}")
        return cls(coded, table, coded.seen, coded.grid, (groups,))

    @property
    def count(self) -> int:
        """How many there are; their numbers are below this."""
        asked = self.coded.connection.cursor().execute(f"SELECT count(*) FROM {self.table}")
        (found,) = asked.fetchone() or (0,)
        return int(found)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The grid, in order."""
        return tuple(float(step) for step, _ in self.grid.edges)

    def knows(self, policy: Policy) -> bool:
        """Whether all contacts of each group get the same decision from this policy."""
        names = fields_of(policy)
        if not names <= {*self.fields} or not {*thresholds_of(policy)} <= {*self.thresholds}:
            return False
        numbers = (self.fields[name] for name in names if name not in self.coded.few)
        return all(literals_of(policy, one.name) <= {*(one.codes or ())} for one in numbers)

    def levels(self, policy: Policy) -> tuple[Codes, Codes]:
        """Per situation 0 automate, 1 assist, 2 escalate, as if every threshold was passed, and as
        if none was.

        The policy must be known; see `knows`.
        """
        import numpy as np

        codes = {name: each.codes for name, each in self.fields.items() if each.codes is not None}
        passed, failed = (
            f"({policy_sql(policy, confident=each, codes=codes).position})::INTEGER"
            for each in (True, False)
        )
        found = self.coded.connection.cursor().execute(
            f"SELECT {passed} AS passed, {failed} AS failed FROM {self.table} ORDER BY situation"
        )
        rules = found.fetchnumpy()
        by_position = [Level.ESCALATE, *(rule.level for rule in policy.rules)]
        levels = np.array([_LEVELS.index(level) for level in by_position])
        return levels[rules["passed"]], levels[rules["failed"]]

    def drop(self) -> None:
        """Free the table of situations; the coded contacts stay."""
        self.coded.connection.cursor().execute(f"DROP TABLE IF EXISTS {self.table}")


def new_table(name: str) -> str:
    """A name that no other table has."""
    return f"{name}_{next(_numbers)}"


def sums_sql() -> Iterable[str]:
    """The outcomes of a group of contacts, summed up."""
    return (f"{sql} AS {name}" for name, sql in OUTCOMES.items())


def _situations_sql(coded: CodedContacts, grouped: str) -> str:
    """What rules see of the groups, each once."""
    columns = (
        f"{field.value_sql(coded.key.digit(field, 'key'))} AS {name}"
        for name, field in coded.seen.items()
    )
    return f"""
        SELECT seen, (row_number() OVER () - 1)::INTEGER AS situation, {", ".join(columns)}
        FROM (SELECT {coded.seen_sql} AS seen, any_value(key) AS key FROM {grouped} GROUP BY ALL)
    """


def _groups(
    connection: DuckDBPyConnection, coded: CodedContacts, grouped: str, table: str
) -> Groups:
    found: dict[str, Any] = connection.execute(
        f"""SELECT situation, {coded.cell_sql} AS cell, {coded.passed_sql} AS passed,
                   {", ".join(OUTCOMES)}
            FROM {grouped} JOIN {table} ON {coded.seen_sql} = seen"""
    ).fetchnumpy()
    return Groups.of(found)


def cell_values(coded: CodedContacts, cell: Ints) -> dict[str, tuple[Codes, tuple[Any, ...]]]:
    """Dimension -> the digit of each cell, and what the digits mean (None: unknown)."""
    found, place = {}, 1
    for field in coded.key.fields[1 : 1 + len(DIMENSIONS)]:
        digits = (cell // place) % (field.size + 1)
        found[field.name] = (digits, (*coded.few[field.name].labels, None))
        place *= field.size + 1
    return found
