"""Messages as points: those that speak of the same thing lie close together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.improve.topic_terms import content_words
from workbench.triage.concepts import service_concepts
from workbench.triage.features import GRAM, prepared

Points = NDArray[np.float32]
"""One row a message, of length 1."""
Encoder = Callable[[Sequence[str]], NDArray[Any]]
"""Texts -> one row each; an optional language encoder."""

_DIMENSIONS = 100
_WORDS, _CHARACTERS, _CONCEPTS = 0.7, 1.0, 0.5
"""Weights of the blocks. Words and characters were set on CLINC150; concepts are there to bring
languages together."""


def points_of(texts: Sequence[str], encode: Encoder | None = None) -> Points:
    """Latent semantic analysis of words, characters and concepts; deterministic.

    Deerwester et al. (1990) on TF-IDF with sublinear counts. An encoder's vectors are put beside
    the lexical ones with equal weight.
    """
    from sklearn.decomposition import TruncatedSVD

    counted = _weighted_counts([prepared(text) for text in texts])
    dimensions = min(_DIMENSIONS, *(side - 1 for side in counted.shape))
    if dimensions < 2:
        return np.ones((len(texts), 1), np.float32)
    lexical = unit(TruncatedSVD(dimensions, n_iter=3, random_state=0).fit_transform(counted))
    if encode is None:
        return lexical
    return unit(np.hstack([lexical, unit(encode(texts))]))


def unit(rows: NDArray[Any]) -> Points:
    """Rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Points = (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return scaled


def _weighted_counts(texts: Sequence[str]) -> Any:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    rare = 2 if len(texts) >= 100 else 1
    common: dict[str, Any] = {"sublinear_tf": True, "min_df": rare, "dtype": np.float32}
    blocks = (
        (_WORDS, TfidfVectorizer(analyzer=_words_and_pairs, **common)),
        (_CHARACTERS, TfidfVectorizer(analyzer="char_wb", ngram_range=GRAM, **common)),
        (_CONCEPTS, TfidfVectorizer(analyzer=service_concepts(), **common)),
    )
    return hstack([weight * _fitted(block, texts) for weight, block in blocks]).tocsr()


def _words_and_pairs(text: str) -> list[str]:
    words = content_words(text)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def _fitted(block: Any, texts: Sequence[str]) -> Any:
    """The block's matrix; empty where the texts hold no such feature at all."""
    from scipy.sparse import csr_matrix

    try:
        return block.fit_transform(texts)
    except ValueError:
        return csr_matrix((len(texts), 0), dtype=np.float32)
