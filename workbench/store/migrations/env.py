"""Alembic's entry: runs on the connection and inside the transaction of the caller."""

from alembic import context

from workbench.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
