"""Handle time and occupancy: from real ledgers, against a count second by second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.measure import ledger_story
from tests.measure.ledger_story import MONDAY, Story, person, request
from workbench.config import Settings
from workbench.measure.handling import Span, occupancy, spans
from workbench.measure.kpis import kpis
from workbench.records.decisions import HandOffReason
from workbench.records.desk import (
    ChangeHandling,
    Handling,
    ShowSuggestions,
    Suggested,
    SuggestionKind,
    SuggestionOutcome,
    Suggestions,
    UseSuggestion,
    WriteNote,
)
from workbench.records.events import Event, EventKind
from workbench.records.operations import Parameters, plan
from workbench.records.principals import Principal, Role

SERVICE = Principal(id="service:test", role=Role.SERVICE)
STEPS = ("message", "reply", "hold", "working", "wrap_up", "done")
HOLDS = timedelta(hours=12)


@dataclass
class World(ledger_story.World):
    keys: int = 0

    def story(self, name: str) -> Story:
        """A conversation that ana has taken."""
        story = Story(self.store, name)
        story.begin()
        handed = request("r1", status="handed_off")
        story.hand_over(HandOffReason.CUSTOMER_REQUEST, "requested", handed)
        self.clock.pass_time(seconds=7)
        story.take()
        return story

    def acts(self, story: Story, wish: Parameters, by: str = "ana") -> None:
        self.keys += 1
        action = plan(wish, key=f"act-{self.keys}")
        story.write(actions=(action,), by=person(by))

    def step(self, story: Story, what: str) -> None:
        if what == "message":
            story.ask("And now?")
        elif what == "reply":
            story.person_replies()
        else:
            wish = ChangeHandling(conversation_id=story.name, state=Handling(what))
            self.acts(story, wish)

    def times(self) -> dict[str, tuple[int, int, int]]:
        rows = self.history.connection().sql(
            "SELECT conversation_id, talk_s, hold_s, wrap_s FROM contact"
        )
        return {name: (talk, hold, wrap) for name, talk, hold, wrap in rows.fetchall()}

    def spans(self) -> list[Span]:
        return list(spans(self.store.events(SERVICE)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World.opened(tmp_path) as opened:
        yield opened


@dataclass
class Stopwatch:
    """What is counted, second by second, without looking at any two times."""

    mode: str = "working"
    talk: int = 0
    hold: int = 0
    wrap: int = 0
    running: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("talk", "hold", "wrap"), 0)
    )

    def tick(self) -> None:
        kind = {"working": "talk", "asked": "talk", "asked in wrap-up": "talk"}
        now = {**kind, "hold": "hold", "wrap_up": "wrap"}.get(self.mode)
        if now:
            self.running[now] += 1

    def happens(self, what: str) -> None:
        if what == "message":
            self._message()
            return
        self.hold += self.running["hold"]
        self.wrap += self.running["wrap"]
        if what in ("reply", "hold"):
            self.talk += self.running["talk"]
        self.running = dict.fromkeys(self.running, 0)
        self.mode = "working" if what == "reply" else what

    def _message(self) -> None:
        if self.mode == "asked in wrap-up":
            self.running["wrap"] += self.running["talk"]
        self.running["talk"] = 0
        after = {"done": "asked", "wrap_up": "asked in wrap-up"}
        self.mode = after.get(self.mode, self.mode)


def test_talk_hold_and_wrap_are_what_a_stopwatch_counts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    luck, expected = Random(11), {}
    for number in range(60):
        story, watch = world.story(f"conv-{number}"), Stopwatch()
        for _ in range(luck.randint(1, 12)):
            seconds, what = luck.randint(1, 300), luck.choice(STEPS)
            for _ in range(seconds):
                watch.tick()
            world.clock.pass_time(seconds=seconds)
            watch.happens(what)
            world.step(story, what)
        expected[story.name] = (watch.talk, watch.hold, watch.wrap)
    assert world.times() == expected
    assert summed(world.spans()) == {k: v for k, v in expected.items() if sum(v)}
    measured = kpis(world.history.connection(), settings=Settings(), metrics=["aht"]).get("aht")
    seconds = sum(map(sum, expected.values()))
    assert (measured.value, measured.n) == (pytest.approx(seconds / len(expected)), len(expected))
    with capsys.disabled():
        print(
            f"\nhandle time: {len(expected)} random conversations as a stopwatch counts them, "
            f"{measured.value:.0f} s each"
        )


def summed(found: list[Span]) -> dict[str, tuple[int, int, int]]:
    """Seconds of talk, hold and wrap by conversation."""
    totals: dict[str, dict[str, int]] = {}
    for span in found:
        of_talk = totals.setdefault(span.conversation_id, {"talk": 0, "hold": 0, "wrap": 0})
        of_talk[span.doing] += round(span.seconds)
    return {name: tuple(each.values()) for name, each in totals.items() if sum(each.values())}  # type: ignore[misc]


def test_a_note_of_a_colleague_is_no_transfer_and_no_handle_time(world: World) -> None:
    story = world.story("conv-1")
    world.clock.pass_time(seconds=30)
    world.acts(story, WriteNote(conversation_id="conv-1", text="Be kind."), by="ben")
    story.person_replies()
    ((agents, talk),) = (
        world.history.connection().sql("SELECT human_agents, talk_s FROM contact").fetchall()
    )
    assert (agents, talk) == (1, 30)


# Suggestions


def offered(turn: int, names: tuple[str, ...]) -> Suggestions:
    return Suggestions(
        conversation_id="conv-1",
        turn=turn,
        intent="invoice_amount",
        sentiment=0.0,
        shown=tuple(
            Suggested(
                id=name, kind=SuggestionKind.DRAFT, key="k", text=name, why="w", confidence=0.5
            )
            for name in names
        ),
    )


def test_suggestions_are_counted_by_their_outcome_each_once(world: World) -> None:
    story = world.story("conv-1")
    told = {"a": "accepted", "b": "ignored", "c": "rejected", "d": "edited", "e": "ignored"}
    for turn, names in enumerate((("a", "b", "c"), ("d", "e", "f")), 1):
        world.acts(story, ShowSuggestions(suggestions=offered(turn, names)))
    for _ in range(2):  # the second time everything is repeated under its key
        for name, outcome in told.items():
            wish = UseSuggestion(
                conversation_id="conv-1",
                suggestion_id=name,
                outcome=SuggestionOutcome(outcome),
            )
            story.write(actions=(plan(wish, key=f"use:{name}"),), by=person("ana"))
    counts = world.history.connection().sql(
        """SELECT suggestions_shown, suggestions_accepted, suggestions_edited,
                  suggestions_ignored FROM contact"""
    )
    assert counts.fetchall() == [(6, 1, 1, 2)]


# Occupancy


def said(second: int, who: str, state: str) -> Event:
    return _event(
        second, EventKind.PRESENCE_CHANGED, f"presence:{who}", who, {"person": who, "state": state}
    )


def happened(second: int, kind: str, talk: str, who: str = "", **data: object) -> Event:
    return _event(second, EventKind(kind), talk, who, data)


def _event(second: int, kind: EventKind, stream: str, who: str, data: dict[str, object]) -> Event:
    return Event(
        seq=second + 1,
        id=f"E-{second}",
        tenant="main",
        stream=stream,
        position=1,
        at=MONDAY + timedelta(seconds=second),
        kind=kind,
        actor=who or "customer",
        on_behalf_of="",
        request_id="",
        policy_version="",
        data=data,
        previous="",
        hash="",
    )


ANA = "human_agent:ana"


def test_several_chats_at_once_count_once_and_only_while_logged_in() -> None:
    events = [
        said(0, ANA, "on"),
        happened(100, "message_received", "t1"),
        happened(150, "message_received", "t2"),
        happened(200, "replied", "t1", ANA, speaker=ANA),
        happened(300, "replied", "t2", ANA, speaker=ANA),
        said(350, ANA, "pause"),
        said(400, ANA, "off"),
        happened(500, "message_received", "t1"),
        happened(600, "replied", "t1", ANA, speaker=ANA),
    ]
    found = occupancy(events, MONDAY, MONDAY + timedelta(hours=1), HOLDS)
    (ana,) = found.people
    assert (ana.logged_in_s, ana.handling_s) == (400, 200)
    assert found.share == 0.5


def test_whoever_forgets_to_log_off_is_not_there_for_ever() -> None:
    found = occupancy([said(0, ANA, "on")], MONDAY, MONDAY + timedelta(days=3), HOLDS)
    assert found.people[0].logged_in_s == HOLDS.total_seconds()


def test_without_anybody_logged_in_there_is_no_occupancy() -> None:
    assert occupancy([], MONDAY, MONDAY + timedelta(days=1), HOLDS).share is None


def test_occupancy_is_what_counting_every_second_gives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for seed in range(15):
        events, window = random_day(Random(seed))
        found = occupancy(events, *window, HOLDS)
        there, busy = counted(events, *window)
        assert sum(one.logged_in_s for one in found.people) == there, seed
        assert sum(one.handling_s for one in found.people) == busy, seed
    with capsys.disabled():
        print("\noccupancy: 15 random days as counted second by second")


def random_day(luck: Random) -> tuple[list[Event], tuple[datetime, datetime]]:
    """Three people who come, pause and go, and six chats, in two thousand seconds."""
    people = [f"human_agent:{name}" for name in ("ana", "ben", "cem")]
    events = []
    for second in sorted(luck.sample(range(2000), 120)):
        who, talk = luck.choice(people), f"t{luck.randint(1, 6)}"
        if luck.random() < 0.2:
            events.append(said(second, who, luck.choice(("on", "on", "pause", "off"))))
        elif luck.random() < 0.5:
            events.append(happened(second, "message_received", talk))
        else:
            events.append(happened(second, "replied", talk, who, speaker=who))
    window = (MONDAY + timedelta(seconds=200), MONDAY + timedelta(seconds=1800))
    return events, window


def counted(events: list[Event], since: datetime, until: datetime) -> tuple[int, int]:
    """Person-seconds logged in, and of those busy, looking at every second by itself."""
    there = busy = 0
    for person_id in {e.data["person"] for e in events if e.kind is EventKind.PRESENCE_CHANGED}:
        words = [e for e in events if e.data.get("person") == person_id]
        stretches = [s for s in spans(events) if s.person == person_id]
        for second in range(int((until - since).total_seconds())):
            at = since + timedelta(seconds=second)
            before = [word.data["state"] for word in words if word.at <= at]
            if before and before[-1] != "off":
                there += 1
                busy += any(s.start <= at < s.end for s in stretches)
    return there, busy
