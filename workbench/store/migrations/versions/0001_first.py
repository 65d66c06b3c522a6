"""Records, conversations, hand-offs, approvals, outbox and the append-only ledger."""

import sqlalchemy as sa
from alembic import op

from workbench.store import columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_tables()
    _make_ledger_append_only()


def _create_tables() -> None:
    op.create_table(
        "approval",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("action", columns.JsonText(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("record_revision", sa.Integer(), nullable=False),
        sa.Column("reason", columns.PlainText(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("decision_reason", columns.PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_status"), "approval", ["status"], unique=False)
    op.create_table(
        "case_entry",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("text", columns.PlainText(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_case_entry")),
    )
    op.create_index(op.f("ix_case_entry_case_id"), "case_entry", ["case_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("packet_id", sa.String(), nullable=False),
        sa.Column("started_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("last_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("last_kind", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_conversation")),
    )
    op.create_index(
        op.f("ix_conversation_customer_id"), "conversation", ["customer_id"], unique=False
    )
    op.create_index(op.f("ix_conversation_last_at"), "conversation", ["last_at"], unique=False)
    op.create_index(op.f("ix_conversation_status"), "conversation", ["status"], unique=False)
    op.create_table(
        "credit_note",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", columns.JsonText(), nullable=False),
        sa.Column("amount", columns.ExactDecimal(), nullable=False),
        sa.Column("reason", columns.PlainText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_credit_note")),
    )
    op.create_index(
        op.f("ix_credit_note_customer_id"), "credit_note", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_credit_note_invoice_number"), "credit_note", ["invoice_number"], unique=False
    )
    op.create_table(
        "customer",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", columns.PlainText(), nullable=False),
        sa.Column("company", columns.PlainText(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("vulnerable", sa.Boolean(), nullable=False),
        sa.Column("since", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("contact_points", columns.JsonText(), nullable=False),
        sa.Column("delegates", columns.JsonText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_customer")),
    )
    op.create_table(
        "customer_order",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", columns.JsonText(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_customer_order")),
    )
    op.create_index(
        op.f("ix_customer_order_customer_id"), "customer_order", ["customer_id"], unique=False
    )
    op.create_table(
        "dispute",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", columns.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("opened_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_customer_id"), "dispute", ["customer_id"], unique=False)
    op.create_index(op.f("ix_dispute_invoice_number"), "dispute", ["invoice_number"], unique=False)
    op.create_table(
        "event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("data", columns.PlainText(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sa.UniqueConstraint(
            "tenant", "stream", "position", name=op.f("uq_event_tenant_stream_position")
        ),
    )
    op.create_index(
        op.f("ix_event_tenant_kind_seq"), "event", ["tenant", "kind", "seq"], unique=False
    )
    op.create_index(
        op.f("ix_event_tenant_request_id"), "event", ["tenant", "request_id"], unique=False
    )
    op.create_table(
        "exchange_rate",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("rate", columns.ExactDecimal(), nullable=False),
        sa.Column("source", columns.PlainText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "base", "quote", "on", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "handoff",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("created_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("packet", columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_handoff")),
    )
    op.create_index(
        op.f("ix_handoff_conversation_id"), "handoff", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_handoff_queue"), "handoff", ["queue"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", columns.JsonText(), nullable=False),
        sa.Column("stated_total", columns.ExactDecimal(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("purchase_order", columns.PlainText(), nullable=False),
        sa.Column("terms", columns.PlainText(), nullable=False),
        sa.Column("late_fee_rate", columns.ExactDecimal(), nullable=True),
        sa.Column("tax_certificate", columns.PlainText(), nullable=False),
        sa.Column("dunning_level", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_invoice")),
    )
    op.create_index(op.f("ix_invoice_customer_id"), "invoice", ["customer_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", columns.PlainText(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("payload", columns.JsonText(), nullable=False),
        sa.Column("created_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("not_before", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("sent_at", columns.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_customer_id"), "outbox", ["customer_id"], unique=False)
    op.create_index(op.f("ix_outbox_not_before"), "outbox", ["not_before"], unique=False)
    op.create_table(
        "payment",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", columns.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("reference", columns.PlainText(), nullable=False),
        sa.Column("deduction_reason", columns.PlainText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_payment")),
    )
    op.create_index(op.f("ix_payment_customer_id"), "payment", ["customer_id"], unique=False)
    op.create_index(op.f("ix_payment_invoice_number"), "payment", ["invoice_number"], unique=False)
    op.create_table(
        "performed",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("result", columns.JsonText(), nullable=False),
        sa.Column("at", columns.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_performed")),
    )
    op.create_table(
        "subscription",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("events", columns.JsonText(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "customer_id", name=op.f("pk_subscription")),
    )
    op.create_table(
        "support_case",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("title", columns.PlainText(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=False),
        sa.Column("requests", columns.JsonText(), nullable=False),
        sa.Column("answered", columns.JsonText(), nullable=False),
        sa.Column("promises", columns.JsonText(), nullable=False),
        sa.Column("clocks", columns.JsonText(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("opened_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("updated_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("solved_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_support_case")),
    )
    op.create_index(
        op.f("ix_support_case_conversation_id"), "support_case", ["conversation_id"], unique=False
    )
    op.create_index(
        op.f("ix_support_case_customer_id"), "support_case", ["customer_id"], unique=False
    )
    op.create_index(op.f("ix_support_case_queue"), "support_case", ["queue"], unique=False)


# Erasure may null data and salt; nothing else of an event ever changes.
_KEPT = (
    "seq id tenant stream position at kind actor on_behalf_of request_id policy_version "
    "digest previous hash"
).split()


def _make_ledger_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        statements = _sqlite_triggers()
    else:
        statements = _postgres_triggers()
    for statement in statements:
        op.execute(sa.text(statement))


def _sqlite_triggers() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    return [
        f"CREATE TRIGGER event_no_delete BEFORE DELETE ON event {refuse}",
        "CREATE TRIGGER event_no_replace BEFORE INSERT ON event "
        f"WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq OR id = NEW.id) {refuse}",
        "CREATE TRIGGER event_erase_only BEFORE UPDATE ON event "
        f"WHEN NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR {changed} {refuse}",
    ]


def _postgres_triggers() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _KEPT)
    return [
        "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()",
        "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()",
        "CREATE TRIGGER event_erase_only BEFORE UPDATE ON event FOR EACH ROW "
        f"WHEN (NEW.data IS NOT NULL OR NEW.salt IS NOT NULL OR {changed}) "
        "EXECUTE FUNCTION refuse_ledger_change()",
    ]
