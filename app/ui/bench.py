"""The one open workbench of this process, and the bar above every page."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from workbench import Workbench, open_workbench

SAMPLE = Path(__file__).parents[2] / "sample_data"


@st.cache_resource(show_spinner="Opening the workbench ...")
def bench() -> Workbench:
    """The workbench of the POC that WORKBENCH_POC names, opened once per process."""
    return open_workbench(os.environ.get("WORKBENCH_POC", SAMPLE))


def bar() -> None:
    """POC, policy version, baseline, freshness and what kind of data this is."""
    workbench = bench()
    settings, baseline = workbench.settings, workbench.baseline()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{settings.name}**", width="content")
        if settings.sample:
            st.badge("sample data", icon=":material/science:", color="blue")
        st.badge("demo, no sign-in", icon=":material/lock_open:", color="orange")
        st.caption(f"policy {workbench.policy.version}", width="content")
        period = baseline.period if baseline else "none saved"
        st.caption(f"baseline {period}", width="content")
