"""The app: a router over five pages and the details that they link to."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.bench import bar

_HERE = Path(__file__).parent
# Not `pages`: Streamlit would serve such a folder on its own to the first visitor of a deep link.
_SCREENS = _HERE / "screens"

# A picture of our own: the browser would fetch a symbol by name from another host.
st.set_page_config(page_title="Service workbench", page_icon=_HERE / "icon.png", layout="wide")

page = st.navigation(
    [
        st.Page(
            _SCREENS / "outcome.py", title="Outcome", icon=":material/monitoring:", default=True
        ),
        st.Page(_SCREENS / "try_it.py", title="Try it", icon=":material/forum:"),
        st.Page(_SCREENS / "review.py", title="Review", icon=":material/inbox:"),
        st.Page(_SCREENS / "tune.py", title="Tune", icon=":material/tune:"),
        st.Page(_SCREENS / "govern.py", title="Govern", icon=":material/gavel:"),
        st.Page(_SCREENS / "contacts.py", title="Contacts", visibility="hidden"),
        st.Page(_SCREENS / "label.py", title="Label", visibility="hidden"),
        st.Page(_SCREENS / "conversation.py", title="Conversation", visibility="hidden"),
        st.Page(_SCREENS / "case.py", title="Case", visibility="hidden"),
        st.Page(_SCREENS / "experiments.py", title="Experiments", visibility="hidden"),
        st.Page(_SCREENS / "evaluations.py", title="Evaluations", visibility="hidden"),
        st.Page(_SCREENS / "monitoring.py", title="Monitoring", visibility="hidden"),
        st.Page(_SCREENS / "about.py", title="About", visibility="hidden"),
    ],
    position="top",
)
bar()
page.run()
