"""KPIs in words and as cards: value, interval, baseline, target, course, n and definition."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ui.bench import link
from ui.figures import show, theme
from ui.measures import trend
from workbench.measure.charts import sparkline
from workbench.measure.metrics import Metric
from workbench.measure.report import Kpi, Status
from workbench.measure.tables import format_value

_STATUS = {
    Status.MET: (":green[:material/check_circle:]", "target met"),
    Status.MISSED: (":red[:material/cancel:]", "target missed"),
    Status.UNCLEAR: (":orange[:material/help:]", "target: too close to call"),
}
_TREND = {"up": "normal", "down": "inverse", "none": "off"}


def headline(kpi: Kpi, period: str, currency: str) -> str:
    """The answer to "is it working?" in one sentence, with its interval."""
    value, low, high = (format_value(v, kpi.unit, currency) for v in (kpi.value, kpi.low, kpi.high))
    said = f"{period}, **{value}** of contacts were resolved (95 % sure: {low} to {high})"
    if kpi.change is not None and kpi.verdict:
        points = f"{abs(kpi.change) * 100:.1f} points {'above' if kpi.change > 0 else 'below'}"
        judged = "too close to call" if kpi.verdict == "unclear" else kpi.verdict
        baseline = format_value(kpi.baseline, kpi.unit, currency)
        said += f", {points} the baseline of {baseline}: {judged}"
    if kpi.target is not None:
        said += f". {_status_words(kpi).capitalize()}: {format_value(kpi.target, kpi.unit)}"
    return said + "."


def _status_words(kpi: Kpi) -> str:
    return _STATUS.get(kpi.status, ("", str(kpi.status)))[1]


def card(kpi: Kpi, metric: Metric, currency: str, beside: str = "") -> None:
    """One KPI; `beside` is a further line about it."""
    with st.container(border=True, height="stretch"):
        _figure(kpi, metric, currency)
        if kpi.value is None:
            st.caption(f"No data: {kpi.note or 'nothing was counted in this period'}.")
            return
        show(sparkline(trend(kpi.metric), theme()), 48, key=f"spark-{kpi.metric}")
        st.caption("  \n".join(_lines(kpi, currency, beside)))
        hits = "true" if kpi.metric == "wrong_automation" else ""
        link("contacts", "Contacts", ":material/list:", metric=kpi.metric, hits=hits)


def _figure(kpi: Kpi, metric: Metric, currency: str) -> None:
    compared = kpi.change is not None
    change = format_value(kpi.change, kpi.unit, currency, sign=True)
    if kpi.unit == "share":
        change = change.replace("%", "points")
    clear = kpi.verdict in ("better", "worse")
    st.metric(
        kpi.title,
        format_value(kpi.value, kpi.unit, currency),
        delta=change if compared else "not compared",
        delta_arrow="auto" if compared else "off",
        delta_color=_TREND[kpi.direction] if clear else "off",  # type: ignore[arg-type]
        delta_description=str(kpi.verdict) if kpi.verdict else None,
        help=f"{metric.question} {metric.trap}",
    )


def _lines(kpi: Kpi, currency: str, beside: str) -> list[str]:
    ends = [format_value(end, kpi.unit, currency) for end in (kpi.low, kpi.high)]
    lines = [f"95 % interval {ends[0]} to {ends[1]} · n {kpi.n:,}"]
    baseline = format_value(kpi.baseline, kpi.unit, currency)
    lines.append(f"Baseline {baseline}" if kpi.baseline is not None else "No baseline")
    if kpi.upper_bound is not None:
        lines[-1] += f" · at most {format_value(kpi.upper_bound, kpi.unit)}, 95 % sure"
    icon, words = _STATUS.get(kpi.status, ("", "No target is set"))
    target = "" if kpi.target is None else f" ({format_value(kpi.target, kpi.unit, currency)})"
    lines.append(f"{icon} {words[0].upper()}{words[1:]}{target}".strip())
    return [*lines, beside] if beside else lines


def handle_time(split: Mapping[str, Kpi]) -> str:
    """Who spends the time: the assistant and people, per contact of all contacts."""
    people, assistant = (
        format_value(split[name].value, "s") for name in ("human_time", "assistant_time")
    )
    return f"Per contact: people {people}, assistant {assistant}"
