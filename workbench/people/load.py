"""Who of the people on duty gets the next matter: fair by load, by difficulty and by time idle."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workbench.people.routing import Person


@dataclass(frozen=True)
class OnDuty:
    """Somebody who is logged in, with what they have in hand."""

    person: Person
    since: datetime
    """When they came or last got something: the longest idle is first among equals."""
    contacts: int = 0
    """Matters that they have in hand, or that are on offer to them."""
    load: float = 0.0
    """Their difficulty, summed; 1 is a usual one."""
    today: float = 0.0
    """Difficulty of all that they got today."""
    paused: bool = False
    """There, but takes nothing new."""

    @property
    def free(self) -> bool:
        return not self.paused and self.contacts < self.person.at_once

    @property
    def turn(self) -> tuple[float, float, datetime, str]:
        """Whose turn it is: least loaded for what they can bear, least given today, longest idle.

        The name decides between people who are equal in all of it, so that the same state always
        gives the same person.
        """
        return self.load / self.person.at_once, self.today, self.since, self.person.name


@dataclass(frozen=True)
class Floor:
    """The people and what waits for them, at one moment."""

    on: tuple[OnDuty, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Packets that nobody has taken yet, by queue."""
    known: bool = False
    """Whether anybody has logged in today; before, only the declared numbers are known."""

    def of(self, queue: str) -> tuple[OnDuty, ...]:
        """The people on duty who work for a queue."""
        return tuple(each for each in self.on if queue in each.person.queues)


@dataclass(frozen=True)
class Choice:
    """A person for a matter, and why this one."""

    person: str = ""
    """Empty: it waits in its queue for the first who is free."""
    why: str = ""


def choose(floor: Floor, queue: str, language: str = "", keeper: Collection[str] = ()) -> Choice:
    """The person of a queue for a matter in a language.

    Whoever has the case already (`keeper`) goes on with it when present and free; otherwise those
    who speak the language come before those who would need a translation.
    """
    able = [each for each in floor.of(queue) if each.free]
    same = next((each for each in able if each.person.name in keeper), None)
    if same is not None:
        return Choice(same.person.name, "knows the case already")
    speaking = [each for each in able if each.person.speaks(language)]
    if not able:
        return Choice(why="nobody of the queue is free" if floor.known else "nobody has logged in")
    chosen = min(speaking or able, key=lambda each: each.turn)
    fair = f"least loaded ({chosen.load:g} for {chosen.person.at_once} at once), then longest idle"
    translated = "" if speaking else f"; nobody free speaks {language}, so it needs a translation"
    return Choice(chosen.person.name, fair + translated)
