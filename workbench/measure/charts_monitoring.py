"""Charts of the monitoring: the weeks with what was found in them, and control charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.measure.charts import GREEN, MAIN, ORANGE, PINK, VERMILION, Theme, figure_of
from workbench.measure.monitoring.outcome_charts import ControlChart
from workbench.measure.monitoring.report import Week

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_KINDS = {
    "process": ("process broke", "x", VERMILION),
    "model": ("model drifted", "diamond", PINK),
    "customers": ("customers changed", "triangle-up", ORANGE),
    "unclear": ("unclear", "circle-open", "#999999"),
}
"""Words, symbol and colour of what was found."""


def timeline_chart(weeks: Sequence[Week], theme: Theme = "light") -> Figure:
    """Contacts per week against the expected number; marks where something was found."""
    figure = figure_of(theme, "Weeks, and what was found in them", _timeline_words(weeks))
    starts = [week.start for week in weeks]
    figure.add_bar(
        x=starts,
        y=[week.contacts for week in weeks],
        name="contacts",
        marker={"color": MAIN[theme], "opacity": [0.75 if week.judged else 0.3 for week in weeks]},
        customdata=["" if week.judged else " (too early to judge)" for week in weeks],
        hovertemplate="%{y:,} contacts%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=starts,
        y=[week.expected for week in weeks],
        mode="lines",
        line={"color": GREEN, "dash": "dot", "width": 2},
        name="expected by weekday, month, holidays",
        hovertemplate="%{y:,.0f} expected<extra></extra>",
    )
    for kind, (words, symbol, colour) in _KINDS.items():
        _add_marks(figure, weeks, kind, words, symbol, colour)
    _add_policies(figure, weeks)
    figure.update_yaxes(title="contacts", rangemode="tozero")
    return figure


def _add_marks(
    figure: Figure, weeks: Sequence[Week], kind: str, words: str, symbol: str, colour: str
) -> None:
    top = max((max(week.contacts, week.expected or 0) for week in weeks), default=0)
    row = list(_KINDS).index(kind)
    found = [week.start for week in weeks if kind in week.kinds]
    if found:
        figure.add_scatter(
            x=found,
            y=[top * (1.08 + 0.08 * row)] * len(found),
            mode="markers",
            marker={"symbol": symbol, "color": colour, "size": 11},
            name=words,
            hovertemplate=f"{words}<extra></extra>",
        )


def _add_policies(figure: Figure, weeks: Sequence[Week]) -> None:
    """A line where another policy version came into force."""
    for week in weeks:
        if week.policy:
            figure.add_vline(x=week.start.isoformat(), line={"dash": "dash", "width": 1})
            figure.add_annotation(
                x=week.start.isoformat(),
                y=0.98,
                yref="paper",
                text="new policy",
                showarrow=False,
                xanchor="left",
                yanchor="top",
            )


def _timeline_words(weeks: Sequence[Week]) -> str:
    found = [
        f"week of {week.start}: {', '.join(_KINDS[kind][0] for kind in week.kinds)}"
        for week in weeks
        if week.kinds
    ]
    return f"{len(weeks)} weeks. " + ("; ".join(found) + "." if found else "Nothing was found.")


def control_chart(chart: ControlChart, theme: Theme = "light") -> Figure:
    """The cumulative sum of one outcome and its decision interval; alarms as crosses."""
    figure = figure_of(theme, _sentence(chart.title), _control_words(chart))
    starts = [point.start for point in chart.points]
    told = [(point.hits, point.n, point.hits / point.n) for point in chart.points]
    figure.add_scatter(
        x=starts,
        y=[point.value for point in chart.points],
        mode="lines+markers",
        name="evidence for a shift",
        line={"color": MAIN[theme]},
        customdata=told,
        hovertemplate="%{customdata[0]} of %{customdata[1]} (%{customdata[2]:.1%})<extra></extra>",
    )
    figure.add_scatter(
        x=starts,
        y=[point.limit for point in chart.points],
        mode="lines",
        name="limit",
        line={"color": ORANGE, "dash": "dash"},
        hoverinfo="skip",
    )
    alarms = [point for point in chart.points if point.alarm]
    figure.add_scatter(
        x=[point.start for point in alarms],
        y=[point.value for point in alarms],
        mode="markers",
        name="alarm",
        marker={"symbol": "x", "size": 12, "color": VERMILION},
        hoverinfo="skip",
    )
    figure.update_layout(showlegend=False, title_font_size=14)
    figure.update_yaxes(rangemode="tozero")
    return figure


def _control_words(chart: ControlChart) -> str:
    if not chart.points:
        return f"{_sentence(chart.title)}: not enough quiet weeks yet."
    alarms = [str(point.start) for point in chart.points if point.alarm]
    last = chart.points[-1]
    state = f"alarms in the weeks of {', '.join(alarms)}" if alarms else "no alarm"
    return (
        f"{_sentence(chart.title)}: {state}; last {last.hits} of {last.n}, usually "
        f"{last.usual:.1%}."
    )


def _sentence(title: str) -> str:
    return title[0].upper() + title[1:]
