"""Open cases to choose from, what runs out first in front."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from ui.bench import bench, go
from ui.case_clocks import STATES
from ui.cases import words
from ui.tables import chosen_row
from ui.untrusted import plain
from workbench import Case
from workbench.systems.clocks import first_out

ANY = "any"
_NOBODY = "nobody"


def show_open_cases() -> None:
    """The list with its filters, all of them in the address; a row opens its case."""
    st.title("Open cases")
    workbench = bench()
    now = workbench.clock.now()
    everything = [_row(case, now) for case in workbench.cases.open_cases()]
    if not everything:
        st.info(
            "Complain about something in **Try it**, or bring cases in with `workbench import "
            "cases FILE`.",
            title="No case is open",
            icon=":material/inbox:",
        )
        return
    rows = _filtered(everything)
    st.caption(f"{len(rows)} of {len(everything)} open cases; what runs out first is on top.")
    if not rows:
        st.info("No open case is like that. Widen the filters.", icon=":material/search_off:")
        return
    place = chosen_row(
        rows,
        key="cases",
        alt="Open cases, the one with the least time left first",
        height="content",
        placeholder="-",
        column_config={
            "hours left": st.column_config.NumberColumn(format="%.1f", help="Business hours"),
            "title": st.column_config.TextColumn(width=260),
            "status": st.column_config.TextColumn(width=140),
        },
    )
    if place is not None:
        go("case", id=rows[place]["case"])


def _row(case: Case, now: datetime) -> dict[str, Any]:
    clock = first_out(bench().clocks.of(case), now)
    return {
        "case": case.id,
        "title": plain(case.title),
        "hours left": clock.remaining(now).total_seconds() / 3600 if clock else None,
        "promise": words(clock.clock.kind) if clock else "none",
        "clock": STATES[clock.state(now)][2] if clock else "none",
        "priority": case.priority.value,
        "status": words(case.status.value),
        "queue": plain(case.queue),
        "owner": plain(case.owner or _NOBODY),
        "customer": plain(case.customer_id),
    }


def _filtered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = {name: _choice(name, rows) for name in ("queue", "owner", "priority", "clock")}
    kept = [row for row in rows if all(w in (ANY, row[name]) for name, w in wanted.items())]
    return sorted(kept, key=_time_left)


def _choice(name: str, rows: Sequence[dict[str, Any]]) -> str:
    options = [ANY, *sorted({row[name] for row in rows})]
    return str(st.selectbox(name.capitalize(), options, key=name, bind="query-params"))


def _time_left(row: dict[str, Any]) -> float:
    return float("inf") if row["hours left"] is None else row["hours left"]
