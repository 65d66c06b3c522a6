"""The friction map as a picture: volume, friction, minutes of people, and what is within reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.measure.charts import GREEN, ORANGE, PINK, Theme, figure_of
from workbench.records.base import Record

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LARGEST = 46
"""Diameter in pixels of the bubble with the most minutes."""
_NAMED = 8
"""Bubbles that carry their name on the picture; the others tell it on touch."""
_REACH = (
    (0.75, "mostly within reach (75 % or more)", "circle", GREEN),
    (0.40, "partly within reach (40 to 75 %)", "diamond", ORANGE),
    (0.00, "hardly within reach (below 40 %)", "square", PINK),
)
"""From which feasibility: words, symbol, colour."""


class Bubble(Record):
    """One topic of the friction map."""

    name: str
    a_month: float
    """Contacts a month."""
    friction: float
    """Share of contacts that went badly, 0-1."""
    minutes: float
    """Of people, a month."""
    feasibility: float
    """0-1."""


def friction_chart(bubbles: Sequence[Bubble], theme: Theme = "light") -> Figure:
    """Volume against friction; size is minutes of people, colour and symbol what is in reach.

    A point's customdata begins with its name.
    """
    figure = figure_of(theme, "Volume and friction", _words(bubbles))
    most = max((bubble.minutes for bubble in bubbles), default=1) or 1
    named = {b.name for b in sorted(bubbles, key=lambda b: -b.minutes)[:_NAMED]}
    above = float("inf")
    for least, words, symbol, colour in _REACH:
        inside = [b for b in bubbles if least <= b.feasibility < above]
        above = least
        if inside:
            _add(figure, inside, named, most, words, symbol, colour)
    figure.update_layout(hovermode="closest", legend={"y": -0.2, "itemsizing": "constant"})
    figure.update_xaxes(title="contacts a month", rangemode="tozero")
    figure.update_yaxes(title="share that went badly", tickformat=".0%", rangemode="tozero")
    return figure


def _add(
    figure: Any,
    bubbles: Sequence[Bubble],
    named: set[str],
    most: float,
    words: str,
    symbol: str,
    colour: str,
) -> None:
    figure.add_scatter(
        x=[b.a_month for b in bubbles],
        y=[b.friction for b in bubbles],
        mode="markers+text",
        name=words,
        text=[b.name if b.name in named else "" for b in bubbles],
        textposition="top center",
        cliponaxis=False,
        marker={
            "size": [b.minutes for b in bubbles],
            "sizemode": "area",
            "sizeref": 2 * most / _LARGEST**2,
            "sizemin": 5,
            "symbol": symbol,
            "color": colour,
            "opacity": 0.75,
        },
        customdata=[(b.name, b.minutes, b.feasibility) for b in bubbles],
        hovertemplate="%{customdata[0]}: %{x:,.0f} contacts and %{customdata[1]:,.0f} minutes of "
        "people a month, %{y:.0%} went badly, %{customdata[2]:.0%} within reach<extra></extra>",
    )


def _words(bubbles: Sequence[Bubble]) -> str:
    if not bubbles:
        return "No contacts."
    costly = max(bubbles, key=lambda b: b.minutes)
    rough = max(bubbles, key=lambda b: b.friction)
    return (
        f"{len(bubbles)} topics by volume and friction. {costly.name} takes people most time, "
        f"{costly.minutes:,.0f} minutes a month; {rough.name} goes badly most often, "
        f"{rough.friction:.0%}."
    )
