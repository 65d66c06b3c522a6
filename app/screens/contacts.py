"""Contacts: the ones behind a number, with every filter in the address."""

from __future__ import annotations

from datetime import date

import streamlit as st

from ui.bench import bench, go, period, remember, remembered, scope
from ui.measures import report
from ui.tables import chosen_row, contact_table, download

LIMIT = 1_000
ANY = "any"

workbench = bench()
metrics = {m.name: m.title for m in workbench.metrics() if m.from_contacts}
intents = sorted(
    kpi.slice["intent"]
    for kpi in report(("automation_share",), by=("intent",)).slices("automation_share")
    if kpi.slice["intent"]
)
weeks = sorted(
    (
        str(kpi.slice["week"])
        for kpi in report(("automation_share",), by=("week",)).slices("automation_share")
    ),
    reverse=True,
)

st.title("Contacts behind a number")
with st.container(horizontal=True, vertical_alignment="bottom"):
    metric = st.selectbox(
        "KPI",
        list(metrics),
        format_func=metrics.__getitem__,
        key=remembered("metric", list(metrics), "automation_share"),
        on_change=remember,
        args=("metric",),
    )
    intent = st.selectbox("Intent", [ANY, *intents], key="intent", bind="query-params")
    week = st.selectbox("Week from", [ANY, *weeks], key="week", bind="query-params")
    hits = st.toggle(
        "Only hits",
        key="hits",
        bind="query-params",
        help="Only contacts that the KPI's numerator counts, such as the wrong ones.",
    )

where = {} if intent == ANY else {"intent": intent}
if week != ANY:
    where["week"] = date.fromisoformat(week)
ids = workbench.contacts_behind(metric, numerator_only=hits, where=where, limit=LIMIT, **scope())
rows = contact_table(workbench.contacts(ids))
more = f" (the latest {LIMIT:,})" if len(ids) == LIMIT else ""
st.caption(f"{period()}: {len(rows):,} contacts{more} count for {metrics[metric]}.")
if not rows:
    st.info("No contact counts here. Widen period, week or intent.", icon=":material/search_off:")
    st.stop()
place = chosen_row(
    rows,
    key="contacts",
    alt="Contacts, the newest first",
    height=560,
    placeholder="-",
    column_config={
        "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        "confidence": st.column_config.NumberColumn(format="%.2f"),
        "people, min": st.column_config.NumberColumn(format="%.1f"),
        "first words": st.column_config.TextColumn(width="large"),
    },
)
download(rows, "contacts")
if place is not None:
    go("conversation", id=rows[place]["contact"])
