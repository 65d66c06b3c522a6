"""Contact facts from the ledger, and the history that is made of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import HoursSettings, Settings
from workbench.measure.hours import work_seconds_sql
from workbench.records.base import Clock
from workbench.records.signals import Situation
from workbench.store.contact_columns import CONTACT_COLUMNS, ContactColumn
from workbench.store.history import FactsBuilder, History

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FACTS = Path(__file__).with_name("facts.sql")
_KNOWN_ANYWAY = {"intent", "flow", "language", "segment", "channel"}
"""Situation columns that the conversation itself also tells, for needs never decided on."""


def open_history(
    folder: Path,
    settings: Settings,
    *,
    store_url: str | None = None,
    imported: Path | None = None,
    clock: Clock | None = None,
) -> History:
    """The history of a POC: what `folder` holds published, what was imported, what is live."""
    return History(
        folder,
        store_url,
        settings.store.tenant,
        imported=imported,
        build_facts=contact_facts(settings.hours),
        clock=clock,
    )


def contact_facts(hours: HoursSettings) -> FactsBuilder:
    """Makes the function that turns table `event` and view `neighbour` into table `live`."""
    query = facts_sql(hours)

    def build(connection: DuckDBPyConnection, as_of: datetime) -> None:
        connection.execute(f"CREATE OR REPLACE TABLE live AS {query}", {"as_of": as_of})

    return build


def facts_sql(hours: HoursSettings) -> str:
    """The query over `event` and `neighbour` that gives contacts, every column typed and filled."""
    text = _FACTS.read_text(encoding="utf-8").format(
        situation=",\n        ".join(_situation_column(c) for c in CONTACT_COLUMNS if _known(c)),
        first_response_work=work_seconds_sql("started_at", "responded_at", hours),
        resolution_work=work_seconds_sql("started_at", "resolved_at", hours),
    )
    columns = ", ".join(_filled(column) for column in CONTACT_COLUMNS)
    return f"SELECT {columns} FROM ({text})"


def _known(column: ContactColumn) -> bool:
    return column.name in Situation.model_fields


def _situation_column(column: ContactColumn) -> str:
    read = f"(situation ->> '$.{column.name}')::{column.sql_type}"
    if column.name in _KNOWN_ANYWAY:
        read = f"coalesce({read}, {column.name})"
    return f"{read} AS {column.name}"


def _filled(column: ContactColumn) -> str:
    value = f"{column.name}::{column.sql_type}"
    if not column.nullable and not column.required:
        value = f"coalesce({value}, {column.default_sql})"
    return f"{value} AS {column.name}"
