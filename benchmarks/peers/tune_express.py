"""The charts of the Tune page as plotly.express draws them: the peer of `app_sessions.py`."""

from __future__ import annotations

import pandas as pd
import plotly.express as px
import streamlit as st

from ui.bench import bench
from ui.thresholds import cube_of, curve_point

workbench = bench()
threshold = st.slider("Default", 0.0, 1.0, workbench.policy.thresholds.default, 0.01)
cube = cube_of((), (), ())
now, then = cube.at(), cube.at(round(threshold, 2))
st.metric("Automated", then.automation_share)
st.metric("Wrong answers", then.wrong_share)

known = [at for point in cube.curve() if (at := curve_point(point, point.threshold or 0))]
curve = pd.DataFrame(
    {
        "automated": point.automation,
        "right": value,
        "end": end,
    }
    for point in known
    for end, value in (("low", point.low), ("right", point.quality), ("high", point.high))
)
st.plotly_chart(
    px.line(curve, x="automated", y="right", color="end", title="Automation against quality")
)
levels = pd.DataFrame(
    {"when": when, "level": level, "contacts": getattr(point, level)}
    for when, point in (("before", now), ("after", then))
    for level in ("automate", "assist", "escalate")
)
st.plotly_chart(
    px.bar(levels, x="contacts", y="when", color="level", orientation="h", title="Who acts")
)


@st.cache_data
def calibration() -> pd.DataFrame:
    """Kept, as in the app."""
    return pd.DataFrame(
        {"confidence": one.confidence, "right": one.accuracy, "n": one.n}
        for one in workbench.competence.calibration()
    )


st.plotly_chart(
    px.line(calibration(), x="confidence", y="right", text="n", title="Is the confidence honest?")
)
