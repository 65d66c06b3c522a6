"""Review: packets that wait for a person, on one screen, with the approvals beside them."""

from __future__ import annotations

import streamlit as st
from ui.bench import bench
from ui.turns import show_packet
from ui.untrusted import render_untrusted

from workbench.errors import WorkbenchError

workbench = bench()


def act(what: str, done: str) -> None:
    """Say what was done, then show the page as it is now."""
    st.toast(f"{what}: {done}", icon=":material/check:")
    st.rerun()


st.title("Review")
name = st.text_input("Your name", key="reviewer", placeholder="needed for everything you do here")
everything = workbench.inbox()
queues = sorted({row.queue for row in everything})
chosen = st.query_params.get("queue", "all")
queue = st.segmented_control(
    "Queue", ["all", *queues], default=chosen if chosen in queues else "all", required=True
)
st.query_params["queue"] = queue or "all"
rows = [row for row in everything if queue in (None, "all", row.queue)]
strip = st.columns(3)
strip[0].metric("Waiting", len(everything))
overdue = [row for row in everything if row.due_at and row.due_at < workbench.clock.now()]
strip[1].metric("Over SLA", len(overdue))
strip[2].metric("Approvals waiting", len(workbench.approvals()))

left, middle = st.columns([1, 2], gap="large")
with left:
    st.subheader("Queue")
    if not rows:
        st.info("Nothing waits here. Conversations handed off in **Try it** appear in this list.")
    labels = {
        row.id: f"{row.priority.value} · {row.queue} · {row.reason} · {row.customer_id}"
        for row in rows
    }
    picked = st.radio("Packets, most urgent first", list(labels), format_func=labels.__getitem__)
with middle:
    row = next((row for row in rows if row.id == picked), None)
    if row:
        st.subheader("Packet")
        show_packet(workbench.packet(row.id))
        reply = st.text_area("Your reply to the customer", key=f"reply-{row.id}")
        note = st.text_input("Note for handing back to the assistant", key=f"note-{row.id}")
        buttons = st.columns(3)
        try:
            if buttons[0].button("Take", disabled=not name, width="stretch"):
                workbench.take(row.id, name)
                act("Taken", row.id)
            if buttons[1].button("Send reply", disabled=not (name and reply), width="stretch"):
                workbench.human_reply(row.conversation_id, name, reply)
                act("Sent", row.conversation_id)
            if buttons[2].button("Hand back", disabled=not (name and note), width="stretch"):
                workbench.hand_back(row.conversation_id, name, note)
                act("Handed back", row.conversation_id)
        except WorkbenchError as error:
            st.error(str(error))
        st.page_link(
            "pages/conversation.py",
            label="Whole conversation",
            query_params={"id": row.conversation_id},
        )

st.subheader("Approvals")
waiting = workbench.approvals()
if not waiting:
    st.caption("No approval waits. Credits above the assistant's limit ask for one here.")
for asked in waiting:
    with st.container(border=True):
        amount = f", {asked.action.amount}" if asked.action.amount else ""
        st.markdown(f"**{asked.action.operation}** on {asked.record}{amount}")
        st.caption(f"asked by {asked.requested_by}; bound to revision {asked.record_revision}")
        st.json(asked.action.parameters, expanded=False)
        render_untrusted(asked.reason)
        why = st.text_input("Reason", key=f"why-{asked.id}")
        ready = bool(name and why)
        yes, no = st.columns(2)
        try:
            if yes.button("Approve", key=f"yes-{asked.id}", disabled=not ready, width="stretch"):
                workbench.decide_approval(asked.id, name, True, why)
                act("Approved", asked.id)
            if no.button("Decline", key=f"no-{asked.id}", disabled=not ready, width="stretch"):
                workbench.decide_approval(asked.id, name, False, why)
                act("Declined", asked.id)
        except WorkbenchError as error:
            st.error(str(error))
