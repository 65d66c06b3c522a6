"""Case: one concern with its clocks, its history and what people may do about it."""

from __future__ import annotations

import streamlit as st

from ui.acting import refusals
from ui.bench import bench, link
from ui.case_acts import show_acts, write
from ui.case_clocks import show_clocks
from ui.case_list import show_open_cases
from ui.case_story import show_audit, show_history, show_relatives, show_subscriptions
from ui.cases import show_head, show_similar
from ui.untrusted import as_label
from workbench import Case
from workbench.errors import NotFound

workbench = bench()


def wanted() -> Case:
    """The case of the address; without one, a list to choose from, and nothing more."""
    if "id" not in st.query_params:
        show_open_cases()
        st.stop()
    try:
        return workbench.cases.get(str(st.query_params["id"]))
    except NotFound as missing:
        st.title("Case")
        st.warning(as_label(str(missing)), icon=":material/search_off:")
        link("case", "Open cases", ":material/list:")
        st.stop()


case = wanted()
head, who = st.columns([4, 1], vertical_alignment="bottom")
with head:
    show_head(case)
name = who.text_input(
    "Your name", key="reviewer", persist_state="session", placeholder="needed for every act"
).strip()
show_clocks(case)
story, acts = st.columns([3, 2], gap="large")
with story:
    st.subheader("History")
    write(case, name)
    show_history(workbench.cases.entries(case.id))
with acts:
    st.subheader("What to do")
    refusals()
    show_acts(case, name)
alike, family, told, audit = st.tabs(
    ["Solved like this", "Related", "Who hears of it", "Audit trail"], key="more"
)
with alike:
    show_similar(workbench.cases.similar(case))
with family:
    show_relatives(case, workbench.cases.of_customer(case.customer_id))
with told:
    show_subscriptions(workbench.cases.subscriptions(case.id))
with audit:
    show_audit(workbench.events(f"case:{case.id}"))
