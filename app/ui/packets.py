"""The hand-off packet on one screen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.untrusted import as_label, plain, render_untrusted
from workbench import Fact, Packet


def show_packet(packet: Packet) -> None:
    """Who, what, why, what was tried, what comes next; everything else behind a click."""
    with st.container(border=True):
        kind = "more skill" if packet.escalation == "functional" else "more authority"
        st.markdown(f"**Hand-off to {as_label(packet.queue)}**")
        reason = packet.reason.value.replace("_", " ")
        st.caption(f"{reason} · needs {kind} · rule {as_label(packet.rule_id or 'of the flow')}")
        _measures(packet)
        _who(packet)
        for request in packet.requests:
            render_untrusted(f"Wants: {request}")
        st.markdown(f":material/arrow_forward: {as_label(packet.next_step)}")
        if packet.open_questions:
            st.caption("Still open: " + as_label(", ".join(packet.open_questions)))
        _details(packet)


def _measures(packet: Packet) -> None:
    cells = st.columns(3)
    cells[0].metric("Complete", f"{packet.completeness:.0%}")
    cells[1].metric("Earlier hops", packet.hops)
    left = packet.sla_seconds_left
    told = "no clock" if left is None else f"{left // 3600} h {left % 3600 // 60} min"
    cells[2].metric("SLA at hand-off", told, help="Time that was left when it was handed over")


def _who(packet: Packet) -> None:
    proof = ", ".join(kind.replace("_", " ") for kind in packet.identity) or "nothing yet"
    who = packet.customer_name or packet.customer_id
    parts = [who, packet.segment, packet.language, f"identity: {proof}"]
    render_untrusted(" · ".join(part for part in parts if part))


def _details(packet: Packet) -> None:
    if packet.facts:
        with st.expander(f"Facts ({len(packet.facts)})", icon=":material/fact_check:"):
            fact_table(packet.facts)
    if packet.actions:
        with st.expander(f"Tried so far ({len(packet.actions)})", icon=":material/build:"):
            tried = [{"operation": a.operation, "outcome": a.outcome} for a in packet.actions]
            st.dataframe(tried, hide_index=True, height="content", alt="What was tried")
    with st.expander("Full transcript", icon=":material/notes:"):
        for line in packet.transcript:
            render_untrusted(line)


def fact_table(facts: Sequence[Fact]) -> None:
    """What is stated, its value, where it comes from."""
    rows = [
        {
            "fact": plain(fact.name),
            "value": plain(str(fact.value.value)),
            "source": plain(f"{fact.source.system}: {fact.source.record} {fact.source.field}"),
        }
        for fact in facts
    ]
    st.dataframe(rows, hide_index=True, height="content", alt="Facts with their sources")
