"""Where scenarios are played: a fresh store each time, triage model and articles shared."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.flows.assistant import Assistant
from workbench.flows.result import TurnResult
from workbench.records.base import Clock, Ids, Record
from workbench.records.principals import Principal, Role
from workbench.records.verdicts import Verdict
from workbench.scenarios.format import Scenario
from workbench.speak.writer import Writer
from workbench.store import Committed, Store
from workbench.systems.ports import Knowledge, Systems

if TYPE_CHECKING:
    from workbench.triage.ports import MessageReader


class Questions(Protocol):
    """Private questions to people, as an open workbench has them."""

    def all(self) -> tuple[Verdict, ...]: ...
    def answer(self, task_id: str, choice: str, by: str, note: str = ...) -> TurnResult: ...
    def sweep(self) -> Record: ...


class Door(Protocol):
    """What a scenario needs of an open workbench."""

    settings: Settings
    store: Store
    systems: Systems
    assistant: Assistant

    @property
    def service(self) -> Principal: ...
    @property
    def verdicts(self) -> Questions: ...
    def close(self) -> None: ...
    def person(self, name: str, role: Role = ...) -> Principal: ...
    def take(self, packet_id: str, by: str) -> Committed: ...
    def human_reply(self, conversation_id: str, by: str, text: str) -> Committed: ...
    def hand_back(self, conversation_id: str, by: str, note: str) -> Committed: ...
    def decide_approval(
        self, approval_id: str, by: str, approved: bool, reason: str
    ) -> Committed: ...
    def converse(
        self,
        customer_id: str,
        text: str,
        *,
        conversation_id: str | None = None,
        channel: str = "chat",
        request_id: str | None = None,
    ) -> TurnResult: ...


class Opener(Protocol):
    """Opens a POC folder: `workbench.bootstrap.open_workbench`, handed in by whoever plays."""

    def __call__(
        self,
        folder: str | Path,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        store_url: str = "",
        state: Path | None = None,
        settings: Settings | None = None,
        policy: Policy | None = None,
        triage: MessageReader | None = None,
        knowledge: Knowledge | None = None,
        faults: Mapping[str, str] | None = None,
        writer: Writer | None = None,
        records: bool = True,
    ) -> Door: ...


@dataclass(frozen=True)
class Stage:
    """A POC with its models loaded, and an empty store to copy."""

    folder: Path
    scratch: Path
    """Folder that every run gets its own folder in."""
    opener: Opener
    settings: Settings
    triage: MessageReader
    knowledge: Knowledge

    @classmethod
    def build(cls, folder: Path, scratch: Path, opener: Opener) -> Stage:
        """Load the POC's models once and make the empty store."""
        door = opener(folder, store_url=_url(scratch / "empty.db"), records=False)
        try:
            settings, triage = door.settings, door.assistant.triage
            return cls(folder, scratch, opener, settings, triage, door.systems.knowledge)
        finally:
            door.close()

    def empty_store(self, folder: Path) -> None:
        """Put an empty, migrated store into a new folder."""
        folder.mkdir(parents=True)
        shutil.copyfile(self.scratch / "empty.db", folder / "store.db")

    def open(
        self, scenario: Scenario, folder: Path, clock: Clock, ids: Ids, faults: Mapping[str, str]
    ) -> Door:
        """Open the store in `folder` as the scenario's workbench."""
        return self.opener(
            self.folder,
            clock=clock,
            ids=ids,
            store_url=_url(folder / "store.db"),
            state=folder,
            settings=_staffed(self.settings, scenario.given.staffed),
            triage=self.triage,
            knowledge=self.knowledge,
            faults=faults,
            records=False,
        )


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _staffed(settings: Settings, staffed: Mapping[str, int]) -> Settings:
    """The settings with other people on duty."""
    people = {**settings.queues.staffed, **staffed}
    queues = settings.queues.model_copy(update={"staffed": people})
    return settings.model_copy(update={"queues": queues})
