"""Changes of the policy: proposed by one person with a reason, decided on by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.bench import bench
from ui.untrusted import as_label, render_untrusted
from workbench.errors import WorkbenchError
from workbench.govern.proposals import Proposal, ProposalStatus
from workbench.records.principals import name_of
from workbench.records.proposals import ChangeEvidence

_SHOWN = 20


def propose(changes: Mapping[str, Any]) -> None:
    """Put what the controls say before another person."""
    with st.form("propose", border=True, clear_on_submit=True):
        who, why, go = st.columns([1.2, 3, 1.2], vertical_alignment="bottom")
        name = who.text_input("Your name", key="proposer")
        reason = why.text_input("Why this change?", key="why-change")
        attach = st.checkbox(
            "Show who decides how many people it needs", value=True, key="attach-people"
        )
        if go.form_submit_button("Propose change", icon=":material/outgoing_mail:"):
            if not (name and reason):
                st.warning("A proposal needs a name and a reason.", icon=":material/person:")
            elif _did(_propose, changes, name, reason, attach):
                st.success("It waits below for another person.", icon=":material/check:")


def _propose(changes: Mapping[str, Any], by: str, reason: str, attach: bool) -> None:
    workbench = bench()
    people = workbench.staffing.compare(changes) if attach else None
    workbench.proposals.propose(changes, by, reason, people=people)


def _did(act: Any, *arguments: Any) -> bool:
    """Whether it was done; a refusal is said in its own words."""
    try:
        act(*arguments)
    except WorkbenchError as error:
        st.error(as_label(str(error)), icon=":material/block:")
        return False
    return True


def show_proposals() -> None:
    """Those that wait, to decide on; then what became of the others."""
    proposals = bench().proposals.list()
    waiting = [one for one in proposals if one.status is ProposalStatus.WAITING]
    if not waiting:
        st.caption("No change waits. Propose one on the Tune page.")
    for one in waiting:
        with st.container(border=True):
            _what(one)
            _decide(one)
    decided = [one for one in proposals if one.status is not ProposalStatus.WAITING][:_SHOWN]
    if decided:
        rows = [_row(one) for one in decided]
        st.dataframe(rows, hide_index=True, height="content", alt="Changes that were decided on")


def _what(one: Proposal) -> None:
    changes = ", ".join(f"{name} = {value}" for name, value in one.changes.items())
    st.markdown(f"**{as_label(changes)}**")
    render_untrusted(one.reason)
    asked = f"proposed by {name_of(one.by)} on {one.at:%Y-%m-%d %H:%M}"
    st.caption(as_label(f"{asked}; {one.base} to {one.proposed}"))
    if one.evidence:
        _evidence(one.evidence)


def _evidence(found: ChangeEvidence) -> None:
    """What history says about the change, now and then."""
    told = [
        (f"automated, of {found.before.contacts:,} contacts", "automate"),
        ("automated and judged", "judged"),
        ("of these, wrong", "wrong"),
    ]
    rows = [
        {
            "": name,
            "now": f"{getattr(found.before, key):,}",
            "then": f"{getattr(found.after, key):,}",
        }
        for name, key in told
    ]
    if needed := found.people:
        now, then = needed.before, needed.after
        rows.append({"": "people at once", "now": now.at_once, "then": then.at_once})
        rows.append({"": f"paid hours {needed.when}", "now": now.paid, "then": then.paid})
    st.dataframe(rows, hide_index=True, height="content", alt="What the change would do")
    if needed:
        st.caption(as_label(f"The people are {needed.target}."))


def _decide(one: Proposal) -> None:
    who, why, yes, no = st.columns([1.2, 2.4, 1, 1], vertical_alignment="bottom")
    name = who.text_input("Your name", key=f"name-{one.id}")
    reason = why.text_input("Reason", key=f"why-{one.id}", placeholder="needed to decide")
    for cell, label, approved in ((yes, "Approve", True), (no, "Decline", False)):
        clicked = cell.button(
            label, key=f"{label}-{one.id}", disabled=not (name and reason), width="stretch"
        )
        if clicked and _did(bench().proposals.decide, one.id, name, approved, reason):
            st.rerun()


def _row(one: Proposal) -> dict[str, str]:
    return {
        "change": ", ".join(f"{name} = {value}" for name, value in one.changes.items()),
        "status": one.status.value,
        "proposed by": name_of(one.by),
        "why": one.reason,
        "decided by": name_of(one.decided_by),
        "because": one.decision_reason,
    }
