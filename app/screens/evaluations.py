"""Evaluations: two runs over the same cases, case by case, then in total; confident mistakes."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.evaluated import case_table, choose, mistakes, run_of, show_case, totals
from ui.untrusted import as_label
from workbench.errors import InputError, WorkbenchError
from workbench.evaluation.compare import CHANGES, Comparison
from workbench.evaluation.mistakes import CONFIDENT
from workbench.measure.tables import format_value

workbench = bench()


def intents_not_to_trust() -> None:
    """What history says of confidence, by intent."""
    found = [one for one in workbench.evaluations.trust() if one.overconfident]
    st.subheader("Where confidence cannot be trusted")
    if not found:
        st.caption("No intent of history is wrong more often than its confidence announces.")
    for one in found:
        st.warning(
            f"**{as_label(one.intent)}**: {one.wrong:,} of {one.judged:,} judged answers at "
            f"confidence {CONFIDENT:.2f} or more were wrong, {format_value(one.share, 'share')} "
            f"where {format_value(one.expected, 'share')} were announced. No threshold helps here.",
            icon=":material/warning:",
        )
        link(
            "contacts",
            "The wrong ones",
            ":material/list:",
            metric="wrong_automation",
            intent=one.intent,
            hits="true",
        )


def held_against_each_other(found: Comparison) -> None:
    cells = st.columns([1, 1, 1, 3], vertical_alignment="center")
    for cell, kind in zip(cells, CHANGES, strict=False):
        cell.metric(kind.capitalize(), f"{found.count(kind):,}")
    with cells[3]:
        for name, (before, after) in found.versions.items():
            st.caption(as_label(f"{name}: {before} → {after}"))
    if found.worse:
        st.error("Worse than chance explains: do not go on with this.", icon=":material/block:")
    wanted = st.pills(
        "Cases",
        CHANGES,
        selection_mode="multi",
        default=CHANGES[:2],
        key="kinds",
        bind="query-params",
    )
    chosen = case_table(found, tuple(wanted))
    if chosen:
        show_case(chosen, run_of(found.before.id), run_of(found.after.id))
    st.subheader("In total")
    totals(found)


def confident(run_id: str) -> None:
    st.subheader("Confident but wrong")
    at_least = st.slider(
        "Least confidence", 0.5, 1.0, CONFIDENT, 0.01, key="sure", bind="query-params"
    )
    found = workbench.evaluations.confident_mistakes(run_id, at_least)
    st.caption(f"{len(found):,} cases of the second run. A row with a contact opens it.")
    if found:
        mistakes(found)


st.title("Evaluations")
st.caption(
    "A run is one version of everything on one set of cases. It is kept for good, and the ledger "
    "vouches for it. Totals come second: look at the cases that changed."
)
try:
    runs = workbench.evaluations.runs()
    if not runs:
        st.info(
            "Make a run with `workbench evaluate run`, then one of a proposal, such as `workbench "
            "evaluate run --set confidence=0.8`, and compare them here.",
            title="No run yet",
            icon=":material/rule:",
        )
    else:
        before, after = choose(runs)
        try:
            held_against_each_other(workbench.evaluations.compare(before, after))
        except InputError as error:
            st.warning(as_label(str(error)), icon=":material/difference:")
        confident(after)
except WorkbenchError as error:
    st.error(as_label(str(error)), icon=":material/error:")
intents_not_to_trust()
