"""What a file is, told by its bytes: format, encoding and fingerprint, found in one pass."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from workbench.errors import InputError

_CHUNK = 1 << 20

_FOREIGN = {
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"%PDF": "a PDF document; export the table as CSV or Excel",
    b"SQLite format 3": "a SQLite database; give its URL, sqlite:///PATH, and `table` or `query`",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it first",
    b"\xd0\xcf\x11\xe0": "an old or protected workbook; save it as .xlsx without a password",
    b"BZh": "a bzip2 archive; unpack it first",
    b"\x89PNG": "a picture; export the table as CSV or Excel",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_JSON_START = re.compile(rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[{\]])")


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    PARQUET = "parquet"
    EXCEL = "excel"


@dataclass(frozen=True)
class Examined:
    """A file whose bytes have all been looked at once."""

    path: Path
    format: Format
    encoding: str
    digest: str
    notes: list[str] = field(default_factory=list)


def examine(path: Path) -> Examined:
    """Look at every byte of a regular file; `InputError` says what is wrong with others."""
    _check_regular(path)
    try:
        head, digest, is_utf8 = _scan(path)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}") from error
    if not head:
        raise InputError(f"{path.name} is empty", expected="a header and rows below it")
    form = _format(path, head)
    notes: list[str] = []
    encoding = _encoding(head, is_utf8, notes) if form in (Format.TEXT, Format.JSON) else ""
    return Examined(path, form, encoding, digest, notes)


def _check_regular(path: Path) -> None:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}",
            next_step="Check the path; relative paths start where the command is run.",
        ) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise InputError(f"{path} is {kind}", expected="a file", next_step="Name one file in it.")


def _scan(path: Path) -> tuple[bytes, str, bool]:
    """The first bytes, the SHA-256 of all, and whether all are UTF-8."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    head, is_utf8 = b"", True
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            head = head or chunk
            digest.update(chunk)
            is_utf8 = is_utf8 and _decodes(decoder, chunk, final=False)
    return head, digest.hexdigest(), is_utf8 and _decodes(decoder, b"", final=True)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _format(path: Path, head: bytes) -> Format:
    if head.startswith(b"PK\x03\x04"):
        return Format.EXCEL
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    for start, what in _FOREIGN.items():
        if head.startswith(start):
            raise InputError(f"{path.name} is {what}")
    extension = path.suffix.lower()
    if extension in {".xlsx", ".xlsm", ".parquet"}:
        raise InputError(
            f"{path.name} is no {extension} file inside: its first bytes are another format's",
            next_step="Export it again, or give a text table its own extension, .csv.",
        )
    if extension in {".json", ".jsonl", ".ndjson"} or _JSON_START.match(head):
        return Format.JSON
    return Format.TEXT


def _encoding(head: bytes, is_utf8: bool, notes: list[str]) -> str:
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    wide = _wide_encoding(head)
    if wide:
        notes.append(f"No byte-order mark; read as {wide} because of its zero bytes.")
        return wide
    if is_utf8:
        return "utf-8"
    notes.append("Not UTF-8; read as Western European (cp1252). `encoding` says otherwise.")
    return "cp1252"


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without its mark: in Latin text every other byte is zero."""
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    length = min(len(head), 2000) // 2
    if length and max(even, odd) > 0.6 * length and min(even, odd) < 0.1 * length:
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""
