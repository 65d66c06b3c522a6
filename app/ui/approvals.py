"""Approvals that wait: the exact action, on the exact state of the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ui.untrusted import as_label, render_untrusted
from workbench.store.views import Approval

Act = Callable[..., None]


def show_approvals(waiting: Sequence[Approval], name: str, act: Act) -> None:
    """One card each; deciding needs a name and a reason."""
    if not waiting:
        st.caption("None waits. Credits above the assistant's limit ask for one here.")
    for asked in waiting:
        with st.container(border=True):
            _what(asked)
            _decide(asked, name, act)


def _what(asked: Approval) -> None:
    action = asked.action
    amount = f", {action.amount}" if action.amount else ""
    st.markdown(f"**{as_label(f'{action.operation} on {asked.record}{amount}')}**")
    by = asked.requested_by.replace(":", " ")
    st.caption(as_label(f"asked by {by}; holds for revision {asked.record_revision} only"))
    render_untrusted(asked.reason)
    with st.expander("The exact action", icon=":material/data_object:"):
        st.code(_parameters(asked), language=None, wrap_lines=True)


def _parameters(asked: Approval) -> str:
    return "\n".join(f"{name}: {value}" for name, value in asked.action.parameters.items())


def _decide(asked: Approval, name: str, act: Act) -> None:
    why, yes, no = st.columns([3, 1, 1], vertical_alignment="bottom")
    reason = why.text_input("Reason", key=f"why-{asked.id}", placeholder="needed to decide")
    ready = bool(name and reason)
    for column, label, approved, icon in (
        (yes, "Approve", True, ":material/check:"),
        (no, "Decline", False, ":material/close:"),
    ):
        column.button(
            label,
            key=f"{label.lower()}-{asked.id}",
            icon=icon,
            disabled=not ready,
            width="stretch",
            on_click=act,
            args=(f"{label}d", "decide_approval", asked.id, name, approved, reason),
        )
