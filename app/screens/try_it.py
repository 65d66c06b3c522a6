"""Try it: talk to the assistant as a chosen customer and see what it saw and why."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.bench import bench, remembered
from ui.live import keep_up
from ui.talking import begin, offer_to_keep, play, send, show
from ui.turns import explain_turn
from ui.untrusted import as_label, plain

CHANNELS = ("portal", "chat", "email", "phone")
ASK_FOR_A_PERSON = "I would like to talk to a person, please."

workbench = bench()
state = st.session_state
names = {
    one.id: plain(f"{one.id} · {one.name or one.company} · {one.language} · {one.segment}")
    for one in workbench.customers()
}
scripts = {one.title: one for one in workbench.scripts() if one.customer in names}

if not names:
    st.info(
        "Put `records/customers.jsonl` into the POC folder, or run `workbench import customers`.",
        title="This POC has no customers yet",
        icon=":material/group:",
    )
    st.stop()
head = st.columns([3, 1, 1], vertical_alignment="bottom")
head[0].selectbox(
    "Customer",
    list(names),
    format_func=names.__getitem__,
    key=remembered("customer", list(names)),
    on_change=begin,
)
head[1].selectbox(
    "Channel",
    CHANNELS,
    key="channel",
    on_change=begin,
    bind="query-params",
    help="On the portal the customer is signed in; elsewhere the account is only claimed.",
)
head[2].button(
    "New conversation",
    icon=":material/refresh:",
    width="stretch",
    on_click=begin,
)
if scripts:
    st.pills(
        "Or play one of these",
        list(scripts),
        key="script",
        on_change=play,
        args=(scripts,),
        wrap=True,
    )

talk = st.query_params.get("talk", "")
known = {row.id for row in workbench.conversations(customer_id=state.customer)} if talk else set()
seen = workbench.desk.revision(talk) if talk in known else 0
left, right = st.columns([3, 2], gap="large")
with left:
    if talk in known:
        show(workbench.conversation(talk))
    if "problem" in state:
        st.warning(as_label(state.pop("problem")), icon=":material/error:")
    st.chat_input("Write as the customer", key="typed", on_submit=lambda: send(state.typed))
    st.button(
        "Ask for a person",
        icon=":material/person_raised_hand:",
        on_click=send,
        args=(ASK_FOR_A_PERSON,),
    )
with right:
    turns = workbench.turns(talk) if talk in known else ()
    st.subheader("What the assistant saw, and why")
    if turns:
        if turns[-1].silent:
            st.info("A person has this conversation; the assistant stays silent.")
        timed, seconds = state.get("took", ("", None))
        explain_turn(turns[-1], workbench.policy, seconds if timed == talk else None)
        offer_to_keep(talk)
    else:
        st.info("Write a message or pick a script; its reading and its reasons appear here.")
if talk in known:
    keep_up(partial(workbench.desk.revision, talk), seen)
