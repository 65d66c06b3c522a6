"""One model of the sample's messages for all tests here."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from time import perf_counter, process_time

import pytest

from workbench.triage.labelled import Labelled, read_folder, read_labelled
from workbench.triage.model import TriageModel

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"


@pytest.fixture(scope="session")
def labelled() -> tuple[Labelled, ...]:
    return read_folder(SAMPLE / "intents")


@pytest.fixture(scope="session")
def model(labelled: tuple[Labelled, ...]) -> TriageModel:
    declared = tomllib.loads((SAMPLE / "intents.toml").read_text("utf-8"))["intents"]
    tones = read_labelled(SAMPLE / "sentiment.csv")
    started, worked = perf_counter(), process_time()
    fitted = TriageModel.fit(labelled, tones, declared)
    print(
        f"the sample's triage was fitted in {perf_counter() - started:.1f} s, "
        f"{process_time() - worked:.1f} s of a core"
    )
    return fitted


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
