"""How many people a queue needs, in closed form: Erlang C for patient, Erlang A for impatient.

Both take contacts that arrive at random and handle times that vary like an exponential; people who
can take every contact; one queue, first come first served. Where skills, priorities or breaks
matter, `simulation` answers, and agrees with these where they apply.

Erlang C: A. K. Erlang (1917), as in Gross et al., Fundamentals of Queueing Theory, 4th ed., 2.4.
Erlang A: C. Palm (1957); the integrals are those of Mandelbaum and Zeltyn, Service Engineering in
Action: The Palm/Erlang-A Queue (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf, log

from workbench.errors import InputError

MOST_PEOPLE = 100_000
"""No interval of any service centre needs more; a search beyond it is a wrong input."""


@dataclass(frozen=True, slots=True)
class Load:
    """Work that arrives in a steady hour."""

    contacts_per_hour: float
    handle_s: float
    """Mean seconds of one person for one contact."""
    patience_s: float = inf
    """Mean seconds until a waiting customer gives up; infinite: nobody ever does."""

    def __post_init__(self) -> None:
        if self.contacts_per_hour < 0 or self.handle_s < 0 or self.patience_s <= 0:
            raise InputError(
                f"{self} is no load",
                expected="contacts and handle time of 0 or more, patience above 0",
            )

    @property
    def erlangs(self) -> float:
        """People kept busy on average if nobody gave up."""
        return self.contacts_per_hour * self.handle_s / 3600


@dataclass(frozen=True, slots=True)
class Expected:
    """What customers and people meet in a steady hour with a number of people."""

    people: int
    waits: float
    """Share of contacts that wait at all, 0-1."""
    mean_wait_s: float
    """Over all contacts, also those who give up; infinite when the queue grows for ever."""
    answered_within: float
    """Share of all contacts answered within the seconds asked for, 0-1."""
    gives_up: float
    """Share of contacts that leave before they are answered, 0-1."""
    occupancy: float
    """Share of their time that people are busy, 0-1."""


def expected(load: Load, people: int, within_s: float = 20.0) -> Expected:
    """What to expect of so many people; Erlang A where customers give up, else Erlang C."""
    if people < 0 or within_s < 0:
        raise InputError(f"{people} people, {within_s} seconds", expected="0 or more of each")
    if load.erlangs == 0:
        return Expected(people, 0.0, 0.0, 1.0, 0.0, 0.0)
    if people == 0:
        return _nobody_there(load)
    return (
        _erlang_c(load, people, within_s)
        if load.patience_s == inf
        else _erlang_a(load, people, within_s)
    )


def people_needed(
    load: Load, *, answered: float = 0.8, within_s: float = 20.0, occupancy: float = 1.0
) -> Expected:
    """The fewest people who answer a share of contacts in time and are not busier than asked.

    Args:
        answered: share of contacts to answer within `within_s` seconds, 0-1.
        occupancy: most of their time that people may be busy, 0-1.
    """
    if not (0 <= answered < 1 and 0 < occupancy <= 1):
        raise InputError(
            f"answered {answered}, occupancy {occupancy}",
            expected="a share below 1 to answer and an occupancy above 0, both at most 1",
        )
    low, high = 0, 1
    while not _enough(expected(load, high, within_s), answered, occupancy):
        low, high = high, high * 2
        if high > MOST_PEOPLE:
            raise InputError(f"{load} would need more than {MOST_PEOPLE:,} people")
    while high - low > 1:
        middle = (low + high) // 2
        if _enough(expected(load, middle, within_s), answered, occupancy):
            high = middle
        else:
            low = middle
    return expected(load, 0 if load.erlangs == 0 else high, within_s)


def rostered(people: int, shrinkage: float) -> int:
    """People to put on the roster so that `people` are there.

    Args:
        shrinkage: share of paid time away from contacts (breaks, training, illness), 0 to below 1.
    """
    if not 0 <= shrinkage < 1:
        raise InputError(f"shrinkage {shrinkage}", expected="a share from 0 to below 1")
    return ceil(round(people / (1 - shrinkage), 9))


def erlang_b(erlangs: float, people: int) -> float:
    """Share of contacts that find everybody busy where nobody can wait; a stable recursion."""
    blocked = 1.0
    for number in range(1, people + 1):
        blocked = erlangs * blocked / (number + erlangs * blocked)
    return blocked


def _enough(found: Expected, answered: float, occupancy: float) -> bool:
    return found.answered_within >= answered and found.occupancy <= occupancy


def _nobody_there(load: Load) -> Expected:
    return Expected(0, 1.0, load.patience_s, 0.0, 0.0 if load.patience_s == inf else 1.0, 0.0)


def _erlang_c(load: Load, people: int, within_s: float) -> Expected:
    spare = people - load.erlangs
    if spare <= 0:
        return Expected(people, 1.0, inf, 0.0, 0.0, 1.0)
    blocked = erlang_b(load.erlangs, people)
    waits = blocked / (1 - load.erlangs / people * (1 - blocked))
    late = waits * exp(-spare * within_s / load.handle_s)
    mean = waits * load.handle_s / spare
    return Expected(people, waits, mean, 1 - late, 0.0, load.erlangs / people)


def _erlang_a(load: Load, people: int, within_s: float) -> Expected:
    offered = _OfferedWait(load.contacts_per_hour / 3600, people / load.handle_s, load.patience_s)
    blocked = erlang_b(load.erlangs, people - 1)
    # All relative to the top of the density: where somebody is free, and where customers wait.
    free = exp(-offered.top)
    waiting = blocked * offered.arrivals * offered.integral()
    in_time = blocked * offered.arrivals * offered.integral(within_s, still_there=True)
    whole = free + waiting
    lost = blocked * free + (1 - offered.service / offered.arrivals) * waiting
    gives_up = max(0.0, lost / whole)
    return Expected(
        people,
        waits=waiting / whole,
        mean_wait_s=gives_up * load.patience_s,
        answered_within=(free + in_time) / whole,
        gives_up=gives_up,
        occupancy=load.erlangs * (1 - gives_up) / people,
    )


@dataclass(frozen=True)
class _OfferedWait:
    """How long a customer who never gives up would wait, as a density up to a factor.

    exp(arrivals * patience * (1 - exp(-x / patience)) - service * x), divided by its top.
    """

    arrivals: float
    service: float
    """Contacts that all people together finish in a second."""
    patience_s: float

    @property
    def peak(self) -> float:
        """Seconds at which the density is greatest."""
        return max(0.0, self.patience_s * log(self.arrivals / self.service))

    @property
    def top(self) -> float:
        return self._exponent(self.peak)

    def _exponent(self, x: float) -> float:
        gone = 1 - exp(-x / self.patience_s)
        return self.arrivals * self.patience_s * gone - self.service * x

    def integral(self, until: float = inf, *, still_there: bool = False) -> float:
        """From 0 to `until`, weighted with the chance of not having given up if asked."""
        from scipy.integrate import quad

        top, impatience = self.top, still_there / self.patience_s
        end = min(until, self._far)
        found, _ = quad(
            lambda x: exp(self._exponent(x) - top - impatience * x),
            0,
            end,
            points=[self.peak] if 0 < self.peak < end else None,
            limit=200,
        )
        return float(found)

    @property
    def _far(self) -> float:
        """Seconds beyond which the density is nothing: e^-50 of its top."""
        step = 1 / self.service
        while self._exponent(self.peak + step) > self.top - 50:
            step *= 2
        return self.peak + step
