"""Try it: talk to the assistant as a chosen customer and see what it saw and why."""

from __future__ import annotations

import streamlit as st
from ui.bench import bench
from ui.turns import explain_turn, suggestions
from ui.untrusted import plain, render_untrusted

from workbench import TurnResult
from workbench.errors import WorkbenchError

workbench = bench()
state = st.session_state


@st.cache_data(show_spinner=False)
def customers() -> dict[str, str]:
    """Customer number -> how the list shows it."""
    return {
        one.id: plain(f"{one.id} · {one.name or one.company} · {one.language} · {one.segment}")
        for one in workbench.customers()
    }


def begin() -> None:
    """A new conversation: the customer or the channel has changed."""
    state.talk = workbench.ids.new("conv")
    state.turns = []


def send(text: str) -> None:
    """One message; what cannot be used is said and nothing is lost."""
    try:
        turn = workbench.converse(
            state.customer, text, conversation_id=state.talk, channel=state.channel
        )
    except WorkbenchError as error:
        st.warning(str(error), icon=":material/error:")
        return
    state.turns.append((text, turn))


def show(text: str, turn: TurnResult) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        render_untrusted(text)
    with st.chat_message("assistant", avatar=":material/support_agent:"):
        if turn.reply:
            render_untrusted(turn.reply.text)
        else:
            st.caption("The assistant is silent: a person has the conversation.")


options = customers()
chosen = st.query_params.get("customer", next(iter(options), ""))
head = st.columns([3, 1, 1], vertical_alignment="bottom")
head[0].selectbox(
    "Customer",
    list(options),
    index=list(options).index(chosen) if chosen in options else 0,
    format_func=options.__getitem__,
    key="customer",
    on_change=begin,
)
head[1].selectbox(
    "Channel",
    ["portal", "chat", "email", "phone"],
    key="channel",
    on_change=begin,
    help="On the portal the customer is signed in; in chat the account is only claimed.",
)
if head[2].button("New conversation", icon=":material/refresh:", width="stretch"):
    begin()
st.query_params["customer"] = state.customer
if "talk" not in state:
    begin()

left, right = st.columns([3, 2], gap="large")
with left:
    picked = st.pills("Try one of these", list(suggestions()), key=f"pill-{state.talk}")
    if picked and state.get("played") != (state.talk, picked):
        state.played = (state.talk, picked)
        wish = suggestions()[picked]
        if wish.customer and wish.customer != state.customer and wish.customer in options:
            st.info(f"This one is best tried as {wish.customer}; playing it as {state.customer}.")
        send(wish.text)
    typed = st.chat_input("Write as the customer")
    if st.button("Ask for a person", icon=":material/person_raised_hand:"):
        typed = "I would like to talk to a person, please."
    if typed:
        send(typed)
    for message, result in state.turns:
        show(message, result)
with right:
    if state.turns:
        explain_turn(state.turns[-1][1], workbench.policy)
    else:
        st.subheader("What the assistant sees")
        st.info("Write a message or pick a suggestion; its reading and its reasons appear here.")
