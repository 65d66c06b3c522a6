"""No text crashes or hangs the reader."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.triage.model import TriageModel

LONG = {
    "letters": "a" * 1_000_000,
    "spaces": " " * 1_000_000,
    "digits": "1" * 1_000_000,
    "commas": "a," * 500_000,
    "talk to": "talk to " * 125_000,
    "stops": ". " * 500_000,
    "lines": "\n" * 1_000_000,
    "at signs": "a@" * 500_000,
    "quotes": "> " * 500_000,
    "dear": "dear a " * 140_000,
}


@pytest.mark.parametrize("name", LONG)
def test_a_megabyte_is_read_in_two_seconds(model: TriageModel, name: str) -> None:
    started = perf_counter()
    model.read(LONG[name])
    assert perf_counter() - started < 2


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_gives_signals(model: TriageModel, text: str) -> None:
    signals = model.read(text)
    assert -1 <= signals.sentiment <= 1
    assert 0 <= signals.urgency <= 1


def test_nothing_is_read_out_of_nothing(model: TriageModel) -> None:
    signals = model.read(" \n\t ")
    assert signals.intents == ()
    assert signals.language == "und"


def test_naughty_strings_are_read(model: TriageModel, real_data: Path) -> None:
    file = real_data / "security" / "naughty_strings" / "blns.json"
    for text in json.loads(file.read_text("utf-8")):
        model.read(text)
