"""A table arrives as it was written: as text, with the line of every row."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.errors import InputError, Unavailable
from workbench.store.reading import ReadOptions, Row, open_table

REAL = Path(
    os.environ.get("WORKBENCH_REAL_DATA") or Path(__file__).parents[2] / "../shared/data"
).resolve()
needs_real_data = pytest.mark.skipif(
    not (REAL / "security").is_dir(), reason="no real data (WORKBENCH_REAL_DATA)"
)


def rows_of(path: Path | str, **options: str) -> list[Row]:
    return list(open_table(path, ReadOptions(**options)).rows)


def spectrum() -> list[Path]:
    return sorted((REAL / "security/csv_spectrum").glob("csvs__*.csv"))


@needs_real_data
@pytest.mark.parametrize("path", spectrum(), ids=lambda path: path.stem)
def test_awkward_csv_files_read_as_their_authors_meant_them(path: Path) -> None:
    table = open_table(path)
    found = [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows]
    expected_file = path.with_name(path.name.replace("csvs__", "json__")).with_suffix(".json")
    text = expected_file.read_text().replace("\\r\\n", "\\n")  # this copy lost its returns
    expected = json.loads(text)
    expected = expected if isinstance(expected, list) else [expected]
    if path.stem == "csvs__location_coordinates":  # the JSON anonymised the number
        expected[0]["Contact Phone Number"] = found[0]["Contact Phone Number"]
    assert found == expected


@needs_real_data
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("ARROW-GH-41317.parquet", None),
        ("ARROW-GH-47662.parquet", None),
        ("ARROW-RS-GH-6229-LEVELS.parquet", None),
        ("ARROW-GH-43605.parquet", 21_186),  # sound: it only made a reader in Go crash
    ],
)
def test_corrupt_parquet_files_are_refused_and_sound_ones_read_whole(
    file: str, rows: int | None
) -> None:
    path = REAL / "security/parquet_bad" / file
    if rows is None:
        with pytest.raises(InputError, match="not a sound Parquet file"):
            rows_of(path)
    else:
        assert len(rows_of(path)) == rows


def test_lines_are_those_of_the_file_across_blank_lines_and_line_breaks_in_cells(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('a,b\n\n1,"x\ny"\n\n2,z\n')
    assert [(row.line, row.cells) for row in rows_of(path)] == [
        (3, ("1", "x\ny")),
        (6, ("2", "z")),
    ]


def test_an_element_of_a_json_array_knows_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "array.json"
    path.write_text('[\n  {"a": 1},\n\n  {"a": 1.10,\n   "b": null}, {"b": true}]')
    assert [(row.line, row.cells) for row in rows_of(path)] == [
        (2, ("1", "")),
        (4, ("1.10", "")),
        (5, ("", "true")),
    ]


@pytest.mark.parametrize("text", ["00123", "0001e5", "17850.0", "1e400", " padded ", "-0", "NULL"])
def test_text_is_never_changed_by_reading(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\n{text},x\n")
    (tmp_path / "t.jsonl").write_text(json.dumps({"a": text}))
    pq.write_table(pa.table({"a": [text]}), tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([text])
    book.save(tmp_path / "t.xlsx")
    for name in ("t.csv", "t.jsonl", "t.parquet", "t.xlsx"):
        assert rows_of(tmp_path / name)[0].cells[0] == text, name


def test_typed_values_are_rendered_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "typed.parquet"
    columns = {
        "big": pa.array([2**62]),
        "money": pa.array([Decimal("0.10")]),
        "float": pa.array([17850.0]),
        "time": pa.array([datetime(2026, 5, 4, 10, tzinfo=UTC)]),
        "flag": pa.array([True]),
        "none": pa.array([None], pa.string()),
    }
    pq.write_table(pa.table(columns), path)
    assert rows_of(path)[0].cells == (
        str(2**62),
        "0.10",
        "17850.0",
        "2026-05-04 10:00:00+00",
        "true",
        "",
    )


def test_a_workbook_is_read_from_its_first_filled_row_and_names_the_sheets_left_out(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    book.active["B3"], book.active["C3"] = "id", "amount"
    book.active["B5"], book.active["C5"] = "007", 12.5
    book.create_sheet("Other")["A1"] = "x"
    book.save(tmp_path / "book.xlsx")
    table = open_table(tmp_path / "book.xlsx")
    assert table.columns == ("column_1", "id", "amount")
    assert list(table.rows) == [Row(5, ("", "007", "12.5"))]
    assert table.notes == ["Read sheet 'Sheet'; not read: Other."]
    with pytest.raises(InputError, match="no sheet 'Third'"):
        open_table(tmp_path / "book.xlsx", ReadOptions(sheet="Third"))


@pytest.fixture
def shop(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute('CREATE TABLE "odd name" (id TEXT, amount REAL, note TEXT)')
        connection.execute("INSERT INTO \"odd name\" VALUES ('007', 1.98, NULL)")
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_a_database_gives_a_table_or_a_query_as_text(shop: str) -> None:
    assert rows_of(shop, table="odd name") == [Row(1, ("007", "1.98", ""))]
    assert rows_of(shop, query='SELECT amount * 2 AS twice FROM "odd name"')[0].cells == ("3.96",)


def test_equal_results_of_a_query_have_equal_fingerprints(shop: str) -> None:
    first, second = (open_table(shop, ReadOptions(table="odd name")) for _ in range(2))
    assert list(first.rows) == list(second.rows)
    assert first.fingerprint() == second.fingerprint()


@pytest.mark.parametrize(
    ("url", "options", "kind", "words"),
    [
        ("sqlite:///missing.db", {"table": "a"}, InputError, "does not exist"),
        ("nosuchdb://host/x", {"table": "a"}, InputError, "cannot be used"),
        ("{shop}", {}, InputError, "which rows"),
        ("{shop}", {"table": 'x"; DROP TABLE "odd name'}, InputError, "no such table"),
        ("{shop}", {"query": 'DELETE FROM "odd name"'}, InputError, "readonly"),
        ("{shop}", {"query": "SELEKT 1"}, InputError, "syntax error"),
        ("postgresql+psycopg://u:hush@localhost:1/x", {"table": "a"}, Unavailable, "u:\\*\\*\\*@"),
    ],
)
def test_a_database_that_cannot_be_read_says_why_and_keeps_its_password(
    url: str, options: dict[str, str], kind: type[Exception], words: str, shop: str
) -> None:
    with pytest.raises(kind, match=words) as error:
        rows_of(url.format(shop=shop), **options)
    assert "hush" not in str(error.value)
    assert len(rows_of(shop, table="odd name")) == 1


def _text(path: Path) -> None:
    path.write_text("a,b\n" + '"1",x\n' * 50)


def _json(path: Path) -> None:
    path.write_text('{"a": "1", "b": "x"}\n' * 50)


def _parquet(path: Path) -> None:
    columns = {"a": [str(i) for i in range(500)], "b": [[float(i)] for i in range(500)]}
    pq.write_table(pa.table(columns), path)


def _excel(path: Path) -> None:
    book = openpyxl.Workbook()
    for _ in range(50):
        book.active.append(["a", 1])
    book.save(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("x.csv", _text), ("x.jsonl", _json), ("x.parquet", _parquet), ("x.xlsx", _excel)],
)
def test_damaged_bytes_are_read_or_refused_but_never_crash(
    name: str, write: Callable[[Path], None], tmp_path: Path
) -> None:
    path, chance = tmp_path / name, random.Random(4)
    write(path)
    sound = path.read_bytes()
    for _ in range(80):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data[: chance.choice([len(data), chance.randrange(len(data))])]))
        try:
            rows = rows_of(path)
        except InputError:
            continue
        assert all(row.line > 0 for row in rows)
