"""Published contact facts on disk: immutable Parquet files and numbered manifests that name them.

A publication is visible once its manifest has its name, which is one atomic step; a reader of any
manifest finds every file that it names, so nobody ever sees half of one. Of several publishers
that make the same version only one gets the name; the others start again from the newer state.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from pydantic import ValidationError

from workbench.errors import Corrupt
from workbench.files import replacing
from workbench.records.base import Instant, Record

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = timedelta(days=1)
"""How long a file that is no longer named stays, for readers of an older manifest."""


class PublishedFile(Record):
    """The contacts that began in one month (UTC)."""

    month: str
    """`2026-05`"""
    path: str
    """Relative to the folder."""
    rows: int


class Manifest(Record):
    """One version of the published facts."""

    version: int = 0
    through: int = 0
    """Ledger position up to which every ended conversation is published."""
    open: tuple[str, ...] = ()
    """Conversations up to there that had not ended."""
    files: tuple[PublishedFile, ...] = ()
    published_at: Instant | None = None
    last_event_at: Instant | None = None

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


class Publication:
    """The folder of one tenant's published facts."""

    def __init__(self, folder: Path, tenant: str) -> None:
        self.folder = folder / f"tenant={quote(tenant, safe='')}"

    def manifest(self) -> Manifest:
        """The newest version; version 0 is empty. Raises `Corrupt` when it cannot be read."""
        newest = max(self.folder.glob("*.json"), default=None)
        if newest is None:
            return Manifest()
        try:
            return Manifest.model_validate_json(newest.read_bytes())
        except ValidationError as error:
            raise Corrupt(
                f"{newest} is not a manifest of published facts",
                next_step=f"Delete {self.folder}; it is built again from the ledger.",
            ) from error

    def write_month(self, month: str, contacts: pa.Table) -> PublishedFile:
        """Write contacts as a new file, on disk in full before it has its name."""
        import pyarrow.parquet as pq

        path = self.folder / f"month={month}" / f"{uuid4().hex}.parquet"
        with replacing(path) as draft:
            pq.write_table(contacts, draft, compression="zstd")
        relative = str(path.relative_to(self.folder))
        return PublishedFile(month=month, path=relative, rows=contacts.num_rows)

    def commit(self, manifest: Manifest) -> bool:
        """Make this version the newest; False when another publisher took its number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{manifest.version:012}.json"
        temporary = target.with_suffix(f".{uuid4().hex}.tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(manifest.model_dump_json())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        _sync_folder(self.folder)
        return True

    def discard(self, files: tuple[PublishedFile, ...]) -> None:
        """Delete files of a publication that was not committed."""
        for file in files:
            (self.folder / file.path).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what no reader can need: old versions, their files, leftovers of a kill."""
        named = {self.folder / file.path for file in self.manifest().files}
        newest = max(self.folder.glob("*.json"), default=None)
        limit = time.time() - KEPT.total_seconds()
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in named and path != newest:
                _unlink_older(path, limit)


def _unlink_older(path: Path, limit: float) -> None:
    try:
        if path.stat().st_mtime < limit:
            path.unlink()
    except FileNotFoundError:
        return  # another publisher sweeps as well


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut; not every system lets folders be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
