"""What the pages ask of the workbench, answered once for as long as history stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from ui.bench import bench, comparison, scope
from workbench.errors import NotFound
from workbench.measure.report import Baseline, KpiReport
from workbench.measure.trend import Trend

Key = tuple[object, ...]


def report(metrics: Sequence[str], by: Sequence[str] = ()) -> KpiReport:
    """KPIs of the chosen period, compared as chosen."""
    return _report(tuple(metrics), tuple(by), frozen(scope()), comparison(), state_of_history())


def trend(metric: str) -> Trend:
    """One metric per week of the chosen period; the running week is left out."""
    today = bench().clock.now().date()
    monday = today - timedelta(days=today.weekday())
    return _trend(metric, frozen({**scope(), "until": monday}), state_of_history())


def state_of_history() -> Key:
    """Changes whenever a contact is added or changed."""
    fresh = bench().history.freshness()
    return (bench().folder.root, fresh.version, fresh.last_event_at, fresh.contacts)


def frozen(restrict: dict[str, Any]) -> Key:
    return tuple(sorted(restrict.items()))


@st.cache_resource(max_entries=200, show_spinner=False)
def _report(
    metrics: tuple[str, ...], by: tuple[str, ...], restrict: Any, against: str, state: Key
) -> KpiReport:
    compared = _compared(against, state)
    return bench().kpis(by, metrics=metrics, baseline=compared, **dict(restrict))


@st.cache_resource(max_entries=200, show_spinner=False)
def _trend(metric: str, restrict: Any, state: Key) -> Trend:
    return bench().trend(metric, **dict(restrict))


@st.cache_resource(max_entries=10, show_spinner=False)
def _compared(against: str, state: Key) -> Baseline | None:
    """The baseline of the bar; None where there is none or none is wanted."""
    if against == "Saved baseline":
        return bench().baseline()
    try:
        return bench().measure_baseline() if against == "Before launch" else None
    except NotFound:
        return None
