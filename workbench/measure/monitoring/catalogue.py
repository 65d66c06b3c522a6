"""What is watched and what it can mean: the two tables that the rest of the room reads."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from workbench.config import read_toml
from workbench.records.base import Record

Since = Literal["", "launch", "policy"]
CLASSES = 40
"""Classes in which amounts are counted."""


class Signal(Record):
    """A share (`hit` among `of`) or an amount (counted by class) of contacts."""

    title: str
    of: str
    hit: str = ""
    class_: str = ""
    known: int = 0
    """Weeks until the last of them is known."""
    since: Since = ""
    open_days: bool = False
    """Counted only on days on which the service desk works."""


class Feature(Record):
    """A property of what customers bring."""

    title: str
    value: str
    classes: bool = False
    """Whether the value is a class of a number, to be joined to tenths of the reference."""


class Catalogue(Record):
    """Everything that is watched, by name."""

    shares: dict[str, Signal]
    amounts: dict[str, Signal]
    features: dict[str, Feature]

    def signal(self, name: str) -> Signal:
        return self.shares.get(name) or self.amounts[name]


@cache
def catalogue() -> Catalogue:
    """The table in `signals.toml`."""
    table = read_toml(Path(__file__).with_name("signals.toml"))
    amounts = {
        name: {("class_" if key == "class" else key): value for key, value in row.items()}
        for name, row in table["amount"].items()
    }
    return Catalogue.model_validate(
        {"shares": table["share"], "amounts": amounts, "features": table["feature"]}
    )
