"""Outcome: is it working? A sentence, six KPIs, their course, and where it works and where not."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import address, bench, link, period, remember, remembered
from ui.cards import card, handle_time, headline
from ui.figures import clicked, theme
from ui.friction import friction_map
from ui.measures import report, trend
from ui.tables import download
from workbench.measure.charts import trend_chart
from workbench.measure.report import KpiReport

CARDS = (
    "resolution_assumed",
    "containment",
    "aht",
    "csat",
    "cost_per_contact",
    "wrong_automation",
)
SPLIT = ("human_time", "assistant_time")
BY_INTENT = ("automation_share", "resolution_assumed", "wrong_automation", "csat", "aht")

workbench = bench()
definitions = {metric.name: metric for metric in workbench.metrics()}


def intent_rows(kpis: KpiReport, weekly: KpiReport) -> list[dict[str, Any]]:
    """One row per intent: how much, by whom, how well, better or worse, and its course."""
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
                "automated, %": percent(row["automation_share"].value),
                "resolved, %": percent(kpi.value),
                "change, points": percent(kpi.change),
                "since baseline": str(kpi.verdict or "not compared"),
                "resolved per week": course.get(intent, []),
                "wrong, %": percent(row["wrong_automation"].value),
                "of judged": row["wrong_automation"].n,
                "CSAT, %": percent(row["csat"].value),
                "people, min": (row["aht"].value or 0) / 60 if row["aht"].value else None,
            }
        )
    return rows


def percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def number(help_text: str) -> Any:
    return st.column_config.NumberColumn(format="%.1f", help=help_text)


st.title("Outcome")
totals = report((*CARDS, *SPLIT))
if not totals.contacts:
    st.info(
        "Import history with `workbench import contacts FILE`, talk to the assistant in **Try it**,"
        " or choose another period above.",
        title="No contacts in this period yet",
        icon=":material/inbox:",
    )
    st.stop()
first = totals.get("resolution_assumed")
st.markdown("#### " + headline(first, period(), totals.currency))

split = {name: totals.get(name) for name in SPLIT}
for start in (0, 3):
    for column, name in zip(st.columns(3), CARDS[start : start + 3], strict=True):
        with column:
            beside = handle_time(split) if name == "aht" else ""
            card(totals.get(name), definitions[name], totals.currency, beside)

st.subheader("Course")
chosen = st.segmented_control(
    "KPI",
    CARDS,
    format_func=lambda name: definitions[name].title,
    key=remembered("course", CARDS),
    on_change=remember,
    args=("course",),
    required=True,
)
metric = chosen or CARDS[0]
points = clicked(trend_chart(trend(metric), totals.get(metric), theme()), 340, key="trend")
st.caption(
    "Whole weeks. Click one to see its contacts. The band around the line is the 95 % interval."
)
if points:
    week = str(points[0]["x"])[:10]
    st.switch_page("screens/contacts.py", query_params=address(metric=metric, week=week))

st.subheader("By intent")
rows = intent_rows(
    report(BY_INTENT, by=("intent",)), report(("resolution_assumed",), by=("intent", "week"))
)
selected = st.dataframe(
    rows,
    hide_index=True,
    height="content",
    placeholder="-",
    on_select="rerun",
    selection_mode="single-row",
    key="intents",
    alt="KPIs per intent, the most frequent first",
    column_config={
        "automated, %": number("Contacts that the assistant handled alone"),
        "resolved, %": number("Resolution rate"),
        "change, points": number("Resolved, against the baseline of the same intent"),
        "resolved per week": st.column_config.LineChartColumn(y_min=0, y_max=1),
        "wrong, %": number("Of the automated answers that a person judged"),
        "CSAT, %": number("Ratings of 4 or 5"),
        "people, min": number("Average handle time of people, per contact they handled"),
    },
)
with st.container(horizontal=True, vertical_alignment="center"):
    download([{k: v for k, v in row.items() if k != "resolved per week"} for row in rows], "intent")
    link("contacts", "All contacts of this period", ":material/list:")
    link("about", "How each KPI is defined", ":material/info:")
if selected.selection.rows:
    intent = rows[selected.selection.rows[0]]["intent"]
    st.switch_page("screens/contacts.py", query_params=address(intent=intent))

friction_map()
