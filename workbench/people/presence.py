"""Who is there, what they have in hand, what waits: what routing looks at.

Everything is read from the store, so every process sees the same people. Presence and offers are
folded from the ledger; only events that came since the last look are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from workbench.people.load import Floor, OnDuty
from workbench.people.routing import Person, RoutingRules
from workbench.records.base import Clock
from workbench.records.events import Event, EventKind
from workbench.records.presence import Presence
from workbench.records.principals import Principal, Role, name_of
from workbench.store.store import Store
from workbench.store.views import HandOffRow, HandOffStatus

HOLDS = timedelta(hours=12)
"""How long a word of presence counts: whoever forgot to log off is not there the next morning."""


@dataclass(frozen=True)
class Word:
    """What somebody last said about their presence."""

    person_id: str
    state: Presence
    queue: str
    at: datetime


class Attendance:
    """Who is there in one POC, and the rules that send them work; safe to share between threads."""

    def __init__(self, store: Store, rules: RoutingRules, clock: Clock, tenant: str) -> None:
        self.rules = rules
        self._store, self._clock = store, clock
        self._reader = Principal(id="service:routing", role=Role.SERVICE, tenant=tenant)
        self._lock = Lock()
        self._seen = 0
        self._words: dict[str, Word] = {}
        self._offers: dict[str, str] = {}

    def floor(self) -> Floor:
        """Everybody who is there now, with their load, and what waits by queue."""
        now = self._clock.now()
        words, offers = self._catch_up()
        waiting = self._store.handoffs(self._reader)
        fresh = [word for word in words.values() if now - word.at <= HOLDS]
        if not fresh:
            return Floor(waiting=Counter(row.queue for row in waiting))
        taken = self._store.handoffs(self._reader, status=None, taken_since=now - HOLDS)
        there = [word for word in fresh if word.state is not Presence.OFF]
        on = tuple(self._on_duty(word, taken, waiting, offers) for word in there)
        return Floor(on, Counter(row.queue for row in waiting), known=True)

    def words(self) -> tuple[Word, ...]:
        """What everybody last said about their presence, by name."""
        words, _ = self._catch_up()
        return tuple(words[name] for name in sorted(words))

    def _catch_up(self) -> tuple[dict[str, Word], dict[str, str]]:
        """Presence and offers, brought up to the ledger's end."""
        with self._lock:
            kinds = {EventKind.PRESENCE_CHANGED}
            # Offers made before this process began count once they are taken.
            if self._seen:
                kinds.add(EventKind.HANDED_OFF)
            events = self._store.events(self._reader, after=self._seen, kinds=kinds)
            self._fold(events)
            return dict(self._words), dict(self._offers)

    def _fold(self, events: Iterable[Event]) -> None:
        for event in events:
            self._seen = event.seq
            if event.kind is EventKind.PRESENCE_CHANGED:
                word = Word(
                    event.data["person"],
                    Presence(event.data["state"]),
                    event.data["queue"],
                    event.at,
                )
                self._words[name_of(word.person_id)] = word
            elif person := event.data.get("route", {}).get("person"):
                self._offers[event.data["packet"]["id"]] = person

    def _on_duty(
        self,
        word: Word,
        taken: Iterable[HandOffRow],
        waiting: Iterable[HandOffRow],
        offers: dict[str, str],
    ) -> OnDuty:
        person = self._person(word)
        got = [row for row in taken if name_of(row.taken_by) == person.name]
        offered = [row for row in waiting if offers.get(row.id) == person.name]
        in_hand = [row for row in got if row.status is HandOffStatus.TAKEN] + offered
        moments = [row.taken_at for row in got if row.taken_at]
        moments += [row.created_at for row in offered]
        return OnDuty(
            person=person,
            since=max([word.at, *moments]),
            contacts=len(in_hand),
            load=sum(self.rules.weight(row.reason) for row in in_hand),
            today=sum(self.rules.weight(row.reason) for row in [*got, *offered]),
            paused=word.state is Presence.PAUSE,
        )

    def _person(self, word: Word) -> Person:
        """As declared; somebody who is not works for the queue they named, or the default one."""
        name = name_of(word.person_id)
        declared = next((each for each in self.rules.people if each.name == name), None)
        if declared is None:
            return Person(name=name, queues=(word.queue or self.rules.head.default,))
        return declared.model_copy(update={"queues": (word.queue,)}) if word.queue else declared
