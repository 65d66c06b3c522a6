"""The SLA clocks of a case: what was promised, what is left, what was kept."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from ui.bench import bench
from ui.inbox import time_left
from ui.untrusted import as_label
from workbench import Case
from workbench.systems.clocks import ClockState, Countdown

STATES = {
    ClockState.RUNNING: ("blue", ":material/schedule:", "in time"),
    ClockState.PAUSED: ("gray", ":material/pause:", "stands still"),
    ClockState.WARNED: ("orange", ":material/warning:", "little time left"),
    ClockState.BREACHED: ("red", ":material/alarm:", "promise broken"),
    ClockState.MET: ("green", ":material/check:", "promise kept"),
    ClockState.MET_LATE: ("red", ":material/alarm_on:", "kept too late"),
}


def show_clocks(case: Case) -> None:
    """One card each, and what else was promised in words."""
    now, clocks = bench().clock.now(), bench().clocks.of(case)
    if not clocks:
        st.caption("Nothing was promised with a time on this case.")
    for column, clock in zip(st.columns(max(len(clocks), 3)), clocks, strict=False):
        with column, st.container(border=True, gap="xsmall", height="stretch"):
            _clock(clock, now)
    if case.promises:
        promised = "; ".join(case.promises)
        st.markdown(f":material/handshake: Promised and not yet kept: **{as_label(promised)}**")


def _clock(countdown: Countdown, now: datetime) -> None:
    clock, state = countdown.clock, countdown.state(now)
    color, icon, said = STATES[state]
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(f"**{clock.kind.replace('_', ' ').capitalize()}**", width="content")
        st.badge(said, icon=icon, color=color)  # type: ignore[arg-type]
    if clock.met_at is None:
        st.markdown(time_left(countdown.remaining(now)))
    st.caption("  \n".join(_moments(countdown)))


def _moments(countdown: Countdown) -> list[str]:
    """When it was due, and what became of it."""
    clock = countdown.clock
    told = {
        "due": clock.due_at,
        "kept": clock.met_at,
        "stands still since": clock.paused_at,
        "owner warned": clock.warned_at,
        "found broken": clock.breached_at,
        "new time promised": clock.renewed_until,
    }
    return [f"{what} {at:%a %d %b %H:%M} UTC" for what, at in told.items() if at]
