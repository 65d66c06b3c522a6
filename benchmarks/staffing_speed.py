"""How fast a day of a service centre is simulated, against simpy on the same day.

    python benchmarks/staffing_speed.py [--contacts 100000] [--people 500] [--write FILE]

Eight kinds of contact with three priorities, customers who give up, seven crews with two to four
skills. The peer is the same model in simpy: every contact a process, free people in a list, the
most urgent served first. Both answer the very same contacts; their figures stand side by side and
differ a little, since the peer takes the first free person who is able.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import simpy
from results import Section, arguments, best_of, milliseconds, publish, table, timed

from workbench.measure.staffing.simulation import (
    Contacts,
    Crew,
    Day,
    Kind,
    draw_contacts,
    simulate,
)

KINDS, HALF_HOURS = 8, 48


def the_day(contacts: int, people: int) -> tuple[Contacts, list[Crew]]:
    """A busy day: people have work for about 95 % of their time."""
    handle = 0.95 * people * 86_400 / contacts
    kinds = [
        Kind(
            f"kind {number}",
            [contacts / KINDS / HALF_HOURS] * HALF_HOURS,
            handle * (0.7 + 0.6 * number / (KINDS - 1)),
            patience_s=600,
            priority=1 + number % 3,
        )
        for number in range(KINDS)
    ]
    sizes = [people // 7 + (number < people % 7) for number in range(7)]
    crews = [
        Crew(
            size, frozenset(f"kind {(number * 2 + step) % KINDS}" for step in range(2 + number % 3))
        )
        for number, size in enumerate(sizes)
    ]
    return draw_contacts(kinds, seed=1), crews


def with_simpy(contacts: Contacts, crews: Sequence[Crew]) -> np.ndarray[Any, Any]:
    """The same day in simpy; the second at which each contact is answered."""
    world = simpy.Environment()
    free = [frozenset(crew.skills) for crew in crews for _ in range(crew.people)]
    starts = np.full(len(contacts.kind), np.nan)
    waiting: dict[str, list[tuple[int, int, Any]]] = {kind.name: [] for kind in contacts.kinds}
    rank = {kind.name: kind.priority for kind in contacts.kinds}

    def serve(number: int, skills: frozenset[str]) -> Any:
        while True:
            starts[number] = world.now
            yield world.timeout(contacts.handle[number])
            able = [(rank[name], waiting[name][0][0], name) for name in skills if waiting[name]]
            if not able:
                free.append(skills)
                return
            _, number, name = min(able)
            waiting[name].pop(0)[2].succeed()

    def contact(number: int, name: str) -> Any:
        for place, skills in enumerate(free):
            if name in skills:
                world.process(serve(number, free.pop(place)))
                return
        answered = world.event()
        entry = (number, rank[name], answered)
        waiting[name].append(entry)
        patience = world.timeout(contacts.gives_up[number] - world.now)
        yield answered | patience
        if not answered.triggered:
            waiting[name].remove(entry)

    def arrivals() -> Any:
        for number, moment in enumerate(contacts.arrives):
            yield world.timeout(moment - world.now)
            world.process(contact(number, contacts.kinds[contacts.kind[number]].name))

    world.process(arrivals())
    world.run()
    return starts


def told(name: str, taken: float, contacts: Contacts, starts: np.ndarray[Any, Any]) -> list[str]:
    day = Day(contacts, starts, np.zeros(1), np.zeros(1))
    answered, gone = f"{day.answered_within(60):.1%}", f"{day.given_up():.1%}"
    return [name, milliseconds(taken), answered, gone]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=500)
    asked = parser.parse_args()
    contacts, crews = the_day(asked.contacts, asked.people)
    ours, day = best_of(5, partial(simulate, contacts, crews))
    theirs, starts = timed(partial(with_simpy, contacts, crews))
    rows = [
        told("this simulation", ours, contacts, day.starts),
        told("simpy", theirs, contacts, starts),
    ]
    lines = [
        f"{len(contacts.kind):,} contacts, {asked.people} people.",
        "",
        *table(["", "a day", "answered within 60 s", "given up"], rows),
        f"{theirs / ours:.1f} times as fast as simpy; asked: 7 times, at most 300 ms.",
    ]
    publish(Section("A day of people", "python benchmarks/staffing_speed.py", lines), asked.write)


if __name__ == "__main__":
    main()
