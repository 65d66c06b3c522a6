"""Deterministic text vectors: hashed terms and letter groups, weighted by how rare they are."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SIZE = 1024
"""Dimensions of a vector."""
_LETTERS = (3, 4, 5)
_LETTER_SHARE = 0.5
"""Weight of letter groups beside whole terms: they catch inflections and parts of compounds."""


def rarity_of(documents: Iterable[Sequence[str]]) -> dict[str, float]:
    """Term -> inverse document frequency, smoothed, at least 1."""
    different = [set(terms) for terms in documents]
    counts = Counter(term for terms in different for term in terms)
    return {term: 1 + math.log((1 + len(different)) / (1 + n)) for term, n in counts.items()}


def vector_of(terms: Sequence[str], rarity: dict[str, float]) -> NDArray[np.float64]:
    """A unit vector, or zeros for no terms. Unknown terms count as the rarest."""
    vector = np.zeros(SIZE)
    unknown = max(rarity.values(), default=1.0)
    for term, count in Counter(terms).items():
        weight = (1 + math.log(count)) * rarity.get(term, unknown)
        _add(vector, f"={term}", weight)
        groups = _letter_groups(term)
        for group in groups:
            _add(vector, group, _LETTER_SHARE * weight / math.sqrt(len(groups)))
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _letter_groups(term: str) -> list[str]:
    padded = f"<{term}>"
    return [padded[i : i + n] for n in _LETTERS for i in range(len(padded) - n + 1)]


def _add(vector: NDArray[np.float64], feature: str, weight: float) -> None:
    code = zlib.crc32(feature.encode())
    vector[code % SIZE] += weight if code & 0x80000000 else -weight
