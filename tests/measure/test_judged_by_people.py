"""Verdicts, approvals and labels of hand-offs count as judgements, as a second count says."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.measure.ledger_story import (
    MONDAY,
    SetClock,
    Story,
    decided,
    open_store,
    person,
    request,
)
from workbench.config import Settings
from workbench.measure.facts import open_history
from workbench.measure.kpis import kpis
from workbench.records.decisions import HandOffReason, Level
from workbench.records.events import Event, EventKind
from workbench.records.operations import LabelEscalation, plan
from workbench.records.principals import Principal, Role
from workbench.records.verdicts import (
    Choice,
    ExpireVerdict,
    GiveVerdict,
    MicroTask,
    RequestVerdict,
)
from workbench.store import Store
from workbench.store.history import History

SERVICE = Principal(id="service:workbench", role=Role.SERVICE)
_UNDERSTANDING = {"low_confidence", "out_of_scope", "missing_knowledge"}


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def opened(tmp_path: Path, clock: SetClock) -> Iterator[tuple[Store, History]]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with (
        open_store(url, clock) as store,
        open_history(tmp_path / "history", Settings(), store_url=url, clock=clock) as history,
    ):
        yield store, history


def question(story: Story) -> MicroTask:
    return MicroTask(
        id=f"VRD-{story.name}",
        conversation_id=story.name,
        customer_id=story.customer_id,
        request_id="r",
        about="claim:INV-1:1",
        question="Is it justified?",
        choices=(Choice(key="credit", means="yes"), Choice(key="reject", means="no")),
        queue="billing",
        suggested="reject",
        fallback="reject",
        asked_at=MONDAY,
        remind_at=MONDAY + timedelta(minutes=20),
        due_at=MONDAY + timedelta(minutes=30),
    )


def judge(story: Story, choice: str) -> None:
    task = question(story)
    story.write(actions=(plan(RequestVerdict(task=task), f"ask-{story.name}"),))
    if choice == "nobody":
        late = ExpireVerdict(task_id=task.id, at=task.due_at)
        story.write(actions=(plan(late, f"late-{story.name}"),), by=SERVICE)
    else:
        given = GiveVerdict(task_id=task.id, choice=choice)
        story.write(actions=(plan(given, f"give-{story.name}"),), by=person("ana"))


def label(story: Story, said: str) -> None:
    wish = LabelEscalation.model_validate({"packet_id": f"PKT-{story.name}", "label": said})
    story.write(actions=(plan(wish, f"label-{story.steps}-{story.name}"),), by=person("ana"))


def live(store: Store, draw: random.Random, number: int) -> None:
    """One conversation that a person may judge."""
    story = Story(store, f"conv-{number:03}", f"C-{1 + number % 9}")
    story.begin()
    kind = draw.choice(["nothing", "verdict", "verdict", "hand-off", "hand-off"])
    if kind == "hand-off":
        reason = draw.choice([HandOffReason.LOW_CONFIDENCE, HandOffReason.CUSTOMER_REQUEST])
        handed = request("r", status="handed_off")
        story.hand_over(reason, "policy", handed, decided("r", Level.ESCALATE, reason=reason))
        story.take()
        story.person_replies()
        for _ in range(draw.randint(0, 2)):
            label(story, draw.choice(["needed", "not_needed", "too_late"]))
    else:
        story.answer(request("r"), decided("r"))
    if kind == "verdict":
        judge(story, draw.choice(["credit", "reject", "nobody"]))
    story.end("assumed")


def second_count(events: Sequence[Event]) -> dict[str, bool]:
    """What a conversation's events say, read one by one without the facts."""
    verdicts = [e.data for e in events if e.kind is EventKind.VERDICT_GIVEN]
    labels = [e.data for e in events if e.kind is EventKind.ESCALATION_LABELLED]
    answered = [v for v in verdicts if not v["timed_out"]]
    other = any(v["choice"] != v["suggested"] for v in answered)
    last = labels[-1] if labels else {"label": "needed", "reason": ""}
    tells = bool(labels) and (last["label"] == "not_needed" or last["reason"] in _UNDERSTANDING)
    return {
        "decision_seen": bool(answered or labels),
        "overridden": other or last["label"] != "needed",
        "judged": bool(answered) or tells,
        "wrong": other or (tells and last["label"] != "not_needed"),
    }


def rows(history: History) -> dict[str, dict[str, Any]]:
    table = history.connection().sql("SELECT * FROM contact").to_arrow_table()
    return {row["conversation_id"]: row for row in table.to_pylist()}


def test_every_judgement_counts_as_a_second_count_says(
    opened: tuple[Store, History], clock: SetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    store, history = opened
    draw = random.Random(11)
    for number in range(60):
        live(store, draw, number)
        clock.pass_time(minutes=10)
    found = rows(history)
    expected = {name: second_count(store.events(SERVICE, stream=name)) for name in found}
    assert {
        name: {key: bool(row[key]) for key in expected[name]} for name, row in found.items()
    } == expected
    seen = sum(row["decision_seen"] for row in expected.values())
    overridden = sum(row["overridden"] for row in expected.values())
    measured = kpis(history.connection(), settings=Settings()).get("override").value
    assert measured == pytest.approx(overridden / seen)
    with capsys.disabled():
        print(
            f"\njudged by people: {len(found)} conversations, {seen} decisions seen, "
            f"{overridden} overridden, override {measured:.1%}, as counted a second time"
        )


def test_the_last_label_of_a_hand_off_counts(opened: tuple[Store, History]) -> None:
    store, history = opened
    story = Story(store, "conv-1")
    story.begin()
    reason = HandOffReason.LOW_CONFIDENCE
    handed = request("r", status="handed_off")
    story.hand_over(reason, "policy", handed, decided("r", Level.ESCALATE, reason=reason))
    label(story, "needed")
    assert rows(history)["conv-1"]["overridden"] is False
    label(story, "not_needed")
    row = rows(history)["conv-1"]
    assert (row["overridden"], row["judged"], row["wrong"]) == (True, True, False)
