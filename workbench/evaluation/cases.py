"""A case that is tried, what is expected of it, and what came of a trial."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from workbench.records.base import Record
from workbench.records.conversations import Conversation
from workbench.records.decisions import HandOffReason, Level
from workbench.records.evidence import Reply
from workbench.records.signals import IntentScore

SourceKind = Literal["scenario", "labelled", "contact", "conversation"]
Verdict = Literal["right", "wrong"]


class Expected(Record):
    """What one message should come to; a field left out is not scored."""

    intents: tuple[str, ...] = ()
    """Intents that the message has; others may be read beside them."""
    levels: tuple[str, ...] = ()
    """Levels of which any one will do."""
    rule: str = ""
    language: str = ""
    """Language of the reply."""


class Case(Record):
    """One thing to try. The same case has the same id in every run."""

    id: str
    source: SourceKind
    group: str
    """What is independent of other groups: wordings of one scenario belong together, and so do
    contacts with the very same message."""
    title: str
    says: tuple[str, ...]
    """What the customer writes, masked, in order."""
    expected: tuple[Expected, ...] = ()
    """One per message."""
    happened: Expected | None = None
    """What the first message of a past contact or conversation came to at its time."""
    verdict: Verdict | None = None
    """What a person said about the answer at its time."""
    conversation_id: str = ""
    """The contact or conversation behind the case, for links."""
    digest: str
    """SHA-256 of everything that the case was made from, given records included."""


class Heard(Record):
    """What one message of a case came to."""

    intents: tuple[IntentScore, ...] = ()
    out_of_scope: float = 0
    language: str = "und"
    """Language that the message was read in."""
    language_confidence: float = 0
    level: Level | None = None
    rule: str = ""
    reason: HandOffReason | None = None
    reply: Reply | None = None
    """None where triage and policy alone were asked, or a person speaks."""
    packet_completeness: float | None = None
    """Of the packet handed over in this turn, 0-1."""
    error: str = ""


class Outcome(Record):
    """What came of one trial of a case."""

    heard: tuple[Heard, ...]
    """One per message."""
    differences: tuple[str, ...] | None = None
    """Where the end differs from a scenario's expectation; None where there is no such check."""
    milliseconds: float
    """Wall-clock time of the whole trial."""

    @property
    def first(self) -> Heard:
        return self.heard[0] if self.heard else Heard()

    @property
    def replies(self) -> tuple[Reply, ...]:
        return tuple(one.reply for one in self.heard if one.reply)

    def __str__(self) -> str:
        """The outcome in one line: what was read, who acted, what went wrong."""
        steps = " · ".join(_step(one) for one in self.heard)
        return f"{steps} | {'; '.join(self.differences)}" if self.differences else steps


def _step(heard: Heard) -> str:
    read = ", ".join(f"{s.intent} {s.confidence:.2f}" for s in heard.intents) or "no intent"
    decided = f"{heard.level or 'no decision'}" + (f" ({heard.rule})" if heard.rule else "")
    return heard.error or f"{read}: {decided}"


def digest_of_text(*parts: str) -> str:
    """SHA-256 over texts, each ended by a byte that stands in none of them."""
    return hashlib.sha256("".join(f"{part}\0" for part in parts).encode()).hexdigest()


def digest_of_cases(cases: Iterable[Case]) -> str:
    """SHA-256 over the ids and contents of cases, whatever their order."""
    return digest_of_text(*sorted(f"{case.id} {case.digest}" for case in cases))


def customer_lines(conversation: Conversation) -> tuple[str, ...]:
    """What the customer wrote, masked."""
    return tuple(u.text for u in conversation.utterances if u.speaker == "customer")
