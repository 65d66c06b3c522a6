"""The file of rejected rows: the same columns with line and reason, safe to open anywhere."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """The cell as it is, or behind an apostrophe when a spreadsheet would run it as a formula.

    Plain numbers keep their sign: they are values, and the file can be imported again.
    """
    if cell.lstrip(" \u00a0\ufeff").startswith(_RUNS) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


class FailedRows:
    """Writes rejected rows as they come; the file appears, whole, when it is closed."""

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self.path, self._columns = path, columns
        self._stream: TextIO | None = None
        self._writer: Any = None

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        if self.path is None:
            return
        if self._stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._temporary.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._stream)
            self._write(["_line", "_reason", *self._columns])
        self._write([str(line), reason, *cells])

    def close(self) -> str:
        """Put the file in its place; its path, or nothing when there was no row.

        A file that an earlier import left there is replaced or removed.
        """
        if self.path is None:
            return ""
        if self._stream is None:
            self.path.unlink(missing_ok=True)
            return ""
        self._stream.close()
        os.replace(self._temporary, self.path)
        return str(self.path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._stream is not None:
            self._stream.close()
            self._temporary.unlink(missing_ok=True)

    @property
    def _temporary(self) -> Path:
        assert self.path is not None
        return self.path.with_name(self.path.name + ".tmp")

    def _write(self, cells: Sequence[str]) -> None:
        storable = [cell.encode("utf-8", "replace").decode() for cell in cells]
        self._writer.writerow([harmless(cell) for cell in storable])
