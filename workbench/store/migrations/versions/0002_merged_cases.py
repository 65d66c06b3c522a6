"""A case knows which other case took it over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    column = sa.Column("merged_into", sa.String(), nullable=False, server_default="")
    op.add_column("support_case", column)
    op.create_index(
        op.f("ix_support_case_merged_into"), "support_case", ["merged_into"], unique=False
    )
