"""What waits for a person: a packet in the list, what can be done with it, what came before."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.untrusted import as_label, plain, render_untrusted
from workbench.errors import WorkbenchError
from workbench.store.views import HandOffRow


def waits(row: HandOffRow) -> str:
    """A packet in the list: priority, queue, reason, customer, time left."""
    left = ""
    if row.due_at:
        minutes = round((row.due_at - bench().clock.now()).total_seconds() / 60)
        left = f" · {minutes} min left" if minutes >= 0 else f" · {-minutes} min over"
    reason = row.reason.replace("_", " ")
    taken = f" · with {row.taken_by.partition(':')[2]}" if row.taken_by else ""
    return plain(f"{row.priority} · {row.queue} · {reason} · {row.customer_id}{left}{taken}")


def act(done: str, what: str, *arguments: object) -> None:
    """One act of the person named above; a refusal is said in its own words."""
    try:
        getattr(bench(), what)(*arguments)
        st.toast(as_label(done), icon=":material/check:")
    except WorkbenchError as error:
        st.session_state.refused = str(error)


def use(row: HandOffRow, text: str) -> None:
    """Put a suggestion into the reply box, to send or to edit."""
    st.session_state[f"reply-{row.id}"] = text


def earlier(row: HandOffRow) -> None:
    """What else this customer wrote lately."""
    for one in bench().conversations(customer_id=row.customer_id, limit=6):
        if one.id != row.conversation_id:
            told = f"{one.started_at:%Y-%m-%d %H:%M} · {one.channel} · {one.status}"
            link("conversation", told, ":material/history:", id=one.id)


def handle(row: HandOffRow, name: str) -> None:
    """Everything a person can do with a packet; nothing without their name."""
    packet = bench().packet(row.id)
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
