"""Experiments: stop, continue or ship, in words first; then the figures behind the words."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link, remember, remembered
from ui.experiments import (
    acts,
    arms,
    definition,
    differences,
    headline,
    report_of,
    shadow,
    story,
)
from ui.measures import state_of_history
from ui.untrusted import as_label
from workbench.errors import WorkbenchError
from workbench.records.experiments import Status

workbench = bench()
found = {state.experiment.name: state for state in workbench.experiments.list()}

st.title("Experiments")
st.caption(
    "Intervals here may be looked at every day: with 95 % they hold at all looks together, so "
    "nobody has to wait for a planned end to see that something goes wrong."
)
if not found:
    st.info(
        "Write `experiments/NAME.toml` in the POC folder; the sample's `more-careful.toml` shows "
        "how. Then plan it here, and start it with your name and a reason.",
        title="No experiments yet",
        icon=":material/science:",
    )
    st.stop()
name = st.selectbox(
    "Experiment",
    list(found),
    key=remembered("experiment", list(found)),
    on_change=remember,
    args=("experiment",),
    format_func=lambda each: f"{each} ({found[each].status.value})",
)
state = found[name]
report = report_of(name, state_of_history(), len(state.story))
headline(report)
definition(state)

if state.status is Status.DRAFT:
    st.subheader("The plan")
    try:
        st.markdown(as_label(str(workbench.experiments.plan(name))))
    except WorkbenchError as error:
        st.warning(as_label(str(error)))
elif report.shadow:
    shadow(report.shadow)
else:
    differences(report)
    arms(report)
left, right = st.columns(2, gap="large")
with left:
    story(state)
with right:
    st.subheader("Decide")
    acts(state)
link("govern", "Back to Govern", ":material/gavel:")
