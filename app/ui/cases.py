"""Pieces of the Case page: what a case is, and solved ones like it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from ui.bench import link
from ui.untrusted import as_label, render_untrusted
from workbench import Case
from workbench.people.similar_cases import SimilarCase
from workbench.records.cases import CaseStatus, Priority

STATUSES = {
    CaseStatus.NEW: ("blue", ":material/fiber_new:"),
    CaseStatus.OPEN: ("blue", ":material/folder_open:"),
    CaseStatus.WAITING: ("orange", ":material/hourglass_empty:"),
    CaseStatus.SOLVED: ("green", ":material/task_alt:"),
    CaseStatus.CLOSED: ("gray", ":material/lock:"),
}
PRIORITIES = {Priority.P1: "red", Priority.P2: "orange", Priority.P3: "blue", Priority.P4: "gray"}


def words(key: str) -> str:
    """A key of a closed list as a reader says it."""
    return key.replace("_", " ")


def show_head(case: Case) -> None:
    """Number and title; status, priority, owner and queue at a glance."""
    st.title(as_label(case.id))
    st.markdown(f"**{as_label(case.title)}**")
    color, icon = STATUSES[case.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(words(case.status.value), icon=icon, color=color)  # type: ignore[arg-type]
        st.badge(
            f"{case.priority}: impact {case.impact} x urgency {case.urgency}",
            icon=":material/priority_high:",
            color=PRIORITIES[case.priority],  # type: ignore[arg-type]
        )
        st.badge(as_label(case.owner or "nobody has it"), icon=":material/person:", color="gray")
        st.badge(as_label(f"queue {words(case.queue)}"), icon=":material/inbox:", color="gray")
        if case.legal_hold:
            st.badge("legal hold", icon=":material/gavel:", color="violet")
        if case.grade:
            st.badge(f"{case.grade}", icon=":material/verified:", color="green")
        if case.reopened:
            st.badge(f"reopened {case.reopened} times", icon=":material/replay:", color="orange")
    opened = f"opened {case.opened_at:%d %b %Y %H:%M} UTC"
    about = f"{words(case.topic)} of {case.customer_id} · {opened} · revision {case.revision}"
    st.caption(as_label(about))


def show_similar(found: Sequence[SimilarCase]) -> None:
    """What became of the solved cases most like this one."""
    if not found:
        st.caption("No solved case is like this one yet.")
        return
    st.caption("By their words, their topic and what they are about; none of it is a model's.")
    for column, one in zip(st.columns(3), found, strict=False):
        with column, st.container(border=True, height="stretch"):
            _similar(one)


def _similar(one: SimilarCase) -> None:
    link("case", as_label(one.case.title), ":material/task_alt:", id=one.case.id)
    with st.container(horizontal=True):
        st.badge(f"{one.likeness:.0%} alike", icon=":material/join_inner:", color="blue")
        st.badge(f"took {_days(one.took)}", icon=":material/timer:", color="gray")
    st.caption(as_label(f"same {', '.join(one.shared)} · {words(one.case.status.value)}"))
    if one.outcome:
        st.markdown(as_label(one.outcome))
    if one.last_word:
        render_untrusted(one.last_word)


def _days(took: timedelta) -> str:
    hours = took.total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} h"
