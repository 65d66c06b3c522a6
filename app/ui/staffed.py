"""What the proposal costs in people: the roster of one weekday, now and then."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import bench
from ui.figures import show, theme
from ui.tables import download
from ui.thresholds import Proposal
from workbench.measure.charts_staffing import staffing_chart
from workbench.measure.staffing.plan import WEEKDAYS, StaffingPlan

_VOLUMES = (0.5, 1.0, 1.2, 1.5, 2.0, 5.0, 10.0, 50.0)


@st.cache_resource(max_entries=50, show_spinner="Counting people ...")
def _plan(changes: Any, weekday: str, volume: float, state: Any) -> StaffingPlan:
    return bench().staffing.plan(dict(changes), weekday, volume)


def people_needed(proposal: Proposal, state: Any) -> None:
    """People on the roster per interval, under the policy and under the proposal."""
    st.subheader("People needed")
    wanted = st.toggle(
        "Plan the people of a day",
        key="people",
        bind="query-params",
        help="Reads the last weeks of history again, after each change.",
    )
    if not wanted:
        return
    left, right = st.columns(2)
    weekday = left.selectbox("Day", WEEKDAYS, key="weekday", bind="query-params")
    volume = right.select_slider(
        "Customers, times as many as in history", _VOLUMES, value=1.0, key="volume"
    )
    now = _plan((), weekday, volume, state)
    if not now.intervals:
        st.info(f"Nobody came on a {weekday} in the last {now.weeks} weeks of history.")
        return
    plans = {"now": now}
    if proposal.changes:
        plans["proposed"] = _plan(tuple(sorted(proposal.changes.items())), weekday, volume, state)
    for name, plan in plans.items():
        st.markdown(f"**{name.capitalize()}**: {plan.sentence}")
    show(staffing_chart(plans, theme()), 330, "people-chart")
    download([row for name, plan in plans.items() for row in _rows(name, plan)], "people")


def _rows(name: str, plan: StaffingPlan) -> list[dict[str, Any]]:
    return [
        {"policy": name, "day": one.weekday, "from": one.starts}
        | {f"{key}, hopeful": value for key, value in one.hopeful}
        | {f"{key}, cautious": value for key, value in one.cautious}
        for one in plan.intervals
    ]
