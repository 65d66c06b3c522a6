"""What customers come for: the tables of `needs.toml` as arrays, one position per name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from workbench.sample.arrays import Floats


@dataclass(frozen=True)
class Needs:
    """Tables of the history. Arrays are indexed by the position of a name in its tuple."""

    intents: tuple[str, ...]
    flows: tuple[str, ...]
    stakes: tuple[str, ...]
    complexity: Floats
    share: Floats
    confidence: Floats
    talk: Floats
    wrap: Floats
    assistant: Floats
    mood: Floats
    urgency: Floats
    turns: Floats
    happenings: tuple[str, ...]
    happening_share: Floats
    pull: Floats
    asks: Floats
    """happening x intent: weights of what customers ask about it."""
    channels: tuple[str, ...]
    channel_share: Floats
    office: Floats
    """Share of a channel's contacts that come in office hours."""
    talk_factor: Floats
    sensitive: tuple[str, ...]
    sensitive_share: Floats

    def code(self, intent: str) -> int:
        return self.intents.index(intent)


@cache
def needs() -> Needs:
    """The tables of `needs.toml`."""
    text = files("workbench.sample").joinpath("needs.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    intents, happenings, channels = content["intents"], content["happenings"], content["channels"]
    return Needs(
        intents=tuple(intents),
        flows=tuple(row["flow"] for row in intents.values()),
        stakes=tuple(row["stakes"] for row in intents.values()),
        **{name: _column(intents, name) for name in _PER_INTENT},
        happenings=tuple(happenings),
        happening_share=_column(happenings, "share"),
        pull=_column(happenings, "pull"),
        asks=np.array([[h["asks"].get(i, 0.0) for i in intents] for h in happenings.values()]),
        channels=tuple(channels),
        channel_share=_column(channels, "share"),
        office=_column(channels, "office"),
        talk_factor=_column(channels, "talk"),
        sensitive=tuple(content["sensitive"]),
        sensitive_share=np.array(list(content["sensitive"].values())),
    )


_PER_INTENT = (
    *("complexity", "share", "confidence", "talk", "wrap"),
    *("assistant", "mood", "urgency", "turns"),
)


def _column(table: dict[str, Any], name: str) -> Floats:
    return np.array([row[name] for row in table.values()], dtype=np.float64)
