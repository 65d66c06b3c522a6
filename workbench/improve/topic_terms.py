"""Words that tell one group of messages from the others, put so that a person can read them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import log

from workbench.triage.features import prepared

_LANGUAGES = ("EN_PLUS", "GERMAN", "FRENCH", "SPANISH")
_SHORTEST = 3
_PAIR_OWNS = 0.5
"""Share of a word's uses that a pair must hold for the pair to be named instead of the word."""
_WORD = re.compile(r"\w+")
_REFERENCE = re.compile(r"\b\w+ 0ref\b")
"""What normalising leaves of a reference: `INV-1003` is `inv 0ref`."""


@cache
def stop_words() -> frozenset[str]:
    """Words of English, German, French and Spanish that name no subject, folded."""
    from bm25s import stopwords

    words = (word for name in _LANGUAGES for word in getattr(stopwords, f"STOPWORDS_{name}"))
    return frozenset(part for word in words for part in _WORD.findall(prepared(word)))


def content_words(text: str) -> list[str]:
    """The words of a message that name something; numbers and stop words are left out."""
    words = _WORD.findall(_REFERENCE.sub(" ", prepared(text)))
    return [word for word in words if _names_something(word)]


def _names_something(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and word not in stop_words()


def distinguishing_terms(groups: Sequence[Sequence[str]], most: int = 3) -> list[tuple[str, ...]]:
    """Per group of messages the terms that are frequent in it and rare in the others.

    Class-based TF-IDF: a group is one document, a term weighs tf * ln(1 + A / f) with A the mean
    number of terms in a group and f the term's frequency overall (Grootendorst 2022). Two words
    that mostly stand together become one term.
    """
    counts = [_counted(group) for group in groups]
    overall: Counter[str] = Counter()
    for count in counts:
        overall.update(count)
    mean = sum(overall.values()) / len(counts) if counts else 0
    return [_best(count, overall, mean, most) for count in counts]


def _counted(messages: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for message in messages:
        words = content_words(message)
        counts.update({*words, *(f"{one} {other}" for one, other in pairwise(words))})
    return counts


def _best(count: Counter[str], overall: Counter[str], mean: float, most: int) -> tuple[str, ...]:
    weight = {term: n * log(1 + mean / overall[term]) for term, n in count.items()}
    ranked = sorted(weight, key=lambda term: (-weight[term], term))
    chosen: list[str] = []
    for term in ranked:
        if len(chosen) == most:
            break
        named = _owner(term, ranked[: 8 * most], count)
        if not any(set(named.split()) & set(other.split()) for other in chosen):
            chosen.append(named)
    return tuple(chosen)


def _owner(term: str, candidates: Sequence[str], count: Counter[str]) -> str:
    """The pair that a word mostly stands in, or the term itself."""
    if " " in term:
        return term if _worth_naming(term, count) else max(term.split(), key=count.__getitem__)
    pairs = [c for c in candidates if term in c.split() and c != term and _worth_naming(c, count)]
    return max(pairs, key=count.__getitem__, default=term)


def _worth_naming(pair: str, count: Counter[str]) -> bool:
    return all(count[pair] >= _PAIR_OWNS * count[word] for word in pair.split())
