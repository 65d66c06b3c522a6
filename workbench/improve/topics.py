"""What messages without labels are about: topics found in the words themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import InputError
from workbench.improve.topic_graph import Labels, grouped
from workbench.improve.topic_terms import distinguishing_terms
from workbench.improve.topic_vectors import Encoder, Points, points_of, unit
from workbench.records.base import Record
from workbench.triage.features import prepared

_MOST_GROUPED = 15_000
"""Different messages that are grouped; further ones join the nearest topic."""
_EXAMPLES = 3
_UNNAMED = "no words in common"


class Topic(Record):
    """Messages that speak of the same thing."""

    name: str
    """The terms that distinguish it, put side by side."""
    terms: tuple[str, ...]
    messages: int
    examples: tuple[str, ...]
    """The messages closest to the middle."""


@dataclass(frozen=True)
class Topics:
    """Topics, the most frequent first, and which one each message belongs to."""

    topics: tuple[Topic, ...]
    labels: tuple[int, ...]
    """By message, the position of its topic."""

    def names(self) -> tuple[str, ...]:
        """By message, the name of its topic."""
        return tuple(self.topics[label].name for label in self.labels)


def find_topics(
    texts: Sequence[str], count: int | None = None, *, encode: Encoder | None = None
) -> Topics:
    """Group messages by what they are about; the same messages always give the same topics.

    Args:
        texts: messages as customers wrote them, any mix of languages.
        count: number of topics; None: as many as the graph of similar messages falls into.
        encode: an optional encoder whose vectors are used beside the words.

    Raises `InputError` without messages or with more topics than different messages.
    """
    seen: dict[str, int] = {}
    place = [seen.setdefault(prepared(text), len(seen)) for text in texts]
    if not seen or (count is not None and not 1 <= count <= len(seen)):
        raise InputError(
            f"{len(seen)} different messages cannot be put into {count or 'any'} topics",
            expected="messages, and no more topics than there are different ones",
        )
    points = points_of([texts[first] for first in _firsts(place)], encode)
    labels = _grouped_all(points, count)[place]
    return _described(list(texts), labels, points[place])


def _firsts(place: Sequence[int]) -> list[int]:
    """Where each different message comes first."""
    return [int(n) for n in np.unique(np.array(place), return_index=True)[1]]


def _grouped_all(points: Points, count: int | None) -> Labels:
    """Groups of a repeatable sample; every other point joins the group with the nearest middle."""
    if len(points) <= _MOST_GROUPED:
        return grouped(points, count)
    chosen = np.random.default_rng(0).choice(len(points), _MOST_GROUPED, replace=False)
    middles = _middles(points[chosen], grouped(points[chosen], count))
    nearest: Labels = (points @ middles.T).argmax(axis=1)
    return nearest


def _middles(points: Points, labels: Labels) -> Points:
    return unit(np.stack([points[labels == n].mean(axis=0) for n in range(labels.max() + 1)]))


def _described(texts: list[str], labels: Labels, points: Points) -> Topics:
    """Name each topic by its terms and show its most typical messages, the largest topic first."""
    order = np.argsort(-np.bincount(labels), kind="stable")
    members = [np.flatnonzero(labels == group) for group in order]
    terms = distinguishing_terms([[texts[i] for i in inside] for inside in members])
    topics = tuple(
        Topic(
            name=" · ".join(words) or _UNNAMED,
            terms=words,
            messages=len(inside),
            examples=_typical([texts[i] for i in inside], points[inside]),
        )
        for words, inside in zip(_told_apart(terms), members, strict=True)
    )
    position = np.argsort(order, kind="stable")
    return Topics(topics, tuple(int(position[label]) for label in labels))


def _told_apart(terms: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A topic whose terms another one has already gets a number, so that names stay unique."""
    times: dict[tuple[str, ...], int] = {}
    told = []
    for words in terms:
        times[words] = times.get(words, 0) + 1
        told.append(words if times[words] == 1 else (*words, str(times[words])))
    return told


def _typical(texts: Sequence[str], points: Points) -> tuple[str, ...]:
    closeness = points @ points.mean(axis=0)
    ranked = [texts[i] for i in np.argsort(-closeness, kind="stable")]
    return tuple(dict.fromkeys(ranked))[:_EXAMPLES]
