"""Conversation: transcript, decisions and timeline of one conversation, linkable by its id."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.conversations import show_contact, show_conversation
from ui.untrusted import as_label, plain
from workbench.errors import NotFound

workbench = bench()


def choose() -> str:
    """The conversation of the address, or one of the latest."""
    if "id" in st.query_params:
        return str(st.query_params["id"])
    recent = workbench.conversations(limit=50)
    if not recent:
        st.info("There is none yet. Begin one in **Try it**.", icon=":material/forum:")
        st.stop()
    st.caption("The latest conversations; others open from Try it, Review and Contacts.")
    names = {r.id: plain(f"{r.customer_id} · {r.channel} · {r.status} · {r.id}") for r in recent}
    return st.selectbox("Conversation", list(names), format_func=names.__getitem__)


st.title("Conversation")
wanted = choose()
try:
    show_conversation(workbench.conversation(wanted), workbench.events(wanted))
except NotFound:
    contacts = workbench.contacts([wanted])
    if contacts:
        show_contact(contacts[0])
    else:
        st.warning(as_label(f"There is no conversation or contact {wanted}."))
        link("contacts", "All contacts", ":material/list:")
