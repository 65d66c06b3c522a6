"""A case knows when time alone may change it, so that those whose time has come are found fast."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from workbench.store import columns

revision = "0004"
down_revision = "0003"

_TABLE = sa.table(
    "support_case",
    sa.column("tenant", sa.String()),
    sa.column("id", sa.String()),
    sa.column("status", sa.String()),
    sa.column("grade", sa.String()),
    sa.column("merged_into", sa.String()),
    sa.column("clocks", columns.JsonText()),
    sa.column("solved_at", columns.UtcTime(timezone=True)),
    sa.column("watch_at", columns.UtcTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("support_case", sa.Column("watch_at", columns.UtcTime(timezone=True)))
    op.create_index(
        op.f("ix_support_case_tenant_watch_at"),
        "support_case",
        ["tenant", "watch_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_handoff_tenant_customer_id_status"),
        "handoff",
        ["tenant", "customer_id", "status"],
        unique=False,
    )
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_TABLE)).all():
        same = (_TABLE.c.tenant == row.tenant, _TABLE.c.id == row.id)
        connection.execute(sa.update(_TABLE).where(*same).values(watch_at=_watch_at(row)))


def _watch_at(row: Any) -> datetime | None:
    if row.status not in ("solved", "closed"):
        stopped = ("met_at", "paused_at", "breached_at")
        running = [c for c in row.clocks if not any(c.get(name) for name in stopped)]
        return min((_moment(clock["due_at"]) for clock in running), default=None)
    if row.solved_at is None or row.merged_into or row.grade == "durable":
        return None
    solved_at: datetime = row.solved_at
    return solved_at + timedelta(days=7)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
