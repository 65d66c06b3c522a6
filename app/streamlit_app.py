"""The app: a router over five pages and the details that they link to."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.bench import bar

_HERE = Path(__file__).parent
_PAGES = _HERE / "pages"

# A picture of our own: the browser would fetch a symbol by name from another host.
st.set_page_config(page_title="Service workbench", page_icon=_HERE / "icon.png", layout="wide")

page = st.navigation(
    [
        st.Page(_PAGES / "outcome.py", title="Outcome", icon=":material/monitoring:", default=True),
        st.Page(_PAGES / "try_it.py", title="Try it", icon=":material/forum:"),
        st.Page(_PAGES / "review.py", title="Review", icon=":material/inbox:"),
        st.Page(_PAGES / "tune.py", title="Tune", icon=":material/tune:"),
        st.Page(_PAGES / "govern.py", title="Govern", icon=":material/gavel:"),
        st.Page(_PAGES / "contacts.py", title="Contacts", visibility="hidden"),
        st.Page(_PAGES / "conversation.py", title="Conversation", visibility="hidden"),
        st.Page(_PAGES / "about.py", title="About", visibility="hidden"),
    ],
    position="top",
)
bar()
page.run()
