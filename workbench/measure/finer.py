"""Situations told apart by what no rule looked at before, without summing up all contacts again.

A new number or field splits groups into parts. One part stays where it is; the contacts of the
others are read, taken away from the groups they were in and added as groups of their own. That is
exact to the last unit whichever part stays, because sums are whole numbers; it is quick when the
largest stays, which a sample of the contacts tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.decide.policy import Policy
from workbench.measure.coded import OUTCOMES, passed_sql
from workbench.measure.digits import Digit, Stretches, fields_of, literals_of, thresholds_of
from workbench.measure.situations import Groups, Situations, new_table, sums_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_SAMPLE = 200_000
"""Contacts, roughly, among which the largest part is looked for."""


@dataclass(frozen=True)
class Split:
    """A field told apart further than before, and whom that moves."""

    field: Digit
    before: Stretches | None
    """How far it was told apart; None: not at all, as if all contacts had digit 0."""
    several: Sequence[int]
    """Digits before that are several now."""
    stays: Mapping[int, int]
    """Digit before -> digit now of those who stay in their groups."""

    @classmethod
    def of(
        cls,
        connection: DuckDBPyConnection,
        base: Situations,
        field: Digit,
        before: Stretches | None,
    ) -> Split:
        digits = range(field.size + 1)
        was = {each: _digit_before(field, before, each) for each in digits}
        several = [digit for digit, times in Counter(was.values()).items() if times > 1]
        found = _by_frequency(connection, base, field) if several else []
        # The most frequent comes last and wins.
        return cls(field, before, several, {was[each]: each for each in (*digits, *found)})

    @property
    def moves_sql(self) -> Iterator[str]:
        """Conditions of which one holds for every contact that moves."""
        for digit in self.several:
            concerned = f"({self.before.is_sql(digit)})" if self.before else "TRUE"
            yield f"{concerned} AND ({self.field.is_sql(self.stays[digit])}) IS NOT TRUE"

    @property
    def stays_sql(self) -> str:
        """The value of those who stay, from their value before."""
        if not self.before:
            return self.field.value_sql(str(self.stays[0]))
        cases = " ".join(f"WHEN {was} THEN {now}" for was, now in self.stays.items())
        known = f"coalesce({self.field.name}, {self.before.size})"
        return self.field.value_sql(f"CASE {known} {cases} END")


def told_apart(base: Situations, policy: Policy) -> Situations:
    """The situations of `base`, apart also by all that a policy looks at and compares with.

    Args:
        base: as `Situations.build` made it.
    """
    connection = base.coded.connection.cursor()
    finer = _Finer.of(connection, base, policy)
    moved, fresh, table = (new_table(name) for name in ("moved", "fresh", "situation"))
    connection.execute(f"CREATE TEMP TABLE {moved} AS {finer.moved_sql()}")
    connection.execute(f"CREATE TEMP TABLE {fresh} AS {finer.fresh_sql(moved)}")
    connection.execute(f"CREATE TABLE {table} AS {finer.situations_sql(fresh)}")
    rows = connection.execute(finer.rows_sql(moved, fresh)).fetchnumpy()
    connection.execute(f"DROP TABLE {moved}; DROP TABLE {fresh}")
    return Situations(base.coded, table, finer.fields, finer.grid, finer.groups(rows))


@dataclass(frozen=True)
class _Finer:
    """How situations are told apart now, and the way there in SQL."""

    base: Situations
    fields: Mapping[str, Digit]
    splits: Mapping[str, Split]
    """Those of the fields that are new or finer."""
    grid: Stretches
    steps: Split
    """The same for thresholds; it moves nobody when there are no new ones."""

    @classmethod
    def of(cls, connection: DuckDBPyConnection, base: Situations, policy: Policy) -> _Finer:
        grid = Stretches.from_steps("confidence", {*base.thresholds, *thresholds_of(policy)})
        wanted = {name: _wanted(base, policy, name) for name in sorted(fields_of(policy))}
        splits = {
            name: Split.of(connection, base, field, _stretches(base.fields.get(name)))
            for name, field in wanted.items()
            if field != base.fields.get(name)
        }
        steps = Split.of(connection, base, grid, base.grid)
        return cls(base, {**base.fields, **wanted}, splits, grid, steps)

    def moved_sql(self) -> str:
        """Contacts that move, by their key, the situation they were in and their digits now."""
        digits = [f"{split.field.digit_sql} AS {name}" for name, split in self.splits.items()]
        known = self.base.coded.passed_sql if self.grid == self.base.grid else None
        passed = known or passed_sql(self.grid, self.grid.digit_sql)
        splits = [*self.splits.values(), self.steps]
        moving = [f"({condition})" for split in splits for condition in split.moves_sql]
        return f"""
            SELECT old.situation AS origin, g.*
            FROM (SELECT {", ".join(["key", *digits, f"{passed} AS passed", *sums_sql()])}
                  FROM {self.base.coded.table}
                  WHERE {" OR ".join(moving) or "FALSE"} GROUP BY ALL) AS g
            JOIN {self.base.table} AS old ON {self.base.coded.seen_sql} = old.seen
        """

    def fresh_sql(self, moved: str) -> str:
        """The situations they go to, numbered after those there were."""
        return f"""
            SELECT *, ({self.base.count} + row_number() OVER () - 1)::INTEGER AS situation
            FROM (SELECT DISTINCT {", ".join(["origin", *self.splits])} FROM {moved})
        """

    def situations_sql(self, fresh: str) -> str:
        """Those there were, as it is for who stays, and those to go to."""
        kept = [name for name in self.base.fields if name not in self.splits]
        stayed = [f"{split.stays_sql} AS {name}" for name, split in self.splits.items()]
        new = [
            f"{split.field.value_sql(f'{fresh}.{name}')} AS {name}"
            for name, split in self.splits.items()
        ]
        return f"""
            SELECT {", ".join(["situation", *kept, *stayed])} FROM {self.base.table}
            UNION ALL
            SELECT {", ".join([f"{fresh}.situation", *(f"old.{name}" for name in kept), *new])}
            FROM {fresh} JOIN {self.base.table} AS old ON {fresh}.origin = old.situation
        """

    def rows_sql(self, moved: str, fresh: str) -> str:
        """The moved contacts, with situation and place on the grid before and now."""
        coded = self.base.coded
        return f"""
            SELECT origin, situation, {coded.cell_sql} AS cell,
                   {coded.passed_sql} AS passed_before, passed, {", ".join(OUTCOMES)}
            FROM {moved} JOIN {fresh} USING ({", ".join(["origin", *self.splits])})
        """

    def groups(self, moved: Mapping[str, Any]) -> tuple[Groups, ...]:
        """All groups as they were, the moved contacts taken away, and where these are now."""
        import numpy as np

        passed = np.array([self.steps.stays[place] for place in range(self.base.grid.size)])
        (groups,) = self.base.groups
        taken = {
            "situation": moved["origin"],
            "cell": moved["cell"],
            "passed": passed[moved["passed_before"]],
            **{name: -moved[name] for name in OUTCOMES},
        }
        added = {name: moved[name] for name in taken}
        stayed = replace(groups, passed=passed[groups.passed])
        return (stayed, Groups.of(taken), Groups.of(added))


def _by_frequency(connection: DuckDBPyConnection, base: Situations, field: Digit) -> list[int]:
    """The digits that contacts have, the rarest first."""
    contacts = int(base.groups[0].sums["contacts"].sum())
    percent = min(100.0, 100 * _SAMPLE / max(contacts, 1))
    found = connection.execute(
        f"""SELECT {field.digit_sql} AS digit
            FROM {base.coded.table} TABLESAMPLE SYSTEM ({percent} PERCENT) REPEATABLE (1)
            GROUP BY digit ORDER BY count(*), digit"""
    )
    return [digit for (digit,) in found.fetchall()]


def _wanted(base: Situations, policy: Policy, name: str) -> Digit:
    """A field as far as the policy and the situations need it told apart."""
    if name in base.coded.few:
        return base.coded.few[name]
    known = _stretches(base.fields.get(name))
    return Stretches.among(name, {*literals_of(policy, name), *(known.codes if known else ())})


def _stretches(field: Digit | None) -> Stretches | None:
    return field if isinstance(field, Stretches) else None


def _digit_before(field: Digit, before: Stretches | None, digit: int) -> int:
    return field.coarse(digit, before) if before and isinstance(field, Stretches) else 0
