"""Tables to read and to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.untrusted import plain
from workbench import Contact
from workbench.intake.failed_rows import harmless

Row = Mapping[str, Any]


def as_csv(rows: Sequence[Row]) -> str:
    """Rows as CSV; a cell that a spreadsheet would run as a formula is text instead."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(rows[0] if rows else ())
    writer.writerows([harmless(_cell(value)) for value in row.values()] for row in rows)
    return stream.getvalue()


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def download(rows: Sequence[Row], name: str) -> None:
    """A button that saves the rows."""
    st.download_button(
        "Download rows",
        as_csv(rows).encode("utf-8-sig"),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=not rows,
    )


def chosen_row(rows: Sequence[Row], *, key: str, alt: str, **look: Any) -> int | None:
    """A table in which the reader may choose one row: its place, or None."""
    table = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        alt=alt,
        **look,
    )
    places = table.selection.rows
    return int(places[0]) if places else None


def contact_table(contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """Contacts as rows: what was wanted, what was decided, how it ended."""
    return [
        {
            "contact": one.conversation_id or one.contact_id,
            "started": one.started_at,
            "first words": plain(one.summary),
            "intent": one.intent,
            "level": one.level,
            "rule": one.rule_id,
            "confidence": one.confidence,
            "resolution": one.resolution or "not resolved",
            "answer": ("wrong" if one.wrong else "right") if one.judged else "not judged",
            "CSAT": one.csat,
            "people, min": round((one.talk_s + one.hold_s + one.wrap_s) / 60, 1),
            "customer": plain(one.customer_id),
            "channel": one.channel,
        }
        for one in contacts
    ]
