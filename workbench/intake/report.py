"""What came of an import: every row accounted for, every rejection with its reason."""

from __future__ import annotations

import html
from itertools import islice
from typing import Any

from workbench.records.base import Record

KEPT = 1000
"""Rejections that a report lists; the file of failed rows has them all."""
_SHOWN = 10


class Rejection(Record):
    """Why one row was not taken: the first thing wrong with it."""

    line: int
    """Line of a text file, row of a sheet or of a query's result."""
    column: str = ""
    """Column of the source; empty when the row as a whole is at fault."""
    value: str = ""
    """Its text, cut after 200 characters."""
    reason: str
    """What is wrong, what was expected, what to do next."""


class Counts(Record):
    """What the store did with the records of one kind."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


class ImportReport(Record):
    """Rows in = accepted + rejected, always."""

    kind: str
    source: str
    """The source as people may see it: no folders, no passwords."""
    fingerprint: str = ""
    """SHA-256 of the source's bytes and of the mapping."""
    dry_run: bool = False
    rows_in: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    records: dict[str, Counts] = {}
    """Per kind of record; of a dry run, all count as new."""
    rejections: tuple[Rejection, ...] = ()
    """The first of them, one per rejected row, by line."""
    reasons: dict[str, int] = {}
    """How many rows were rejected for each reason, most frequent first."""
    failed_rows: str = ""
    """File with all rejected rows, their lines and reasons; empty when there are none."""
    notes: tuple[str, ...] = ()
    """What was assumed in reading the source."""
    mapping: str = ""
    """The mapping that was suggested and used, as TOML, when none was given."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values, under the names of the fields."""
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        return "\n".join([self._headline(), *self._record_lines(), *self._rejection_lines()])

    def _headline(self) -> str:
        verb = "would be accepted" if self.dry_run else "accepted"
        return (
            f"{self.kind} from {self.source}: {self.rows_in:,} rows in = "
            f"{self.rows_accepted:,} {verb} + {self.rows_rejected:,} rejected"
        )

    def _record_lines(self) -> list[str]:
        lines = [
            f"  {kind}: {c.new:,} new, {c.changed:,} changed, {c.unchanged:,} unchanged"
            for kind, c in self.records.items()
        ]
        return lines + [f"  note: {note}" for note in self.notes]

    def _rejection_lines(self) -> list[str]:
        first = {r.reason: r for r in reversed(self.rejections)}
        lines = [
            f"  {rows:,} x {reason}{_example(first.get(reason))}"
            for reason, rows in islice(self.reasons.items(), _SHOWN)
        ]
        if len(self.reasons) > _SHOWN:
            lines.append(f"  ... and {len(self.reasons) - _SHOWN:,} more reasons")
        if self.failed_rows:
            lines.append(f"  all rejected rows: {self.failed_rows}")
        return lines

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For notebooks. Values of the source are escaped: they are data."""
        rows = "".join(
            f"<tr><td>{r.line}</td><td>{html.escape(r.column)}</td>"
            f"<td><code>{html.escape(r.value)}</code></td><td>{html.escape(r.reason)}</td></tr>"
            for r in self.rejections[:_SHOWN]
        )
        head = "<tr><th>line</th><th>column</th><th>value</th><th>reason</th></tr>"
        facts = "<br>".join(html.escape(line.strip()) for line in self._record_lines())
        table = f"<table>{head}{rows}</table>" if rows else ""
        return f"<p><b>{html.escape(self._headline())}</b><br>{facts}</p>{table}"


def _example(rejection: Rejection | None) -> str:
    if rejection is None:
        return ""
    cell = f", {rejection.column} = {rejection.value!r}" if rejection.column else ""
    return f" (first: line {rejection.line}{cell})"
