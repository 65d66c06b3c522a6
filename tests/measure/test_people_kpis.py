"""The KPIs that people produce, from conversations as they happen, counted a second time by hand.

Here a KPI is read from the raw events of the ledger in plain Python: nothing is shared with the
facts, their SQL or the metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.measure.ledger_story import (
    Story,
    World,
    case_of,
    event,
    person,
    request,
)
from workbench.config import Settings
from workbench.measure.kpis import kpis
from workbench.records.cases import Case, CaseStatus, SlaClock
from workbench.records.decisions import HandOffReason
from workbench.records.desk import (
    ShowSuggestions,
    Suggested,
    SuggestionKind,
    SuggestionOutcome,
    Suggestions,
    UseSuggestion,
)
from workbench.records.events import Event, EventKind
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role
from workbench.store import Store

SERVICE = Principal(id="service:test", role=Role.SERVICE)
CLOCKS = ("first_response", "next_response", "resolution")
TALKS = 120
State = dict[str, Any]
"""A record as an event has written it down."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World.opened(tmp_path) as opened:
        yield opened


# What happens


def live(world: World, luck: Random, number: int) -> None:
    """One conversation with whatever people may do in it."""
    story = Story(world.store, f"conv-{number:03}", f"C-{1 + number % 9}")
    story.begin()
    case_id = f"CASE-{number:08}"
    if luck.random() < 0.3:
        story.answer(request("r", case_id=case_id))
    else:
        handed = request("r", status="handed_off", case_id=case_id)
        story.hand_over(HandOffReason.CUSTOMER_REQUEST, "requested", handed)
        story.take()
        offer(story, luck)
        asked = ["matter"] if luck.random() < 0.3 else []
        said = event("replied", speaker=person("ana").id, text="I see.", asks_again=asked)
        story.write(said, by=person("ana"))
        if luck.random() < 0.4:
            story.person_replies("ben")
    if luck.random() < 0.6:
        live_case(story, luck, case_id, world.clock.at)
    story.end(luck.choice(["contained", "assumed", "confirmed"]))
    world.clock.pass_time(minutes=luck.randint(1, 90))


def offer(story: Story, luck: Random) -> None:
    """Up to three suggestions, of which some are used, rejected or passed over."""
    names = [f"{story.name}-{place}" for place in range(luck.randint(0, 3))]
    if not names:
        return
    draft, said = SuggestionKind.DRAFT, {"why": "w", "confidence": 0.5}
    shown = Suggestions(
        conversation_id=story.name,
        turn=1,
        intent="invoice_amount",
        sentiment=0.0,
        shown=tuple(Suggested(id=n, kind=draft, key="k", text=n, **said) for n in names),
    )
    story.write(
        actions=(plan(ShowSuggestions(suggestions=shown), f"show-{story.name}"),), by=person("ana")
    )
    for name in names:
        outcome = luck.choice([*SuggestionOutcome, None])
        if outcome:
            use = UseSuggestion(conversation_id=story.name, suggestion_id=name, outcome=outcome)
            story.write(actions=(plan(use, f"use-{name}"),), by=person("ana"))


def live_case(story: Story, luck: Random, case_id: str, now: datetime) -> None:
    """A case with promises kept, broken, paused or still to come; solved and perhaps reopened."""
    case: Case = case_of(story, case_id, tuple(promise(luck, kind, now) for kind in CLOCKS))
    story.open_case(case)
    if luck.random() < 0.7:
        case = story.change_case(case, CaseStatus.SOLVED)
        if luck.random() < 0.4:
            story.change_case(case, CaseStatus.OPEN)


def promise(luck: Random, kind: str, now: datetime) -> SlaClock:
    due = now + timedelta(hours=luck.choice([1, 4, 400]))
    happened = {
        "met": {"met_at": due - timedelta(minutes=5)},
        "late": {"met_at": due + timedelta(minutes=5)},
        "paused": {"paused_at": now},
        "running": {},
    }[luck.choice(["met", "late", "paused", "running"])]
    return SlaClock(kind=kind, started_at=now, due_at=due, **happened)


# What the ledger says of it, read event by event


