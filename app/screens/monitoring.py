"""Monitoring: did the process break, did the model drift, or did the customers change?"""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.figures import show, theme
from ui.measures import state_of_history
from ui.monitored import alerts, charts, diagnosis, features, monitored, verdict
from ui.untrusted import as_label
from workbench.measure.charts_monitoring import timeline_chart

workbench = bench()

title, look = st.columns([5, 1], vertical_alignment="bottom")
title.title("Is it still right?")
report = monitored(workbench.monitoring.today, state_of_history())
if look.button("Check now", icon=":material/radar:", width="stretch", disabled=not report.weeks):
    workbench.monitoring.check()
    st.toast("Alerts are up to date", icon=":material/check:")
if refused := st.session_state.pop("refused", None):
    st.error(as_label(refused), icon=":material/block:")
verdict(report)
if not report.weeks:
    link("govern", "Back to Govern", ":material/gavel:")
    st.stop()

show(timeline_chart(report.weeks, theme()), 320)
st.caption(
    "Every week is judged by what came before it; weeks with a finding never join what others are "
    f"compared with. One false alarm in {workbench.settings.monitoring.average_run_length:,} weeks "
    "is allowed over everything watched together."
)

found, open_alerts = st.columns([1.9, 1], gap="large")
with found:
    st.subheader("What was found, and why")
    if not report.diagnoses:
        st.caption("Nothing so far. A finding stands here with its figures and its contacts.")
    for one in sorted(report.diagnoses, key=lambda each: each.since, reverse=True):
        diagnosis(one)
with open_alerts:
    st.subheader("Open alerts")
    alerts(workbench.monitoring.alerts())

st.subheader("Have the messages changed?")
features(report.drift)

st.subheader("Have the outcomes changed?")
st.caption(
    "Cumulative sums of the evidence that a rate has risen by the smallest shift that matters; "
    "above the limit it is an alarm, and the sum begins again."
)
charts(report.charts)
link("govern", "Back to Govern", ":material/gavel:")
