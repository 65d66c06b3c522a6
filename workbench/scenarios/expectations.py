"""What a scenario may demand: patterns of records and the end state of a conversation.

Every key is optional; one that is left out is not tested. Where several values would be right,
a tuple names them all.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator

from workbench.records.base import Record
from workbench.records.conversations import Speaker
from workbench.records.events import EventKind

_COUNT = re.compile(r">=\d+")


def _count(value: int | str) -> int | str:
    if isinstance(value, str) and not _COUNT.fullmatch(value):
        raise ValueError(f"{value!r} is not a count such as 2 or '>=1'")
    return value


Count = Annotated[int | str, AfterValidator(_count)]
"""An exact number, or `>=1` for at least one."""
Choice = str | tuple[str, ...]
"""One value, or several of which any one will do."""


def fits(wish: object, actual: object) -> bool:
    """Whether a value is the wished one, or one of the wished ones."""
    choices = wish if isinstance(wish, tuple) else (wish,)
    return str(actual) in [str(choice) for choice in choices]


def counted(wish: Count, actual: int) -> bool:
    """Whether a number is the wished one, or at least it for `>=1`."""
    return actual >= int(wish[2:]) if isinstance(wish, str) else actual == wish


class CasePattern(Record):
    """Cases that must exist: `count` of them have all the values given here."""

    id: str | None = None
    customer: str | None = None
    topic: Choice | None = None
    subject: Choice | None = None
    status: Choice | None = None
    queue: Choice | None = None
    priority: Choice | None = None
    grade: Choice | None = None
    parent: Choice | None = None
    """Number of the case it follows or was split from; `""` for none."""
    reopened: int | None = None
    legal_hold: bool | None = None
    contains: tuple[str, ...] = ()
    """Words that stand in the case's history, public or internal."""
    count: Count = 1


class DisputePattern(Record):
    """Disputes that must be on record."""

    invoice: str | None = None
    line: int | None = None
    amount: Decimal | None = None
    reason: Choice | None = None
    state: Choice | None = None
    count: Count = 1


class CreditPattern(Record):
    """Credit notes that must be on record."""

    invoice: str | None = None
    line: int | None = None
    amount: Decimal | None = None
    count: Count = 1


class ApprovalPattern(Record):
    """Approvals that must have been asked for."""

    operation: Choice | None = None
    state: Choice | None = None
    """`pending`, `approved`, `declined` or `superseded`."""
    amount: Decimal | None = None
    count: Count = 1


class SubscriptionPattern(Record):
    """Subscriptions that must stand."""

    case: str | None = None
    channel: Choice | None = None
    language: str | None = None
    active: bool | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None
    count: Count = 1


class PacketPattern(Record):
    """What the newest packet must hold."""

    reason: Choice | None = None
    queue: Choice | None = None
    escalation: Literal["functional", "hierarchical"] | None = None
    complete: Decimal | None = None
    """Least completeness, 0-1."""
    identity_proven: bool | None = None
    language: str | None = None
    hops: Count | None = None
    contains: tuple[str, ...] = ()
    """Words that stand somewhere in the packet."""
    lacks: tuple[str, ...] = ()
    """Words that stand nowhere in the packet."""


class Expectation(Record):
    """What must hold after a turn, or at the end over all turns; keys left out are not tested."""

    level: Choice | None = None
    """`automate`, `assist` or `escalate` of the latest customer message."""
    reason: Choice | None = None
    """Reason of the latest hand-off."""
    queue: Choice | None = None
    """Queue of the latest hand-off."""
    handed_off: bool | None = None
    """Whether the conversation has been handed to a person at all."""
    speaker: Speaker | None = None
    intents: tuple[str, ...] = ()
    """Intents that were read; others may be there too."""
    says: tuple[str, ...] = ()
    """Values that stand in the facts spoken: `139.12 GBP`, `2026-06-01`, `INV-1001`, `3`."""
    never_says: tuple[str, ...] = ()
    """Text, amounts or dates that no reply may contain in any usual notation."""
    facts: dict[str, str] = {}
    """Named facts with their values."""
    sources: tuple[str, ...] = ()
    """Parts of sources that the facts spoken must name, e.g. `invoice INV-1001`, `article`."""
    statements: tuple[Choice, ...] = ()
    """Phrase keys that were spoken; `ask.*` stands for any key that starts so."""
    not_statements: tuple[str, ...] = ()
    actions: tuple[Choice, ...] = ()
    """Operations that were performed."""
    no_actions: tuple[str, ...] = ()
    """Operations that were not performed."""
    actions_count: dict[str, Count] = {}
    """How often operations were performed since the beginning."""
    cases: tuple[CasePattern, ...] = ()
    disputes: tuple[DisputePattern, ...] = ()
    credit_notes: tuple[CreditPattern, ...] = ()
    approvals: tuple[ApprovalPattern, ...] = ()
    subscriptions: tuple[SubscriptionPattern, ...] = ()
    balances: dict[str, str] = {}
    """Invoice number -> open balance."""
    undisputed: dict[str, str] = {}
    """Invoice number -> what stays due while disputes are examined."""
    asked: Choice | None = None
    """Slot that the assistant now waits for; `""` when it waits for none."""
    silent: bool | None = None
    """Whether the assistant says nothing this turn."""
    packet: PacketPattern | None = None
    masked: tuple[str, ...] = ()
    """Text that stands in no byte of the store's files."""
    outbox: dict[str, Count] = {}
    """Messages waiting to be sent, by kind."""
    events: dict[EventKind, Count] = {}
    """Events of the whole ledger, by kind."""
    outbox_lacks: tuple[str, ...] = ()
    """Text that stands in no message waiting to be sent."""
    security_events: Count | None = None
    language: Choice | None = None
    """Language of the latest reply."""
    reads_like: int | None = None
    """Number of an earlier turn, from 1, whose reply is the same but for the references."""
    promise_in: str | None = None
    """Time zone in which a time to come was told that lies inside business hours."""
    error: Choice | None = None
    """Name of the error that this turn's act ends in."""
