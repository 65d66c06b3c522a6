"""What customers and people said afterwards: ratings, judgements, overrides, suggestions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.records.decisions import Level
from workbench.sample.arrays import Bools, Ints
from workbench.sample.decisions import Decided
from workbench.sample.luck import Luck
from workbench.sample.outcomes import Course
from workbench.sample.readings import Readings

NO_RATING = -1
_RATING_EDGES = (-1.35, -0.85, -0.35, 0.55)
"""Between the five points of the scale, on a latent satisfaction with standard deviation 1."""


@dataclass(frozen=True)
class Ratings:
    """One position per contact; `NO_RATING` where nobody answered."""

    csat_asked: Bools
    csat: Ints
    nps: Ints
    judged: Bools
    wrong: Bools
    seen: Bools
    overridden: Bools
    shown: Ints
    accepted: Ints
    edited: Ints
    labelled: Bools
    """Whether a person labelled what the customer really wanted."""


def ratings_of(read: Readings, decided: Decided, course: Course, luck: Luck) -> Ratings:
    """Ratings follow the course; judgements follow whether the answer was wrong."""
    asked = luck.happens("asked", 0.6) & ~course.abandoned
    rates = asked & luck.happens("rates", np.where(course.answered_alone, 0.22, 0.28))
    judged = luck.happens("judge", _judged_share(course))
    seen = luck.happens("see", np.where(course.answered_alone, 0.12, 0.8)) & course.entered
    shown = _suggestions_shown(decided, course, luck)
    accepted = (shown > 0) & luck.happens("taken", 0.52)
    edited = (shown > 0) & ~accepted & luck.happens("taken", 0.74)
    return Ratings(
        csat_asked=asked,
        csat=np.where(rates, _csat(read, course, luck), NO_RATING),
        nps=np.where(luck.happens("nps_asked", 0.03), _nps(course, luck), NO_RATING),
        judged=judged,
        wrong=judged & read.would_be_wrong,
        seen=seen,
        overridden=seen & luck.happens("override", _override_share(read, decided, course)),
        shown=shown,
        accepted=accepted.astype(np.int64),
        edited=edited.astype(np.int64),
        labelled=judged | luck.happens("label", np.where(course.by_person, 0.6, 0.05)),
    )


def _judged_share(course: Course) -> np.ndarray:
    """People judge half of the automated answers, and would-be answers in the shadow."""
    return np.where(course.answered_alone, 0.50, np.where(course.entered, 0.40, 0.20))


def _csat(read: Readings, course: Course, luck: Luck) -> Ints:
    latent = luck.normal("rating") + 0.45 * read.sentiment
    latent += np.where(course.resolved, 0.30 + 0.45 * course.confirmed, -1.1)
    latent -= 0.35 * course.transferred
    latent += np.where(course.answered_alone, 0.12 - 1.2 * read.would_be_wrong, 0.0)
    return 1 + np.searchsorted(np.array(_RATING_EDGES), latent)


def _nps(course: Course, luck: Luck) -> Ints:
    latent = 7.6 + 2.2 * luck.normal("nps") - 2.0 * ~course.resolved
    return np.clip(np.round(latent), 0, 10).astype(np.int64)


def _override_share(read: Readings, decided: Decided, course: Course) -> np.ndarray:
    """People overrule wrong answers, and some hand-offs that were not needed."""
    cautious = decided.level == list(Level).index(Level.ESCALATE)
    return np.where(course.answered_alone, 0.9 * read.would_be_wrong, 0.04 + 0.05 * cautious)


def _suggestions_shown(decided: Decided, course: Course, luck: Luck) -> Ints:
    """Up to three with every assist, and with half of the escalations."""
    assist = decided.level == list(Level).index(Level.ASSIST)
    count = 1 + np.floor(3 * luck.uniform("suggest") ** 2).astype(np.int64)
    offered = course.handed_off & (assist | luck.happens("again", 0.5))
    return np.where(offered, count, 0)
