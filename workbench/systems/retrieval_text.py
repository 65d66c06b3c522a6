"""From text to search terms: stems, one term for equivalent words, compounds taken apart."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

_ALGORITHMS = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
_STOPWORDS = {"en": "EN_PLUS", "de": "GERMAN", "fr": "FRENCH", "es": "SPANISH"}
_LONGEST_WORD = 40
_SHORTEST_PART = 4
_LINKS = ("", "s", "n", "en", "es", "e")
"""Letters that German puts between the parts of a compound."""


def supported() -> tuple[str, ...]:
    """Languages that articles can be searched in."""
    return tuple(_ALGORITHMS)


@dataclass
class Analyzer:
    """Turns text of one language into terms; the same for articles and for questions."""

    language: str
    compounds: bool = False
    """Whether long words may be made of shorter ones without a space."""
    known: set[str] = field(default_factory=set)
    """Terms of the articles, the parts that a compound may be made of."""

    def __post_init__(self) -> None:
        import Stemmer

        entry = _words()[self.language]
        self._stem = Stemmer.Stemmer(_ALGORITHMS[self.language]).stemWord
        noise = (*_stopwords(self.language), *entry["noise"])
        self._noise = {form for word in map(_fold, noise) for form in (word, self._stem(word))}
        self._phrases, self._same = self._equivalents(entry["equivalents"])

    def terms(self, text: str) -> list[str]:
        """Terms in order of appearance, without words that say nothing and without numbers."""
        folded = _fold(text)
        for phrase, word in self._phrases:
            folded = phrase.sub(word, folded)
        words = (w for w in re.findall(r"\w+", folded) if not w.isdigit())
        sized = (word for word in words if 1 < len(word) <= _LONGEST_WORD)
        kept = (w for w in sized if not {w, self._stem(w)} & self._noise)
        return [term for word in kept for term in self._parts(self._term(word))]

    def learn(self, texts: Iterable[str]) -> None:
        """Take the terms of the articles as parts of compounds."""
        if self.compounds:
            self.known |= {term for text in texts for term in self.terms(text)}

    def _term(self, word: str) -> str:
        stem: str = self._stem(word)
        return self._same.get(stem, stem)

    def _parts(self, term: str) -> list[str]:
        """The term, and for an unknown compound the two known terms that it is made of."""
        if term in self.known:
            return [term]
        for cut in range(_SHORTEST_PART, len(term) - _SHORTEST_PART + 1):
            head, tail = term[:cut], self._term(term[cut:])
            heads = (self._term(head.removesuffix(link)) for link in _LINKS if head.endswith(link))
            found = next((part for part in heads if part in self.known), None)
            if found and tail in self.known:
                return [found, tail]
        return [term]

    def _equivalents(
        self, groups: list[list[str]]
    ) -> tuple[list[tuple[re.Pattern[str], str]], dict[str, str]]:
        phrases: dict[str, str] = {}
        same: dict[str, str] = {}
        for group in groups:
            term = self._stem(_fold(group[0]).replace(" ", "").replace("-", ""))
            for words in map(_fold, group):
                if re.fullmatch(r"\w+", words):
                    same[self._stem(words)] = term
                else:
                    phrases[words] = term
        longest_first = sorted(phrases, key=len, reverse=True)
        patterns = [(re.compile(rf"\b{re.escape(p)}\b"), phrases[p]) for p in longest_first]
        # A phrase leaves its term in the text, where it is stemmed like any other word.
        return patterns, {**same, **{self._stem(term): term for term in phrases.values()}}


def _fold(text: str) -> str:
    """Lower case, compatible characters made one, accents dropped."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(word_list())


def word_list() -> str:
    """The file of equivalents; an index is good only for the list that it was built with."""
    return files("workbench.systems").joinpath("retrieval_words.toml").read_text(encoding="utf-8")


def _stopwords(language: str) -> tuple[str, ...]:
    from bm25s import stopwords

    words: tuple[str, ...] = tuple(getattr(stopwords, f"STOPWORDS_{_STOPWORDS[language]}"))
    return words
