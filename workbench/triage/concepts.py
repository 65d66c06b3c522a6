"""Words of several languages that mean much the same, as features of the intent classifier."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import combinations

_WORD = re.compile(r"\w+(?:[-'.]\w+)*")
_MOST_WORDS = 60
"""Words of a message that are looked up; later ones seldom say what is wanted."""


class Concepts:
    """A dictionary from words, or beginnings of words, to concepts."""

    def __init__(self, table: dict[str, str]) -> None:
        self._whole: dict[str, list[str]] = {}
        self._beginning: dict[str, list[str]] = {}
        for concept, words in table.items():
            for word in words.split():
                target = self._beginning if word.endswith("*") else self._whole
                target.setdefault(word.rstrip("*"), []).append(concept)
        self._known: dict[str, tuple[str, ...]] = {}

    def of_word(self, word: str) -> tuple[str, ...]:
        """The concepts of one folded word."""
        known = self._known.get(word)
        if known is None:
            found = set(self._whole.get(word, ()))
            for end in range(2, len(word) + 1):
                found.update(self._beginning.get(word[:end], ()))
            known = tuple(sorted(found))
            if len(self._known) < 50_000:
                self._known[word] = known
        return known

    def __call__(self, text: str) -> list[str]:
        """Features of a normalised text: each concept, and each pair that occurs together."""
        words = _WORD.findall(text)[:_MOST_WORDS]
        present = sorted({concept for word in words for concept in self.of_word(word)})
        return present + [f"{one}+{other}" for one, other in combinations(present, 2)]


@lru_cache(maxsize=1)
def service_concepts() -> Concepts:
    """The concepts that ship with the package."""
    source = files("workbench.triage") / "lexicon" / "reading" / "concepts.toml"
    return Concepts(tomllib.loads(source.read_text(encoding="utf-8"))["concepts"])
