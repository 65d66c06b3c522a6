"""The KPIs of each intent: how much, by whom, how well, better or worse, and its course."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import go, link
from ui.measures import report
from ui.tables import chosen_row, download
from workbench.measure.report import KpiReport

BY_INTENT = ("automation_share", "resolution_assumed", "wrong_automation", "csat", "aht")


def intents() -> None:
    """The table of the chosen period; a row leads to its contacts."""
    st.subheader("By intent")
    weekly = report(("resolution_assumed",), by=("intent", "week"))
    rows = _rows(report(BY_INTENT, by=("intent",)), weekly)
    place = chosen_row(
        rows,
        key="intents",
        alt="KPIs per intent, the most frequent first",
        height="content",
        placeholder="-",
        column_config=_columns(),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        course = "resolved per week"
        download([{k: v for k, v in row.items() if k != course} for row in rows], "intent")
        link("contacts", "All contacts of this period", ":material/list:")
        link("about", "How each KPI is defined", ":material/info:")
    if place is not None:
        go("contacts", intent=rows[place]["intent"])


def _columns() -> dict[str, Any]:
    return {
        "automated, %": _number("Contacts that the assistant handled alone"),
        "resolved, %": _number("Resolution rate"),
        "change, points": _number("Resolved, against the baseline of the same intent"),
        "resolved per week": st.column_config.LineChartColumn(y_min=0, y_max=1),
        "wrong, %": _number("Of the automated answers that a person judged"),
        "CSAT, %": _number("Ratings of 4 or 5"),
        "people, min": _number("Average handle time of people, per contact they handled"),
    }


def _rows(kpis: KpiReport, weekly: KpiReport) -> list[dict[str, Any]]:
    course: dict[str, list[float]] = {}
    for kpi in sorted(weekly.slices("resolution_assumed"), key=lambda k: str(k.slice["week"])):
        if kpi.value is not None:
            course.setdefault(kpi.slice["intent"], []).append(kpi.value)
    rows = []
    for kpi in sorted(kpis.slices("resolution_assumed"), key=lambda k: -k.n):
        intent = kpi.slice["intent"]
        row = {name: kpis.get(name, intent=intent) for name in BY_INTENT}
        rows.append(
            {
                "intent": intent,
                "contacts": kpi.n,
                "automated, %": _percent(row["automation_share"].value),
                "resolved, %": _percent(kpi.value),
                "change, points": _percent(kpi.change),
                "since baseline": str(kpi.verdict or "not compared"),
                "resolved per week": course.get(intent, []),
                "wrong, %": _percent(row["wrong_automation"].value),
                "of judged": row["wrong_automation"].n,
                "CSAT, %": _percent(row["csat"].value),
                "people, min": (row["aht"].value or 0) / 60 if row["aht"].value else None,
            }
        )
    return rows


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _number(help_text: str) -> Any:
    return st.column_config.NumberColumn(format="%.1f", help=help_text)
