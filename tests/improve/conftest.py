"""Real messages for the tests of topics; skipped with a reason where they are absent."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import REAL_DATA, sample_workbench

from workbench import Workbench


@pytest.fixture(scope="session")
def banking77() -> tuple[list[str], list[str]]:
    """Texts and true intents of 10,003 messages of bank customers."""
    path = REAL_DATA / "banking77" / "train.csv"
    if not path.exists():
        pytest.skip(f"no Banking77 at {path}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["category"] for row in rows]


@pytest.fixture(scope="session")
def clinc_intents() -> tuple[list[str], list[str]]:
    """Texts and true intents of the first 24 intents of CLINC150."""
    path = REAL_DATA / "clinc150" / "data_full.json"
    if not path.exists():
        pytest.skip(f"no CLINC150 at {path}")
    rows = json.loads(path.read_text(encoding="utf-8"))["train"]
    chosen = sorted({label for _, label in rows})[:24]
    kept = [(text, label) for text, label in rows if label in chosen]
    return [text for text, _ in kept], [label for _, label in kept]


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("friction")) as opened:
        yield opened


@pytest.fixture
def messages_file(tmp_path: Path) -> Path:
    """Forty messages about two things, without labels."""
    rows = [f"my parcel {n} has not arrived, where is it?" for n in range(20)]
    rows += [f"please send invoice {n} to me again as a copy" for n in range(20)]
    path = tmp_path / "messages.csv"
    path.write_text("message\n" + "\n".join(f'"{row}"' for row in rows) + "\n", encoding="utf-8")
    return path
