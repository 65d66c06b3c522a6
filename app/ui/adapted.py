"""How thresholds have followed the load on people: every change, with its limits and its owner."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench

_SHOWN = 50


def show_adapted() -> None:
    """The changes that the load has made; nothing for a policy whose thresholds stand still."""
    thresholds = bench().thresholds
    standing, changes = thresholds.standing(), thresholds.changes()[:_SHOWN]
    if not standing and not changes:
        return
    st.subheader("Thresholds that followed the load")
    if not changes:
        st.caption("None has moved so far. `workbench worker` watches the load and moves them.")
        return
    st.dataframe(
        [
            {
                "at": f"{one.at:%Y-%m-%d %H:%M}",
                "threshold": one.setting,
                "from": one.threshold_before,
                "to": one.threshold_after,
                "because": one.after.value,
                "load": "nobody there" if one.load is None else f"{one.load:.2g} {one.measure}",
                "limits": f"{one.lowest:g} to {one.highest:g}",
                "set by": one.owner,
                "decides from now on": one.decides,
            }
            for one in changes
        ],
        hide_index=True,
        height="content",
        alt="Changes of thresholds with the load, the latest first",
    )
