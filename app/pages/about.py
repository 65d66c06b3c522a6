"""About: definitions of the KPIs, limits of what is shown, versions."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st
from ui.bench import bench

from workbench.measure.metrics import load_metrics

workbench = bench()
st.title("About")
st.write(
    "Every KPI is a ratio of sums over contacts, defined once and used by the app, the notebooks, "
    "the replay and the command line alike."
)
st.dataframe(
    [
        {
            "KPI": metric.title,
            "question": metric.question,
            "numerator": metric.numerator,
            "denominator": metric.denominator,
            "unit": metric.unit,
            "version": metric.version,
            "owner": metric.owner,
        }
        for metric in load_metrics().pick()
    ],
    hide_index=True,
)
st.subheader("Limits")
st.markdown(
    "- Replayed outcomes are ranges: history cannot know how an answer never given would have "
    "been taken.\n"
    "- Triage was fitted on the labelled messages of this POC; its confidence holds for messages "
    "like those.\n"
    "- Sample data is synthetic; its truths are planted and written down beside it."
)
st.subheader("Versions")
st.dataframe(
    [
        {"part": "workbench", "version": version("service-workbench")},
        {"part": "policy", "version": workbench.policy.version},
        {"part": "triage", "version": workbench.assistant.triage.version},
    ],
    hide_index=True,
)
