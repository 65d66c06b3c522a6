"""Situations told apart by numbers that no rule compared with before, without reading all contacts.

A new number splits one stretch between its neighbours: the contacts on one side of it become groups
of their own and are taken away from the groups they were in; what remains is the other side. So
only the side with fewer contacts is read, exact to the last unit because sums are whole numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workbench.decide.policy import Policy
from workbench.measure.coded import OUTCOMES
from workbench.measure.situations import (
    Groups,
    Literals,
    Number,
    Situations,
    literals_of,
    new_table,
    number_sql,
    passed_sql,
    situations_sql,
    spot_sql,
    summed_sql,
    thresholds_of,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Split:
    """New numbers between two neighbours that a field was compared with already."""

    field: str
    inner: tuple[Number, ...]
    below: Number | None
    """The neighbour below all of them; None where there is none."""
    above: Number | None

    @property
    def lower(self) -> str:
        """Contacts up to the highest new number."""
        return self._between((">", self.below), ("<=", self.inner[-1]))

    @property
    def upper(self) -> str:
        """Contacts from the lowest new number on."""
        return self._between((">=", self.inner[0]), ("<", self.above))

    def _between(self, *ends: tuple[str, Number | None]) -> str:
        known = ((op, value) for op, value in ends if value is not None)
        return " AND ".join(f"{self.field} {op} {number_sql(self.field, v)}" for op, v in known)


@dataclass(frozen=True)
class _Side:
    """The side of a split whose contacts get groups of their own."""

    split: Split
    upper: bool

    @property
    def condition(self) -> str:
        return self.split.upper if self.upper else self.split.lower


def told_apart(base: Situations, policy: Policy) -> Situations:
    """The situations of `base`, apart also by every number that a policy compares with.

    Args:
        base: as `Situations.build` made it, of fields that the policy looks at.
    """
    grid = tuple(sorted({*base.grid, *thresholds_of(policy)}))
    literals = {
        field: tuple(sorted({*known, *literals_of(policy, field)}))
        for field, known in base.literals.items()
    }
    connection = base.coded.connection.cursor()
    moved, table = new_table("moved"), new_table("situation")
    sides = _smaller_sides(connection, base, literals)
    moving = [side.condition for side in sides]
    moving += [step.upper for step in splits("confidence", base.grid, grid)]
    connection.execute(
        f"CREATE TEMP TABLE {moved} AS {_moved_sql(base, literals, grid)}"
        f" WHERE {' OR '.join(f'({each})' for each in moving) or 'FALSE'} GROUP BY ALL"
    )
    connection.execute(f"CREATE TABLE {table} AS {_situations_sql(base, moved, sides)}")
    rows = _moved_rows(connection, base, moved, table)
    connection.execute(f"DROP TABLE {moved}")
    return Situations(base.coded, table, grid, literals, _with_moved(base, rows, grid))


def splits(field: str, known: Sequence[Number], wanted: Sequence[Number]) -> list[Split]:
    """The stretches between known numbers, both in order, that wanted ones fall into."""
    new = [number for number in wanted if number not in known]
    return [
        Split(
            field,
            tuple(inner),
            below=known[place - 1] if place else None,
            above=known[place] if place < len(known) else None,
        )
        for place, inner in groupby(new, lambda number: bisect_left(known, number))
    ]


def _smaller_sides(
    connection: DuckDBPyConnection, base: Situations, literals: Literals
) -> list[_Side]:
    """Of each split the side that fewer contacts are on, counted."""
    found = [each for f, known in base.literals.items() for each in splits(f, known, literals[f])]
    if not found:
        return []
    counts = ", ".join(f"count_if({each.lower}), count_if({each.upper})" for each in found)
    row = connection.execute(f"SELECT {counts} FROM {base.coded.table}").fetchone() or ()
    pairs = zip(found, row[::2], row[1::2], strict=True)
    return [_Side(split, upper=upper <= lower) for split, lower, upper in pairs]


def _moved_sql(base: Situations, literals: Literals, grid: Sequence[float]) -> str:
    """Contacts by the group they were in and the one they go to; a condition is to follow."""
    return f"""
        SELECT key, {spot_sql(base.literals)} AS spot_before, {spot_sql(literals)} AS spot,
               ({passed_sql(base.grid)})::SMALLINT AS passed_before,
               ({passed_sql(grid)})::SMALLINT AS passed, {summed_sql(base.coded)}
        FROM {base.coded.table}
    """


def _situations_sql(base: Situations, moved: str, sides: Sequence[_Side]) -> str:
    """Those there were, some of them about their upper ends only, and the new ones."""
    numbers = {field: field for field in base.coded.numbers}
    for split in (side.split for side in sides if not side.upper):
        field, edge = split.field, number_sql(split.field, split.inner[-1])
        numbers[field] = (
            f"CASE WHEN {field}_low <= {edge} AND {edge} < {field}_high THEN {field}_high "
            f"ELSE {numbers[field]} END"
        )
    replaced = ", ".join(f"{sql} AS {field}" for field, sql in numbers.items())
    return f"""
        SELECT * REPLACE ({replaced}) FROM {base.table}
        UNION ALL BY NAME {situations_sql(base.coded, moved, first=base.count)}
    """


def _moved_rows(
    connection: DuckDBPyConnection, base: Situations, moved: str, table: str
) -> dict[str, Any]:
    """The moved contacts as columns, situation and place on the grid before and after."""
    coded = base.coded
    found: dict[str, Any] = connection.execute(
        f"""SELECT old.situation AS situation_before, new.situation, passed_before, passed,
                   (key % {coded.cells})::BIGINT AS cell, {", ".join(OUTCOMES)}
            FROM {moved} AS g
            JOIN {base.table} AS old
              ON g.key // {coded.unseen} = old.seen AND g.spot_before = old.spot
            JOIN (FROM {table} WHERE situation >= {base.count}) AS new
              ON g.key // {coded.unseen} = new.seen AND g.spot = new.spot"""
    ).fetchnumpy()
    return found


def _with_moved(
    base: Situations, moved: dict[str, Any], grid: Sequence[float]
) -> tuple[Groups, ...]:
    """All groups as they were, the moved contacts taken away from there, and where they are now."""
    import numpy as np

    # Contacts that stay pass the thresholds they passed, and new ones below the last of these.
    passed = np.array([0, *(grid.index(step) + 1 for step in base.grid)])
    (groups,) = base.groups
    stayed = groups if grid == base.grid else replace(groups, passed=passed[groups.passed])
    taken = {
        "situation": moved["situation_before"],
        "cell": moved["cell"],
        "passed": passed[moved["passed_before"]],
        **{name: -moved[name] for name in OUTCOMES},
    }
    added = {name: moved[name] for name in taken}
    return (stayed, Groups.of(taken), Groups.of(added))
