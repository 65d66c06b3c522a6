"""Which messages a person should label next, so that few labels teach much.

A message is worth more the less sure the classifier is (the margin between its two likeliest
labels; Scheffer et al. 2001), the more of its kind there are (information density; Settles &
Craven 2008), and the less it is like those asked beside it. One question in ten is about a
message that is like nothing labelled so far: there may be an intent that nobody has thought of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from workbench.records.base import Record
from workbench.triage.pool import PoolMessage
from workbench.triage.ports import IntentClassifier
from workbench.triage.similar import Likeness

GUESSES = 5
"""Likeliest labels that a person is offered."""
NEIGHBOURS = 10
"""Messages that make up what is around a message."""
NEW_TOPICS = 0.1
"""Share of the questions that look for what nobody has labelled yet."""

Floats = NDArray[np.float64]


class Why(StrEnum):
    """Why a message is asked about."""

    UNSURE = "unsure"
    """Two labels are about equally likely."""
    NEW_TOPIC = "new_topic"
    """Nothing labelled so far is like it, or it seems to have none of the labels."""


class Guess(Record):
    label: str
    confidence: float


class Question(Record):
    """A message for a person to label."""

    message: PoolMessage
    guesses: tuple[Guess, ...]
    """The likeliest labels, best first, at most five."""
    why: Why
    model: str = ""
    """Which triage model guessed, with its version."""


@dataclass(frozen=True)
class Choice:
    """Places in the pool, the most useful first, and why each was chosen."""

    places: tuple[int, ...]
    why: tuple[Why, ...]


def ask(
    classifier: IntentClassifier,
    pool: Sequence[PoolMessage],
    labelled: Sequence[str],
    count: int,
    *,
    model: str = "",
) -> tuple[Question, ...]:
    """The next questions, the most useful first; the same pool gives the same ones.

    Args:
        classifier: fitted on what is labelled so far.
        labelled: texts that have a label.
        count: how many questions; fewer when the pool is smaller.
    """
    if not pool or count < 1:
        return ()
    texts = [one.text for one in pool]
    chances, outside = classifier.read_all(texts)
    often = np.array([one.times for one in pool], dtype=np.float64)
    chosen = choose(texts, chances, labelled, count, outside=outside, often=often)
    return tuple(
        Question(
            message=pool[place],
            guesses=guesses(classifier.labels, chances[place]),
            why=why,
            model=model,
        )
        for place, why in zip(chosen.places, chosen.why, strict=True)
    )


def guesses(labels: Sequence[str], chances: Floats) -> tuple[Guess, ...]:
    """The likeliest labels of a message, best first."""
    ranked = np.argsort(-chances, kind="stable")[:GUESSES]
    return tuple(Guess(label=labels[i], confidence=float(chances[i])) for i in ranked)


def choose(
    texts: Sequence[str],
    chances: Floats,
    labelled: Sequence[str],
    count: int,
    *,
    outside: Floats | None = None,
    often: Floats | None = None,
) -> Choice:
    """The most useful messages of a pool.

    Args:
        chances: probabilities by label, one row a text.
        labelled: texts that have a label.
        outside: chance of each text that it has none of the labels; unknown by default.
        often: how often each text was found; once by default.
    """
    likeness = Likeness(texts)
    crowd = np.sqrt(likeness.crowding(NEIGHBOURS))
    if often is not None:
        crowd *= 1 + np.log(often)
    count = min(count, len(texts))
    new = round(NEW_TOPICS * count)
    near = np.zeros(len(texts))
    unsure = _spread(likeness, uncertainty(chances) * crowd, count - new, near)
    strange = 1 - likeness.nearest_of(labelled) if new else near
    if outside is not None:
        strange = np.maximum(strange, outside)
    novel = _spread(likeness, strange * crowd, new, near)
    whys = [Why.UNSURE] * len(unsure) + [Why.NEW_TOPIC] * len(novel)
    return Choice((*unsure, *novel), tuple(whys))


def uncertainty(chances: Floats) -> Floats:
    """One minus the margin between the two likeliest labels, row by row; 0 sure, 1 a tie."""
    first_two = np.partition(chances, -2, axis=1)[:, -2:]
    doubt: Floats = 1 - (first_two[:, 1] - first_two[:, 0])
    return doubt


def _spread(likeness: Likeness, value: Floats, count: int, near: Floats) -> list[int]:
    """The best places one by one, each worth less the more it is like those taken before.

    `near` holds how alike each text is to what is taken, and is brought up to date.
    """
    taken: list[int] = []
    for _ in range(count):
        place = int(np.argmax(value * (1 - near)))
        taken.append(place)
        np.maximum(near, likeness.to_one(place), out=near)
        near[place] = 1 + 1e-9  # never a second time, whatever rounding says
    return taken
