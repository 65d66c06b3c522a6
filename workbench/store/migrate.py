"""Brings a database to the current schema; safe when several processes open it at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from workbench.errors import ConfigError
from workbench.store.engine import Database

HEAD = "0004"
"""The newest revision in `migrations/versions`."""


def migrate(database: Database) -> None:
    """Run the migrations that are missing, in one transaction under the writers' lock."""
    with database.reading() as connection:
        if _revision(connection) == HEAD:
            return
    database.write(lambda connection: _upgrade(database, connection))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(database: Database, connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    database.lock(connection, ["workbench:migrations"])
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigError(
            f"The store is at revision {_revision(connection)}, which this version does not know",
            expected=f"revision {HEAD} or an earlier one",
            next_step="Install the version of workbench that wrote it, or a newer one.",
        ) from error
