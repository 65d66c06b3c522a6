"""The features that the classifiers look at, counted the same way in fitting and at run time.

Three blocks, each TF-IDF weighted (sublinear tf, smooth idf, unit length; Salton & Buckley 1988):
words and pairs of neighbours, character 2-5-grams within words, and concepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.triage.concepts import service_concepts
from workbench.triage.words import normalise

LONGEST_TEXT = 4_000
"""Characters that are classified; what follows in a longer message is quotation or attachment."""

WORD = r"\w+|\?"
GRAM = (2, 5)
"""Shortest and longest character n-gram."""

_word = re.compile(WORD)
_LOG = 1 + np.log(np.arange(1, 4097))
"""1 + ln(count), the sublinear term frequency; counts above the table use its end."""


_OPENING = re.compile(
    r"^\W*(?:(?:(?:hi+|hello+|hey+|hiya|heya|hallo|moin|servus|bonjour|bonsoir|salut|coucou|hola|buenas"
    r"|(?:good|guten|gute) (?:day|morning|afternoon|evening|tag|morgen|abend)"
    r"|buen(?:os|as)? (?:dias?|tardes|noches)|morning|afternoon|evening|sir or madam)"
    r"(?: (?:there|team|all|everyone|everybody|guys|again|support|bot|both|folks"
    r"|zusammen|ihr|leute|a tous|a todos|tout le monde))?\b"
    r"|(?:dear|sehr geehrte[rs]?|liebe[rs]?|ch[e]re?s?|madame|monsieur|estimad[oa]s?)"
    r"(?: [\w.]+){0,6}(?=[,:\n]))[\s,.!:;-]*){1,2}"
)
_CLOSING = re.compile(
    r"[\s,.!;-](?:(?:many |kind |best |warm )?(?:thanks|thank you|thx|regards|cheers|greetings)"
    r"|(?:mit )?(?:freundlichen|besten|vielen|viele|liebe) (?:gru(?:ss|sse|ssen)|dank)|mfg|lg|vg"
    r"|danke"
    r"|merci(?: d'avance)?|cordialement|gracias|(?:un )?saludos?|atentamente|yours)\b[^?]{0,60}$"
)
_FEW_WORDS = 3
"""A courtesy is taken off only where at least so many words are left."""


def prepared(text: str) -> str:
    """What every block reads: normalised, of bounded length, greeting and farewell taken off.

    "Hi, quick one: ..." and "... Kind regards, Tom" say nothing about what is wanted.
    """
    plain = normalise(text[:LONGEST_TEXT])
    body = _CLOSING.sub("", _OPENING.sub("", plain, count=1), count=1)
    return body if len(body.split()) >= _FEW_WORDS else plain


def word_grams(text: str) -> list[str]:
    """Words and neighbouring pairs of a prepared text."""
    words = _word.findall(text)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def char_grams(text: str) -> Iterable[str]:
    """Character n-grams inside space-padded words, as scikit-learn's `char_wb` counts them."""
    low, high = GRAM
    for word in text.split():
        padded = f" {word} "
        length = len(padded)
        for size in range(low, high + 1):
            if size >= length:
                yield padded
                break
            for start in range(length - size + 1):
                yield padded[start : start + size]


@dataclass(frozen=True)
class Block:
    """One kind of feature with its vocabulary; rows `offset...` of the coefficients are its own."""

    name: str
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    """By row of the whole coefficient matrix, the weight of the block included in `weight`."""
    weight: float

    def rows(self, text: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Rows of the known features of a text and their values, of length `weight` together."""
        counts: dict[int, int] = {}
        row_of = self.vocabulary.get
        for gram in BLOCKS[self.name](text):
            row = row_of(gram)
            if row is not None:
                counts[row] = counts.get(row, 0) + 1
        rows = np.fromiter(counts.keys(), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.intp, len(counts))
        values = _LOG[np.minimum(times, len(_LOG)) - 1] * self.idf[rows]
        length = float(np.sqrt(values @ values))
        return rows, values * (self.weight / length) if length else values


def _concepts(text: str) -> list[str]:
    return service_concepts()(text)


BLOCKS: dict[str, Any] = {"words": word_grams, "chars": char_grams, "concepts": _concepts}


def vectorizers(weights: dict[str, float], rare: int) -> Any:
    """The same three blocks as a scikit-learn transformer, for fitting.

    Args:
        weights: block name -> weight; a block that is missing is left out.
        rare: character n-grams in fewer texts than this are dropped.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    def tfidf(**options: Any) -> Any:
        return TfidfVectorizer(
            preprocessor=prepared, sublinear_tf=True, dtype=np.float32, **options
        )

    made = {
        "words": tfidf(ngram_range=(1, 2), token_pattern=WORD),
        "chars": tfidf(analyzer="char_wb", ngram_range=GRAM, min_df=rare),
        "concepts": TfidfVectorizer(
            analyzer=_prepared_concepts, sublinear_tf=True, dtype=np.float32, min_df=rare
        ),
    }
    return FeatureUnion([(name, made[name]) for name in weights], transformer_weights=dict(weights))


def _prepared_concepts(text: str) -> list[str]:
    return _concepts(prepared(text))


def blocks_of(union: Any) -> tuple[Block, ...]:
    """The fitted blocks of `vectorizers`, ready to count without scikit-learn."""
    blocks: list[Block] = []
    offset = 0
    for name, vectorizer in union.transformer_list:
        size = len(vectorizer.vocabulary_)
        vocabulary = {gram: offset + int(i) for gram, i in vectorizer.vocabulary_.items()}
        idf = np.zeros(offset + size, np.float32)
        idf[offset:] = vectorizer.idf_
        blocks.append(Block(name, vocabulary, idf, float(union.transformer_weights[name])))
        offset += size
    return tuple(blocks)
