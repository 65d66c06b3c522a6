"""Review: packets that wait for a person, on one screen, with the approvals beside them."""

from __future__ import annotations

import streamlit as st

from ui.approvals import show_approvals
from ui.bench import bench, link, remember, remembered
from ui.inbox import act, earlier, handle, waits
from ui.packets import show_packet
from ui.untrusted import as_label, render_untrusted
from workbench.store.views import HandOffStatus

workbench = bench()
state = st.session_state
ALL = "all"

st.title("Review")
if "refused" in state:
    st.error(as_label(state.pop("refused")), icon=":material/block:")
waiting = workbench.inbox()
taken = workbench.inbox(status=HandOffStatus.TAKEN)
rows = (*waiting, *taken)
late = [row for row in waiting if row.due_at and row.due_at < workbench.clock.now()]
approvals = workbench.approvals()
strip = st.columns([1, 1, 1, 1, 2], vertical_alignment="bottom")
strip[0].metric("Waiting", len(waiting))
strip[1].metric("With a person", len(taken))
strip[2].metric("Over SLA", len(late))
strip[3].metric("Approvals", len(approvals))
name = strip[4].text_input(
    "Your name", key="reviewer", persist_state="session", placeholder="needed for every act here"
)

left, middle, right = st.columns([1.3, 2, 1.3], gap="medium")
with left:
    st.subheader("Queue")
    queues = [ALL, *sorted({row.queue for row in rows})]
    queue = st.selectbox("Queue", queues, key="queue", bind="query-params")
    listed = {row.id: row for row in rows if queue in (ALL, row.queue)}
    if not listed:
        st.info(
            "Conversations that need a person appear here. Ask for one in **Try it**.",
            title="Nothing waits",
            icon=":material/inbox:",
        )
    picked = st.radio(
        "Most urgent first",
        list(listed),
        format_func=lambda one: as_label(waits(listed[one])),
        key=remembered("packet", list(listed)),
        on_change=remember,
        args=("packet",),
    )
row = listed.get(picked or "")
with middle:
    st.subheader("Packet")
    if row:
        show_packet(workbench.packet(row.id))
        handle(row, name)
    else:
        st.caption("Choose a packet on the left.")
with right:
    st.subheader("Conversation")
    if row:
        for said in workbench.conversation(row.conversation_id).utterances:
            st.caption(as_label(said.speaker.replace("_", " ")))
            render_untrusted(said.text)
        link("conversation", "Whole conversation", ":material/notes:", id=row.conversation_id)
        earlier(row)
    else:
        st.caption("Its words appear here.")

st.subheader("Approvals")
show_approvals(approvals, name, act)
