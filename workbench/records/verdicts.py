"""Verdicts: a private question to a person while the assistant keeps the conversation.

The question has choices, evidence, a deadline and a declared fallback. Whoever answers first
decides; when nobody does, the fallback counts once the deadline has passed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import model_validator

from workbench.records.base import Instant, Record
from workbench.records.evidence import Fact
from workbench.records.operations import Parameters, sealed
from workbench.records.signals import Stakes

HAND_OFF = "hand_off"
"""The choice that gives the request to a person after all."""


class VerdictStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    """Nobody answered in time; the fallback counts."""


class Choice(Record):
    """One answer that a person can give."""

    key: str
    means: str
    """What follows from it, as a sentence for the person."""


class MicroTask(Record):
    """A question to a person about one request of a conversation."""

    id: str
    conversation_id: str
    customer_id: str
    request_id: str
    about: str
    """What is asked, as a key; the flow finds its answer under it."""
    question: str
    words: str = ""
    """The customer's own words, masked."""
    choices: tuple[Choice, ...]
    evidence: tuple[Fact, ...] = ()
    queue: str
    suggested: str
    """The choice that the assistant would make alone: what the person's choice is compared with."""
    fallback: str
    """The choice that counts when nobody answers in time."""
    asked_at: Instant
    remind_at: Instant
    due_at: Instant

    @model_validator(mode="after")
    def _names_its_choices(self) -> Self:
        keys = {choice.key for choice in self.choices}
        unknown = {self.suggested, self.fallback} - keys
        if unknown or len(keys) < len(self.choices):
            raise ValueError(
                f"`suggested` and `fallback` name one of the choices {sorted(keys)}, each of which "
                f"stands there once; unknown: {sorted(unknown)}"
            )
        return self

    def means(self, key: str) -> str:
        """What a choice means, empty for one that is not offered."""
        return next((choice.means for choice in self.choices if choice.key == key), "")


class Verdict(Record):
    """A question with what became of it."""

    task: MicroTask
    status: VerdictStatus = VerdictStatus.OPEN
    choice: str = ""
    """The person's, or the fallback once it timed out; empty while open."""
    decided_by: str = ""
    """Who chose; empty for the fallback."""
    decided_at: Instant | None = None
    note: str = ""
    """The person's reason; never shown to the customer."""
    reminded_at: Instant | None = None
    told_at: Instant | None = None
    """When the conversation went on with it."""

    @property
    def overridden(self) -> bool:
        """Whether a person chose otherwise than the assistant would have."""
        return self.status is VerdictStatus.ANSWERED and self.choice != self.task.suggested


class RequestVerdict(Parameters):
    """Ask a person privately. Result: `task_id`. The ledger gets `verdict_requested`."""

    operation = "verdict.request"

    task: MicroTask

    def recorded(self) -> dict[str, Any]:
        return {"task_id": self.task.id, "about": self.task.about}


class GiveVerdict(Parameters):
    """A person's choice; `Conflict` once there is one. The ledger gets `verdict_given`."""

    operation = "verdict.give"
    stakes = Stakes.MEDIUM

    task_id: str
    choice: str
    note: str = ""

    def recorded(self) -> dict[str, Any]:
        return super().recorded() | {"note": sealed(self.note)}


class ExpireVerdict(Parameters):
    """The deadline has passed at `at`: the declared fallback counts. Result: `choice`."""

    operation = "verdict.expire"

    task_id: str
    at: Instant


class RemindOfVerdict(Parameters):
    """Tell the queue that a question is still open and falls due soon."""

    operation = "verdict.remind"

    task_id: str


class TellVerdict(Parameters):
    """The conversation has gone on with the verdict; `text`, if any, goes to the customer."""

    operation = "verdict.tell"

    task_id: str
    text: str = ""
    language: str = "en"
