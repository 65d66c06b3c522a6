"""What has happened to a case, what belongs to it, who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from ui.bench import bench, link
from ui.cases import words
from ui.tables import download
from ui.untrusted import as_label, plain, render_untrusted
from workbench import Case
from workbench.records.cases import CaseEntry, Subscription
from workbench.records.events import Event, EventKind
from workbench.records.principals import name_of

_HEIGHT = 420
_BY_ITSELF = {"clocks", "revision", "updated_at"}
"""Fields that follow from others and say nothing to a reader."""


def show_history(entries: Sequence[CaseEntry]) -> None:
    """What was written, the latest first; internal entries are marked, customers see none."""
    public = st.toggle("Only what the customer can read", key="public", bind="query-params")
    shown = [entry for entry in reversed(entries) if not (public and entry.internal)]
    if not shown:
        st.caption("Nothing has been written here yet.")
        return
    with st.container(height=_HEIGHT if len(shown) > 4 else "content", border=False):
        for entry in shown:
            _entry(entry)


def _entry(entry: CaseEntry) -> None:
    by = f"{entry.at:%d %b %Y %H:%M} UTC · {name_of(entry.actor)}"
    with st.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(as_label(by), width="content")
            if entry.internal:
                st.badge("internal", icon=":material/visibility_off:", color="gray")
        render_untrusted(entry.text or words(entry.activity))


def show_relatives(case: Case, of_customer: Sequence[Case]) -> None:
    """Cases that this one came from, took over or gave rise to; conversations about it."""
    cases, talk = st.columns(2)
    with cases:
        st.markdown("**Cases**")
        family = list(_family(case, of_customer))
        if not family:
            st.caption("It was not merged, split or followed up.")
        for told, other in family:
            state = f"{told}: {other.id} · {other.title} · {words(other.status.value)}"
            link("case", as_label(state), ":material/account_tree:", id=other.id)
    with talk:
        st.markdown("**Conversations**")
        about = bench().cases.conversations(case)
        if not about:
            st.caption("It was brought in without a conversation.")
        for one in about:
            told = f"{one.started_at:%d %b %Y %H:%M} · {one.channel} · {words(one.status)}"
            link("conversation", as_label(told), ":material/forum:", id=one.id)


def _family(case: Case, of_customer: Sequence[Case]) -> Iterator[tuple[str, Case]]:
    for other in of_customer:
        if other.id == case.parent_id:
            yield "came from", other
        if other.id == case.merged_into:
            yield "was merged into", other
        if other.merged_into == case.id:
            yield "took over", other
        if other.parent_id == case.id:
            yield "led to", other


def show_subscriptions(wishes: Sequence[Subscription]) -> None:
    """Who is told of changes, where and when not."""
    if not wishes:
        st.caption("Nobody has asked to hear of changes. The customer can, in any conversation.")
        return
    rows = [
        {
            "customer": plain(one.customer_id),
            "channel": one.channel,
            "events": ", ".join(one.events),
            "language": one.language,
            "quiet": _quiet(one),
            "active": one.active,
        }
        for one in wishes
    ]
    st.dataframe(rows, hide_index=True, alt="Who hears of changes on this case")


def _quiet(wish: Subscription) -> str:
    if wish.quiet_from is None or wish.quiet_until is None:
        return "never"
    return f"{wish.quiet_from}:00 to {wish.quiet_until}:00"


def show_audit(events: Sequence[Event]) -> None:
    """Everything the ledger holds about the case, each line with its place in the hash chain."""
    changes = [event for event in events if event.kind is EventKind.CASE_CHANGED and event.data]
    if not changes:
        st.caption("It was brought in as it is; its ledger begins with the first act here.")
        return
    rows = [
        {
            "at": event.at,
            "what": event.data["activity"],
            "who": plain(event.actor),
            "for": plain(event.on_behalf_of),
            "changed": plain(_changed(event.data)),
            "hash": event.hash[:12],
        }
        for event in reversed(changes)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        alt="Changes of this case, the latest first",
        column_config={
            "at": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
            "changed": st.column_config.TextColumn(width="large"),
        },
    )
    download(rows, "audit-trail")


def _changed(data: dict[str, Any]) -> str:
    """Field by field what became something else."""
    before, after = data["before"], data["after"]
    if before is None:
        return "opened"
    names = (n for n in after if n not in _BY_ITSELF and before.get(n) != after[n])
    told = [f"{words(n)}: {_value(before.get(n))} -> {_value(after[n])}" for n in names]
    return "; ".join(told) or "clocks"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in ("", None) else str(value)
