"""Files as bad as real exports are, each with what must come of it as invoices.

Every case is either refused as a whole, with a word of the error, or taken: so many rows
accepted, and the lines that are rejected with a word of their reason.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.intake import Mapping

MAPPING = Mapping.model_validate(
    {
        "kind": "invoices",
        "columns": {
            "number": "number",
            "customer_id": "customer",
            "issued_on": "date",
            "stated_total": "total",
            "currency": {"constant": "EUR"},
        },
    }
)
HEADER = "number,customer,date,total"
GOOD = "00123,C-1,2026-05-04,12.50"


@dataclass(frozen=True)
class Refused:
    """Nothing of the file is used; the error has this word."""

    because: str


@dataclass(frozen=True)
class Taken:
    """Rows accepted, and rejected lines with a word of their reason."""

    accepted: int
    rejected: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hostile:
    file: str
    content: bytes | Callable[[Path], None]
    outcome: Refused | Taken

    def put(self, folder: Path) -> Path:
        path = folder / self.file
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path


def csv(*rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> bytes:
    return end.join([header, *rows, ""]).encode(encoding)


def total(text: str) -> bytes:
    """One invoice whose total is written so; quoted, so that commas stay in the cell."""
    return csv(f'1,C-1,2026-05-04,"{text}"')


def issued(text: str) -> bytes:
    return csv(f'1,C-1,"{text}",12.50')


def sheet(*rows: list[Any], header: str = HEADER) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        for row in [header.split(","), *rows]:
            book.active.append(row)
        book.save(path)

    return write


def far_corner(path: Path) -> None:
    """A workbook of a few kilobytes whose one sheet spans 17 billion cells."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "number", "x"
    book.save(path)


