"""One turn explained: reading, decision, evidence, time and cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.bench import link
from ui.packets import fact_table, show_packet
from ui.untrusted import as_label
from workbench import Fact, TurnResult
from workbench.decide.policy import Policy

LEVELS = {
    "automate": ("green", ":material/smart_toy:", "the assistant alone"),
    "assist": ("orange", ":material/handshake:", "the assistant with a person"),
    "escalate": ("red", ":material/person:", "a person"),
}


def level_badge(level: str) -> None:
    """The level in colour, sign and words."""
    color, icon, words = LEVELS[level]
    st.badge(f"{level}: {words}", icon=icon, color=color)  # type: ignore[arg-type]


def explain_turn(turn: TurnResult, policy: Policy, seconds: float | None = None) -> None:
    """What was read, which rule decided and on what evidence; how long it took, where known."""
    with st.container(horizontal=True):
        level_badge(turn.level.value)
        if turn.reason:
            st.badge(turn.reason.value.replace("_", " "), icon=":material/flag:", color="gray")
    _rule(turn, policy)
    _reading(turn)
    _evidence(turn.facts)
    _systems(turn)
    _effort(turn, seconds)
    if turn.packet:
        show_packet(turn.packet)
    link(
        "conversation", "Open this conversation", ":material/open_in_new:", id=turn.conversation_id
    )


def _rule(turn: TurnResult, policy: Policy) -> None:
    rule = next((rule for rule in policy.rules if rule.id == turn.rule), None)
    owner = f" · owned by {as_label(rule.owner)}" if rule else ""
    st.markdown(f"Rule **{as_label(turn.rule or 'none')}**{owner}")
    if rule:
        st.caption(as_label(rule.why))
    for close in [close for decision in turn.decisions for close in decision.alternatives][:3]:
        missed = as_label(f"{close.rule_id} ({close.level.value}), missed by {close.missing}")
        st.caption(f"Nearly: {missed}")


def _reading(turn: TurnResult) -> None:
    signals = turn.signals
    for score in signals.intents:
        st.progress(score.confidence, text=f"{as_label(score.intent)}: {score.confidence:.0%} sure")
    cells = st.columns(4)
    sentiment = round(signals.sentiment, 2) + 0.0  # never "-0.00"
    cells[0].metric("Sentiment", f"{sentiment:+.2f}", help="-1 angry to +1 happy")
    cells[1].metric("Urgency", f"{signals.urgency:.2f}", help="0 none to 1 high")
    cells[2].metric("Language", signals.language)
    cells[3].metric("Identity", "proven" if turn.identity_proven else "open")
    seen = {
        "wants a person": signals.wants_person,
        f"sensitive: {signals.sensitive}": signals.sensitive,
        "abusive": signals.abusive,
        "reads like an instruction, treated as data": signals.suspicious,
        "speaks of somebody else": signals.third_party,
    }
    flags = [name for name, there in seen.items() if there]
    if flags:
        st.caption(":material/flag: Also seen: " + ", ".join(flags))


def _evidence(facts: Sequence[Fact]) -> None:
    if not facts:
        return
    with st.expander(f"Evidence: {len(facts)} facts", icon=":material/fact_check:", expanded=True):
        fact_table(facts)


def _systems(turn: TurnResult) -> None:
    done = [(f"{a.operation}", "already done" if a.repeated else "done") for a in turn.actions]
    asked = [tuple(tool.partition(" ")[::2]) for tool in turn.tools]
    if not done and not asked:
        return
    title = f"Systems: {len(asked)} read, {len(done)} written"
    with st.expander(title, icon=":material/build:"):
        rows = [{"kind": "read", "operation": o, "outcome": said} for o, said in asked]
        rows += [{"kind": "written", "operation": o, "outcome": said} for o, said in done]
        st.dataframe(rows, hide_index=True, height="content", alt="Operations of this turn")


def _effort(turn: TurnResult, seconds: float | None) -> None:
    writer = turn.reply.writer if turn.reply else "nobody"
    told = [] if seconds is None else [f":material/timer: answered in {seconds * 1000:.0f} ms"]
    told.append("templates, no model cost" if writer == "template" else as_label(writer))
    told.append(f"policy {as_label(turn.policy_version or 'not asked')}")
    st.caption(" · ".join(told))
