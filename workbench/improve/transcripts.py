"""Conversations as the second look reads them: from the ledger, or from imported transcripts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from workbench.errors import InputError
from workbench.records.base import Record
from workbench.records.conversations import Conversation

CUSTOMER = "customer"
_COLUMNS = ("contact_id", "position", "speaker", "text")


class Line(Record):
    """One utterance."""

    speaker: str
    """`customer`, `assistant` or `human_agent:<id>`."""
    text: str

    @property
    def by_customer(self) -> bool:
        return self.speaker == CUSTOMER


class Transcript(Record):
    """What was said in one contact, in order."""

    id: str
    customer_id: str = ""
    repeated: bool = False
    """The same customer came again for the same thing within seven days."""
    lines: tuple[Line, ...]


def transcript_of(conversation: Conversation) -> Transcript:
    """A conversation of the ledger as a transcript."""
    lines = tuple(Line(speaker=u.speaker, text=u.text) for u in conversation.utterances)
    return Transcript(id=conversation.id, customer_id=conversation.customer_id, lines=lines)


def read_transcripts(path: Path) -> tuple[Transcript, ...]:
    """Transcripts of a Parquet or CSV file with one row per utterance.

    Raises `InputError` when the file is missing or lacks a column.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist", expected="transcripts as Parquet or CSV")
    rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    rows.sort(key=lambda row: (row[0], int(row[1])))
    return tuple(
        Transcript(id=name, lines=tuple(Line(speaker=row[2], text=row[3]) for row in said))
        for name, said in groupby(rows, key=lambda row: row[0])
    )


def _parquet(path: Path) -> list[tuple[str, ...]]:
    import pyarrow.parquet as pq

    _check_columns(path, pq.read_schema(path).names)
    table = pq.read_table(path, columns=list(_COLUMNS))
    return [tuple(str(v) for v in row.values()) for row in table.to_pylist()]


def _csv(path: Path) -> list[tuple[str, ...]]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        _check_columns(path, reader.fieldnames or ())
        return [tuple(row[column] or "" for column in _COLUMNS) for row in reader]


def _check_columns(path: Path, present: Iterable[str]) -> None:
    missing = [column for column in _COLUMNS if column not in set(present)]
    if missing:
        raise InputError(
            f"{path} lacks the columns {', '.join(missing)}",
            expected=f"one row per utterance with {', '.join(_COLUMNS)}",
        )