def bomb(path: Path) -> None:
    """A workbook of 600 kB that unpacks to 600 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(600):
                part.write(b" " * (1 << 20))


def lying_size(path: Path) -> None:
    """A workbook whose directory understates the size of its sheet."""
    sheet(["1", "C-1", "2026-05-04", "1"])(path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    place = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    data[place + 24 : place + 28] = (part.file_size // 2).to_bytes(4, "little")
    path.write_bytes(bytes(data))


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("invoices.csv", csv(GOOD))


def parquet(**columns: list[Any]) -> Callable[[Path], None]:
    return lambda path: pq.write_table(pa.table(columns), path)


def cut(write: Callable[[Path], None], share: float) -> Callable[[Path], None]:
    """The same file, broken off."""

    def write_half(path: Path) -> None:
        write(path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])

    return write_half


def repeated_parquet_names(path: Path) -> None:
    table = pa.table([pa.array(["1"])] * 2, names=["number", "number"])
    pq.write_table(table, path)


def misnamed(path: Path) -> None:
    """A workbook under the name of a text table."""
    book = path.with_suffix(".xlsx")
    sheet(_BOOK_ROW)(book)
    book.rename(path)


DEEP = b"[" * 100_000
ROW = {"number": "00123", "customer": "C-1", "date": "2026-05-04", "total": "12.50"}
_LINE = json.dumps(ROW)
_BOOK_ROW = ["00123", "C-1", date(2026, 5, 4), 12.5]

CORPUS = [
    # Files that are no tables
    Hostile("empty.csv", b"", Refused("is empty")),
    Hostile("blank.csv", b"\n\n  \n"[:2], Refused("is blank")),
    Hostile("only-mark.csv", b"\xef\xbb\xbf", Refused("is blank")),
    Hostile("folder.csv", lambda path: path.mkdir(), Refused("is a folder")),
    Hostile("gone.csv", lambda path: None, Refused("cannot be opened")),
    Hostile("loop.csv", lambda path: path.symlink_to(path), Refused("cannot be opened")),
    Hostile("pdf.csv", b"%PDF-1.7 ...", Refused("PDF document")),
    Hostile("packed.csv", b"\x1f\x8b\x08\x00...", Refused("gzip archive")),
    Hostile("database.csv", b"SQLite format 3\0...", Refused("SQLite database")),
    Hostile("picture.csv", b"\x89PNG\r\n\x1a\n", Refused("picture")),
    Hostile("random.csv", bytes(range(256)) * 40, Refused("no column")),
    Hostile("zip.csv", plain_zip, Refused("not an Excel workbook")),
    # Headers
    Hostile("only-header.csv", csv(), Taken(0)),
    Hostile("other-header.csv", csv("1,2", header="a,b"), Refused("no column `number`")),
    Hostile(
        "two-numbers.csv", csv("1,2,C-1", header="number,number,customer"), Refused("number (1)")
    ),
    Hostile("spaced-header.csv", csv(GOOD, header=" number , customer,date,total "), Taken(1)),
    Hostile("trailing-name.csv", csv(GOOD + ",", header=HEADER + ","), Taken(1)),
    Hostile("broken-header.csv", b'"number"x,customer\n1,2\n', Refused("the header")),
    Hostile(
        "many-columns.csv",
        csv(GOOD + ",x" * 10_000, header=HEADER + "".join(f",c{i}" for i in range(10_000))),
        Taken(1),
    ),
    Hostile("too-many-columns.csv", csv(header="c," * 30_000), Refused("30,001 columns")),
    # Rows
    Hostile(
        "ragged.csv",
        csv(GOOD, "2,C-1", "3,C-1,2026-05-04,1,2"),
        Taken(1, {3: "2 cells", 4: "5 cells"}),
    ),
    Hostile("no-last-newline.csv", csv(GOOD).rstrip(b"\n"), Taken(1)),
    Hostile("blank-lines.csv", csv("", GOOD, "", "", "2" + GOOD), Taken(2)),
    Hostile(
        "mixed-newlines.csv",
        b"\r\n".join(
            [HEADER.encode(), GOOD.encode() + b"\r2" + GOOD.encode() + b"\n3" + GOOD.encode()]
        ),
        Taken(3),
    ),
    Hostile(
        "newline-in-cell.csv",
        csv('1,C-1,2026-05-04,1\n"2\nx",C-1,2026-05-04,1'),
        Taken(1, {3: "control characters"}),
    ),
    Hostile("unclosed-quote.csv", csv(GOOD, '"2,C-1,2026-05-04,1', "3" + GOOD), Refused("line 3")),
    Hostile(
        "stray-quote.csv", csv(GOOD, '"2"x,C-1,2026-05-04,1', "3" + GOOD), Taken(2, {3: "quotes"})
    ),
    Hostile("quote-over-lines.csv", csv('"1', 'x"y,C-1,2026-05-04,1'), Refused("swallow lines")),
    Hostile(
        "long-cell.csv",
        csv("1," + "C" * 1_000_000 + ",2026-05-04,1", GOOD),
        Taken(1, {2: "too long"}),
    ),
    Hostile("endless-cell.csv", csv("1,C" + "C" * (17 << 20)), Taken(0, {2: "field larger"})),
    Hostile("repeated-rows.csv", csv(GOOD, GOOD, GOOD), Taken(3)),
    Hostile(
        "contradiction.csv",
        csv(GOOD, GOOD.replace("12.50", "9.99")),
        Taken(1, {3: "line 2 already"}),
    ),
    Hostile("nul.csv", csv("1\0,C-1,2026-05-04,1", GOOD), Taken(1, {2: "NUL"})),
    Hostile("control.csv", csv("1\x07,C-1,2026-05-04,1"), Taken(0, {2: "control"})),
    # Encodings and delimiters
    Hostile("mark.csv", csv(GOOD, encoding="utf-8-sig"), Taken(1)),
    Hostile("utf16.csv", csv(GOOD, encoding="utf-16"), Taken(1)),
    Hostile("utf16-no-mark.csv", csv(GOOD, encoding="utf-16-be"), Taken(1)),
    Hostile("utf16-cut.csv", csv(GOOD, encoding="utf-16")[:-1], Refused("utf-16")),
    Hostile("utf32.csv", csv(GOOD, encoding="utf-32"), Taken(1)),
    Hostile("latin.csv", csv("Ü1,C-1,2026-05-04,1", encoding="latin-1"), Taken(1)),
    Hostile(
        "undefined-bytes.csv",
        csv("\x81\xfc,C-1,2026-05-04,1", encoding="latin-1"),
        Taken(0, {2: "control"}),
    ),
    Hostile("semicolon.csv", csv(GOOD).replace(b",", b";"), Taken(1)),
    Hostile("tab.tsv", csv(GOOD).replace(b",", b"\t"), Taken(1)),
    Hostile("pipe.txt", csv(GOOD).replace(b",", b"|"), Taken(1)),
    Hostile("classic-mac.csv", csv(GOOD, GOOD.replace("00123", "2"), end="\r"), Taken(2)),
    # Identifiers and amounts
    Hostile("exponent-name.csv", csv("0001e5,C-1,2026-05-04,1"), Taken(1)),
    Hostile("rounded-name.csv", csv("1.23E+15,C-1,2026-05-04,1"), Taken(0, {2: "digits are lost"})),
    Hostile("huge-name.csv", csv("9" * 150 + ",C-1,2026-05-04,1"), Taken(1)),
    Hostile("missing-name.csv", csv(",C-1,2026-05-04,1"), Taken(0, {2: "`number` is missing"})),
    Hostile(
        "missing-customer.csv", csv("1,  ,2026-05-04,1"), Taken(0, {2: "`customer_id` is missing"})
    ),
    Hostile("negative.csv", total("-12.50"), Taken(1)),
    Hostile("brackets.csv", total("(12.50)"), Taken(1)),
    Hostile("minus-behind.csv", total("12.50-"), Taken(1)),
    Hostile("typographic-minus.csv", total("\u221212.50"), Taken(1)),
    Hostile("thousands.csv", total("1,234.50"), Taken(0, {2: "thousands"})),
    Hostile("comma.csv", total("12,50"), Taken(0, {2: "decimal = '.'"})),
    Hostile("symbol.csv", total("€12.50"), Taken(0, {2: "symbol"})),
    Hostile("words.csv", total("twelve"), Taken(0, {2: "not an amount"})),
    Hostile("nan.csv", total("NaN"), Taken(0, {2: "not an amount"})),
    Hostile("infinite.csv", total("-inf"), Taken(0, {2: "not an amount"})),
    Hostile("exponent.csv", total("1e5"), Taken(0, {2: "not an amount"})),
    Hostile("arabic-digits.csv", total("١٢"), Taken(0, {2: "not an amount"})),
    Hostile("huge-amount.csv", total("9" * 5000), Taken(0, {2: "too large"})),
    Hostile("huge-exponent.csv", total("1e+999"), Taken(0, {2: "too large"})),
    Hostile("tiny-amount.csv", total("1e-999"), Taken(0, {2: "too small"})),
    Hostile("fine-amount.csv", total("12.505"), Taken(0, {2: "smallest unit"})),
    Hostile("two-points.csv", total("1.2.3"), Taken(0, {2: "not an amount"})),
    Hostile("formula.csv", total("=1+1"), Taken(0, {2: "not an amount"})),
    # Dates
    Hostile("impossible-day.csv", issued("2026-02-30"), Taken(0, {2: "calendar"})),
    Hostile("either-way.csv", issued("03/04/2026"), Taken(0, {2: "Which part is the day"})),
    Hostile("spelled-out.csv", issued("4 May 2026"), Taken(0, {2: "not an ISO date"})),
    Hostile("day-number.csv", issued("46146"), Taken(0, {2: "spreadsheet's day number"})),
    Hostile("year-eleven.csv", issued("0011-05-04"), Taken(0, {2: "year 11"})),
    Hostile("midnight.csv", issued("2026-05-04 00:00:00"), Taken(1)),
    Hostile("with-time.csv", issued("2026-05-04 23:30:00"), Taken(0, {2: "not an ISO date"})),
    # JSON
    Hostile("good.jsonl", f"{_LINE}\n\n{_LINE}\n".encode(), Taken(2)),
    Hostile("good.json", json.dumps([ROW], indent=2).encode(), Taken(1)),
    Hostile("json-inside.csv", f"{_LINE}\n".encode(), Taken(1)),
    Hostile(
        "numbers.jsonl",
        b'{"number": 12345678901234567890, "customer": "C", "date": "2026-05-04", "total": 1.10}',
        Taken(1),
    ),
    Hostile(
        "broken-line.jsonl", f"{_LINE}\n{{'x': 1}}\n".encode(), Taken(1, {2: "not one valid JSON"})
    ),
    Hostile("not-an-object.jsonl", f"{_LINE}\n[1]\n".encode(), Taken(1, {2: "not an object"})),
    Hostile(
        "twice-a-key.jsonl",
        f'{_LINE}\n{{"number": 1, "number": 2}}'.encode(),
        Taken(1, {2: "key occurs twice"}),
    ),
    Hostile(
        "surrogate.jsonl",
        _LINE.replace("00123", "\\ud800").encode(),
        Taken(0, {1: "half of a character"}),
    ),
    Hostile(
        "json-nan.jsonl", _LINE.replace('"12.50"', "NaN").encode(), Taken(0, {1: "not an amount"})
    ),
    Hostile(
        "nested.jsonl",
        _LINE.replace('"12.50"', '{"value": 12.5}').encode(),
        Taken(0, {1: "not an amount"}),
    ),
    Hostile("deep.json", DEEP, Refused("nested too deeply")),
    Hostile("deep.jsonl", b'{"a":' * 100_000, Refused("holds no objects")),
    Hostile("cut.json", json.dumps([ROW, ROW]).encode()[:-20], Refused("line 1")),
    Hostile("no-comma.json", f"[{_LINE} {_LINE}]".encode(), Refused("comma")),
    Hostile("tail.json", f"[{_LINE}] x".encode(), Refused("follows")),
    Hostile("empty.json", b"[]", Refused("holds no objects")),
    Hostile("no-json.json", b"number,customer\n", Refused("holds no objects")),
    # Parquet
    Hostile(
        "good.parquet",
        parquet(
            number=["00123"], customer=["C-1"], date=[date(2026, 5, 4)], total=[Decimal("12.50")]
        ),
        Taken(1),
    ),
    Hostile(
        "floats.parquet",
        parquet(
            number=["1", "2"],
            customer=["C", "C"],
            date=["2026-05-04"] * 2,
            total=[12.5, float("nan")],
        ),
        Taken(1, {3: "not an amount"}),
    ),
    Hostile(
        "nulls.parquet",
        parquet(number=["1", None], customer=["C", "C"], date=["2026-05-04"] * 2, total=[1, 2]),
        Taken(1, {3: "missing"}),
    ),
    Hostile(
        "lists.parquet",
        parquet(number=[["1"]], customer=["C"], date=["2026-05-04"], total=[1]),
        Taken(1),
    ),
    Hostile("same-names.parquet", repeated_parquet_names, Refused("number (1)")),
    Hostile("cut.parquet", cut(parquet(number=["1"] * 1000), 0.7), Refused("not a sound Parquet")),
    Hostile("magic-only.parquet", b"PAR1" + b"\0" * 20 + b"PAR1", Refused("not a sound Parquet")),
    Hostile("text.parquet", csv(GOOD), Refused("no .parquet file inside")),
    # Excel
    Hostile("good.xlsx", sheet(_BOOK_ROW), Taken(1)),
    Hostile("wrong-name.csv", misnamed, Taken(1)),
    Hostile("text.xlsx", csv(GOOD), Refused("no .xlsx file inside")),
    Hostile("numbers.xlsx", sheet([17850.0, "C-1", date(2026, 5, 4), 12.5]), Taken(1)),
    Hostile("sums.xlsx", sheet(["1", "C-1", date(2026, 5, 4), 0.1 + 0.2]), Taken(1)),
    Hostile(
        "formula.xlsx",
        sheet(["1", "C-1", date(2026, 5, 4), "=1+1"]),
        Taken(0, {2: "usable result"}),
    ),
    Hostile(
        "error.xlsx", sheet(["1", "C-1", date(2026, 5, 4), "#REF!"]), Taken(0, {2: "usable result"})
    ),
    Hostile(
        "rounded.xlsx",
        sheet([12345678901234567890, "C-1", date(2026, 5, 4), 1]),
        Taken(0, {2: "digits are lost"}),
    ),
    Hostile("empty.xlsx", lambda path: openpyxl.Workbook().save(path), Refused("is empty")),
    Hostile("far-corner.xlsx", far_corner, Refused("cells")),
    Hostile("bomb.xlsx", bomb, Refused("would unpack to")),
    Hostile("lying-size.xlsx", lying_size, Refused("not a sound workbook")),
    Hostile("cut.xlsx", cut(sheet(_BOOK_ROW), 0.6), Refused("not a sound workbook")),
    Hostile("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Refused("old or protected")),
]
