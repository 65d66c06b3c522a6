"""Who works here: a name given once, whether they take work, and who else is there."""

from __future__ import annotations

import streamlit as st

from ui.acting import act
from ui.bench import bench
from ui.untrusted import as_label
from workbench.people.load import OnDuty
from workbench.records.presence import Presence
from workbench.records.principals import same_person

_SIGNS = {
    Presence.ON.value: ":material/check_circle: on",
    Presence.PAUSE.value: ":material/pause_circle: pause",
    Presence.OFF.value: ":material/do_not_disturb_on: off",
}


def sign_on() -> str:
    """The visitor's name with their presence; empty before they gave one."""
    who, there = st.columns([1, 1.5], vertical_alignment="bottom")
    name = who.text_input(
        "Your name",
        key="reviewer",
        persist_state="session",
        placeholder="needed for every act here",
    ).strip()
    st.session_state.presence = _said(name)
    there.segmented_control(
        "I take work",
        list(_SIGNS),
        key="presence",
        format_func=_SIGNS.__getitem__,
        required=True,
        disabled=not name,
        on_change=_say,
        width="stretch",
    )
    return name


def _said(name: str) -> str:
    """What somebody last said about their presence; off before they said anything."""
    words = bench().routing.presence()
    mine = [word.state for word in words if same_person(word.person_id, name)]
    return (mine or [Presence.OFF])[0].value


def _say() -> None:
    state = st.session_state.presence
    act(f"You are {state}", bench().routing.set_presence, st.session_state.reviewer.strip(), state)


def show_people() -> None:
    """Everybody who signed on, for which queues and with how much in hand."""
    there = bench().routing.floor().on
    with st.popover(f"People ({len(there)})", icon=":material/group:", width="stretch"):
        for each in there:
            st.markdown(_told(each))
        if not there:
            st.caption("Nobody has signed on. Give your name and choose **on**.")


def _told(each: OnDuty) -> str:
    queues = ", ".join(each.person.queues)
    paused = " · pauses" if each.paused else ""
    hand = f"{each.contacts} of {each.person.at_once} in hand"
    return f"**{as_label(each.person.name)}**{paused}  \n{as_label(queues)} · {hand}"
