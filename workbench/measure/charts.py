"""Every chart of app, notebooks and readout: one template, light and dark, `graph_objects` only.

A figure carries its alternative text in `figure.layout.meta["alt"]`. Colour is never the only
signal: lines differ in dash, points in symbol, and everything is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from workbench.measure.metrics import Unit
from workbench.measure.report import Kpi
from workbench.measure.tables import format_value
from workbench.measure.trend import Trend
from workbench.records.base import Record

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, layout

Theme = Literal["light", "dark"]

# Okabe & Ito's colours, which people with colour vision deficiency can tell apart.
ORANGE, GREEN, PINK, VERMILION = "#E69F00", "#009E73", "#CC79A7", "#D55E00"
MAIN = {"light": "#0072B2", "dark": "#56B4E9"}
"""Blue and sky blue: what a chart is about."""
_INK = {"light": "#1F2933", "dark": "#E4E7EB"}
_GRID = {"light": "#E4E7EB", "dark": "#3E4C59"}
_LEVELS = {"automate": "", "assist": "/", "escalate": "x"}
"""Pattern per level, so that bars differ without colour."""


class CurvePoint(Record):
    """What one threshold would give."""

    threshold: float
    automation: float
    """Share of contacts that the assistant would handle alone."""
    quality: float
    """Share of those answers that are right."""
    low: float | None = None
    """Ends of its interval; None: not shown."""
    high: float | None = None


class CalibrationBin(Record):
    """Messages of similar confidence."""

    confidence: float
    """Mean confidence in the bin, 0-1."""
    accuracy: float
    """Share that was right."""
    n: int
    low: float | None = None
    """Ends of the interval of `accuracy`; None: not shown."""
    high: float | None = None


def template(theme: Theme = "light") -> layout.Template:
    """The `workbench` template for one theme; backgrounds are left to the page."""
    from plotly.graph_objects import layout

    axis = {
        "gridcolor": _GRID[theme],
        "zeroline": False,
        "linecolor": _GRID[theme],
        "automargin": True,
    }
    return layout.Template(
        layout={
            "font": {"color": _INK[theme], "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [MAIN[theme], ORANGE, GREEN, PINK],
            "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
            "title": {"x": 0},
            "legend": {"orientation": "h", "yanchor": "top", "y": -0.3},
            "hovermode": "x unified",
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def trend_chart(trend: Trend, baseline: Kpi | None = None, theme: Theme = "light") -> Figure:
    """A metric over time with its interval, the baseline's interval as a band, the target as a
    dashed line."""
    figure = figure_of(theme, trend.title, _trend_words(trend))
    _add_interval(figure, trend, theme)
    figure.add_scatter(
        x=[point.start for point in trend.points],
        y=[point.value for point in trend.points],
        name=trend.title,
        mode="lines+markers",
        line={"color": MAIN[theme]},
        marker={
            "size": 8,
            "symbol": ["circle-open" if p.still_open else "circle" for p in trend.points],
        },
        customdata=[(point.n, point.still_open) for point in trend.points],
        hovertemplate="%{y} (n = %{customdata[0]}, still open: %{customdata[1]})<extra></extra>",
    )
    _add_baseline(figure, baseline)
    if trend.target is not None:
        _add_level(figure, trend.target, "target", "dash", ORANGE, "bottom left")
    figure.update_yaxes(**ticks(trend.unit, trend.currency))
    return figure


def _add_interval(figure: Figure, trend: Trend, theme: Theme) -> None:
    bounded = [p for p in trend.points if p.low is not None and p.high is not None]
    add_band(
        figure,
        [point.start for point in bounded],
        [point.low for point in bounded],
        [point.high for point in bounded],
        theme,
    )


def add_band(
    figure: Figure,
    there: list[Any],
    low: list[Any],
    high: list[Any],
    theme: Theme,
    name: str = "interval",
) -> None:
    """An interval along a line."""
    figure.add_scatter(
        x=there + there[::-1],
        y=high + low[::-1],
        fill="toself",
        fillcolor=MAIN[theme],
        opacity=0.15,
        line={"width": 0},
        mode="lines",
        name=name,
        hoverinfo="skip",
    )


def _add_baseline(figure: Figure, baseline: Kpi | None) -> None:
    if baseline is None or baseline.value is None:
        return
    if baseline.low is not None and baseline.high is not None:
        figure.add_hrect(
            y0=baseline.low, y1=baseline.high, fillcolor=GREEN, opacity=0.15, line_width=0
        )
    _add_level(figure, baseline.value, "baseline", "dot", GREEN, "top left")


def _add_level(
    figure: Figure, value: float, words: str, dash: str, colour: str, place: str
) -> None:
    figure.add_hline(
        y=value,
        line={"dash": dash, "color": colour, "width": 1.5},
        annotation_text=words,
        annotation_position=place,
    )


def ticks(unit: Unit, currency: str, *, sign: bool = False) -> dict[str, str]:
    """How an axis writes numbers of a unit."""
    plus = "+" if sign else ""
    if unit == "share":
        return {"tickformat": f"{plus}.0%"}
    suffix = {"s": " s", "currency": f" {currency}"}.get(unit, "")
    return {"tickformat": plus, "ticksuffix": suffix}


def _trend_words(trend: Trend) -> str:
    known = [point for point in trend.points if point.value is not None]
    if not known:
        return f"{trend.title}: no data."
    first, last = (
        f"{format_value(point.value, trend.unit, trend.currency)} in the {trend.step} of "
        f"{point.start}"
        for point in (known[0], known[-1])
    )
    return f"{trend.title} per {trend.step}: {first}, {last}."


def sparkline(trend: Trend, theme: Theme = "light") -> Figure:
    """The course of a metric without axes, for a card or a table row."""
    figure = figure_of(theme, "", _trend_words(trend))
    known = [point for point in trend.points if point.value is not None]
    figure.add_scatter(
        x=[point.start for point in known],
        y=[point.value for point in known],
        mode="lines",
        line={"color": MAIN[theme], "width": 2},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[point.start for point in known[-1:]],
        y=[point.value for point in known[-1:]],
        mode="markers",
        marker={"color": ORANGE, "size": 7},
        hoverinfo="skip",
    )
    figure.update_layout(height=56, margin={"l": 4, "r": 4, "t": 4, "b": 4}, showlegend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def tradeoff_chart(
    curve: Sequence[CurvePoint],
    current: CurvePoint,
    proposed: CurvePoint | None = None,
    theme: Theme = "light",
) -> Figure:
    """Automation against quality over all thresholds, with where we are and what is proposed."""
    words = f"Now {_place(current)}" + (f"; proposed {_place(proposed)}" if proposed else "") + "."
    figure = figure_of(theme, "Automation against quality", words)
    bounded = [point for point in curve if point.low is not None and point.high is not None]
    if bounded:
        there = [point.automation for point in bounded]
        low, high = [point.low for point in bounded], [point.high for point in bounded]
        add_band(figure, there, low, high, theme)
    figure.add_scatter(
        x=[point.automation for point in curve],
        y=[point.quality for point in curve],
        mode="lines",
        name="any threshold",
        line={"color": MAIN[theme]},
        customdata=[point.threshold for point in curve],
        hovertemplate="threshold %{customdata:.2f}: %{x:.1%} automated, %{y:.1%} right"
        "<extra></extra>",
    )
    above, below = "top center", "bottom center"
    better = proposed is not None and proposed.quality > current.quality
    _add_point(figure, current, "now", "circle", ORANGE, below if better else above)
    if proposed:
        place = above if better else below
        _add_point(figure, proposed, "proposed", "diamond", GREEN, place)
    figure.update_layout(hovermode="closest", showlegend=False)
    figure.update_xaxes(title="automated", tickformat=".0%")
    figure.update_yaxes(title="right", tickformat=".1%")
    return figure


def _place(point: CurvePoint) -> str:
    return f"{point.automation:.1%} automated, {point.quality:.1%} of it right"


def _add_point(
    figure: Figure, point: CurvePoint, name: str, symbol: str, colour: str, place: str
) -> None:
    figure.add_scatter(
        x=[point.automation],
        y=[point.quality],
        mode="markers+text",
        name=name,
        text=[name],
        textposition=place,
        marker={"symbol": symbol, "size": 12, "color": colour},
    )


def level_chart(
    before: Mapping[str, int], after: Mapping[str, int], theme: Theme = "light"
) -> Figure:
    """How many contacts each level has, before and after a change."""
    words = ", ".join(f"{n} {before.get(n, 0):,} to {after.get(n, 0):,}" for n in _LEVELS)
    figure = figure_of(theme, "Who acts, before and after", f"Contacts per level: {words}.")
    for place, (level, pattern) in enumerate(_LEVELS.items()):
        figure.add_bar(
            y=["after", "before"],
            x=[after.get(level, 0), before.get(level, 0)],
            orientation="h",
            name=level,
            marker={
                "color": (MAIN[theme], GREEN, ORANGE)[place],
                "pattern": {"shape": pattern, "fillmode": "overlay", "solidity": 0.15},
            },
            texttemplate="%{x:,}",
        )
    figure.update_layout(barmode="stack", hovermode="closest")
    return figure


def calibration_chart(bins: Sequence[CalibrationBin], theme: Theme = "light") -> Figure:
    """Confidence against how often it was right; points on the diagonal are honest."""
    total = sum(one.n for one in bins)
    gap = sum(abs(one.confidence - one.accuracy) * one.n for one in bins) / total if total else 0
    words = f"Expected calibration error {gap:.3f} over {total:,} messages."
    figure = figure_of(theme, "Is the confidence honest?", words)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="honest",
        line={"dash": "dash", "color": _GRID[theme]},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[one.confidence for one in bins],
        y=[one.accuracy for one in bins],
        mode="lines+markers+text",
        name="measured",
        line={"color": MAIN[theme]},
        error_y=_bars(bins),
        text=[f"n = {one.n:,}" for one in bins],
        textposition="bottom center",
        textfont={"size": 10},
        customdata=[one.n for one in bins],
        hovertemplate="says %{x:.0%}, right %{y:.0%} (n = %{customdata})<extra></extra>",
    )
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title="confidence", tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(title="right", tickformat=".0%", range=[0, 1])
    return figure


def _bars(bins: Sequence[CalibrationBin]) -> dict[str, Any]:
    """Intervals as error bars, where there are any."""
    if any(one.low is None or one.high is None for one in bins):
        return {"visible": False}
    return whiskers((one.accuracy, one.low or 0, one.high or 0) for one in bins)


def whiskers(intervals: Iterable[tuple[float, float, float]]) -> dict[str, Any]:
    """Values with the ends of their intervals, as the error bars of points or columns."""
    known = list(intervals)
    return {
        "symmetric": False,
        "array": [high - value for value, _, high in known],
        "arrayminus": [value - low for value, low, _ in known],
        "thickness": 1.2,
    }


def figure_of(theme: Theme, title: str, alt: str) -> Any:
    """An empty figure in the one template, with its title and its words."""
    from plotly.graph_objects import Figure

    return Figure(layout={"template": template(theme), "title": title, "meta": {"alt": alt}})
