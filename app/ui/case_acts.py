"""What people may do about a case: each act one that its life allows now, under their name.

Every act is bound to the case as it was shown. When somebody else was faster, nothing is written,
what was typed stays, and the page shows the case as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import streamlit as st

from ui.acting import act, did, refuse
from ui.bench import bench, link
from ui.case_fields import FIELDS, field, moved
from ui.cases import words
from ui.untrusted import as_label, plain
from workbench import Case
from workbench.records.cases import CaseStatus, Grade

_STAYS = "stays here"
_GRADES = {
    Grade.ASSUMED.value: "assumed: nobody has objected",
    Grade.CONFIRMED.value: "confirmed: the customer said so",
}
state = st.session_state


def write(case: Case, name: str) -> None:
    """An answer or a note; the words go only once they are kept."""
    possible = bench().cases.open_to(case)
    with st.form("write", border=False):
        st.text_area(
            "Write",
            key=f"words-{case.id}",
            height=80,
            label_visibility="collapsed",
            placeholder="Words for the customer, or for colleagues only",
        )
        with st.container(horizontal=True):
            if "appended" in possible:
                _write_button("Answer", ":material/send:", case, name)
            _write_button("Internal note", ":material/visibility_off:", case, name, internal=True)


def _write_button(label: str, icon: str, case: Case, name: str, internal: bool = False) -> None:
    st.form_submit_button(
        label,
        key=f"write-{label}",
        icon=icon,
        disabled=not name,
        help="Colleagues only" if internal else "The customer can read it; subscribers are told",
        on_click=_write,
        args=(case, name, internal),
    )


def _write(case: Case, name: str, internal: bool) -> None:
    text = state[f"words-{case.id}"].strip()
    if not text:
        refuse("There is nothing to write yet.")
    elif did("Written", lambda: bench().cases.append(case, name, text, internal=internal)):
        state[f"words-{case.id}"] = ""


def show_acts(case: Case, name: str) -> None:
    """One tab for each kind of act that the case can take now."""
    possible = bench().cases.open_to(case).keys()
    offered: dict[str, Callable[[Case, str], None]] = {"Change": _change}
    if possible & {"solved", "closed"}:
        offered["Solve or close"] = _end
    if possible & {"joined", "unmerged"}:
        offered["Merge"] = _merge
    if "split" in possible:
        offered["Split"] = _split
    for tab, show in zip(st.tabs(list(offered)), offered.values(), strict=True):
        with tab:
            show(case, name)
    if not name:
        st.caption("Give your name at the top to act.")


def _submit(label: str, icon: str, name: str, do: Callable[[], None]) -> None:
    st.form_submit_button(label, key=label, icon=icon, disabled=not name, on_click=do)


def _change(case: Case, name: str) -> None:
    """Fields of the case; only what the person has moved is sent."""
    possible = bench().cases.open_to(case)
    names = FIELDS if "changed" in possible else FIELDS[-1:]
    with st.form("change", border=False):
        for cell, one in zip(cycle(st.columns(2)), names, strict=False):
            with cell:
                field(case, one, possible)
        _submit("Change", ":material/check:", name, lambda: _changed(case, name, names))


def _changed(case: Case, name: str, names: Sequence[str]) -> None:
    fields = moved(case, names)
    if fields:
        act("Changed", lambda: bench().cases.change(case, name, **fields))
    else:
        refuse("Nothing was changed yet.")


def _end(case: Case, name: str) -> None:
    """Solved or closed, once every request is answered and every promise kept."""
    possible = bench().cases.open_to(case)
    ends = [end.value for end in (CaseStatus.SOLVED, CaseStatus.CLOSED) if _leads(end, possible)]
    with st.form("end", border=False):
        for request in dict.fromkeys(case.requests):
            done = request in case.answered
            st.checkbox(f"Answered: {as_label(request)}", done, key=_of(case, "done", request))
        for promise in dict.fromkeys(case.promises):
            st.checkbox(f"Kept: {as_label(promise)}", key=_of(case, "kept", promise))
        st.radio("It is", ends, format_func=words, key="end-as", horizontal=True)
        st.selectbox("Grade", list(_GRADES), format_func=_GRADES.__getitem__, key="grade")
        _submit("End it", ":material/task_alt:", name, lambda: _ended(case, name))


def _of(case: Case, what: str, text: str) -> str:
    """The key of what is said about one request or promise of a case."""
    return f"{what}-{case.id}-{text}"


def _leads(end: CaseStatus, possible: dict[str, frozenset[CaseStatus]]) -> bool:
    return any(end in possible.get(name, ()) for name in ("solved", "closed"))


def _ended(case: Case, name: str) -> None:
    fields: dict[str, Any] = {
        "answered": tuple(one for one in case.requests if state[_of(case, "done", one)]),
        "promises": tuple(one for one in case.promises if not state[_of(case, "kept", one)]),
        "status": state["end-as"],
        "grade": state["grade"],
    }
    act("Ended", lambda: bench().cases.change(case, name, **fields))


def _merge(case: Case, name: str) -> None:
    """Take over another open case of the same customer, or take a merge back."""
    of_customer = bench().cases.of_customer(case.customer_id)
    for one in of_customer:
        if one.merged_into and case.id in (one.id, one.merged_into):
            _taken_over(one, name)
    others = {one.id: one for one in of_customer if one.is_open and one.id != case.id}
    if case.is_open and others:
        _merge_with(case, others, name)
    elif case.is_open:
        st.caption("The customer has no other open case.")


def _taken_over(merged: Case, name: str) -> None:
    link(
        "case",
        as_label(f"{merged.id} was merged into {merged.merged_into}"),
        ":material/merge:",
        id=merged.id,
    )
    st.button(
        "Undo the merge",
        key=f"part-{merged.id}",
        icon=":material/undo:",
        disabled=not name,
        on_click=act,
        args=("Both are as they were", bench().cases.part, merged, name),
    )


def _merge_with(case: Case, others: dict[str, Case], name: str) -> None:
    def merge() -> None:
        act("Merged", bench().cases.merge, case, others[state["merge-with"]], name)

    with st.form("merge", border=False):
        st.selectbox(
            "This case takes over",
            list(others),
            format_func=lambda one: plain(f"{one} · {others[one].title}"),
            key="merge-with",
        )
        st.caption("Both histories are kept; the earliest clock and the higher priority count.")
        _submit("Merge", ":material/merge:", name, merge)


def _split(case: Case, name: str) -> None:
    """Each request stays or goes to a queue; what goes to one queue is one new case."""
    if len(case.requests) < 2:
        st.caption("It has one request only, so there is nothing to split off.")
        return
    with st.form("split", border=False):
        for request in dict.fromkeys(case.requests):
            st.selectbox(
                as_label(request),
                [_STAYS, *bench().cases.queues()],
                format_func=words,
                key=_of(case, "part", request),
            )
        st.caption("What goes to one queue becomes one linked case; its clocks run on.")
        _submit("Split", ":material/call_split:", name, lambda: _parted(case, name))


def _parted(case: Case, name: str) -> None:
    requests: dict[str, list[str]] = {}
    for request in dict.fromkeys(case.requests):
        requests.setdefault(state[_of(case, "part", request)], []).append(request)
    requests.pop(_STAYS, None)
    if not requests:
        refuse("Choose a queue for what is to leave.")
        return
    cases = bench().cases
    parts = [cases.new_part(case, queue, *asked) for queue, asked in requests.items()]
    act("Split", cases.split, case, name, *parts)
