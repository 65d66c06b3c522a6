"""Everything that happened between a customer and us, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby, islice

import streamlit as st

from ui.bench import bench, link
from ui.untrusted import as_label, plain, render_untrusted
from workbench.people.timeline import Happening, TimelineEntry
from workbench.records.principals import name_of

_KINDS = {
    "everything": frozenset(Happening),
    "words": frozenset(
        {Happening.MESSAGE, Happening.REPLY, Happening.NOTE, Happening.CONVERSATION}
    ),
    "cases": frozenset({Happening.CASE_OPENED, Happening.CASE_ENTRY, Happening.CASE_SOLVED}),
    "bills": frozenset({Happening.INVOICE, Happening.CREDIT, Happening.PAYMENT, Happening.DISPUTE}),
}
_PAGES = {"conversation": ":material/forum:", "case": ":material/folder_open:"}
_LATEST, _LETTERS, _HEIGHT = 40, 160, 640


def show_timeline(customer_id: str, name: str) -> None:
    """The latest of what happened, grouped by the record that it happened to."""
    st.markdown(f"**{as_label(customer_id)}**")
    kind = st.selectbox(
        "Shown", list(_KINDS), key="timeline", bind="query-params", label_visibility="collapsed"
    )
    entries = bench().desk.timeline(customer_id, name or "visitor")
    wanted = [entry for entry in reversed(entries) if entry.what in _KINDS[kind]]
    if not wanted:
        st.caption("Nothing of this kind happened yet.")
    with st.container(height=_HEIGHT, border=False):
        for record, of_it in groupby(islice(wanted, _LATEST), key=lambda entry: entry.record):
            _record(record, list(of_it))
    if len(wanted) > _LATEST:
        st.caption(f"The latest {_LATEST} of {len(wanted)}.")


def _record(record: str, entries: Sequence[TimelineEntry]) -> None:
    page, _, key = record.partition(" ")
    if page in _PAGES:
        link(page, as_label(record), _PAGES[page], id=key)
    else:
        st.markdown(f":material/receipt_long: {as_label(record)}")
    for entry in entries:
        _entry(entry)


def _entry(entry: TimelineEntry) -> None:
    lock = ":material/lock: " if entry.internal else ""
    by = f" · {name_of(entry.by)}" if entry.by else ""
    what = entry.what.value.replace("_", " ")
    with st.container(gap="xxsmall"):
        st.caption(f"{lock}{as_label(f'{_when(entry.at)} · {what}{by}')}")
        if entry.text:
            text = " ".join(plain(entry.text).split())
            render_untrusted(text if len(text) <= _LETTERS else f"{text[:_LETTERS]}...")


def _when(at: datetime) -> str:
    """Day and time; records that know only the day stand at its first moment."""
    return f"{at:%d %b %Y}" if at.time() == time.min else f"{at:%d %b %Y %H:%M}"
