"""The one open workbench of this process, the bar above every page, and links that keep it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from workbench import Workbench, open_workbench

SAMPLE = Path(__file__).parents[2] / "sample_data"
PERIODS = ("Since launch", "Last 4 weeks", "Last 12 weeks", "Before launch", "All history")
COMPARISONS = ("Saved baseline", "Before launch", "Nothing")
_PHASES = {"Since launch": "pilot", "Before launch": "baseline"}
_WEEKS = {"Last 4 weeks": 4, "Last 12 weeks": 12}


@st.cache_resource(show_spinner="Opening the workbench ...")
def _opened(folder: str) -> Workbench:
    return open_workbench(folder)


def bench() -> Workbench:
    """The workbench of the POC that WORKBENCH_POC names, opened once per process."""
    return _opened(os.environ.get("WORKBENCH_POC", str(SAMPLE)))


def bar() -> None:
    """POC, kind of data, policy version; the period and the comparison that every page uses."""
    workbench = bench()
    told, period, against = st.columns([5, 1.4, 1.4], vertical_alignment="bottom")
    with told, st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{workbench.settings.name}**", width="content")
        if workbench.settings.sample:
            st.badge("sample data", icon=":material/science:", color="blue")
        st.badge("demo, no sign-in", icon=":material/lock_open:", color="orange")
        st.caption(f"policy {workbench.policy.version}", width="content")
    period.selectbox("Period", PERIODS, key="period", bind="query-params")
    against.selectbox("Compare with", COMPARISONS, key="against", bind="query-params")


def period() -> str:
    """The chosen period, in its own words."""
    return str(st.session_state.get("period", PERIODS[0]))


def comparison() -> str:
    """What figures are compared with."""
    return str(st.session_state.get("against", COMPARISONS[0]))


def scope() -> dict[str, Any]:
    """The chosen period as the measures take it."""
    chosen = period()
    if chosen in _WEEKS:
        return {"since": (bench().clock.now() - timedelta(weeks=_WEEKS[chosen])).date()}
    return {"phase": _PHASES[chosen]} if chosen in _PHASES else {}


def address(**wanted: str) -> dict[str, str]:
    """Query parameters of a link: what is wanted, and the bar as it stands."""
    kept = {name: st.query_params[name] for name in ("period", "against") if _given(name)}
    return kept | {name: value for name, value in wanted.items() if value}


def _given(name: str) -> bool:
    return name in st.query_params


def link(page: str, label: str, icon: str, **wanted: str) -> None:
    """A link to a page of the app that keeps period and comparison."""
    st.page_link(f"screens/{page}.py", label=label, icon=icon, query_params=address(**wanted))


def go(page: str, **wanted: str) -> None:
    """Open a page of the app at once; period and comparison stay."""
    st.switch_page(f"screens/{page}.py", query_params=address(**wanted))


def remembered(key: str, options: Sequence[str], default: str = "") -> str:
    """Set a widget to what the address says, where that is an option; its key, for the widget.

    For choices whose labels must not stand in the address, such as names of customers.
    """
    if st.session_state.get(key) not in options:
        wanted = st.query_params.get(key, default)
        st.session_state[key] = wanted if wanted in options else next(iter(options), None)
    return key


def remember(key: str) -> None:
    """Put a widget's choice into the address; for its `on_change`."""
    st.query_params[key] = st.session_state[key]
