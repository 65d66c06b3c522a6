"""The features that the classifiers look at, counted the same way in fitting and at run time.

Four blocks, each TF-IDF weighted (sublinear tf, smooth idf, unit length; Salton & Buckley 1988):
words and pairs of neighbours, character 2-5-grams within words, concepts, and any two words of a
message, which let a linear machine learn that "card" beside "not" is another matter than either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.triage.concepts import service_concepts
from workbench.triage.words import normalise

LONGEST_TEXT = 4_000
"""Characters that are classified; what follows in a longer message is quotation or attachment."""

WORD = r"\w+|\?"
GRAM = (2, 5)
"""Shortest and longest character n-gram."""
STEM = 5
"""Letters of a word by which it is known beside another; endings differ, in every language."""
MOST_COMPANIONS = 40
"""Words of a message that are paired with one another."""
MOST_WORDS_KEPT = 50_000
"""Words whose n-grams stay looked up."""

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
_COURTESIES = (
    "thank", "thx", "regard", "cheer", "greet", "gru", "dank", "mfg", "lg", "vg", "merci",
    "cordial", "gracias", "salud", "atenta", "yours",
)  # fmt: skip
"""One of these stands in every closing; to look for them first takes a tenth of the time."""
_FEW_WORDS = 3
"""A courtesy is taken off only where at least so many words are left."""


def prepared(text: str) -> str:
    """What every block reads: normalised, of bounded length, greeting and farewell taken off.

    "Hi, quick one: ..." and "... Kind regards, Tom" say nothing about what is wanted.
    """
    plain = normalise(text[:LONGEST_TEXT])
    body = _OPENING.sub("", plain, count=1)
    if any(courtesy in body for courtesy in _COURTESIES):
        body = _CLOSING.sub("", body, count=1)
    return body if len(body.split()) >= _FEW_WORDS else plain


def word_grams(text: str) -> list[str]:
    """Words and neighbouring pairs of a prepared text."""
    words = _word.findall(text)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def char_grams(text: str) -> Iterable[str]:
    """Character n-grams inside space-padded words, as scikit-learn's `char_wb` counts them."""
    return chain.from_iterable(_grams_of_word(word) for word in text.split())


@lru_cache(maxsize=50_000)
def _grams_of_word(word: str) -> tuple[str, ...]:
    low, high = GRAM
    padded = f" {word} "
    length = len(padded)
    grams = [
        padded[start : start + size]
        for size in range(low, min(high, length - 1) + 1)
        for start in range(length - size + 1)
    ]
    return (*grams, padded) if length <= high else tuple(grams)


def company_grams(text: str) -> list[str]:
    """Any two words of a prepared text, cut to their stems, whichever comes first."""
    stems = sorted({word[:STEM] for word in _word.findall(text)[:MOST_COMPANIONS]})
    return [f"{one}+{other}" for one, other in combinations(stems, 2)]


def concept_grams(text: str) -> list[str]:
    """Concepts of a prepared text and their pairs."""
    return service_concepts()(text)


BLOCKS: dict[str, Callable[[str], Iterable[str]]] = {
    "words": word_grams,
    "chars": char_grams,
    "concepts": concept_grams,
    "company": company_grams,
}


@dataclass(frozen=True)
class Block:
    """One kind of feature with its vocabulary; rows `offset...` of the coefficients are its own."""

    name: str
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    """By row of the whole coefficient matrix."""
    weight: float
    _rows_of_word: dict[str, list[int]] = field(default_factory=dict, compare=False, repr=False)

    def rows(self, text: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Rows of the known features of a text and their values, of length `weight` together."""
        counts = Counter(self._found(text))
        rows = np.fromiter(counts.keys(), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.intp, len(counts))
        values = _LOG[np.minimum(times, len(_LOG)) - 1] * self.idf[rows]
        length = float(np.sqrt(values @ values))
        return rows, values * (self.weight / length) if length else values

    def matrix(self, texts: Sequence[str], columns: int) -> Any:
        """The same for many texts: a sparse matrix with one row a text."""
        from scipy.sparse import csr_matrix

        found = [self._found(text) for text in texts]
        ends = np.cumsum([0, *map(len, found)])
        rows = np.fromiter(chain.from_iterable(found), np.intp, int(ends[-1]))
        made = csr_matrix((np.ones(len(rows), np.float32), rows, ends), (len(texts), columns))
        made.sum_duplicates()
        made.data = (1 + np.log(made.data)) * self.idf[made.indices]
        of_text = np.repeat(np.arange(len(texts)), np.diff(made.indptr))
        squares = np.bincount(of_text, made.data**2, minlength=len(texts))
        made.data *= (self.weight / np.sqrt(np.maximum(squares, 1e-30)))[of_text]
        return made

    def _found(self, text: str) -> list[int]:
        """Rows of the known features of a text, one as often as it occurs."""
        if self.name == "chars":
            return [row for word in text.split() for row in self._of_word(word)]
        row_of = self.vocabulary.get
        rows = [row_of(gram) for gram in BLOCKS[self.name](text)]
        return [row for row in rows if row is not None]

    def _of_word(self, word: str) -> list[int]:
        """Most words of a message were seen before; their n-grams are looked up once."""
        known = self._rows_of_word.get(word)
        if known is None:
            rows = [self.vocabulary.get(gram) for gram in _grams_of_word(word)]
            known = [row for row in rows if row is not None]
            if len(self._rows_of_word) < MOST_WORDS_KEPT:
                self._rows_of_word[word] = known
        return known


def counted(texts: Sequence[str], weights: Mapping[str, float], rare: int) -> tuple[Any, Any]:
    """The same blocks as a fitted scikit-learn transformer, and its matrix of the texts.

    Args:
        weights: block name -> weight; a block that is missing is left out.
        rare: all but words and neighbours in fewer texts than this are dropped.

    Raises:
        InputError: the texts are too few, or have too little in common, to count anything.
    """
    union = _vectorizers(weights, rare)
    try:
        return union, union.fit_transform(texts)
    except ValueError as error:
        raise InputError(
            f"{len(texts)} texts have too little in common to learn from ({error})",
            expected="at least ten texts for each label",
            next_step="Label more messages.",
        ) from error


def _vectorizers(weights: Mapping[str, float], rare: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    def tfidf(name: str) -> Any:
        return TfidfVectorizer(
            analyzer=partial(_analyse, name),
            sublinear_tf=True,
            min_df=1 if name == "words" else rare,
            dtype=np.float32,
        )

    union = [(name, tfidf(name)) for name in weights]
    return FeatureUnion(union, transformer_weights=dict(weights))


def _analyse(name: str, text: str) -> list[str]:
    return list(BLOCKS[name](prepared(text)))


def blocks_of(union: Any) -> tuple[Block, ...]:
    """The fitted blocks of `counted`, ready to count without scikit-learn."""
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
