"""Whether a text calls every value by its own name: the right number under a wrong name is wrong.

The words that name a fact stand in the phrase catalogue, by kind of value and placeholder. A word
names one value of its kind, the one before or the one after it, never across another value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from workbench.records.evidence import MoneyValue, Statement, Value
from workbench.speak.catalogue import any_of, catalogue
from workbench.speak.page import Claim, Page
from workbench.speak.spellings import Kind, kind_of


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text where a word names a kind of fact."""

    start: int
    end: int
    names: frozenset[str]
    """Placeholders that it names outright: `total`, `outstanding`."""
    hints: frozenset[str]
    """Placeholders that it fits, as a preposition does; a hint never speaks against a value."""


_CLAUSE_END = re.compile(r"[,;]")


def mislabelled(page: Page) -> Iterator[Claim]:
    """The claims that are called something else than they are, or that no word names."""
    for start, end in page.sentences():
        claims = page.claims_in(start, end)
        for kind in sorted({claim.kind for claim in claims}):
            alike = [claim for claim in claims if claim.kind is kind]
            marks = _marks(page.rest, start, end, kind, page.words.language)
            wrong = {
                *_badly_named(alike, marks, page),
                *_said_too_often(alike, page),
                *_out_of_order(alike, page),
            }
            yield from sorted(wrong, key=lambda claim: claim.start)


def _marks(text: str, start: int, end: int, kind: Kind, language: str) -> list[Mark]:
    return [
        Mark(found.start(), found.end(), *_meaning(found[0].lower(), kind, language))
        for found in _naming(kind, language).finditer(text, start, end)
    ]


@cache
def _naming(kind: Kind, language: str) -> re.Pattern[str]:
    """A pattern for every word that names a value of this kind."""
    labels = catalogue(language).labels.get(kind, {})
    words = {word.removeprefix("~") for texts in labels.values() for word in texts}
    return re.compile(rf"(?<!\w){any_of(words)}(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def _meaning(word: str, kind: Kind, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The placeholders that a word names, and those that it hints at."""
    names: set[str] = set()
    hints: set[str] = set()
    for placeholder, texts in catalogue(language).labels[kind].items():
        for text in texts:
            if re.fullmatch(any_of([text.removeprefix("~")]), word, re.IGNORECASE):
                (hints if text.startswith("~") else names).add(placeholder)
    return frozenset(names), frozenset(hints)


def _badly_named(claims: Sequence[Claim], marks: Sequence[Mark], page: Page) -> Iterator[Claim]:
    """Claims of one kind in one sentence whose nearest naming word is not their own.

    A word names one value, the one before or the one after it, never across another value.
    """
    used: set[Mark] = set()
    unnamed = []
    for claim, before, after in _with_gaps(claims, marks):
        left = next((m for m in reversed(before) if m.names and m not in used), None)
        right = next((m for m in after if m.names), None)
        nearest = sorted((m for m in (left, right) if m), key=lambda m: _apart(page, claim, m))
        own = next((m for m in nearest if m.names & claim.names), None)
        if own and _apart(page, claim, own) <= _apart(page, claim, nearest[0]):
            used |= {m for m in (*before, *after) if m.names & own.names & claim.names}
        else:
            unnamed.append((claim, nearest, before[-1:]))
    for claim, nearest, hint in unnamed:
        rivals = _rivals(claim, page.statements)
        elsewhere = _names_of(page.statements) - rivals
        contradicted = any(mark.names - elsewhere for mark in nearest if mark not in used)
        hinted = any(mark.hints & claim.names for mark in hint)
        if contradicted or (rivals and not hinted and claim.kind is not Kind.REFERENCE):
            yield claim


def _apart(page: Page, claim: Claim, mark: Mark) -> bool:
    """Whether a clause ends between a value and a word, so that they hardly belong together."""
    between = sorted((claim.start, claim.end, mark.start, mark.end))[1:3]
    return _CLAUSE_END.search(page.rest, *between) is not None


def _with_gaps(
    claims: Sequence[Claim], marks: Sequence[Mark]
) -> Iterator[tuple[Claim, list[Mark], list[Mark]]]:
    """Each claim with the marks between it and its neighbours."""
    ends = [0, *(claim.end for claim in claims)]
    starts = [*(claim.start for claim in claims[1:]), sys.maxsize]
    for claim, previous, following in zip(claims, ends, starts, strict=False):
        before = [m for m in marks if previous <= m.start and m.end <= claim.start]
        after = [m for m in marks if claim.end <= m.start and m.end <= following]
        yield claim, before, after


def _said_too_often(claims: Sequence[Claim], page: Page) -> Iterator[Claim]:
    """A value that one sentence states more often than there are facts with it."""
    texts = [page.text[claim.start : claim.end] for claim in claims]
    for claim, text in zip(claims, texts, strict=True):
        if claim.kind is not Kind.REFERENCE and texts.count(text) > len(claim.names):
            yield claim


# Facts that only their order tells apart: the second is never said first, nor twice.
_SECOND_TO = {
    "paid_again": "paid",
    "received_again": "received",
    "other_start": "period_start",
    "other_end": "period_end",
}


def _out_of_order(claims: Sequence[Claim], page: Page) -> Iterator[Claim]:
    """Claims of one kind in one sentence that stand where their twin belongs."""
    for second, first in _SECOND_TO.items():
        said = [claim for claim in claims if claim.names & {first, second}]
        if second not in _names_of(page.statements):
            continue
        orderly = len(said) == 2 and first in said[0].names and second in said[1].names
        if len(said) > 1 and not orderly:
            yield from said


def _rivals(claim: Claim, statements: Sequence[Statement]) -> set[str]:
    """Placeholders of the other facts that the value could be mistaken for."""
    (index, placeholder), *_ = claim.origins
    own = statements[index].facts[placeholder].value
    return {
        name
        for statement in statements
        for name, fact in statement.facts.items()
        if name not in claim.names and _alike(fact.value, own)
    }


def _alike(one: Value, other: Value) -> bool:
    """Whether two values could be mistaken for one another: amounts in one currency, two days."""
    if isinstance(one, MoneyValue) and isinstance(other, MoneyValue):
        return one.value.currency == other.value.currency
    return kind_of(one) is kind_of(other)


def _names_of(statements: Sequence[Statement]) -> set[str]:
    return {name for statement in statements for name in statement.facts}
