"""Labelled messages are not the wordings that measure them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.triage.test_model import WORDINGS
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.words import normalise

ROOT = Path(__file__).parents[2]
HELD_OUT = Path(__file__).with_name("heldout.csv")
MOST_SHARED = 0.75
SAID_BY_EVERYBODY = 3
"""So few words without a number are said alike by everybody: "stop", "thank you"."""


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", normalise(text)))


def said(part: Any) -> Iterator[str]:
    """All wordings of a parsed scenario file."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "say":
                yield from [value] if isinstance(value, str) else value
            else:
                yield from said(value)
    elif isinstance(part, list):
        for value in part:
            yield from said(value)


def measuring_wordings() -> list[frozenset[str]]:
    files = [
        path
        for place in ("workbench", "sample_data", "examples", "tests")
        for path in (ROOT / place).rglob("*.toml")
        if "scenarios" in path.parts
    ]
    scenarios = [text for path in files for text in said(tomllib.loads(path.read_text("utf-8")))]
    assert len(scenarios) > 500
    held_out = [row.text for row in read_labelled(HELD_OUT)]
    plain = [text for text, _ in WORDINGS]
    return [words(text) for text in [*scenarios, *held_out, *plain]]


def test_no_labelled_message_repeats_a_wording_that_measures(
    labelled: tuple[Labelled, ...],
) -> None:
    measuring = measuring_wordings()
    repeated = []
    for row in labelled:
        own = words(row.text)
        universal = len(own) <= SAID_BY_EVERYBODY and not re.search(r"\d", row.text)
        if not universal and any(_shared(own, other) >= MOST_SHARED for other in measuring):
            repeated.append(row.text)
    assert repeated == []


def test_an_intent_has_each_wording_once(labelled: tuple[Labelled, ...]) -> None:
    """A copy teaches nothing, and in cross-validation it is read by who has seen it."""
    wordings = Counter(
        (row.label, *re.findall(r"\w+", normalise(row.text)))
        for row in labelled
        if re.search(r"\w", row.text)
    )
    assert [wording for wording, times in wordings.items() if times > 1] == []


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
