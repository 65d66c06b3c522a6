"""Measured competence against declared stakes: the chart, the table, and the owner's decision."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import bench
from ui.figures import show, theme
from ui.tables import download
from ui.untrusted import as_label
from workbench.errors import WorkbenchError
from workbench.measure.charts import calibration_chart
from workbench.measure.charts_competence import competence_chart
from workbench.measure.trust.competence import CompetenceReport
from workbench.records.decisions import Level


@st.cache_resource(max_entries=10, show_spinner="Measuring every intent ...")
def _report(policy: str, history: Any) -> CompetenceReport:
    return bench().competence.report()


def calibration(restrict: Any, history: Any) -> None:
    """Whether a confidence of 0.8 is right in 80 % of cases."""
    bins = _bins(restrict, history)
    if not bins:
        st.info("No answer was judged yet: whether confidence is honest is not known.")
        return
    show(calibration_chart(bins, theme()), 380, "calibration")
    st.caption(
        "Judged answers, with exact 95 % intervals. Points below the dashed line are more "
        "confident than right. A promise counts wrong answers and does not lean on this."
    )


@st.cache_resource(max_entries=10, show_spinner=False)
def _bins(restrict: Any, history: Any) -> Any:
    return bench().competence.calibration(**dict(restrict))


def competence(history: Any) -> None:
    """Which level each intent has earned, and the form in which its owner decides."""
    workbench = bench()
    try:
        report = _report(workbench.policy.version, history)
    except WorkbenchError as error:
        st.info(as_label(str(error)), icon=":material/rule:")
        return
    figure = competence_chart(report, theme())
    show(figure, figure.layout.height, "competence")
    rows = _rows(report)
    st.dataframe(
        rows,
        hide_index=True,
        height=330,
        alt="Recommended level per intent with its reason",
        column_config={
            "why": st.column_config.TextColumn(width="large"),
            "wrong at most": st.column_config.NumberColumn(format="percent"),
            "borne": st.column_config.NumberColumn(format="percent"),
        },
    )
    download(rows, "competence")
    st.caption(as_label(f"What is borne at which stakes is set by {report.owner} in the policy."))
    _decide(report)


def _rows(report: CompetenceReport) -> list[dict[str, Any]]:
    decided = {one.intent: one for one in bench().competence.decisions()}
    return [
        {
            "intent": row.intent,
            "stakes": row.stakes.value,
            "recommended": row.recommended.value,
            "decided": decided[row.intent].chosen.value if row.intent in decided else "-",
            "why": row.reason,
            "judged": row.judged,
            "wrong": row.wrong,
            "wrong at most": row.error_high,
            "borne": row.limit,
            "labelled": row.labelled,
            "misread": row.misread,
        }
        for row in report.rows
    ]


def _decide(report: CompetenceReport) -> None:
    st.markdown("**The owner of an intent decides; the record keeps both.**")
    with st.form("autonomy", border=True):
        one, two, three = st.columns([2, 2, 2])
        intent = one.selectbox("Intent", [row.intent for row in report.rows])
        level = two.selectbox("Level granted", [level.value for level in Level], index=1)
        name = three.text_input("Your name", key="owner")
        reason = st.text_input("Reason", placeholder="needed for another level than recommended")
        if st.form_submit_button("Record the decision", icon=":material/gavel:"):
            _record(intent, Level(level), name, reason)


def _record(intent: str, level: Level, name: str, reason: str) -> None:
    if not name:
        st.warning("A decision needs a name.", icon=":material/person:")
        return
    try:
        bench().competence.decide(intent, level, name, reason)
    except WorkbenchError as error:
        st.error(as_label(str(error)))
        return
    st.success(as_label(f"{intent}: {level} is on record."), icon=":material/check:")
    st.code(f"workbench replay --set ceiling.intent.{intent}={level}", language="bash")
