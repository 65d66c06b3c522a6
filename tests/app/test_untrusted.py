"""Text from outside stays text: on the page, in labels, in files."""

from __future__ import annotations

import csv
import io
import re
import sys

import pytest
from demo_poc import ROOT

sys.path.append(str(ROOT / "app"))

from ui.tables import as_csv
from ui.untrusted import as_label, plain

FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK(1)"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_of_a_download_runs_in_a_spreadsheet(cell):
    ((_,), (written,)) = csv.reader(io.StringIO(as_csv([{"x": cell}])))
    assert written == "'" + cell


def test_plain_numbers_and_words_are_downloaded_as_they_are():
    rows = [{"n": -3.5, "word": 'a, "b"', "none": None}]
    (_, row) = csv.reader(io.StringIO(as_csv(rows)))
    assert row == ["-3.5", 'a, "b"', ""]


def test_a_label_escapes_every_sign_that_markdown_reads():
    text = as_label("![x](http://a.example/y) <b>*hi*</b> :material/home: $x$ `c` [l](u)")
    signs = [i for i, c in enumerate(text) if c in "![](){}<>*_:$`#|~"]
    assert all(text[i - 1] == "\\" for i in signs)


def test_invisible_and_control_characters_are_dropped():
    assert plain("a\u200bb\u202ec\x00d\ne") == "abcd\ne"


@pytest.mark.parametrize(
    "text",
    ["https://evil.example/a", "HTTP://evil.example", "www.evil.example", "see a.b+c@evil.example"],
)
def test_no_address_in_a_label_becomes_a_link(text):
    """The page links addresses once the escapes are gone; these are its patterns."""
    linked = re.compile(r"(https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(\.[-\w]+)+", re.IGNORECASE)
    assert linked.search(text)
    assert not linked.search(as_label(text).replace("\\", ""))
    assert plain(as_label(text)).replace("\\", "") == text, "every letter is there"
