"""Govern: who decides what, by which rule, and whether the record of it is intact."""

from __future__ import annotations

import streamlit as st
from ui.bench import bench

workbench = bench()
policy = workbench.policy

st.title("Govern")
st.caption(f"Policy {policy.version}, owned by {policy.header.owner}. First matching rule decides.")
st.dataframe(
    [
        {
            "rule": rule.id,
            "level": rule.level.value,
            "hand-off reason": rule.reason.value if rule.reason else "",
            "owner": rule.owner,
            "since": rule.since,
            "why": rule.why,
        }
        for rule in policy.rules
    ],
    hide_index=True,
    column_config={"why": st.column_config.TextColumn(width="large")},
)
limits, thresholds = st.columns(2, gap="large")
with thresholds:
    st.subheader("Confidence thresholds")
    rows = [{"for": "default", "at least": policy.thresholds.default}]
    rows += [{"for": f"stakes {k}", "at least": v} for k, v in policy.thresholds.stakes.items()]
    rows += [{"for": f"intent {k}", "at least": v} for k, v in policy.thresholds.intent.items()]
    st.dataframe(rows, hide_index=True)
with limits:
    st.subheader("Authority limits of the assistant")
    st.dataframe(
        [
            {"act": act, "limit": f"{amount} {currency}"}
            for act, by_currency in policy.limits.items()
            for currency, amount in by_currency.items()
        ],
        hide_index=True,
    )

st.subheader("Is the record intact?")
if st.button("Check the ledger", icon=":material/verified:"):
    report = workbench.verify()
    (st.success if report.ok else st.error)(str(report))
freshness = workbench.history.freshness()
st.subheader("How fresh is the data?")
cells = st.columns(4)
cells[0].metric("Contacts", f"{freshness.contacts:,}")
cells[1].metric("Imported", f"{freshness.imported:,}")
cells[2].metric("From conversations here", f"{freshness.live:,}")
newest = freshness.last_event_at
cells[3].metric("Newest event", f"{newest:%Y-%m-%d %H:%M}" if newest else "none yet")
st.page_link("pages/about.py", label="Definitions, limits and versions", icon=":material/info:")
