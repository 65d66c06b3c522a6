"""Govern: who decides what, by which rule, and whether the record of it is intact."""

from __future__ import annotations

import streamlit as st

from ui.adapted import show_adapted
from ui.bench import bench, link
from ui.proposed import show_proposals
from ui.tables import download
from ui.untrusted import as_label

workbench = bench()
policy = workbench.policy

st.title("Govern")
st.caption(
    as_label(f"Policy {policy.version}, owned by {policy.header.owner}.")
    + " The first rule whose conditions all hold decides; where none does, a person decides."
)
with st.container(horizontal=True):
    link("monitoring", "Did anything break, drift or change?", ":material/radar:")
    link("experiments", "Experiments: what runs, what was learned", ":material/science:")
    link("evaluations", "Evaluation runs, case by case", ":material/rule:")
    link("label", "Label messages", ":material/label:")
rules = [
    {
        "rule": row.rule_id,
        "level": row.level.value,
        "when": row.when,
        "why": row.why,
        "hand-off reason": (row.reason or "").replace("_", " "),
        "owner": row.owner,
        "since": row.since,
    }
    for row in policy.decision_map()
]
st.dataframe(
    rules,
    hide_index=True,
    height=420,
    alt="The decision map, in the order in which rules are tried",
    column_config={
        "when": st.column_config.TextColumn(width="medium"),
        "why": st.column_config.TextColumn(width="large"),
    },
)
download(rules, "decision-map")

thresholds, limits = st.columns(2, gap="large")
with thresholds:
    st.subheader("Confidence needed")
    needed = [{"for": "everything else", "at least": policy.thresholds.default}]
    needed += [{"for": f"{k} stakes", "at least": v} for k, v in policy.thresholds.stakes.items()]
    needed += [{"for": k, "at least": v} for k, v in policy.thresholds.intent.items()]
    st.dataframe(needed, hide_index=True, height="content", alt="Thresholds of confidence")
    for standing in workbench.thresholds.standing():
        st.caption(as_label(f"Follows the load: {standing}"))
    link("tune", "What if they were others?", ":material/tune:")
with limits:
    st.subheader("Authority limits")
    st.dataframe(
        [
            {"act": act, "up to": f"{amount} {currency}"}
            for act, by_currency in policy.limits.items()
            for currency, amount in by_currency.items()
        ],
        hide_index=True,
        height="content",
        alt="The largest amounts that the assistant may decide alone",
    )

st.subheader("Changes of the policy")
show_proposals()
show_adapted()

record, fresh = st.columns(2, gap="large")
with record:
    st.subheader("Is the record intact?")
    st.caption("Every event is chained to the one before it by its hash; this checks them all.")
    if st.button("Check the ledger", icon=":material/verified:"):
        report = workbench.verify()
        (st.success if report.ok else st.error)(as_label(str(report)))
with fresh:
    st.subheader("How fresh is the data?")
    found = workbench.history.freshness()
    cells = st.columns(3)
    cells[0].metric("Contacts", f"{found.contacts:,}")
    cells[1].metric("Imported", f"{found.imported:,}")
    cells[2].metric("From conversations here", f"{found.live:,}")
    newest = f"{found.last_event_at:%Y-%m-%d %H:%M} UTC" if found.last_event_at else "none yet"
    st.caption(f"Newest event: {newest}")
link("about", "Definitions, limits and versions", ":material/info:")
