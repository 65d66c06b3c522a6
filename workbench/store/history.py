"""Contact facts of the past: published Parquet, imported Parquet and the live tail as one view."""

from __future__ import annotations

from workbench.store.contact_columns import CONTACT_COLUMNS, ContactColumn, contact_schema

__all__ = ["CONTACT_COLUMNS", "ContactColumn", "contact_schema"]
