"""Conversations as they happen, written to a real store: the events that facts are built from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from workbench.config import Settings
from workbench.measure.facts import open_history
from workbench.records.actions import Action
from workbench.records.base import Ids
from workbench.records.cases import Case, CaseStatus, SlaClock
from workbench.records.customers import Customer
from workbench.records.decisions import HandOffReason, Level
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.operations import ChangeCase, OpenCase, QueueHandOff, TakeHandOff, plan
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store, Transaction
from workbench.store.history import History

MONDAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
"""10:00 in Berlin, a working day."""


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def pass_time(self, **spent: float) -> None:
        self.at += timedelta(**spent)


def open_store(url: str, clock: SetClock, seed: int | None = 3) -> Store:
    """A store whose customers C-1 to C-9 exist."""
    store = Store.open(url, clock=clock, ids=Ids(seed))
    admin = Principal(id="admin:ada", role=Role.ADMIN)
    customers = [Customer(id=f"C-{number}") for number in range(1, 10)]
    store.import_records(admin, "customers", customers, "story")
    return store


@dataclass
class World:
    """An empty store with the history that is read from it."""

    store: Store
    history: History
    clock: SetClock

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        clock, url = SetClock(), f"sqlite:///{folder / 'store.db'}"
        with (
            open_store(url, clock) as store,
            open_history(folder / "history", Settings(), store_url=url, clock=clock) as history,
        ):
            yield cls(store, history, clock)


@dataclass
class Story:
    """One conversation; every method is one transaction at the clock's time."""

    store: Store
    name: str
    customer_id: str = "C-1"
    steps: int = field(default=0, init=False)

    def write(
        self, *events: NewEvent, actions: tuple[Action, ...] = (), by: Principal | None = None
    ) -> None:
        self.steps += 1
        self.store.commit(
            Transaction(
                principal=by or customer_principal(self.customer_id, proven=True),
                stream=self.name,
                request_id=f"{self.name}-{self.steps}",
                events=events,
                actions=actions,
            )
        )

    def begin(self, text: str = "How much is INV-1?", **more: Any) -> None:
        data = {"customer_id": self.customer_id, "channel": "chat", "language": "en", **more}
        self.write(event("conversation_started", **data), said(text))

    def ask(self, text: str) -> None:
        self.write(said(text))

    def answer(self, *requests: NewEvent, actions: tuple[Action, ...] = (), **reply: Any) -> None:
        """Requests, decisions and the assistant's reply."""
        spoken = {"speaker": "assistant", "text": "Here it is.", **reply}
        self.write(*requests, event("replied", **spoken), actions=actions)

    def hand_over(self, reason: HandOffReason, kind: str, *events: NewEvent) -> None:
        packet = Packet(
            id=f"PKT-{self.name}",
            conversation_id=self.name,
            customer_id=self.customer_id,
            reason=reason,
            queue="billing",
            created_at=MONDAY,
        )
        handed = event("handed_off", reason=reason.value, queue="billing", kind=kind)
        replied = event("replied", speaker="assistant", text="A person takes over.")
        queue = plan(QueueHandOff(packet=packet), key=f"queue-{self.name}")
        self.write(*events, handed, replied, actions=(queue,))

    def take(self, name: str = "ana") -> None:
        taken = plan(TakeHandOff(packet_id=f"PKT-{self.name}"), key=f"take-{self.name}-{name}")
        self.write(actions=(taken,), by=person(name))

    def person_replies(self, name: str = "ana") -> None:
        speaker = person(name).id
        spoken = event("replied", speaker=speaker, text="I looked into it.")
        self.write(spoken, by=person(name))

    def end(self, resolution: str) -> None:
        self.write(event("conversation_ended", resolution=resolution, why="story"))

    def open_case(self, case: Case) -> None:
        self.write(actions=(plan(OpenCase(case=case), key=f"open-{case.id}"),), by=person("ana"))

    def change_case(self, before: Case, status: CaseStatus) -> Case:
        changed = before.model_copy(update={"status": status})
        wish = ChangeCase(before_revision=before.revision, after=changed)
        self.write(actions=(plan(wish, key=f"{before.id}-{before.revision}"),), by=person("ana"))
        return changed.model_copy(update={"revision": before.revision + 1})


def person(name: str) -> Principal:
    return Principal(id=f"human_agent:{name}", role=Role.HUMAN_AGENT)


def event(kind: str, /, **data: Any) -> NewEvent:
    actor = str(data.get("speaker", "")) if kind == "replied" else ""
    return NewEvent(kind=EventKind(kind), data=data, actor=actor)


def said(text: str) -> NewEvent:
    return event("message_received", text=text, speaker="customer")


def request(
    name: str,
    intent: str = "invoice_amount",
    status: str = "answered",
    flow: str = "invoice_inquiry",
    **more: Any,
) -> NewEvent:
    """A request as it stands after a turn."""
    data = {"id": name, "intent": intent, "flow": flow, "status": status, "text": "", **more}
    return event("request_updated", request=data)


def decided(
    name: str,
    level: Level = Level.AUTOMATE,
    rule: str = "routine",
    reason: HandOffReason | None = None,
    **situation: Any,
) -> NewEvent:
    """A decision of policy `p-1` about a request."""
    decision = {
        "level": level.value,
        "rule_id": rule,
        "reason": reason.value if reason else None,
        "policy_version": "p-1",
    }
    return event(
        "decided", request_id=name, stage="request", situation=situation, decision=decision
    )


def case_of(story: Story, name: str, clocks: tuple[SlaClock, ...] = ()) -> Case:
    return Case(
        id=name,
        customer_id=story.customer_id,
        topic="complaint",
        subject=f"conversation:{story.name}",
        title="A complaint",
        conversation_id=story.name,
        status=CaseStatus.OPEN,
        opened_at=MONDAY,
        updated_at=MONDAY,
        clocks=clocks,
    )
