"""Approvals that wait: the exact action, on the exact state of the record, before four eyes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui import keys
from ui.acting import act, refuse
from ui.bench import bench, link
from ui.board import Board
from ui.inbox import pick
from ui.untrusted import as_label, plain, render_untrusted
from workbench.people.four_eyes import Weighed
from workbench.records.actions import Action
from workbench.records.principals import name_of, same_person
from workbench.store.views import Approval, ApprovalStatus
from workbench.store.work import Committed


def approvals(board: Board, _: str) -> str:
    """The list, the oldest first; the request that is open."""
    listed = {one.id: one for one in board.approvals}
    if not listed:
        st.info(
            "Credits above what somebody may decide alone ask for a second person here.",
            title="No approval waits",
            icon=":material/approval:",
        )
    return pick("approval", {id_: _lines(one) for id_, one in listed.items()})


def _lines(asked: Approval) -> tuple[str, str]:
    amount = str(asked.action.amount or asked.action.operation)
    under = f"{asked.customer_id} · asked {asked.requested_at:%d %b %H:%M}"
    return as_label(f"{amount} · {asked.record}"), as_label(under)


def show_approval(approval_id: str, name: str) -> str:
    """What is to be done, who asked, what it adds up to, the decision; the customer's id."""
    asked = bench().verdicts.approval(approval_id)
    with st.container(border=True):
        st.markdown(f"**{as_label(in_words(asked.action))}**")
        st.caption(as_label(_who(asked)))
        if asked.reason:
            render_untrusted(asked.reason)
        if asked.status is ApprovalStatus.PENDING:
            weighed = bench().verdicts.weigh(asked.id, name or "visitor")
            _amounts(weighed)
            _record(asked, weighed)
            _exactly(asked)
            _decide(asked, name)
        else:
            _exactly(asked)
            _decided(asked)
    link("conversation", "Whole conversation", ":material/notes:", id=asked.conversation_id)
    return asked.customer_id


def _decided(asked: Approval) -> None:
    """What it came to, by whom and why."""
    told = as_label(f"{asked.status.value} by {name_of(asked.decided_by)}")
    if asked.status is ApprovalStatus.APPROVED:
        st.success(f"{told}, and done", icon=":material/check:")
    else:
        st.info(f"{told}: nothing was done", icon=":material/block:")
    render_untrusted(asked.decision_reason)


def in_words(action: Action) -> str:
    """The action as a sentence; one without words of its own is named with its amount."""
    given = action.parameters
    if action.operation != "credit.issue":
        amount = f" of {action.amount}" if action.amount else ""
        return f"{action.operation.replace('.', ': ').replace('_', ' ')}{amount}"
    line = "" if given["line"] is None else f"line {given['line']} of "
    reason = str(given["reason"]).replace("_", " ")
    return f"Credit {action.amount} on {line}invoice {given['number']}: {reason}"


def _who(asked: Approval) -> str:
    role, _, who = asked.requested_by.partition(":")
    asker = f"the assistant for customer {who}" if role == "customer" else f"{who} ({role})"
    until = f"; counts as declined after {asked.expires_at:%d %b %H:%M}" if asked.expires_at else ""
    return f"Asked by {asker} on {asked.requested_at:%d %b %H:%M} UTC{until}"


def _amounts(weighed: Weighed) -> None:
    """The amounts that add up, and who may decide how much alone."""
    if weighed.amount is None:
        return
    cells = st.columns(3)
    cells[0].metric("This request", str(weighed.amount))
    cells[1].metric(f"Alone, last {weighed.window_days} days", str(weighed.alone))
    cells[2].metric("Together", str(weighed.together))
    limits = ", ".join(
        f"a {role.value.replace('_', ' ')} {limit} {weighed.amount.currency}"
        for role, limit in weighed.limits.items()
    )
    if limits:
        st.caption(as_label(f"May decide alone for one customer: {limits}."))


def _record(asked: Approval, weighed: Weighed) -> None:
    """Whether the record is still the one that the request was made for."""
    if weighed.moved_on:
        told = (
            f"{asked.record} has changed since: it was at revision {weighed.asked_revision}, now "
            f"it is at {weighed.revision}. Approving does nothing but ask again for the new state."
        )
        st.warning(as_label(told), icon=":material/sync_problem:")
    else:
        told = f"Holds for revision {asked.record_revision} of {asked.record}, as it is now."
        st.caption(f":material/verified: {as_label(told)}")


def _exactly(asked: Approval) -> None:
    with st.expander("The exact action", icon=":material/data_object:"):
        rows = [{"parameter": name, "value": value} for name, value in _parameters(asked.action)]
        st.dataframe(rows, hide_index=True, height="content", alt="Parameters of the action")
        st.caption(as_label(f"{asked.action.operation}, fingerprint {asked.fingerprint[:16]}"))


def _parameters(action: Action) -> list[tuple[str, str]]:
    return [(plain(name), plain(_value(value))) for name, value in action.parameters.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return "" if value is None else str(value)


def _decide(asked: Approval, name: str) -> None:
    own = same_person(asked.requested_by, name)
    if own:
        st.caption("You asked for this yourself: another person decides, you may withdraw it.")
    key = f"why-{asked.id}"
    with st.form(f"decide-{asked.id}", border=False):
        st.text_input("Reason", key=key, placeholder="needed to decide")
        with st.container(horizontal=True):
            for label, icon, press, does, barred in (
                ("Approve", ":material/check:", keys.APPROVE, _approve, own),
                ("Decline", ":material/close:", keys.DECLINE, _decline, own),
                ("Withdraw", ":material/undo:", keys.WITHDRAW, _withdraw, False),
            ):
                st.form_submit_button(
                    label,
                    key=f"{label.lower()}-{asked.id}",
                    icon=icon,
                    shortcut=press,
                    type="primary" if label == "Approve" else "secondary",
                    disabled=barred or not name,
                    on_click=_reasoned,
                    args=(does, asked, name, key),
                )


Decision = Callable[[Approval, str, str], None]


def _reasoned(does: Decision, asked: Approval, name: str, key: str) -> None:
    reason = st.session_state[key].strip()
    if reason:
        does(asked, name, reason)
    else:
        refuse("A decision needs a reason. Write why, then decide.")


def _approve(asked: Approval, name: str, reason: str) -> None:
    act("Approved and done", _approve_or_say_why_not, asked, name, reason)


def _approve_or_say_why_not(asked: Approval, name: str, reason: str) -> None:
    done: Committed = bench().decide_approval(asked.id, name, True, reason)
    if done.receipts[0].result["status"] != ApprovalStatus.APPROVED:
        refuse(
            f"{asked.record} had changed since it was asked for, so nothing was done. The request "
            "waits again, for the record as it is now: look at it once more."
        )


def _decline(asked: Approval, name: str, reason: str) -> None:
    act("Declined", bench().decide_approval, asked.id, name, False, reason)


def _withdraw(asked: Approval, name: str, reason: str) -> None:
    act("Withdrawn", bench().verdicts.withdraw_approval, asked.id, name, reason)
