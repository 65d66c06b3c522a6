"""Talking to the assistant as a customer: sending, playing a script, keeping what was said."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import streamlit as st

from ui.bench import bench, remember
from ui.untrusted import as_label, render_untrusted
from workbench.errors import WorkbenchError
from workbench.poc import Script
from workbench.records.conversations import Conversation

_AVATARS = {"customer": ":material/person:", "assistant": ":material/support_agent:"}


def begin() -> None:
    """Leave the conversation; the next message begins another one."""
    st.query_params.pop("talk", None)
    remember("customer")


def send(text: str) -> None:
    """One message; what cannot be used is said, and nothing is lost."""
    state, workbench = st.session_state, bench()
    talk = st.query_params.get("talk") or workbench.ids.new("conv")
    try:
        begun = perf_counter()
        workbench.converse(state.customer, text, conversation_id=talk, channel=state.channel)
        state.took = (talk, perf_counter() - begun)
        st.query_params["talk"] = talk
        remember("customer")
    except WorkbenchError as error:
        state.problem = str(error)


def play(scripts: Mapping[str, Script]) -> None:
    """A scripted conversation from its first message to its last."""
    state = st.session_state
    script = scripts.get(state.script or "")
    state.script = None
    if script is None:
        return
    state.customer, state.channel = script.customer, script.channel
    begin()
    for text in script.say:
        send(text)


def show(conversation: Conversation) -> None:
    """What was said, the customer on one side."""
    for said in conversation.utterances:
        with st.chat_message(
            "user" if said.speaker == "customer" else "assistant",
            avatar=_AVATARS.get(said.speaker, ":material/badge:"),
        ):
            if said.speaker not in _AVATARS:
                st.caption(as_label(said.speaker.replace(":", " ")))
            render_untrusted(said.text)


def offer_to_keep(talk: str) -> None:
    """The conversation becomes a scenario file of the POC, or the reason why not is said."""
    with st.popover("Save as scenario", icon=":material/bookmark_add:"):
        name = st.text_input("Name", placeholder="short-delivery", key=f"name-{talk}")
        title = st.text_input("What it shows, as a true sentence", key=f"title-{talk}")
        if not st.button("Save", disabled=not (name and title), key=f"save-{talk}"):
            return
        try:
            path = bench().save_scenario(talk, name, title)
        except WorkbenchError as error:
            st.error(as_label(str(error)))
            return
        told = f"Saved as {path.name}; `workbench scenarios --only {name}` plays it."
        st.success(as_label(told))
