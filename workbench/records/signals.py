"""What triage reads out of one message, and the situation that policy decides on."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import ConfigDict, Field

from workbench.records.base import Record

SOMETHING_ELSE = "something_else"
"""The label of messages that no declared intent fits."""


class IntentScore(Record):
    """One intent with its calibrated probability."""

    intent: str
    confidence: float = Field(ge=0, le=1)
    """Calibrated: of messages scored 0.8, about 80 % have this intent."""
    text: str = ""
    """The part of the message it was read from, when the message holds several requests."""
    runners_up: tuple[str, ...] = ()
    """The next likely intents, best first; what a clarifying question offers."""
    runner_up: float = Field(default=0, ge=0, le=1)
    """Calibrated probability of the first of them; 0 where the reader does not say."""


class SensitiveTopic(StrEnum):
    """Matters that a person handles by default."""

    LEGAL = "legal"
    REGULATOR = "regulator"
    PRESS = "press"
    INSOLVENCY = "insolvency"
    FRAUD = "fraud"
    BEREAVEMENT = "bereavement"
    VULNERABLE = "vulnerable"
    ACCESSIBILITY = "accessibility"
    SELF_HARM = "self_harm"
    THREAT = "threat"


class Signals(Record):
    """Everything read from one message. No business rule hides here."""

    intents: tuple[IntentScore, ...] = ()
    """One entry per request, in the order in which the customer made them; empty for none."""
    out_of_scope: float = Field(default=0, ge=0, le=1)
    """The chance that no known intent fits, supposing that one message in ten has none.

    Less where a part of the message is a clear request; 0 where a person is wanted, for a bare yes
    or no, and where the message only answers a question.
    """
    sentiment: float = Field(default=0, ge=-1, le=1)
    urgency: float = Field(default=0, ge=0, le=1)
    language: str = "en"
    """BCP 47 primary tag of the message; `und` when too short to tell."""
    language_confidence: float = 0
    wants_person: bool = False
    asks_if_human: bool = False
    sensitive: SensitiveTopic | None = None
    abusive: bool = False
    third_party: bool = False
    """Speaks of somebody else's account."""
    suspicious: bool = False
    """Reads like an attempt to instruct the assistant; data all the same."""
    affirmation: bool | None = None
    """True for a yes, False for a no, None for neither."""
    model: str = ""
    """Which triage model said so, with its version."""


class Stakes(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Situation(Record):
    """All that a policy condition may look at; one column each in history.

    None means unknown: any comparison with it is false, in Python as in SQL. Infinity and NaN are
    refused, because engines disagree on how they compare.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    intent: str | None = None
    flow: str | None = None
    action: str | None = None
    """The consequential act under decision; None when deciding who takes the request."""
    confidence: float | None = None
    out_of_scope: float | None = None
    stakes: Stakes | None = None
    complexity: int | None = None
    """1 look-up, 2 needs a choice or a calculation, 3 needs judgement."""
    requests: int | None = None
    """Requests in the message."""
    sentiment: float | None = None
    sentiment_change: float | None = None
    """This message minus the first; negative when it gets worse."""
    urgency: float | None = None
    language: str | None = None
    language_supported: bool | None = None
    wants_person: bool | None = None
    sensitive: str | None = None
    abusive: bool | None = None
    third_party: bool | None = None
    suspicious: bool | None = None
    identity_proven: bool | None = None
    identity_failures: int | None = None
    foreign_attempts: int | None = None
    """How often somebody else's record was asked for in this conversation."""
    segment: str | None = None
    channel: str | None = None
    vulnerable: bool | None = None
    repeat_contact: bool | None = None
    """Same customer, same topic, within seven days."""
    open_cases: int | None = None
    clarifications: int | None = None
    """How often the assistant already asked back on this request."""
    boundary_set: bool | None = None
    """Whether the customer has already been asked, once and calmly, to stay civil."""
    hops: int | None = None
    """Hand-offs so far in this conversation."""
    amount: Decimal | None = None
    """Amount at stake, major units of `currency`."""
    currency: str | None = None
    knowledge_found: bool | None = None
    tool_failed: bool | None = None
