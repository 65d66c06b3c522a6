"""Conversation: transcript, timeline and decision log of one conversation, linkable by its id."""

from __future__ import annotations

import streamlit as st
from ui.bench import bench
from ui.turns import show_packet
from ui.untrusted import plain, render_untrusted

from workbench.errors import NotFound

workbench = bench()
wanted = st.query_params.get("id", "")
st.title("Conversation")
recent = workbench.conversations(limit=50)
if not wanted:
    st.info("Choose a conversation, or open one from **Try it**, **Review** or **Outcome**.")
    names = {row.id: f"{row.customer_id} · {row.channel} · {row.status.value}" for row in recent}
    wanted = st.selectbox("Recent conversations", list(names), format_func=names.__getitem__) or ""
if not wanted:
    st.stop()
try:
    conversation = workbench.conversation(wanted)
except NotFound as error:
    st.warning(f"{error} Imported history has facts but no conversation behind it.")
    st.stop()
st.query_params["id"] = wanted
events = workbench.events(wanted)

cells = st.columns(4)
cells[0].metric("Customer", conversation.customer_id)
cells[1].metric("Speaker now", conversation.speaker.value)
cells[2].metric("Hand-offs", conversation.hops)
cells[3].metric("Identity proven by", ", ".join(conversation.identifiers) or "nothing")

talk, log = st.columns([3, 2], gap="large")
with talk:
    st.subheader("Transcript")
    for said in conversation.utterances:
        role = "user" if said.speaker == "customer" else "assistant"
        with st.chat_message(role):
            st.caption(f"{said.speaker} · {said.at:%Y-%m-%d %H:%M} UTC")
            render_untrusted(said.text)
    if conversation.packet_id:
        show_packet(workbench.packet(conversation.packet_id))
with log:
    st.subheader("Decisions")
    decided = [event.data for event in events if event.kind == "decided"]
    for data in decided:
        decision, situation = data["decision"], data["situation"]
        what = situation.get("intent", "request") + (
            "" if data["stage"] == "request" else f", act {data['stage']}"
        )
        with st.expander(f"{what}: {decision['level']} by {decision['rule_id']}"):
            st.caption(decision["why"])
            st.json(situation, expanded=False)
    if not decided:
        st.caption("Nothing was decided: a person has had the conversation all along.")
    st.subheader("Timeline")
    st.dataframe(
        [
            {
                "at": event.at,
                "what": event.kind.value,
                "who": event.actor,
                "detail": plain(str(event.data))[:200],
            }
            for event in events
        ],
        hide_index=True,
    )