@dataclass
class Tally:
    """What was counted, name -> how often, out of how many."""

    hits: dict[str, int]
    of: dict[str, int]

    def count(self, name: str, hit: bool, among: bool = True) -> None:
        self.hits[name] = self.hits.get(name, 0) + (hit and among)
        self.of[name] = self.of.get(name, 0) + among

    def rates(self) -> dict[str, float]:
        return {name: self.hits[name] / of for name, of in self.of.items() if of}


def counted(store: Store, as_of: datetime) -> Tally:
    tally = Tally({}, {})
    cases = states_of_cases(store.events(SERVICE))
    for row in store.conversations(SERVICE):
        events = store.events(SERVICE, stream=row.id)
        count_people(tally, events)
        count_suggestions(tally, events)
        count_ends(tally, events, cases.get(row.id, []))
    for states in cases.values():
        count_promises(tally, states[-1]["after"]["clocks"], as_of)
    return tally


def states_of_cases(events: Sequence[Event]) -> dict[str, list[State]]:
    """Conversation -> all that its case went through."""
    found: dict[str, list[State]] = {}
    for one in events:
        if one.kind is EventKind.CASE_CHANGED:
            found.setdefault(one.data["after"]["conversation_id"], []).append(one.data)
    return found


def count_people(tally: Tally, events: Sequence[Event]) -> None:
    replies = [e for e in events if e.kind is EventKind.REPLIED]
    mine = [e for e in replies if e.data["speaker"].startswith("human_agent:")]
    took = {e.actor for e in events if e.data.get("operation") == "handoff.take"}
    people = took | {e.data["speaker"] for e in mine}
    tally.count("transfer", len(people) > 1, among=bool(people))
    handed = any(e.kind is EventKind.HANDED_OFF for e in events)
    again = any(e.data.get("asks_again") for e in mine)
    tally.count("repeat_question", again, among=handed)


def count_suggestions(tally: Tally, events: Sequence[Event]) -> None:
    acted = [e.data for e in events if e.kind is EventKind.ACTED]
    uses = {
        one["parameters"]["suggestion_id"]: one["parameters"]["outcome"]
        for one in acted
        if one["operation"] == "suggestion.use"
    }
    shown = [
        each["id"]
        for one in acted
        if one["operation"] == "suggestion.show"
        for each in one["parameters"]["suggestions"]
    ]
    for name in shown:
        tally.count("suggestion_acceptance", uses.get(name) == "accepted")
        tally.count("suggestion_edit", uses.get(name) == "edited")
        tally.count("suggestion_ignore", uses.get(name) == "ignored")


def count_ends(tally: Tally, events: Sequence[Event], states: list[State]) -> None:
    grade = next(e.data["resolution"] for e in events if e.kind is EventKind.CONVERSATION_ENDED)
    case_solved = bool(states) and states[-1]["after"]["status"] in ("solved", "closed")
    solved = grade != "contained" or case_solved
    reopened = any(state["activity"] == "reopened" for state in states)
    tally.count("reopen", reopened, among=solved)


def count_promises(tally: Tally, clocks: list[State], as_of: datetime) -> None:
    for clock in clocks:
        due_at = datetime.fromisoformat(clock["due_at"])
        met_at = clock["met_at"] and datetime.fromisoformat(clock["met_at"])
        over = not clock["paused_at"] and due_at <= as_of
        in_time = bool(met_at) and met_at <= due_at
        for name in ("sla", f"sla_{clock['kind']}"):
            tally.count(name, in_time, among=bool(met_at) or over)


def test_every_kpi_that_people_produce_is_what_the_ledger_says(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    luck = Random(7)
    for number in range(TALKS):
        live(world, luck, number)
    expected = counted(world.store, world.clock.at)
    measured = kpis(world.history.connection(), settings=Settings())
    found = {name: measured.get(name).value for name in expected.rates()}
    assert found == pytest.approx(expected.rates())
    assert all(0 < hits < expected.of[name] for name, hits in expected.hits.items()), expected
    with capsys.disabled():
        print(f"\nKPIs of people, {TALKS} live conversations, counted twice:")
        for name, rate in expected.rates().items():
            print(f"  {name:<22} {rate:6.1%} of {expected.of[name]}")
