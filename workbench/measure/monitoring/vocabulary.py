"""Words that rise and that the reference never, or hardly ever, had."""

from __future__ import annotations

import numpy as np

from workbench.measure.monitoring.compare import p_more
from workbench.measure.monitoring.readings import Ints, TermCounts
from workbench.records.base import Record

_AT_LEAST = 5
"""Contacts that must hold a term before it is looked at."""
_TIMES = 8
"""How many times its share in the reference a term must have."""
_SHOWN = 5
_OF_THE_FIRST = 0.25
"""Terms that are much rarer than the first one are its sentences, not news."""


class NewTerm(Record):
    """A word, or two neighbouring words, with the contacts that hold it."""

    term: str
    n: int
    of: int
    reference_n: int
    reference_of: int
    p_value: float


def new_terms(
    terms: TermCounts, contacts: Ints, weeks: Ints, reference: Ints, surely: float
) -> tuple[NewTerm, ...]:
    """Terms of some weeks that the weeks of the reference hardly had, the most frequent first.

    Args:
        contacts: Contacts per week.
        surely: Chance of naming any term although nothing changed (Bonferroni over terms).
    """
    n, ref_n = terms.counts[weeks].sum(0), terms.counts[reference].sum(0)
    of, ref_of = int(contacts[weeks].sum()), int(contacts[reference].sum())
    seen = np.flatnonzero((n >= _AT_LEAST) & (n * ref_of > _TIMES * ref_n * of))
    if not len(seen) or not ref_of:
        return ()
    p = p_more(n[seen], np.full(len(seen), of), ref_n[seen], np.full(len(seen), ref_of))
    tested = max(int((n >= _AT_LEAST).sum()), 1)
    risen = [
        (int(place), float(q)) for place, q in zip(seen, p, strict=True) if q * tested < surely
    ]
    found = [
        NewTerm(
            term=terms.terms[place],
            n=int(n[place]),
            of=of,
            reference_n=int(ref_n[place]),
            reference_of=ref_of,
            p_value=q,
        )
        for place, q in risen
    ]
    return _without_parts(sorted(found, key=lambda one: (-one.n, -len(one.term))))


def _without_parts(found: list[NewTerm]) -> tuple[NewTerm, ...]:
    """Each phrase once: neither the words of a phrase that is named, nor phrases with such a word.

    `nordlicht pay` stands for `nordlicht`, `pay` and `in nordlicht`.
    """
    kept: list[NewTerm] = []
    for one in found:
        words = set(one.term.split())
        if not any(words & set(other.term.split()) for other in kept):
            longer = [
                other
                for other in found
                if words < set(other.term.split()) and other.n >= 0.8 * one.n
            ]
            kept.append(max(longer, key=lambda other: other.n, default=one))
    return tuple(one for one in kept[:_SHOWN] if one.n >= _OF_THE_FIRST * kept[0].n)
