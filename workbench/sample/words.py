"""Sentences of the sample by language, and which of them opens a contact."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from workbench.sample.arrays import Bools, Floats, Ints
from workbench.sample.needs import needs
from workbench.sample.readings import LANGUAGES, SUPPORTED

INVOICE = "{invoice}"
_ANGRY_BELOW = -0.6


@cache
def words(language: str) -> dict[str, Any]:
    """The sentences of one supported language."""
    return _read(f"{language}.toml")


def _read(name: str) -> dict[str, Any]:
    text = files("workbench.sample").joinpath("words", name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class Openings:
    """First sentences, cut where the invoice number goes, with where each need's list lies."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    names_invoice: Bools
    start: Ints
    """language x intent x (ordinary, new words): position of the first sentence."""
    count: Ints
    leads: tuple[str, ...]
    """What may stand before the sentence: nothing, `again` and `angry` of each language."""


@cache
def openings() -> Openings:
    """All first sentences of all languages."""
    sentences: list[str] = []
    shape = (len(LANGUAGES), len(needs().intents), 2)
    start, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place in np.ndindex(shape):
        choices = _choices(*place)
        start[place], count[place] = len(sentences), len(choices)
        sentences += choices
    cut = [sentence.partition(INVOICE) for sentence in sentences]
    return Openings(
        before=tuple(before for before, _, _ in cut),
        after=tuple(after for _, _, after in cut),
        names_invoice=np.array([bool(mark) for _, mark, _ in cut]),
        start=start,
        count=count,
        leads=_leads(),
    )


def _choices(language: int, intent: int, new_words: int) -> Sequence[str]:
    if language >= SUPPORTED:
        sentences: list[str] = _read("other.toml")[LANGUAGES[language]]
        return sentences
    spoken, name = words(LANGUAGES[language]), needs().intents[intent]
    ordinary: list[str] = spoken["open"][name]
    return spoken["new_words"].get(name, ordinary) if new_words else ordinary


def _leads() -> tuple[str, ...]:
    leads = [""]
    for language in LANGUAGES[:SUPPORTED]:
        leads += [words(language)["again"], words(language)["angry"]]
    return tuple(leads)


def choose_openings(language: Ints, intent: Ints, new_words: Bools, chance: Floats) -> Ints:
    """A sentence for each contact, as a position in `openings()`."""
    table, place = openings(), (language, intent, new_words.astype(int))
    chosen: Ints = table.start[place] + np.floor(chance * table.count[place]).astype(np.int64)
    return chosen


def choose_leads(language: Ints, follow_up: Bools, sentiment: Floats) -> Ints:
    """What stands before it, as a position in `Openings.leads`."""
    angry = sentiment < _ANGRY_BELOW
    lead = np.where(follow_up, 1 + 2 * language, np.where(angry, 2 + 2 * language, 0))
    return np.where(language < SUPPORTED, lead, 0)
