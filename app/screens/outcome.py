"""Outcome: is it working? A sentence, six KPIs, their course, and where it works and where not."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, go, period, remember, remembered
from ui.cards import card, handle_time, headline
from ui.figures import clicked, theme
from ui.friction import friction_map
from ui.intents import intents
from ui.measures import report, trend
from workbench.measure.charts import trend_chart

CARDS = (
    "resolution_assumed",
    "containment",
    "aht",
    "csat",
    "cost_per_contact",
    "wrong_automation",
)
SPLIT = ("human_time", "assistant_time")

workbench = bench()
definitions = {metric.name: metric for metric in workbench.metrics()}

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
    " A hollow point still has open contacts, not resolved so far: it can still change."
)
if points:
    week = str(points[0]["x"])[:10]
    go("contacts", metric=metric, week=week)

intents()
friction_map()
