"""Abusive words masked for the person who takes over; the request in them stays readable."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from workbench.config import read_toml
from workbench.triage.words import fold

_WORDS = Path(__file__).parent / "lexicon" / "swearwords.toml"
_TOKEN = re.compile(r"\w+")


def without_abuse(text: str) -> str:
    """The text with each abusive word replaced by its first letter and an ellipsis."""
    return _TOKEN.sub(lambda m: f"{m[0][0]}…" if _abusive().fullmatch(fold(m[0])) else m[0], text)


@cache
def _abusive() -> re.Pattern[str]:
    words: list[str] = read_toml(_WORDS)["words"]
    return re.compile("|".join(re.escape(word).replace(r"\*", r"\w*") for word in words))
