"""Try it: talk to the assistant as a chosen customer and see what it saw and why."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import streamlit as st

from ui.bench import bench, remember, remembered
from ui.live import keep_up
from ui.turns import explain_turn
from ui.untrusted import as_label, plain, render_untrusted
from workbench.errors import WorkbenchError

CHANNELS = ("portal", "chat", "email", "phone")
ASK_FOR_A_PERSON = "I would like to talk to a person, please."
AVATARS = {"customer": ":material/person:", "assistant": ":material/support_agent:"}

workbench = bench()
state = st.session_state
names = {
    one.id: plain(f"{one.id} · {one.name or one.company} · {one.language} · {one.segment}")
    for one in workbench.customers()
}
scripts = {one.title: one for one in workbench.scripts() if one.customer in names}


def begin() -> None:
    """Leave the conversation; the next message begins another one."""
    st.query_params.pop("talk", None)
    remember("customer")


def send(text: str) -> None:
    """One message; what cannot be used is said, and nothing is lost."""
    talk = st.query_params.get("talk") or workbench.ids.new("conv")
    try:
        begun = perf_counter()
        workbench.converse(state.customer, text, conversation_id=talk, channel=state.channel)
        state.took = (talk, perf_counter() - begun)
        st.query_params["talk"] = talk
        remember("customer")
    except WorkbenchError as error:
        state.problem = str(error)


def keep(talk: str, name: str, title: str) -> None:
    """The conversation becomes a scenario file of the POC, or the reason why not is said."""
    try:
        path = workbench.save_scenario(talk, name, title)
        st.success(as_label(f"Saved as {path.name}; `workbench scenarios --only {name}` plays it."))
    except WorkbenchError as error:
        st.error(as_label(str(error)))


def play() -> None:
    """A scripted conversation from its first message to its last."""
    script = scripts.get(state.script or "")
    state.script = None
    if script is None:
        return
    state.customer, state.channel = script.customer, script.channel
    begin()
    for text in script.say:
        send(text)


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
    st.pills("Or play one of these", list(scripts), key="script", on_change=play, wrap=True)

talk = st.query_params.get("talk", "")
known = {row.id for row in workbench.conversations(customer_id=state.customer)} if talk else set()
seen = workbench.desk.revision(talk) if talk in known else 0
left, right = st.columns([3, 2], gap="large")
with left:
    if talk in known:
        for said in workbench.conversation(talk).utterances:
            speaker = "customer" if said.speaker == "customer" else said.speaker
            with st.chat_message(
                "user" if speaker == "customer" else "assistant",
                avatar=AVATARS.get(speaker, ":material/badge:"),
            ):
                if speaker not in AVATARS:
                    st.caption(as_label(speaker.replace(":", " ")))
                render_untrusted(said.text)
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
        with st.popover("Save as scenario", icon=":material/bookmark_add:"):
            name = st.text_input("Name", placeholder="short-delivery", key=f"name-{talk}")
            title = st.text_input("What it shows, as a true sentence", key=f"title-{talk}")
            if st.button("Save", disabled=not (name and title), key=f"save-{talk}"):
                keep(talk, name, title)
    else:
        st.info("Write a message or pick a script; its reading and its reasons appear here.")
if talk in known:
    keep_up(partial(workbench.desk.revision, talk), seen)
