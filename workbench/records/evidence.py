"""Facts with sources, the reply that may state nothing else, and the packet for a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from workbench.records.base import Instant, Record
from workbench.records.decisions import HandOffReason
from workbench.records.money import Money


class Source(Record):
    """Where a fact was read: a record's field or a passage of an article."""

    system: str
    """`billing`, `crm`, `ticketing`, `orders`, `knowledge`, `clock`, `policy` or `customer`."""
    record: str
    """`invoice INV-1001`, `article payment-terms#late-fees`, ..."""
    field: str = ""
    revision: int | None = None


class MoneyValue(Record):
    kind: Literal["money"] = "money"
    value: Money


class DateValue(Record):
    kind: Literal["date"] = "date"
    value: date


class TimeValue(Record):
    """An instant, spoken in `zone`."""

    kind: Literal["time"] = "time"
    value: Instant
    zone: str = "UTC"


class NumberValue(Record):
    """A bare number: a quantity, a rate, a count. `unit` is `%`, `days`, ... or empty."""

    kind: Literal["number"] = "number"
    value: Decimal
    unit: str = ""


class ReferenceValue(Record):
    """An identifier: invoice, case, order, product, purchase order."""

    kind: Literal["reference"] = "reference"
    value: str


class NameValue(Record):
    """A proper name or a description taken from a record; may hold hostile text, always data."""

    kind: Literal["name"] = "name"
    value: str


class TermValue(Record):
    """A word from our own closed lists (a status, a dispute reason), translated when spoken."""

    kind: Literal["term"] = "term"
    value: str


class PassageValue(Record):
    """A cited passage of a knowledge article, spoken word for word."""

    kind: Literal["passage"] = "passage"
    value: str
    title: str = ""


Value = Annotated[
    MoneyValue
    | DateValue
    | TimeValue
    | NumberValue
    | ReferenceValue
    | NameValue
    | TermValue
    | PassageValue,
    Field(discriminator="kind"),
]


class Fact(Record):
    """A named value and where it comes from. A reply states facts and nothing else."""

    name: str
    """What the value is, e.g. `open balance`; the grounding check holds labels to it."""
    value: Value
    source: Source


class Statement(Record):
    """One thing to say: a key of the phrase catalogue and the facts that fill it."""

    key: str
    """`invoice.total`, `ask.invoice`, ...; the catalogue has it in every supported language."""
    facts: dict[str, Fact] = {}
    """Placeholder name -> fact."""
    rows: tuple[dict[str, Fact], ...] = ()
    """For lists: one mapping per row, spoken with the key `<key>.row`."""


class Reply(Record):
    """What the customer reads, with its evidence."""

    text: str
    language: str = "en"
    statements: tuple[Statement, ...] = ()
    writer: str = "template"
    """`template`, or the model and prompt version that wrote it."""
    blocked: tuple[str, ...] = ()
    """What the grounding check found in a model's draft that was not sent."""
    cost: Decimal = Decimal(0)
    """What the wording cost, in the reporting currency; zero for the template."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact of the reply, in order of appearance."""
        found: list[Fact] = []
        for statement in self.statements:
            found.extend(statement.facts.values())
            for row in statement.rows:
                found.extend(row.values())
        return tuple(found)


class ActionTried(Record):
    """Something the assistant did or tried, for the person who takes over."""

    operation: str
    outcome: str
    """`done`, `already_done`, `not_found`, `not_allowed`, `unavailable` or `needs_approval`."""
    detail: str = ""


class Suggestion(Record):
    """A reply that the person may send, edit or ignore."""

    text: str
    why: str
    sources: tuple[Source, ...] = ()
    statements: tuple[Statement, ...] = ()
    """What it says, so that it can be said in another tone and checked."""


class Packet(Record):
    """All a person needs to go on without asking again what was already said."""

    id: str
    conversation_id: str
    customer_id: str
    customer_name: str = ""
    segment: str = ""
    language: str = "en"
    identity: tuple[str, ...] = ()
    """Identifiers that were proven, by kind: `customer_number`, `invoice_number`, ..."""
    identity_proven: bool = False
    reason: HandOffReason
    rule_id: str = ""
    escalation: Literal["functional", "hierarchical"] = "functional"
    """Functional: more skill. Hierarchical: more authority."""
    queue: str
    requests: tuple[str, ...] = ()
    """What the customer wants, in words taken from the message, masked."""
    intents: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    actions: tuple[ActionTried, ...] = ()
    sentiment: tuple[float, ...] = ()
    """One value per customer message."""
    case_id: str = ""
    sla_due_at: Instant | None = None
    sla_seconds_left: int | None = None
    next_step: str = ""
    open_questions: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    transcript: tuple[str, ...] = ()
    """`customer: ...` / `assistant: ...` lines, masked."""
    hops: int = 0
    completeness: float = 0
    """Share of the fields that a person needs and that could be known, 0-1."""
    created_at: Instant
