"""What every reader gives back: named columns, and rows of text with their lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.config import Section
from workbench.errors import InputError

MAX_COLUMNS = 20_000


class ReadOptions(Section):
    """How to read a source whose own bytes do not say enough."""

    delimiter: str = ""
    """One character between the cells of a text file; empty: found from its first rows."""
    encoding: str = ""
    """Python's name of a text file's encoding; empty: found from its bytes."""
    sheet: str = ""
    """Sheet of a workbook; empty: the first one that holds anything."""
    table: str = ""
    """Table or view of a database."""
    query: str = ""
    """SELECT statement for a database."""


class Row(NamedTuple):
    """One row of text. Missing values are empty; a row with a problem must not be used."""

    line: int
    """Where it begins: the line of a text file, else the row (1 is the first, header included)."""
    cells: tuple[str, ...]
    problem: str = ""
    """Why it could not be split into the columns, as a sentence; empty when it could."""


@dataclass
class Table:
    """A source opened for one reading."""

    name: str
    """The source as people may see it: without folders and passwords."""
    columns: tuple[str, ...]
    rows: Iterator[Row]
    fingerprint: Callable[[], str]
    """SHA-256 of what was read; complete once the rows are exhausted."""
    notes: list[str] = field(default_factory=list)
    """What was found out or assumed about the source, as sentences."""

    def column(self, name: str) -> int:
        """Position of a column, or `InputError` naming those that exist."""
        try:
            return self.columns.index(name)
        except ValueError:
            raise InputError(
                f"{self.name} has no column `{name}`",
                expected="one of " + shortened([f"`{c}`" for c in self.columns]),
            ) from None


def shortened(names: Sequence[str], limit: int = 30) -> str:
    """Names joined for a message, the tail counted instead of listed."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")


def column_names(header: Iterable[str], source: str) -> tuple[str, ...]:
    """Usable names: empty ones are numbered, and so is every one of several equal ones.

    No two columns share a name afterwards, so a mapping never picks one of them by accident.
    """
    names = [
        "".join(c for c in name if c.isprintable()).strip() or f"column_{place}"
        for place, name in enumerate(header, 1)
    ]
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"{source} has {len(names):,} columns", expected=f"at most {MAX_COLUMNS:,} columns"
        )
    times, seen = Counter(names), Counter[str]()
    for place, name in enumerate(names):
        if times[name] > 1:
            seen[name] += 1
            names[place] = f"{name} ({seen[name]})"
    return tuple(names)


def fitted(line: int, cells: Sequence[str], width: int) -> Row:
    """A row that has as many cells as there are columns, or says that it has not."""
    if len(cells) == width:
        return Row(line, tuple(cells))
    return Row(
        line,
        tuple(cells),
        f"The row has {len(cells)} cells and the header {width}: "
        "a delimiter, a quote or a line break is missing or too many.",
    )
