"""What a replay says: figures now and then, warnings, and the contacts that change level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.bench import bench, go
from ui.figures import show, theme
from ui.proposed import propose
from ui.tables import chosen_row, download
from ui.thresholds import Proposal, curve_point
from ui.untrusted import plain
from workbench.measure.charts import CurvePoint, level_chart, tradeoff_chart
from workbench.measure.cube import Point
from workbench.measure.hindsight import ASSUMPTIONS
from workbench.measure.replay import thin_evidence
from workbench.measure.replay_report import ReplayReport
from workbench.measure.tables import format_value


def numbers(now: Point, then: Point, currency: str) -> None:
    """Automation, quality, people's time and cost under the proposal, against today."""
    cells = st.columns([1, 1, 1.35, 1.45])
    _share(cells[0], "Automated", now.automation_share, then.automation_share, "normal")
    _share(cells[1], "Wrong answers", now.wrong_share, then.wrong_share, "inverse")
    _range(cells[2], "People, minutes per contact", _minutes(now), _minutes(then), "")
    _range(cells[3], "Cost per contact", _cost(now), _cost(then), f" {currency}")
    st.caption(
        f"{then.contacts:,} contacts replayed; {then.judged:,} of the automated answers were "
        "judged. Time and cost are ranges, since nobody knows how an answer never given would "
        "have been taken."
    )


def _share(cell: Any, label: str, now: float | None, then: float | None, color: Any) -> None:
    change = None if now is None or then is None else (then - now) * 100
    told = "no change" if not change else f"{change:+.2f} points"
    cell.metric(
        label,
        format_value(then, "share"),
        delta=told,
        delta_color=color if change else "off",
        delta_arrow="auto" if change else "off",
    )


def _range(
    cell: Any, label: str, now: tuple[float, float], then: tuple[float, float], unit: str
) -> None:
    before, after = (f"{low:.2f} to {high:.2f}" for low, high in (now, then))
    cell.metric(
        label,
        after + unit,
        delta="no change" if before == after else f"now {before}",
        delta_color="off",
        delta_arrow="off",
    )


def _minutes(point: Point) -> tuple[float, float]:
    seconds = (point.human_s_low, point.human_s_high)
    low, high = (one / 60 / point.contacts for one in seconds)
    return low, high


def _cost(point: Point) -> tuple[float, float]:
    low, high = point.cost_micros
    return low / 1e6 / point.contacts, high / 1e6 / point.contacts


def charts(
    curve: Sequence[Point], now: Point, then: Point, threshold: float, proposed: float
) -> None:
    """Automation against quality at every threshold, and who acts before and after."""
    left, right = st.columns(2)
    with left:
        _tradeoff(curve, curve_point(now, threshold), curve_point(then, proposed), then != now)
    with right:
        show(level_chart(_levels(now), _levels(then), theme()), 330, "levels")


def _tradeoff(
    curve: Sequence[Point], now: CurvePoint | None, then: CurvePoint | None, moved: bool
) -> None:
    if now is None:
        st.info("No automated answer was judged yet, so quality is not known.")
        return
    known = [at for point in curve if (at := curve_point(point, point.threshold or 0))]
    show(tradeoff_chart(known, now, then if moved else None, theme()), 330, "tradeoff")


def _levels(point: Point) -> dict[str, int]:
    return {"automate": point.automate, "assist": point.assist, "escalate": point.escalate}


def warn(now: Point, then: Point) -> None:
    """Where the data is too thin to lean on."""
    thin = thin_evidence(now, then)
    if thin:
        st.warning(thin, icon=":material/warning:")


@st.cache_resource(max_entries=50, show_spinner="Deciding every contact again ...")
def _replayed(changes: Any, restrict: Any, state: Any) -> ReplayReport:
    return bench().replay(dict(changes), where=dict(restrict))


def changed_contacts(proposal: Proposal, restrict: Any, state: Any) -> None:
    """Contacts that change level, before -> after, and every KPI as a range."""
    with st.expander("On what assumptions these figures stand", icon=":material/rule:"):
        st.markdown("\n".join(f"- {one}" for one in ASSUMPTIONS))
    st.subheader("What changes")
    if not proposal.changes:
        st.info("Move a slider or switch a rule off to see which contacts would change hands.")
        return
    propose(proposal.changes)
    shown = st.toggle(
        "List the contacts that change hands",
        key="list",
        bind="query-params",
        help="Decides every contact again with both policies, after each change.",
    )
    st.code(proposal.command, language="bash")
    if not shown:
        return
    report = _replayed(tuple(sorted(proposal.changes.items())), restrict, state)
    st.markdown(
        f"**{report.changed:,}** of {report.contacts:,} contacts change level: policy "
        f"{report.before} → {report.after}."
    )
    for warning in report.warnings:
        st.caption(f":orange[:material/warning:] {warning}")
    rows = _change_rows(report)
    if rows:
        _change_table(rows)
    with st.expander("Every KPI before and after, as a range", icon=":material/monitoring:"):
        st.dataframe(_kpi_rows(report), hide_index=True, alt="KPIs before and after the change")


def _change_rows(report: ReplayReport) -> list[dict[str, Any]]:
    return [
        {
            "contact": one.conversation_id or one.contact_id,
            "first words": plain(one.summary),
            "intent": one.intent,
            "confidence": one.confidence,
            "level": f"{one.level_before} → {one.level_after}",
            "rule": f"{one.rule_before} → {one.rule_after}",
            "answer": ("wrong" if one.wrong else "right") if one.judged else "not judged",
            "started": one.started_at,
        }
        for one in report.changes
    ]


def _change_table(rows: list[dict[str, Any]]) -> None:
    place = chosen_row(
        rows,
        key="changes",
        alt="Contacts that change level, the latest first",
        height=320,
        column_config={
            "confidence": st.column_config.NumberColumn(format="%.2f"),
            "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "first words": st.column_config.TextColumn(width="large"),
        },
    )
    download(rows, "changes")
    if place is not None:
        go("conversation", id=rows[place]["contact"])


def _kpi_rows(report: ReplayReport) -> list[dict[str, str]]:
    return [
        {
            "KPI": kpi.title,
            "before": kpi.before.show(kpi.unit, report.currency),
            "after": kpi.after.show(kpi.unit, report.currency),
            "change": kpi.change.show(kpi.unit, report.currency, sign=True),
            "at most, 95 % sure": format_value(kpi.upper_bound, kpi.unit),
            "n": f"{kpi.n:,}",
        }
        for kpi in report.kpis
    ]
