"""The tables of the operational store, the same on SQLite and PostgreSQL.

Every table carries the tenant. Records have one column per field of their class; nested tuples
are JSON text. `digest` is the hash of the record as last imported, so that a second import of the
same content changes nothing. `watch_at` is when time alone next changes a case.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from workbench.store.columns import ExactDecimal, JsonText, PlainText, UtcTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

_BIG = BigInteger().with_variant(Integer(), "sqlite")


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _name(name: str, *, index: bool = False) -> Column[str]:
    """An identifier or a word of a closed list."""
    return Column(name, String, nullable=False, default="", index=index)


def _text(name: str) -> Column[str]:
    """Words that people wrote."""
    return Column(name, PlainText, nullable=False, default="")


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, default=default)


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=default)


def _record_table(name: str, *columns: Column[Any] | Index) -> Table:
    """A table of records: tenant first, revision and import digest last."""
    return Table(
        name,
        metadata,
        _key("tenant"),
        *columns,
        _number("revision", 1),
        Column("digest", String, nullable=False, default=""),
    )


customer = _record_table(
    "customer",
    _key("id"),
    _text("name"),
    _text("company"),
    _name("segment"),
    _name("language"),
    _name("country"),
    _name("time_zone"),
    _name("postcode"),
    _flag("vulnerable"),
    Column("since", UtcTime),
    Column("contact_points", JsonText, nullable=False),
    Column("delegates", JsonText, nullable=False),
)

invoice = _record_table(
    "invoice",
    _key("number"),
    _name("customer_id", index=True),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date),
    _name("currency"),
    Column("lines", JsonText, nullable=False),
    Column("stated_total", ExactDecimal, nullable=False),
    _name("order_id"),
    _text("purchase_order"),
    _text("terms"),
    Column("late_fee_rate", ExactDecimal),
    _text("tax_certificate"),
    _number("dunning_level"),
    _flag("cancelled"),
)

credit_note = _record_table(
    "credit_note",
    _key("number"),
    _name("customer_id", index=True),
    Column("invoice_number", String, index=True),
    Column("issued_on", Date, nullable=False),
    _name("currency"),
    Column("lines", JsonText, nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    _text("reason"),
)

payment = _record_table(
    "payment",
    _key("id"),
    _name("customer_id", index=True),
    Column("invoice_number", String, index=True),
    Column("received_on", Date, nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    _name("currency"),
    _name("state"),
    _name("method"),
    _text("reference"),
    _text("deduction_reason"),
)

customer_order = _record_table(
    "customer_order",
    _key("id"),
    _name("customer_id", index=True),
    Column("placed_on", Date, nullable=False),
    _name("currency"),
    Column("lines", JsonText, nullable=False),
    _name("status"),
    Column("delivered_on", Date),
    Column("cancelled_on", Date),
)

dispute = _record_table(
    "dispute",
    _key("id"),
    _name("customer_id", index=True),
    _name("invoice_number", index=True),
    Column("line", Integer),
    _name("reason"),
    Column("amount", ExactDecimal, nullable=False),
    _name("currency"),
    _name("state"),
    _name("case_id"),
    Column("opened_at", UtcTime, nullable=False),
)

exchange_rate = _record_table(
    "exchange_rate",
    _key("base"),
    _key("quote"),
    Column("on", Date, primary_key=True),
    Column("rate", ExactDecimal, nullable=False),
    _text("source"),
)

support_case = _record_table(
    "support_case",
    _key("id"),
    _name("customer_id", index=True),
    _name("topic"),
    _name("subject"),
    _text("title"),
    _name("status"),
    _name("impact"),
    _name("urgency"),
    _name("queue", index=True),
    _name("owner"),
    _name("conversation_id", index=True),
    _name("parent_id"),
    _name("merged_into", index=True),
    Column("requests", JsonText, nullable=False),
    Column("answered", JsonText, nullable=False),
    Column("promises", JsonText, nullable=False),
    Column("clocks", JsonText, nullable=False),
    Column("grade", String),
    _flag("legal_hold"),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("solved_at", UtcTime),
    _number("reopened"),
    Column("watch_at", UtcTime),
    Index(None, "tenant", "watch_at"),
)

case_entry = _record_table(
    "case_entry",
    _key("id"),
    _name("case_id", index=True),
    Column("at", UtcTime, nullable=False),
    _name("actor"),
    _text("text"),
    _flag("internal"),
    _name("activity"),
)

subscription = _record_table(
    "subscription",
    _key("case_id"),
    _key("customer_id"),
    _name("channel"),
    Column("events", JsonText, nullable=False),
    _name("language"),
    Column("quiet_from", Integer),
    Column("quiet_until", Integer),
    _flag("active", True),
)

conversation = Table(
    "conversation",
    metadata,
    _key("tenant"),
    _key("id"),
    _name("customer_id", index=True),
    _name("channel"),
    _name("language"),
    _name("phase"),
    _name("speaker"),
    _name("status", index=True),
    _name("queue"),
    _name("packet_id"),
    Column("started_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False, index=True),
    _name("last_kind"),
    _number("revision"),
)

handoff = Table(
    "handoff",
    metadata,
    _key("tenant"),
    _key("id"),
    _name("conversation_id", index=True),
    _name("customer_id"),
    _name("queue", index=True),
    _name("reason"),
    _name("priority"),
    _name("status"),
    Column("due_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    _name("taken_by"),
    Column("taken_at", UtcTime),
    Column("packet", JsonText, nullable=False),
    Index(None, "tenant", "customer_id", "status"),
)

approval = Table(
    "approval",
    metadata,
    _key("tenant"),
    _key("id"),
    _name("customer_id"),
    _name("conversation_id"),
    _name("requested_by"),
    Column("requested_at", UtcTime, nullable=False),
    Column("action", JsonText, nullable=False),
    _name("fingerprint"),
    _name("record"),
    _number("record_revision"),
    _text("reason"),
    _name("status", index=True),
    _name("decided_by"),
    Column("decided_at", UtcTime),
    _text("decision_reason"),
    Column("expires_at", UtcTime),
)

verdict = Table(
    "verdict",
    metadata,
    _key("tenant"),
    _key("id"),
    _name("conversation_id", index=True),
    _name("customer_id"),
    _name("queue"),
    Column("task", JsonText, nullable=False),
    Column("remind_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    _name("status", index=True),
    _name("choice"),
    _name("decided_by"),
    Column("decided_at", UtcTime),
    _text("note"),
    Column("reminded_at", UtcTime),
    Column("told_at", UtcTime, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    _key("tenant"),
    _key("key"),
    _name("kind"),
    _name("customer_id", index=True),
    _name("record"),
    _name("channel"),
    _text("address"),
    _name("language"),
    Column("payload", JsonText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("not_before", UtcTime, nullable=False, index=True),
    Column("sent_at", UtcTime),
)

performed = Table(
    "performed",
    metadata,
    _key("tenant"),
    _key("key"),
    _name("operation"),
    _name("customer_id"),
    _name("fingerprint"),
    Column("result", JsonText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("amount", ExactDecimal),
    _name("currency"),
    Column("alone", Boolean),
    Index(None, "tenant", "customer_id", "operation"),
)

event = Table(
    "event",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    _name("tenant"),
    _name("stream"),
    Column("position", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    _name("kind"),
    _name("actor"),
    _name("on_behalf_of"),
    _name("request_id"),
    _name("policy_version"),
    Column("data", PlainText),
    Column("salt", String),
    Column("digest", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    UniqueConstraint("tenant", "stream", "position"),
    Index(None, "tenant", "kind", "seq"),
    Index(None, "tenant", "request_id"),
)
