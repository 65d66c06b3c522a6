"""Measured competence against declared stakes, as a chart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workbench.measure.charts import GREEN, ORANGE, PINK, Theme, figure_of, whiskers
from workbench.measure.trust.competence import CompetenceReport, IntentCompetence
from workbench.records.decisions import Level

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SIGNS = {
    Level.AUTOMATE: ("circle", GREEN),
    Level.ASSIST: ("diamond", ORANGE),
    Level.ESCALATE: ("x", PINK),
}
_ROW_PIXELS, _FRAME_PIXELS = 21, 120


def competence_chart(report: CompetenceReport, theme: Theme = "light") -> Figure:
    """Per intent the share of wrong answers with its bounds, and the share that is borne."""
    counts = Counter(row.recommended for row in report.rows)
    words = ", ".join(f"{level.value} {counts[level]}" for level in Level)
    title = "Wrong answers per intent, and what its stakes bear"
    figure = figure_of(theme, title, f"Recommended levels: {words}.")
    seen = [row for row in reversed(report.rows) if row.judged]
    for level in Level:
        _add_intents(figure, [row for row in seen if row.recommended is level], level)
    figure.add_scatter(
        x=[row.limit for row in seen],
        y=[_name(row) for row in seen],
        mode="markers",
        name="borne",
        marker={"symbol": "line-ns-open", "size": 13, "line": {"width": 2}},
        hovertemplate="%{y} bear %{x:.0%}<extra></extra>",
    )
    figure.update_layout(
        hovermode="closest",
        height=_ROW_PIXELS * len(seen) + _FRAME_PIXELS,
        legend={"y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
    )
    figure.update_xaxes(title="wrong among judged answers", tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(categoryorder="array", categoryarray=[_name(row) for row in seen])
    return figure


def _add_intents(figure: Figure, rows: list[IntentCompetence], level: Level) -> None:
    symbol, colour = _SIGNS[level]
    shares = [row.wrong / row.judged for row in rows]
    figure.add_scatter(
        x=shares,
        y=[_name(row) for row in rows],
        mode="markers",
        name=level.value,
        cliponaxis=False,
        marker={"symbol": symbol, "size": 10, "color": colour},
        error_x=whiskers(
            (share, row.error_low, row.error_high) for share, row in zip(shares, rows, strict=True)
        ),
        customdata=[(row.wrong, row.judged, row.reason) for row in rows],
        hovertemplate="%{y}: %{customdata[0]} of %{customdata[1]} wrong<br>%{customdata[2]}"
        "<extra></extra>",
    )


def _name(row: IntentCompetence) -> str:
    return f"{row.intent} ({row.stakes.value})"
