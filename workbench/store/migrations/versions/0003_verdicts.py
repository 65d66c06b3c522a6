"""Questions to people, approvals that expire, and money that was moved without a second person."""

import sqlalchemy as sa
from alembic import op

from workbench.store import columns

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _create_verdicts()
    op.add_column("approval", sa.Column("expires_at", columns.UtcTime(timezone=True)))
    op.add_column("performed", sa.Column("amount", columns.ExactDecimal()))
    currency = sa.Column("currency", sa.String(), nullable=False, server_default="")
    op.add_column("performed", currency)
    op.add_column("performed", sa.Column("alone", sa.Boolean()))
    op.create_index(
        op.f("ix_performed_tenant_customer_id_operation"),
        "performed",
        ["tenant", "customer_id", "operation"],
        unique=False,
    )


def _create_verdicts() -> None:
    op.create_table(
        "verdict",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("task", columns.JsonText(), nullable=False),
        sa.Column("remind_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("due_at", columns.UtcTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("note", columns.PlainText(), nullable=False),
        sa.Column("reminded_at", columns.UtcTime(timezone=True), nullable=True),
        sa.Column("told_at", columns.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_verdict")),
    )
    for name in ("conversation_id", "status", "told_at"):
        op.create_index(op.f(f"ix_verdict_{name}"), "verdict", [name], unique=False)
