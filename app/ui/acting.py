"""Acts of people: done at once under their name, and what came of them said on the next look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.untrusted import as_label
from workbench.errors import Conflict, WorkbenchError


def act(done: str, what: Callable[..., Any], *arguments: object) -> None:
    """Do it and say so; a refusal is kept for `refusals`."""
    did(done, what, *arguments)


def did(done: str, what: Callable[..., Any], *arguments: object) -> bool:
    """The same; whether it was done."""
    try:
        what(*arguments)
    except Conflict as conflict:
        refuse(f"Somebody was faster. {conflict}")
    except WorkbenchError as error:
        refuse(str(error))
    else:
        st.toast(as_label(done), icon=":material/check:")
        return True
    return False


def refuse(why: str) -> None:
    """Keep a reason for the next look at the page."""
    st.session_state.refused = why


def refusals() -> None:
    """What was refused since the last look, in its own words."""
    with st.container():
        if "refused" in st.session_state:
            st.error(as_label(st.session_state.pop("refused")), icon=":material/block:")
