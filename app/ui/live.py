"""Pages that follow what other people do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

_EVERY = timedelta(seconds=3)


@st.fragment(run_every=_EVERY)
def keep_up(look: Callable[[], object], seen: object) -> None:
    """Draw the page again once `look` gives something else; what is being typed stays."""
    if look() != seen:
        st.rerun()
