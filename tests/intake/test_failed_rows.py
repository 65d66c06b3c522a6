"""Nothing that is exported runs in a spreadsheet."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.intake import harmless
from workbench.intake.failed_rows import FailedRows

NUMBER = re.compile(r"[+-]?[\d.,]+", re.ASCII)
RUNS = ("=", "+", "-", "@", "\t", "\r", "|")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+49 30 1234", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\ufeff=1", "＝1", "|calc", "\n=1"],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "-12.50", "+7", "1,234.50", "C-1", "a=b", "'x"])
def test_plain_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


@given(cells=st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_no_exported_cell_runs_and_every_row_comes_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    rows = FailedRows(tmp_path_factory.mktemp("failed") / "rows.csv", ["=header", *cells])
    rows.add(2, "=reason", cells)
    with Path(rows.close()).open(encoding="utf-8-sig", newline="") as stream:
        header, row = csv.reader(stream)
    assert header[2] == "'=header"
    assert len(row) == 2 + len(cells)
    assert not any(cell.startswith(RUNS) and not NUMBER.fullmatch(cell) for cell in row)
