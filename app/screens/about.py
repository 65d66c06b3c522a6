"""About: definitions of the KPIs, limits of what is shown, versions."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from ui.bench import bench

workbench = bench()


def installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


st.title("About")
st.write(
    "Every KPI is a ratio of sums over contacts, or a quantile, defined once and used by the app, "
    "the notebooks, the replay and the command line alike."
)
st.dataframe(
    [
        {
            "KPI": metric.title,
            "question": metric.question,
            "what is easily misread": metric.trap,
            "numerator": metric.numerator,
            "denominator": metric.denominator,
            "unit": metric.unit,
            "version": metric.version,
            "owner": metric.owner,
        }
        for metric in workbench.metrics()
    ],
    hide_index=True,
    height=480,
    alt="Definitions of all KPIs",
)
st.subheader("Limits")
st.markdown(
    "- Replayed outcomes are ranges: history cannot know how an answer never given would have "
    "been taken.\n"
    "- Triage was fitted on the labelled messages of this POC; its confidence holds for messages "
    "like those.\n"
    "- Sample data is synthetic; its truths are planted and written down beside it.\n"
    "- There is no sign-in here: a name given on **Review** is believed."
)
st.subheader("Versions")
st.dataframe(
    [
        {"part": "workbench", "version": installed("service-workbench")},
        {"part": "policy", "version": workbench.policy.version},
        {"part": "triage", "version": workbench.assistant.triage.version},
        {"part": "streamlit", "version": installed("streamlit")},
    ],
    hide_index=True,
    alt="Versions of the parts",
)
