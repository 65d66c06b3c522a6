"""How alike messages are in their letters: cosine of TF-IDF weighted character 2-4-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.triage.features import prepared

Floats = NDArray[np.float64]

_ROWS_AT_ONCE = 500
"""Messages compared with all others at a time, so that memory stays below 200 MB."""


class Likeness:
    """Messages as unit vectors; the product of two of them is how alike they are, 0-1."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(
            preprocessor=prepared,
            analyzer="char_wb",
            ngram_range=(2, 4),
            sublinear_tf=True,
            dtype=np.float32,
        )
        self.vectors: Any = self._vectorizer.fit_transform(texts)

    def to(self, text: str) -> Floats:
        """How alike each of the messages is to a text."""
        return _dense(self.vectors @ self._vectorizer.transform([text]).T)[:, 0]

    def to_one(self, place: int) -> Floats:
        """How alike each of the messages is to the one at `place`."""
        return _dense(self.vectors @ self.vectors[place].T)[:, 0]

    def crowding(self, neighbours: int) -> Floats:
        """Mean likeness of each message to its nearest ones: high in the middle of a topic."""
        count = self.vectors.shape[0]
        wanted = min(neighbours, count - 1)
        if wanted < 1:
            return np.ones(count)
        parts = [self._nearest(start, wanted) for start in range(0, count, _ROWS_AT_ONCE)]
        return np.concatenate(parts)

    def _nearest(self, start: int, wanted: int) -> Floats:
        likeness = _dense(self.vectors[start : start + _ROWS_AT_ONCE] @ self.vectors.T)
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = 0  # nobody is a neighbour of their own
        nearest: Floats = np.partition(likeness, -wanted, axis=1)[:, -wanted:].mean(axis=1)
        return nearest

    def nearest_of(self, others: Sequence[str]) -> Floats:
        """Likeness of each message to the nearest of other texts; 0 where there is none."""
        count = self.vectors.shape[0]
        if not others:
            return np.zeros(count)
        known = self._vectorizer.transform(others)
        parts = [
            _dense(self.vectors[start : start + _ROWS_AT_ONCE] @ known.T).max(axis=1)
            for start in range(0, count, _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)


def _dense(matrix: Any) -> Floats:
    return np.asarray(matrix.toarray(), dtype=np.float64)
