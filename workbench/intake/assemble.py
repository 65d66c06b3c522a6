"""Rows become records, one each or one per group, and every row is accounted for.

A record is taken whole or not at all. One bad line rejects all rows of its invoice, because an
invoice without one of its lines states a wrong total. A row that cannot even be split into columns
cannot say which invoice it belongs to, so the records it stands next to are rejected with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import InputError
from workbench.intake.cells import Column
from workbench.intake.failed_rows import FailedRows
from workbench.intake.kinds import Kind, Values, kind_named
from workbench.intake.mapping import Condition, Mapping, Part
from workbench.intake.report import KEPT, Rejection
from workbench.records.base import Record
from workbench.store.reading import Row, Table


@dataclass
class Tally:
    """Counts rows and keeps rejections while an import runs."""

    failed: FailedRows
    check: Callable[[Record], None] | None = None
    """What else is demanded of a record; raises `InputError`."""
    shown: Callable[[str], str] = str
    """A text of the source as it may be shown and logged."""
    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    """Records that the source holds twice with the same content."""

    def reject(self, row: Row, reason: str, column: str = "", value: str = "") -> None:
        self.rejected += 1
        self.failed.add(row.line, reason, row.cells)
        reason, value = self.shown(reason), self.shown(value[:200])
        if reason in self.reasons or len(self.reasons) < KEPT:
            self.reasons[reason] += 1
        if len(self.rejections) < KEPT:
            self.rejections.append(
                Rejection(line=row.line, column=column, value=value, reason=reason)
            )


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row."""

    reason: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class Plan:
    """A part of a mapping, bound to the columns of a table."""

    kind: Kind
    when: tuple[int, Condition] | None
    group_by: tuple[int, ...]
    header: tuple[Column, ...]
    lines: tuple[Column, ...]

    @classmethod
    def bind(cls, part: Part, table: Table) -> Plan:
        kind = kind_named(part.kind)
        return cls(
            kind,
            (table.column(part.when.column), part.when) if part.when else None,
            tuple(table.column(name) for name in part.group_by),
            tuple(Column.bind(kind.targets[n], s, table) for n, s in part.columns.items()),
            tuple(Column.bind(kind.line_targets[n], s, table) for n, s in part.lines.items()),
        )

    def takes(self, row: Row) -> bool:
        return self.when is None or self.when[1].holds(row.cells[self.when[0]].strip())

    def group(self, row: Row) -> tuple[str, ...]:
        return tuple(row.cells[place].strip() for place in self.group_by)


@dataclass
class Group:
    """The rows that make one record."""

    plan: Plan
    rows: list[Row]
    spoiled_by: int | None = None
    """Line of an unreadable row that may belong here."""


Seen = dict[tuple[str, str], tuple[int, int]]
"""Kind and name of every record so far -> the line it began on and the hash of its content."""


def assemble(table: Table, mapping: Mapping, tally: Tally) -> Iterator[Record]:
    """Every record of the table, in order of first appearance; the tally tells of the rest.

    Rows that share no group are handled one by one, so a table of any length fits in memory.
    """
    plans = [Plan.bind(part, table) for part in mapping.parts]
    seen: Seen = {}
    for group in _groups(table, plans, tally):
        yield from _settle(group, tally, seen)


def _groups(table: Table, plans: Sequence[Plan], tally: Tally) -> Iterator[Group]:
    gathered: dict[tuple[int, tuple[str, ...]], Group] = {}
    before: Group | None = None
    spoiler: int | None = None
    for row in table.rows:
        tally.rows_in += 1
        if row.problem:
            tally.reject(row, row.problem)
            spoiler = row.line
            _spoil(before, spoiler)
            continue
        place = next((i for i, plan in enumerate(plans) if plan.takes(row)), None)
        if place is None:
            tally.reject(row, "No route of the mapping takes this row.")
            continue
        plan = plans[place]
        if not plan.group_by:
            yield Group(plan, [row])
            before = None
            continue
        if not any(plan.group(row)):
            tally.reject(row, "The columns that say which record the row belongs to are empty.")
            continue
        before = gathered.setdefault((place, plan.group(row)), Group(plan, []))
        before.rows.append(row)
        if spoiler is not None:
            _spoil(before, spoiler)
            spoiler = None
    yield from gathered.values()


def _spoil(group: Group | None, line: int) -> None:
    if group is not None and group.spoiled_by is None:
        group.spoiled_by = line


