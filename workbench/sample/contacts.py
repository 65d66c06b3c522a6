"""The contacts of one block of customers, from their first words to what came of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from workbench.sample.arrays import Ints, Rng, join, sample_exactly
from workbench.sample.arrivals import Arrivals, draw_arrivals, follow_ups
from workbench.sample.columns import Columns
from workbench.sample.decisions import Decided, decide_all
from workbench.sample.experiment import CAREFUL, arms_of
from workbench.sample.luck import Luck, draw_luck
from workbench.sample.outcomes import Course, Echo, come_back_weights, course_of, echoes
from workbench.sample.population import Population
from workbench.sample.readings import UNKNOWN, Readings, draw_readings
from workbench.sample.situations import situations_of

FOLLOW_UP_SHARE = 0.10
"""Share of all contacts in which customers come back about an earlier one."""
_ROUNDS = 4


@dataclass(frozen=True)
class Contacts:
    """All contacts of a block of customers, in the order in which they started."""

    population: Population
    arrivals: Arrivals
    read: Readings
    luck: Luck
    echo: Echo
    situations: Columns
    decided: Decided
    course: Course
    arm: Ints
    """Position of the arm in the experiment; negative outside it."""

    def __len__(self) -> int:
        return len(self.arrivals)


def draw_contacts(rng: Rng, population: Population, size: int) -> Contacts:
    """Exactly `size` contacts.

    Most are first contacts. What came of those decides who comes back; then all of them are told
    again in order of time, with the same luck, now knowing who had been there before. Only this
    second telling knows the arms of the experiment, so it touches no contact but their own.
    """
    returning = int(size * FOLLOW_UP_SHARE)
    arrivals = _draw_first_contacts(rng, population, size - returning)
    read, luck = draw_readings(rng, population, arrivals), draw_luck(rng, size - returning)
    nobody = np.full(len(arrivals), UNKNOWN)
    first = _tell(population, arrivals, read, luck, nobody)
    parents = sample_exactly(rng, come_back_weights(arrivals, read, first.course), returning)
    later = follow_ups(rng, arrivals, parents)
    read_later = draw_readings(rng, population, later)
    everything = join([arrivals, later])
    order = np.lexsort((everything.second, everything.day))
    in_order = _take(everything, order)
    return _tell(
        population,
        in_order,
        _take(join([read, read_later]), order),
        _take(join([luck, draw_luck(rng, returning)]), order),
        arms_of(population, in_order),
    )


def _draw_first_contacts(rng: Rng, population: Population, size: int) -> Arrivals:
    """Nobody asks the same thing twice in a week by chance; such contacts are drawn again."""
    arrivals = draw_arrivals(rng, population, size)
    for _ in range(_ROUNDS):
        echo = echoes(arrivals.customer, arrivals.intent, arrivals.day * 86_400)
        kept = np.flatnonzero(~echo.repeat_contact)
        if len(kept) == size:
            break
        arrivals = join([_take(arrivals, kept), draw_arrivals(rng, population, size - len(kept))])
    return arrivals


Arrays = TypeVar("Arrays", Arrivals, Readings, Luck)


def _take(arrays: Arrays, order: Ints) -> Arrays:
    return type(arrays)(**{f.name: getattr(arrays, f.name)[order] for f in fields(arrays)})


def _tell(
    population: Population, arrivals: Arrivals, read: Readings, luck: Luck, arm: Ints
) -> Contacts:
    started = arrivals.day * 86_400 + arrivals.second
    echo = echoes(arrivals.customer, read.intent, started)
    situations = situations_of(population, arrivals, read, echo)
    decided = decide_all(situations, arm == CAREFUL)
    course = course_of(arrivals, read, decided, luck)
    return Contacts(population, arrivals, read, luck, echo, situations, decided, course, arm)
