"""The keys of the Review page: every act has one, and the page lists them all."""

from __future__ import annotations

import streamlit as st

SEND = ("Alt+1", "Alt+2", "Alt+3")
EDIT = ("Alt+4", "Alt+5", "Alt+6")
REJECT = ("Alt+7", "Alt+8", "Alt+9")
CHOOSE = ("Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5")
NEXT, PREVIOUS = "Alt+J", "Alt+K"
TAKE, HOLD, WRAP_UP, HAND_BACK = "Alt+T", "Alt+H", "Alt+W", "Alt+B"
REPLY, ANYWAY, NOTE = "Alt+S", "Alt+Y", "Alt+N"
LABELS = {"needed": "Alt+G", "not_needed": "Alt+U", "too_late": "Alt+L"}
APPROVE, DECLINE, WITHDRAW = "Alt+A", "Alt+X", "Alt+Z"

_LISTED = {
    "In every list": (((NEXT, PREVIOUS), "next, previous"),),
    "A conversation": (
        ((TAKE,), "take over: you speak, the assistant is silent"),
        ((HOLD,), "put on hold, go on"),
        ((WRAP_UP,), "wrap up, done"),
        (SEND, "send that suggestion as it is"),
        (EDIT, "put it into the reply, to edit"),
        (REJECT, "reject it, with a reason"),
        ((REPLY,), "send the reply"),
        ((ANYWAY,), "send it although a rule stands against it"),
        ((HAND_BACK,), "hand back to the assistant"),
        ((NOTE,), "save the private note"),
        (tuple(LABELS.values()), "the hand-off was needed, not needed, too late"),
    ),
    "A question": ((CHOOSE, "answer with that choice"),),
    "An approval": (((APPROVE, DECLINE, WITHDRAW), "approve, decline, withdraw"),),
}


def show_keys() -> None:
    """What each key does, behind one button."""
    with st.popover("Keys", icon=":material/keyboard:", width="stretch"):
        for where, listed in _LISTED.items():
            st.markdown(f"**{where}**")
            st.markdown("  \n".join(_told(pressed, what) for pressed, what in listed))
        st.caption("They work while you type, too. `Tab` and `Enter` reach everything else.")


def _told(pressed: tuple[str, ...], what: str) -> str:
    return " ".join(f"`{key}`" for key in pressed) + f" {what}"
