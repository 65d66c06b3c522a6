"""The file of labels that people gave here: `intents/labelled-by-people.csv` of a POC.

It belongs to the team like every file of labelled messages: it may be edited, moved and committed.
One process changes it at a time, and it is replaced whole, so a reader never sees half of it.
"""

from __future__ import annotations

import csv
import fcntl
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.files import replacing
from workbench.poc import PocFolder
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.pool import message_id

FILE = "labelled-by-people.csv"


class LabelFile:
    """The labels that people gave, one row a wording."""

    def __init__(self, poc: PocFolder) -> None:
        self._poc = poc

    @property
    def path(self) -> Path:
        return self._poc.root / "intents" / FILE

    def rows(self) -> tuple[Labelled, ...]:
        """What stands in the file; nothing when there is none yet."""
        return read_labelled(self.path) if self.path.exists() else ()

    def put(self, rows: Iterable[Labelled]) -> None:
        """Add rows; one of the same wording takes the place of the older one."""
        new = {message_id(row.text): row for row in rows}
        if new:
            self._change(lambda old: _merged(old, new))

    def bring(self, message: str, row_now: Callable[[], Labelled | None]) -> None:
        """Bring the row of one wording in line with what `row_now` says; None: it has no row.

        It is asked when nobody else changes the file, so the last of two writers is not undone by
        the first.
        """

        def change(old: Sequence[Labelled]) -> Sequence[Labelled]:
            row = row_now()
            if row is not None:
                return _merged(old, {message: row})
            return [one for one in old if message_id(one.text) != message]

        self._change(change)

    def _change(self, change: Callable[[Sequence[Labelled]], Sequence[Labelled]]) -> None:
        self._make_folder()
        with _alone(self._poc.state / "labels.lock"):
            old = self.rows()
            new = tuple(change(old))
            if new != old:
                _write(self.path, new)

    def _make_folder(self) -> None:
        """The POC's own folder of messages; it begins with the defaults that it used so far."""
        folder, used = self.path.parent, self._poc.labelled
        if not folder.exists():
            shutil.copytree(used, folder, dirs_exist_ok=True)


def _merged(old: Sequence[Labelled], new: dict[str, Labelled]) -> Sequence[Labelled]:
    left = dict(new)
    kept = [left.pop(message_id(row.text), row) for row in old]
    return [*kept, *left.values()]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the labels meanwhile. The lock is a file of its own, never replaced."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, rows: Sequence[Labelled]) -> None:
    """Replace the file, on disk when this returns; without rows there is no file."""
    if not rows:
        path.unlink(missing_ok=True)
        return
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label", "language"])
        writer.writerows([row.text, row.label, row.language] for row in rows)
