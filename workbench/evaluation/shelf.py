"""Runs as files: `evaluations/<id>/run.json` and `cases.jsonl`, written once and never changed.

`run.json` names the hash of `cases.jsonl`, and the ledger names the hash of `run.json`: a file
that was changed afterwards, by whoever it may be, is refused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from pydantic import ValidationError

from workbench.errors import Corrupt, InputError, NotFound, WorkbenchError
from workbench.evaluation.run import CaseResult, EvaluationRun, Summary
from workbench.records.base import Record

_READ_ONLY = 0o444


class _Page(Record):
    """What `run.json` holds."""

    summary: Summary
    cases_sha256: str


@dataclass(frozen=True)
class Shelf:
    """The runs of one POC."""

    folder: Path

    def holds(self, run_id: str) -> bool:
        return self._page_of(run_id).exists()

    def ids(self) -> tuple[str, ...]:
        """Ids of all runs, in no order that means anything."""
        return tuple(sorted(path.parent.name for path in self.folder.glob("run-*/run.json")))

    def full_id(self, beginning: str) -> str:
        """The one id that begins so; `NotFound` or `InputError` for none or several."""
        found = [name for name in self.ids() if name.startswith((beginning, f"run-{beginning}"))]
        if not found:
            raise NotFound(
                f"There is no evaluation run {beginning}",
                next_step="`workbench evaluate list` names them all.",
            )
        if len(found) > 1:
            raise InputError(f"{beginning!r} may be {' or '.join(found)}", expected="a longer id")
        return found[0]

    def put(self, run: EvaluationRun) -> None:
        """Write a run, whole or not at all. One that is there already stays as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix="draft-", dir=self.folder))
        lines = "".join(f"{result.model_dump_json()}\n" for result in run.results).encode()
        page = _Page(summary=run.summary, cases_sha256=hashlib.sha256(lines).hexdigest())
        for name, content in (
            ("cases.jsonl", lines),
            ("run.json", page.model_dump_json(indent=1).encode()),
        ):
            (draft / name).write_bytes(content)
            (draft / name).chmod(_READ_ONLY)
        try:
            os.rename(draft, self.folder / run.id)
        except OSError:  # another process was faster
            shutil.rmtree(draft)
            if not self.holds(run.id):
                raise

    def digest(self, run_id: str) -> str:
        """SHA-256 of a run's `run.json`, which vouches for its cases."""
        return hashlib.sha256(self._read(self._page_of(run_id))).hexdigest()

    def summary(self, run_id: str, recorded: Sequence[str]) -> Summary:
        """What a run came to; `recorded` are the hashes of `run.json` that the ledger knows."""
        return self._page(run_id, recorded).summary

    def get(self, run_id: str, recorded: Sequence[str]) -> EvaluationRun:
        """A whole run; `Corrupt` when a file is not as it was written."""
        page = self._page(run_id, recorded)
        path = self.folder / run_id / "cases.jsonl"
        lines = self._read(path)
        if hashlib.sha256(lines).hexdigest() != page.cases_sha256:
            raise _changed(path)
        results = tuple(CaseResult.model_validate_json(line) for line in lines.splitlines())
        return EvaluationRun(summary=page.summary, results=results)

    def _page(self, run_id: str, recorded: Sequence[str]) -> _Page:
        path = self._page_of(run_id)
        content = self._read(path)
        if hashlib.sha256(content).hexdigest() not in recorded:
            raise _changed(path)
        try:
            page = _Page.model_validate_json(content)
        except ValidationError as error:
            raise Corrupt(f"{path} cannot be read: {error.errors()[0]['msg']}") from error
        if page.summary.id != run_id or page.summary.versions.id != run_id:
            raise _changed(path)
        return page

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise NotFound(
                f"{path} cannot be read: {error.strerror}",
                next_step="`workbench evaluate list` names the runs that are there.",
            ) from error

    def _page_of(self, run_id: str) -> Path:
        return self.folder / run_id / "run.json"


def _changed(path: Path) -> WorkbenchError:
    return Corrupt(
        f"{path} is not as it was written: its hash is not the recorded one",
        expected="a run that nobody has changed",
        next_step=f"Delete {path.parent} and make the run again.",
    )
