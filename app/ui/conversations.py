"""One conversation or contact: what was said, what was decided, and everything that happened."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.packets import show_packet
from ui.tables import contact_table, download
from ui.turns import level_badge
from ui.untrusted import as_label, plain, render_untrusted
from workbench import Contact
from workbench.records.conversations import Conversation
from workbench.records.events import Event, EventKind


def show_contact(contact: Contact) -> None:
    """A contact of imported history: facts, but no words of ours to show."""
    level_badge(contact.level or "escalate")
    render_untrusted(contact.summary)
    st.caption("Imported history has the facts of a contact, not its transcript.")
    facts = contact_table([contact])[0] | contact.model_dump(exclude_none=True, mode="json")
    rows = [{"fact": name, "value": plain(str(value))} for name, value in facts.items()]
    st.dataframe(rows, hide_index=True, height=480, alt="Facts of this contact")
    download(rows, contact.contact_id)


def show_conversation(conversation: Conversation, events: tuple[Event, ...]) -> None:
    cells = st.columns(4)
    cells[0].metric("Customer", as_label(conversation.customer_id))
    cells[1].metric("Speaks now", conversation.speaker.value)
    cells[2].metric("Hand-offs", conversation.hops)
    proof = ", ".join(kind.replace("_", " ") for kind in conversation.identifiers)
    cells[3].metric("Identity proven by", proof or "nothing")
    if conversation.case_id:
        told = as_label(f"Case {conversation.case_id}")
        link("case", told, ":material/folder_open:", id=conversation.case_id)
    talk, log = st.columns([3, 2], gap="large")
    with talk:
        st.subheader("Transcript")
        for said in conversation.utterances:
            with st.chat_message("user" if said.speaker == "customer" else "assistant"):
                st.caption(as_label(f"{said.speaker} · {said.at:%Y-%m-%d %H:%M} UTC"))
                render_untrusted(said.text)
        if conversation.packet_id:
            show_packet(bench().packet(conversation.packet_id))
    with log:
        _decisions(events)
        _timeline(events)


def _decisions(events: tuple[Event, ...]) -> None:
    st.subheader("Decisions")
    decided = [event.data for event in events if event.kind is EventKind.DECIDED]
    if not decided:
        st.caption("Nothing was decided: a person has had the conversation all along.")
    for data in decided:
        decision, situation = data["decision"], data["situation"]
        stage = "" if data["stage"] == "request" else f", act {data['stage']}"
        what = f"{situation.get('intent') or 'request'}{stage}: {decision['level']}"
        with st.expander(as_label(what), icon=":material/gavel:"):
            st.markdown(f"Rule **{as_label(decision['rule_id'])}**")
            st.caption(as_label(decision["why"]))
            known = {name: value for name, value in situation.items() if value is not None}
            rows = [{"seen": name, "value": plain(str(value))} for name, value in known.items()]
            st.dataframe(rows, hide_index=True, alt="The situation that was decided on")


def _timeline(events: tuple[Event, ...]) -> None:
    st.subheader("Timeline")
    rows = [
        {
            "at": event.at,
            "what": event.kind.value.replace("_", " "),
            "who": plain(event.actor),
            "detail": plain(str(event.data))[:300],
        }
        for event in events
    ]
    st.dataframe(
        rows,
        hide_index=True,
        alt="Ledger of this conversation, oldest first",
        column_config={"at": st.column_config.DatetimeColumn(format="HH:mm:ss")},
    )
    download(rows, "timeline")
