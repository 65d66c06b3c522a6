"""The articles of one language, ready to be searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.systems.retrieval_articles import Section
from workbench.systems.retrieval_index import SectionIndex, build_index
from workbench.systems.retrieval_score import CUT_OFF, Match, share_named
from workbench.systems.retrieval_text import Analyzer
from workbench.systems.retrieval_vectors import rarity_of, vector_of

_COMPOUNDING = ("de",)


class Shelf:
    """Sections of one language with their terms; the index itself is opened when first needed."""

    def __init__(self, language: str, sections: Sequence[Section], folder: Path) -> None:
        self._sections = sections
        self._folder = folder
        self._analyzer = Analyzer(language, compounds=language in _COMPOUNDING)
        self._analyzer.learn(f"{s.title} {s.heading} {s.text}" for s in sections)
        self._headings = [self._analyzer.terms(f"{s.title} {s.heading}") for s in sections]
        bodies = [self._analyzer.terms(section.text) for section in sections]
        # The heading says what a section is about, so it counts twice in the index.
        self._documents = [2 * h + body for h, body in zip(self._headings, bodies, strict=True)]
        self._rarity = rarity_of(self._documents)
        self._vectors = [vector_of(terms, self._rarity) for terms in self._documents]
        self._index: SectionIndex | None = None

    def write_index(self) -> None:
        """Build the index in the shelf's folder; an empty shelf has none."""
        if self._documents:
            build_index(self._documents, self._rarity, self._folder)

    def search(self, question: str) -> list[tuple[Section, float]]:
        """Sections that answer the question with their probability, best first."""
        terms = self._analyzer.terms(question)
        if not any(term in self._rarity for term in terms):
            return []
        candidates = self._candidates(terms)
        scored = zip(candidates, self._probabilities(terms, candidates), strict=True)
        answers = [(self._sections[n], p) for n, p in scored if p >= CUT_OFF]
        return sorted(answers, key=lambda each: -each[1])

    def _candidates(self, terms: Sequence[str]) -> list[int]:
        if self._index is None:
            self._index = SectionIndex(self._folder, self._rarity)
        return self._index.candidates(terms)

    def _probabilities(self, terms: Sequence[str], candidates: Sequence[int]) -> list[float]:
        """How likely each candidate answers the question."""
        asked = vector_of(terms, self._rarity)
        matches = (
            Match(
                in_heading=share_named(terms, self._headings[n], self._rarity),
                alike=max(float(asked @ self._vectors[n]), 0.0),
            )
            for n in candidates
        )
        return [each.probability for each in matches]
