"""What must be known of a workbook before a reader may unpack it.

A workbook is a zip archive of XML. A few kilobytes can unpack to gigabytes, and one cell in the
last corner of a sheet makes a reader allocate the whole rectangle, so both are bounded here.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from workbench.errors import InputError
from workbench.store.reading.examine import Examined

MAX_UNPACKED = 512 << 20
"""Bytes of all parts of a workbook, unpacked."""
MAX_CELLS = 10_000_000
"""Cells of the rectangle that a sheet spans, empty ones included."""

_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
"""What the archive reader raises for damaged, encrypted or strangely packed parts."""
_CHUNK, _OVERLAP = 1 << 20, 1 << 16
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b[^>]*?'
    rb"(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')

Place = tuple[int, int]
"""Row and column of a cell, from 1."""


def look_over(file: Examined) -> dict[str, set[Place]]:
    """Per sheet, the cells whose formula has an error or no stored result.

    Raises `InputError` for an archive that is no workbook, is broken, or would unpack to more
    than `MAX_UNPACKED` bytes or `MAX_CELLS` cells.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            _check_archive(file, archive)
            found = {
                part.filename: _look_over_part(file, archive, part) for part in archive.infolist()
            }
            return {name: found.get(part, set()) for name, part in _sheets(archive).items()}
    except _BROKEN as error:
        raise InputError(
            f"{file.path.name} is not a sound workbook: {error}",
            next_step="Open it in Excel and save it again as .xlsx, without a password.",
        ) from error


def _check_archive(file: Examined, archive: zipfile.ZipFile) -> None:
    if "xl/workbook.xml" not in archive.namelist():
        raise InputError(
            f"{file.path.name} is an archive, but not an Excel workbook (.xlsx, .xlsm)",
            next_step="Unpack it, or save the table as .xlsx or CSV.",
        )
    size = sum(part.file_size for part in archive.infolist())
    if size > MAX_UNPACKED:
        raise InputError(
            f"{file.path.name} would unpack to {size >> 20:,} MB",
            expected=f"at most {MAX_UNPACKED >> 20} MB",
            next_step="Save the sheet as CSV; text files may have any size.",
        )


def _look_over_part(file: Examined, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> set[Place]:
    """Read a part to its end, so that its size and checksum are proven, and look at its cells."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    widest = tallest = 0
    unusable: set[Place] = set()
    for chunk in _chunks(archive, part):
        if is_sheet:
            for column, row in _CELL.findall(chunk):
                widest, tallest = max(widest, _column_number(column)), max(tallest, int(row))
            found = _NO_RESULT.findall(chunk) + _ERROR.findall(chunk)
            unusable.update((int(row), _column_number(column)) for column, row in found)
    if widest * tallest > MAX_CELLS:
        raise InputError(
            f"{file.path.name} spans {tallest:,} rows x {widest:,} columns in {part.filename}",
            expected=f"at most {MAX_CELLS:,} cells",
            next_step="Delete the empty rows and columns, or save the sheet as CSV.",
        )
    return unusable


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes, each chunk with the tail of the one before: no cell is cut in two."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> the part that holds it."""
    targets = {
        link.get("Id"): link.get("Target", "").lstrip("/").removeprefix("xl/")
        for link in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    return {
        sheet.get("name", ""): "xl/" + targets.get(_link_id(sheet), "")
        for sheet in _elements(archive, "xl/workbook.xml", "sheet")
    }


def _elements(archive: zipfile.ZipFile, part: str, tag: str) -> list[ElementTree.Element]:
    try:
        root = ElementTree.fromstring(archive.read(part))
    except (ElementTree.ParseError, KeyError):
        return []  # the reader proper says what is wrong with the part
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == tag]


def _link_id(sheet: ElementTree.Element) -> str:
    return next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), "")
