"""What the monitoring says: diagnoses with their evidence, alerts, features, control charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from ui.bench import bench, go
from ui.figures import show, theme
from ui.tables import chosen_row, contact_table, download
from ui.untrusted import as_label, plain
from workbench.errors import WorkbenchError
from workbench.measure.charts_monitoring import control_chart
from workbench.measure.monitoring.drift import FeatureDrift
from workbench.measure.monitoring.outcome_charts import ControlChart
from workbench.measure.monitoring.report import Diagnosis, MonitorReport
from workbench.records.alerts import Alert

_LOOK = {
    "process": (":material/build:", "red"),
    "model": (":material/model_training:", "violet"),
    "customers": (":material/groups:", "orange"),
    "unclear": (":material/help:", "gray"),
}


@st.cache_resource(max_entries=10, show_spinner="Judging every week ...")
def monitored(as_of: date, state: Any) -> MonitorReport:
    """The report as of a day, kept for as long as history stays the same."""
    return bench().monitoring.report(as_of)


def verdict(report: MonitorReport) -> None:
    """The answer in one sentence."""
    if report.open:
        st.error(as_label(report.verdict), icon=":material/notification_important:")
    elif report.weeks:
        st.success(as_label(report.verdict), icon=":material/check_circle:")
    else:
        st.info(as_label(report.verdict), icon=":material/upload_file:")


def diagnosis(one: Diagnosis) -> None:
    """One cause: what speaks for it, whom it concerns, what to do, and the contacts behind it."""
    icon, color = _LOOK[one.kind]
    until = f" to {one.until}" if one.until else ", still there"
    with st.expander(as_label(f"{one.title} · {one.since}{until}"), icon=icon, expanded=one.open):
        with st.container(horizontal=True):
            st.badge(one.kind, color=color)  # type: ignore[arg-type]
            st.badge(f"score {one.score:g}", icon=":material/balance:", color="gray")
            st.badge(f"named on {one.found_on}", icon=":material/event:", color="gray")
        st.markdown(as_label(one.words))
        st.dataframe(
            [
                {"evidence": plain(e.words), "n": e.n, "chance alone": e.p_value}
                for e in one.evidence
            ],
            hide_index=True,
            height="content",
            alt="Evidence for this cause, with the chance of each if nothing had changed",
            column_config={"chance alone": st.column_config.NumberColumn(format="scientific")},
        )
        if one.queues:
            st.caption(as_label(f"Queues that got most of them: {', '.join(one.queues)}"))
        st.caption(as_label(f"Next: {one.advice}"))
        _contacts(one)


def _contacts(one: Diagnosis) -> None:
    rows = contact_table(bench().contacts(one.contacts))
    if not rows:
        return
    place = chosen_row(
        rows,
        key=f"behind-{one.cause}-{one.since}",
        alt="Contacts that show it",
        height=220,
        placeholder="-",
        column_config={
            "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "first words": st.column_config.TextColumn(width="large"),
        },
    )
    if place is not None:
        go("conversation", id=rows[place]["contact"])


def alerts(waiting: Sequence[Alert]) -> None:
    """Open alerts; closing one takes a name and a reason."""
    if not waiting:
        st.caption("None is open. `workbench monitor` looks every time it runs.")
    for alert in waiting:
        with st.container(border=True):
            st.markdown(as_label(alert.state.sentence))
            st.caption(as_label(f"{alert.id}, raised {alert.raised_at:%Y-%m-%d %H:%M} UTC"))
            by = st.text_input("Your name", key=f"by-{alert.id}")
            reason = st.text_input("Reason", key=f"why-{alert.id}", placeholder="needed to close")
            st.button(
                "Close alert",
                key=f"close-{alert.id}",
                icon=":material/done_all:",
                disabled=not (by.strip() and reason.strip()),
                width="stretch",
                on_click=_close,
                args=(alert.id, by, reason),
            )


def _close(alert_id: str, by: str, reason: str) -> None:
    try:
        bench().monitoring.close(alert_id, by, reason)
        st.toast("Closed", icon=":material/check:")
    except WorkbenchError as error:
        st.session_state.refused = str(error)


def features(found: Sequence[FeatureDrift]) -> None:
    """PSI and JS of each feature beside what chance alone would give."""
    if not found:
        st.caption("No comparison yet: too few quiet weeks lie before the last one.")
        return
    first = found[0]
    st.caption(
        f"Week of {first.start}: {first.n:,} contacts against {first.reference_n:,} of the quiet "
        "weeks before. Expected and limit hold for these numbers if nothing changed; the limit is "
        "passed in 1 of 100 such weeks."
    )
    rows = [
        {
            "feature": one.title,
            "": "moved" if one.drifted else "as usual",
            "PSI": one.psi,
            "expected": one.psi_expected,
            "limit": one.psi_limit,
            "JS": one.js,
            "JS limit": one.js_limit,
            "what rose": plain(", ".join(one.moved)) if one.drifted else "",
        }
        for one in found
    ]
    numbers = ("PSI", "expected", "limit", "JS", "JS limit")
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt="Drift of each feature in the last week",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in numbers},
    )
    download(rows, "drift")


def charts(found: Sequence[ControlChart]) -> None:
    """Control charts, three in a row."""
    cells = st.columns(3)
    for place, chart in enumerate(one for one in found if one.points):
        with cells[place % 3], st.container(border=True):
            show(control_chart(chart, theme()), 210, key=f"chart-{chart.name}")
            last = chart.points[-1]
            st.caption(
                f"Last {last.hits} of {last.n} ({last.hits / last.n:.1%}), usually "
                f"{last.usual:.1%}; looks for {chart.shift * 100:.0f} points more."
            )