def _settle(group: Group, tally: Tally, seen: Seen) -> Iterator[Record]:
    """The records of a group, or the rejection of all its rows."""
    faults, records = _read(group, tally.check)
    if not faults:
        faults, is_new = _compare(group, records, seen)
        if is_new:
            yield from records
        elif not faults:
            tally.repeated += 1
    if not faults:
        tally.accepted += len(group.rows)
    for row in group.rows if faults else ():
        own = faults.get(row.line) or Fault(f"Line {min(faults)} of the same record is at fault.")
        tally.reject(row, own.reason, own.column, own.value)


def _read(
    group: Group, check: Callable[[Record], None] | None
) -> tuple[dict[int, Fault], tuple[Record, ...]]:
    """Faults by line, or the records."""
    faults: dict[int, Fault] = {}
    header = _header(group, faults)
    lines = [_line(group.plan.lines, row, faults) for row in group.rows]
    first = group.rows[0].line
    if group.spoiled_by is not None:
        reason = f"Line {group.spoiled_by} could not be read and may belong to the same record."
        faults.setdefault(first, Fault(reason))
    if faults:
        return faults, ()
    try:
        records = group.plan.kind.build(header, lines if group.plan.lines else [])
        if check is not None:
            check(records[0])
        return {}, records
    except InputError as error:
        return {first: Fault(str(error))}, ()


def _header(group: Group, faults: dict[int, Fault]) -> Values:
    values: Values = {}
    for column in group.plan.header:
        found: list[tuple[Row, Any]] = []
        for row in _that_count(column, group.rows):
            value = _value(column, row, faults)
            if value is not None:
                found.append((row, value))
        if found:
            values[column.target.name] = _joined(column, found, faults)
        elif column.target.required:
            for row in group.rows:
                _note(faults, row, column, _missing(column))
    return values


def _that_count(column: Column, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows whose cell is looked at: all of them, or the first or last that is filled."""
    if column.spec.group not in ("first", "last"):
        return rows
    filled = [row for row in rows if column.raw(row.cells).strip()]
    return filled[:1] if column.spec.group == "first" else filled[-1:]


def _joined(column: Column, found: list[tuple[Row, Any]], faults: dict[int, Fault]) -> Any:
    """One value of all those that a group's rows give."""
    values = [value for _, value in found]
    match column.spec.group:
        case "least":
            return min(values)
        case "greatest":
            return max(values)
        case "sum":
            return sum(values)
    for row, value in found:
        if value != values[0]:
            reason = f"`{column.target.name}` differs within the record: line {found[0][0].line} "
            reason += f"says {column.raw(found[0][0].cells)!r}. Say in the mapping which counts: "
            _note(faults, row, column, reason + "group = 'first' or 'last'.")
    return values[0]


def _line(columns: tuple[Column, ...], row: Row, faults: dict[int, Fault]) -> Values:
    values: Values = {}
    for column in columns:
        value = _value(column, row, faults)
        if value is not None:
            values[column.target.name] = value
        elif column.target.required:
            _note(faults, row, column, _missing(column))
    return values


def _value(column: Column, row: Row, faults: dict[int, Fault]) -> Any:
    try:
        return column.value(row.cells)
    except InputError as error:
        _note(faults, row, column, str(error))
        return None


def _note(faults: dict[int, Fault], row: Row, column: Column, reason: str) -> None:
    """Remember the first thing wrong with a row."""
    faults.setdefault(row.line, Fault(reason, column.spec.column, column.raw(row.cells)))


def _missing(column: Column) -> str:
    return (
        f"`{column.target.name}` is missing. "
        "Fill the cell, or give the column a `default` in the mapping."
    )


def _compare(
    group: Group, records: tuple[Record, ...], seen: Seen
) -> tuple[dict[int, Fault], bool]:
    """Whether the record is new to this source; one with the same name must be the same."""
    record, line = records[0], group.rows[0].line
    name = identity(record)
    if not name:
        return {}, True
    before = seen.setdefault((group.plan.kind.name, name), (line, hash(record)))
    if before[0] == line:
        return {}, True
    if before[1] == hash(record):
        return {}, False
    return {line: Fault(f"{name!r} stands on line {before[0]} already, with other values.")}, False


def identity(record: Record) -> str:
    """What tells records of one kind apart; empty for those that have no name."""
    for name in ("number", "id", "contact_id"):
        found = getattr(record, name, "")
        if found:
            return str(found)
    return ""
