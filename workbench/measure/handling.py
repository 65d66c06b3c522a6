"""When people worked on conversations, and which part of their logged-in time that was.

    talk    from the customer's message, or from taking, to the reply or to putting on hold
    hold    from putting on hold to whatever the person does next
    wrap    from wrap-up to whatever the person does next, or to the message that they answer then

Contacts have the sums (`facts.sql`); occupancy needs the spans themselves, since a person with
three chats at once is busy once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workbench.records.base import Instant, Record
from workbench.records.events import Event, EventKind

_TAKING = ("handoff.take", "conversation.take_over")
_PEOPLE = ("human_agent:", "supervisor:")
_LOGGED_OFF = "off"

Doing = Literal["talk", "hold", "wrap"]


@dataclass(frozen=True)
class Span:
    """A stretch of work of one person on one conversation."""

    person: str
    conversation_id: str
    doing: Doing
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


class PersonTime(Record):
    """One person's time in a window, in seconds."""

    person: str
    logged_in_s: float
    handling_s: float
    """While logged in; several conversations at once count once."""


class Occupancy(Record):
    """Handling time / logged-in time of everybody who was there."""

    since: Instant
    until: Instant
    people: tuple[PersonTime, ...]

    @property
    def share(self) -> float | None:
        """0-1; None when nobody was logged in."""
        there = sum(one.logged_in_s for one in self.people)
        return sum(one.handling_s for one in self.people) / there if there else None


def occupancy(
    events: Iterable[Event], since: datetime, until: datetime, word_holds: timedelta
) -> Occupancy:
    """Occupancy between two times.

    Args:
        events: Of conversations and of presence, in the order of the ledger.
        word_holds: How long a word of presence counts for those who forget to log off.
    """
    known = list(events)
    work: dict[str, list[Interval]] = {}
    for span in spans(known):
        work.setdefault(span.person, []).append((span.start, span.end))
    there = _logged_in(known, until, word_holds)
    return Occupancy(
        since=since,
        until=until,
        people=tuple(
            _person_time(name, there[name], work.get(name, []), (since, until))
            for name in sorted(there)
        ),
    )


def spans(events: Iterable[Event]) -> Iterator[Span]:
    """The work of people, one span after the other in each conversation."""
    talks: dict[str, _Talk] = {}
    for event in events:
        if ":" not in event.stream and event.data:  # erased ones have none
            yield from talks.setdefault(event.stream, _Talk()).after(event)


def doing(events: Iterable[Event]) -> str:
    """What the person of a conversation does now: a `Handling`; empty before anybody had it."""
    begun = [_begins(event) for event in events if event.data]  # erased ones have none
    return next((one for one in reversed(begun) if one), "")


@dataclass
class _Talk:
    """What is going on in a conversation."""

    said_at: datetime | None = None
    """The customer's last message."""
    since: datetime | None = None
    """What the person does now began then."""
    doing: str = "working"

    def after(self, event: Event) -> Iterator[Span]:
        if event.kind is EventKind.MESSAGE_RECEIVED:
            self.said_at = event.at
        doing = _begins(event)
        if doing is None:
            return
        yield from self._ended(event, speaks=event.kind is EventKind.REPLIED or doing == "hold")
        self.since, self.doing = event.at, doing

    def _ended(self, event: Event, *, speaks: bool) -> Iterator[Span]:
        """The spans that the event ends."""
        since, said = self.since, self.said_at
        written = said is not None and (since is None or said > since)
        if self.doing == "hold":
            yield from _span(event, "hold", since, event.at)
        elif speaks and (written or self.doing == "working"):
            yield from _span(event, "talk", said if written else since, event.at)
        if self.doing == "wrap_up":
            yield from _span(event, "wrap", since, said if written else event.at)


def _span(
    event: Event, doing: Doing, start: datetime | None, end: datetime | None
) -> Iterator[Span]:
    if start is not None and end is not None:
        person = str(event.data.get("speaker") or event.actor)
        yield Span(person, event.stream, doing, start, end)


def _begins(event: Event) -> str | None:
    """What a person does from this event on; None where it says nothing about it."""
    by_person = str(event.data.get("speaker") or event.actor).startswith(_PEOPLE)
    if event.kind is EventKind.HANDED_OFF or (event.kind is EventKind.REPLIED and by_person):
        return "working"
    if event.kind is not EventKind.ACTED or event.data["repeated"]:
        return None
    operation = event.data["operation"]
    if operation == "handling.change":
        return str(event.data["parameters"]["state"])
    return {"conversation.hand_back": "done"}.get(
        operation, "working" if operation in _TAKING else None
    )


Interval = tuple[datetime, datetime]


def _logged_in(
    events: Iterable[Event], until: datetime, word_holds: timedelta
) -> dict[str, list[Interval]]:
    """When each person was there, paused or not."""
    found: dict[str, list[Interval]] = {}
    words: dict[str, tuple[datetime, str]] = {}
    for event in events:
        if event.kind is EventKind.PRESENCE_CHANGED and event.data:
            person = str(event.data["person"])
            found.setdefault(person, []).extend(_stay(words.get(person), event.at, word_holds))
            words[person] = (event.at, str(event.data["state"]))
    for person, word in words.items():
        found[person].extend(_stay(word, until, word_holds))
    return found


def _stay(word: tuple[datetime, str] | None, end: datetime, holds: timedelta) -> list[Interval]:
    if word is None or word[1] == _LOGGED_OFF:
        return []
    return [(word[0], min(end, word[0] + holds))]


def _person_time(
    name: str, there: list[Interval], work: list[Interval], window: Interval
) -> PersonTime:
    stays = _common(_joined(there), [window])
    busy = _common(stays, _joined(work))
    return PersonTime(person=name, logged_in_s=_seconds(stays), handling_s=_seconds(busy))


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _common(some: Iterable[Interval], others: list[Interval]) -> list[Interval]:
    """The time that lies in both."""
    pairs = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return [(start, end) for start, end in pairs if start < end]


def _seconds(intervals: Iterable[Interval]) -> float:
    return sum((end - start).total_seconds() for start, end in intervals)
