"""Review: what waits for people, in three panes: the list, the matter, the customer."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.acting import refusals
from ui.approvals import approvals, show_approval
from ui.board import look, strip
from ui.desk import show_talk
from ui.inbox import conversations
from ui.keys import show_keys
from ui.live import keep_up
from ui.questions import questions, show_question
from ui.signing_on import show_people, sign_on
from ui.timeline import show_timeline
from ui.untrusted import as_label
from workbench.errors import NotFound

VIEWS = {
    "Conversations": (conversations, show_talk),
    "Questions": (questions, show_question),
    "Approvals": (approvals, show_approval),
}

title, person, people, listed = st.columns([1.1, 3.4, 0.9, 0.8], vertical_alignment="bottom")
title.title("Review")
with person:
    name = sign_on()
with people:
    show_people()
with listed:
    show_keys()
board = look()
strip(board)
view = st.segmented_control(
    "What to work on",
    list(VIEWS),
    default="Conversations",
    key="view",
    bind="query-params",
    required=True,
    label_visibility="collapsed",
)
refusals()

choose, show = VIEWS[view]
customer = ""
left, centre, right = st.columns([1.25, 2.4, 1.35], gap="medium")
with left:
    opened = choose(board, name)
talk = opened if show is show_talk else ""
seen = board.beside(talk)
with centre:
    try:
        customer = show(opened, name) if opened else ""
    except NotFound as missing:
        st.warning(as_label(str(missing)), icon=":material/search_off:")
with right:
    if customer:
        show_timeline(customer, name)
keep_up(partial(look, talk), seen)
