"""What a message needs, told by its words: a record or tool, an article, or nothing at all."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from workbench.triage.requests import SMALL_TALK
from workbench.triage.words import normalise

NO_NEED = SMALL_TALK | {"are_you_human", "ask_person"}
"""Intents that neither a record nor an article settles."""
_OWN_FIGURE = re.compile(r"\b0(?:ref|amt|date)\b")


def is_transactional(text: str) -> bool:
    """Whether the words ask for something about the customer's own records.

    A reference, an amount or a date is enough; else one of the customer's own things must be named
    together with something to look up or to do.
    """
    plain = normalise(text)
    if _OWN_FIGURE.search(plain):
        return True
    return all(pattern.search(plain) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """One pattern each for things, for verbs and for whose they are."""
    source = files("workbench.improve") / "transactional.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    return tuple(_any_of(table[kind].split()) for kind in ("things", "verbs", "own"))


def _any_of(words: list[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return re.compile(rf"\b(?:{alternatives})\b")
