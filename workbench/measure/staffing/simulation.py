"""A day of a service centre, contact by contact: skills, priorities, patience, shifts.

What the closed forms of `erlang` leave out. Everything random is drawn beforehand, so the same seed
gives the same day, and two plans can be compared on the very same contacts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError

if TYPE_CHECKING:
    from numpy.random import Generator

Floats = NDArray[np.float64]
DAY_S = 86_400


@dataclass(frozen=True)
class Kind:
    """One kind of contact: what it takes to handle it, and how it behaves while it waits."""

    name: str
    per_interval: Sequence[float]
    """Expected contacts in each interval of the day, all of equal length."""
    handle_s: float
    """Mean seconds of a person."""
    spread: float = 1.0
    """Standard deviation of handle times / their mean; times are drawn from a gamma law, which is
    the exponential one at 1."""
    patience_s: float = inf
    """Mean seconds until a customer gives up, exponential; infinite: never."""
    priority: int = 3
    """1 is served first; equals by time waited."""


@dataclass(frozen=True)
class Crew:
    """People with the same skills on the same shift."""

    people: int
    skills: frozenset[str]
    """Kinds that they handle."""
    starts_s: float = 0.0
    """Seconds from midnight."""
    ends_s: float = DAY_S
    """No new contact from here on; a running one is finished."""
    at_once: int = 1
    """Contacts that one person handles at the same time."""


@dataclass(frozen=True)
class Contacts:
    """The contacts of one day in order of arrival; one entry each."""

    kinds: tuple[Kind, ...]
    kind: NDArray[np.intp]
    arrives: Floats
    """Seconds from midnight."""
    handle: Floats
    """Seconds of a person."""
    gives_up: Floats
    """Second of the day at which the customer leaves if nobody has answered."""


@dataclass(frozen=True)
class Day:
    """What came of it. A contact that nobody answered has no start."""

    contacts: Contacts
    starts: Floats
    """Second at which a person answered; NaN where nobody did."""
    busy_s: Floats
    """Seconds of work per crew."""
    there_s: Floats
    """Seconds of presence per crew, times contacts at once."""

    @property
    def waits(self) -> Floats:
        """Seconds until answered or given up; NaN for contacts still waiting at the end."""
        left = self.contacts.gives_up - self.contacts.arrives
        never = np.where(np.isinf(left), np.nan, left)
        waits: Floats = np.where(self.answered, self.starts - self.contacts.arrives, never)
        return waits

    @property
    def answered(self) -> NDArray[np.bool_]:
        answered: NDArray[np.bool_] = ~np.isnan(self.starts)
        return answered

    def answered_within(self, seconds: float, kind: str | None = None) -> float:
        """Share of contacts answered in time, 0-1; of one kind or of all. NaN without contacts."""
        chosen = self._of(kind)
        with np.errstate(invalid="ignore"):
            in_time = self.answered & (self.waits <= seconds)
        return float(in_time[chosen].mean()) if chosen.any() else float("nan")

    def given_up(self, kind: str | None = None) -> float:
        """Share of contacts that nobody answered, 0-1."""
        chosen = self._of(kind)
        return float((~self.answered)[chosen].mean()) if chosen.any() else float("nan")

    @property
    def occupancy(self) -> float:
        """Seconds of work / seconds of presence, over all crews."""
        there = float(self.there_s.sum())
        return float(self.busy_s.sum()) / there if there else 0.0

    def _of(self, kind: str | None) -> NDArray[np.bool_]:
        if kind is None:
            return np.ones(len(self.starts), dtype=bool)
        names = [each.name for each in self.contacts.kinds]
        if kind not in names:
            raise InputError(f"No contacts of kind {kind!r}", expected="one of " + ", ".join(names))
        chosen: NDArray[np.bool_] = self.contacts.kind == names.index(kind)
        return chosen


def draw_contacts(kinds: Sequence[Kind], seed: int) -> Contacts:
    """Contacts of one day: Poisson per interval, evenly spread in it; sorted by arrival."""
    luck = np.random.default_rng(seed)
    parts = [_of_kind(number, kind, luck) for number, kind in enumerate(kinds)]
    number, arrives, handle, patience = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.argsort(arrives, kind="stable")
    return Contacts(
        kinds=tuple(kinds),
        kind=number[order],
        arrives=arrives[order],
        handle=handle[order],
        gives_up=(arrives + patience)[order],
    )


def _of_kind(number: int, kind: Kind, luck: Generator) -> tuple[NDArray[np.generic], ...]:
    length = DAY_S / len(kind.per_interval)
    counts = luck.poisson(kind.per_interval)
    arrives = (np.repeat(np.arange(len(counts)), counts) + luck.random(counts.sum())) * length
    shape = 1 / kind.spread**2 if kind.spread else inf
    size = len(arrives)
    handle = (
        luck.gamma(shape, kind.handle_s / shape, size)
        if shape < inf
        else np.full(size, kind.handle_s)
    )
    patience = (
        luck.exponential(kind.patience_s, size) if kind.patience_s < inf else np.full(size, inf)
    )
    return np.full(size, number), arrives, handle, patience


def simulate(contacts: Contacts, crews: Sequence[Crew]) -> Day:
    """Let the crews answer the contacts.

    A contact takes a free person with the fewest skills; a person who becomes free takes the most
    urgent contact they can handle, and of equals the one that waits longest. People stay until
    their shift ends, then finish what they have begun.

    Raises `InputError` when a skill names no kind of contact.
    """
    _check_skills(contacts.kinds, crews)
    floor = _Floor(contacts, crews)
    floor.run()
    presence = [c.people * c.at_once * max(0.0, c.ends_s - c.starts_s) for c in crews]
    return Day(contacts, np.array(floor.starts), floor.busy(), np.array(presence))


def _check_skills(kinds: Sequence[Kind], crews: Sequence[Crew]) -> None:
    names = {kind.name for kind in kinds}
    unknown = sorted({skill for crew in crews for skill in crew.skills} - names)
    if unknown:
        raise InputError(
            f"Nobody writes about {', '.join(unknown)}",
            expected="skills among " + ", ".join(sorted(names)),
        )


class _Floor:
    """The state of a day under way. One loop over arrivals and people who become free."""

    def __init__(self, contacts: Contacts, crews: Sequence[Crew]) -> None:
        self.kind: list[int] = contacts.kind.tolist()
        self.arrives: list[float] = contacts.arrives.tolist()
        self.handle: list[float] = contacts.handle.tolist()
        self.gives_up: list[float] = contacts.gives_up.tolist()
        self.starts = [float("nan")] * len(self.kind)
        self.crew_of = [-1] * len(self.kind)
        self.ends = [crew.ends_s for crew in crews]
        self.idle = [0] * len(crews)
        self.queues: list[deque[int]] = [deque() for _ in contacts.kinds]
        names = [kind.name for kind in contacts.kinds]
        # Kind -> crews that handle it, those with the fewest other skills first.
        fewest_first = sorted(range(len(crews)), key=lambda number: len(crews[number].skills))
        self.able = [[c for c in fewest_first if name in crews[c].skills] for name in names]
        self.takes = [self._queues_of(crew, contacts.kinds) for crew in crews]
        # Who becomes free next: (second, crew). A shift begins as if something had just ended.
        self.free = [
            (crew.starts_s, number)
            for number, crew in enumerate(crews)
            for _ in range(crew.people * crew.at_once)
        ]
        heapify(self.free)

    def _queues_of(self, crew: Crew, kinds: Sequence[Kind]) -> list[list[deque[int]]]:
        """The queues that a crew serves, the most urgent priority first."""
        by_priority: dict[int, list[deque[int]]] = {}
        for kind, queue in zip(kinds, self.queues, strict=True):
            if kind.name in crew.skills:
                by_priority.setdefault(kind.priority, []).append(queue)
        return [queues for _, queues in sorted(by_priority.items())]

    def run(self) -> None:
        free, idle, ends = self.free, self.idle, self.ends
        able, queues, begin, next_for = self.able, self.queues, self._begin, self._next_for
        for contact, (now, kind) in enumerate(zip(self.arrives, self.kind, strict=True)):
            while free and free[0][0] <= now:
                moment, crew = heappop(free)
                if moment < ends[crew]:
                    waiting = next_for(crew, moment)
                    if waiting < 0:
                        idle[crew] += 1
                    else:
                        begin(waiting, crew, moment)
            for crew in able[kind]:
                if idle[crew] and now < ends[crew]:
                    idle[crew] -= 1
                    begin(contact, crew, now)
                    break
            else:
                queues[kind].append(contact)
        self._finish_queues()

    def _finish_queues(self) -> None:
        """Nobody comes any more; people go on until the queues they can serve are empty."""
        while self.free:
            moment, crew = heappop(self.free)
            waiting = self._next_for(crew, moment) if moment < self.ends[crew] else -1
            if waiting >= 0:
                self._begin(waiting, crew, moment)

    def _begin(self, contact: int, crew: int, now: float) -> None:
        self.starts[contact] = now
        self.crew_of[contact] = crew
        heappush(self.free, (now + self.handle[contact], crew))

    def _next_for(self, crew: int, now: float) -> int:
        """The contact that a free person of the crew takes; -1: none waits."""
        gives_up = self.gives_up
        for queues in self.takes[crew]:
            chosen = None
            for queue in queues:
                while queue and gives_up[queue[0]] <= now:
                    queue.popleft()
                # Contacts are numbered by arrival, so the smaller number waits longer.
                if queue and (chosen is None or queue[0] < chosen[0]):
                    chosen = queue
            if chosen is not None:
                return chosen.popleft()
        return -1

    def busy(self) -> Floats:
        crew = np.array(self.crew_of, dtype=np.intp)
        served = crew >= 0
        handled = np.array(self.handle)[served]
        seconds: Floats = np.zeros(len(self.ends))
        np.add.at(seconds, crew[served], handled)
        return seconds
