"""From sums per topic to a score with its parts, and how sure the order of the topics is.

    score = minutes of people a month  x  feasibility  x  safety        [minutes a month]

    feasibility = recognised x (1 - wants a person) x (transactional + rest x answered by articles)
    safety      = stakes x (1 - sensitive) x (1 - wrong)

Each share stands for itself in the result, so that a reader sees what makes a topic worth it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.improve.friction_facts import SUMMED, FrictionFacts

Values = NDArray[np.float64]

_BORROWED = 10
"""Contacts' worth of the overall share that a topic with few labels or verdicts borrows."""
_DRAWS = 400
_BLOCK = 4_000
_SEED = 20260504
_TAIL = 2.5


@dataclass(frozen=True)
class Parts:
    """The parts of the score; arrays over topics, or over draws x topics."""

    minutes: Values
    """Of people, a month."""
    competence: Values
    """Share of messages whose intent triage reads as people labelled it."""
    transactional: Values
    coverage: Values
    """Share of the other messages that an article answers."""
    feasibility: Values
    wrong: Values
    """Share of judged answers that were wrong."""
    safety: Values
    score: Values


def sums_by_group(facts: FrictionFacts, groups: NDArray[np.intp], count: int) -> Values:
    """Sums per topic, count x len(SUMMED)."""
    sums = np.zeros((count, len(SUMMED)))
    np.add.at(sums, groups, facts.numbers)
    return sums


def parts_of(sums: Values, months: float, scale: float) -> Parts:
    """The score and its parts from sums (... x topics x columns)."""

    def total(name: str) -> Values:
        found: Values = sums[..., SUMMED.index(name)]
        return found

    contacts = np.maximum(total("contacts"), 1e-9)
    minutes = total("people_s") / 60 * scale / months
    competence = _borrowing(total("recognised"), total("labelled"))
    wrong = _borrowing(total("wrong"), total("judged"), unknown=0.0)
    coverage = _borrowing(total("answered"), total("asked_articles"), unknown=0.0, borrowed=0.1)
    transactional = total("transactional") / contacts
    within_reach = transactional + (1 - transactional) * coverage
    feasibility = competence * (1 - total("wants_person") / contacts) * within_reach
    kept = total("stakes_kept") / contacts * (1 - total("sensitive") / contacts)
    safety = kept * (1 - wrong)
    return Parts(
        minutes=minutes,
        competence=competence,
        transactional=transactional,
        coverage=coverage,
        feasibility=feasibility,
        wrong=wrong,
        safety=safety,
        score=minutes * feasibility * safety,
    )


def _borrowing(
    hits: Values, of: Values, unknown: float = 1.0, borrowed: float = _BORROWED
) -> Values:
    """Shares that lean on the overall one where there is little to count; `unknown` without any."""
    everything = of.sum(axis=-1, keepdims=True)
    overall = np.where(
        everything > 0, hits.sum(axis=-1, keepdims=True) / np.maximum(everything, 1), unknown
    )
    share: Values = (hits + borrowed * overall) / (of + borrowed)
    return share


@dataclass(frozen=True)
class Spread:
    """How far scores and places of the topics vary between draws of the contacts."""

    low: Values
    high: Values
    best_place: NDArray[np.intp]
    """From 1."""
    worst_place: NDArray[np.intp]
    beats: Values
    """[one, other]: share of draws in which one scores higher."""


def spread_of(facts: FrictionFacts, groups: NDArray[np.intp], count: int) -> Spread:
    """95 % intervals by the bootstrap over contacts; the same facts give the same intervals.

    Every contact is drawn Poisson(1) times (Hanley & MacGibbon 2006), which needs no second look
    at the data and can be done block by block.
    """
    scores = parts_of(_drawn_sums(facts, groups, count), facts.months, facts.scale).score
    places = 1 + np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    low, high = np.percentile(scores, [_TAIL, 100 - _TAIL], axis=0)
    best, worst = np.percentile(places, [_TAIL, 100 - _TAIL], axis=0, method="nearest")
    beats = (scores[:, :, None] > scores[:, None, :]).mean(axis=0)
    return Spread(low, high, best.astype(np.intp), worst.astype(np.intp), beats)


def _drawn_sums(facts: FrictionFacts, groups: NDArray[np.intp], count: int) -> Values:
    random = np.random.default_rng(_SEED)
    width = len(SUMMED)
    sums = np.zeros((_DRAWS, count * width))
    for start in range(0, len(groups), _BLOCK):
        block = slice(start, start + _BLOCK)
        spread_out = _by_topic(facts.numbers[block], groups[block], count)
        times = random.poisson(1.0, (_DRAWS, spread_out.shape[0])).astype(float)
        sums += (spread_out.T @ times.T).T
    return sums.reshape(_DRAWS, count, width)


def _by_topic(numbers: Values, groups: NDArray[np.intp], count: int) -> Any:
    """The numbers of each contact in the columns of its topic, as a sparse matrix."""
    from scipy.sparse import csr_matrix

    rows, width = numbers.shape
    columns = groups[:, None] * width + np.arange(width)
    starts = np.arange(0, rows * width + 1, width)
    return csr_matrix((numbers.ravel(), columns.ravel(), starts), shape=(rows, count * width))
