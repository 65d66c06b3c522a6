"""Review: packets that wait for a person, on one screen, with the approvals beside them."""

from __future__ import annotations

import streamlit as st

from ui.approvals import show_approvals
from ui.bench import bench, link, remember, remembered
from ui.packets import show_packet
from ui.untrusted import as_label, plain, render_untrusted
from workbench.errors import WorkbenchError
from workbench.store.views import HandOffRow, HandOffStatus

workbench = bench()
state = st.session_state
ALL = "all"


def waits(row: HandOffRow) -> str:
    """A packet in the list: priority, queue, reason, customer, time left."""
    left = ""
    if row.due_at:
        minutes = round((row.due_at - workbench.clock.now()).total_seconds() / 60)
        left = f" · {minutes} min left" if minutes >= 0 else f" · {-minutes} min over"
    reason = row.reason.replace("_", " ")
    taken = f" · with {row.taken_by.partition(':')[2]}" if row.taken_by else ""
    return plain(f"{row.priority} · {row.queue} · {reason} · {row.customer_id}{left}{taken}")


def act(done: str, what: str, *arguments: object) -> None:
    """One act of the person named above; a refusal is said in its own words."""
    try:
        getattr(workbench, what)(*arguments)
        st.toast(as_label(done), icon=":material/check:")
    except WorkbenchError as error:
        state.refused = str(error)


def use(row: HandOffRow, text: str) -> None:
    """Put a suggestion into the reply box, to send or to edit."""
    state[f"reply-{row.id}"] = text


def earlier(row: HandOffRow) -> None:
    """What else this customer wrote lately."""
    for one in workbench.conversations(customer_id=row.customer_id, limit=6):
        if one.id != row.conversation_id:
            told = f"{one.started_at:%Y-%m-%d %H:%M} · {one.channel} · {one.status}"
            link("conversation", told, ":material/history:", id=one.id)


def handle(row: HandOffRow, name: str) -> None:
    """Everything a person can do with a packet; nothing without their name."""
    packet = workbench.packet(row.id)
    for number, suggestion in enumerate(packet.suggestions[:3]):
        with st.expander(f"Suggested reply {number + 1}", icon=":material/lightbulb:"):
            render_untrusted(suggestion.text)
            st.caption(as_label(suggestion.why))
            st.button(
                "Use it", key=f"use-{row.id}-{number}", on_click=use, args=(row, suggestion.text)
            )
    reply = st.text_area("Your reply to the customer", key=f"reply-{row.id}")
    note = st.text_input("Note for handing back to the assistant", key=f"note-{row.id}")
    talk = row.conversation_id
    take, send, back = st.columns(3)
    take.button(
        "Take",
        icon=":material/back_hand:",
        shortcut="Alt+T",
        disabled=not name or bool(row.taken_by),
        width="stretch",
        on_click=act,
        args=("Taken", "take", row.id, name),
    )
    send.button(
        "Send reply",
        icon=":material/send:",
        shortcut="Alt+S",
        disabled=not (name and reply),
        width="stretch",
        on_click=act,
        args=("Sent", "human_reply", talk, name, reply),
    )
    back.button(
        "Hand back",
        icon=":material/undo:",
        shortcut="Alt+B",
        disabled=not (name and note),
        width="stretch",
        on_click=act,
        args=("Handed back", "hand_back", talk, name, note),
    )
    if not name:
        st.caption("Give your name at the top to act.")


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
