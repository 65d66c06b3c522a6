"""Charts of experiments: the difference over time, and decisions that would move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.measure.charts import GREEN, MAIN, ORANGE, Theme, add_band, figure_of, ticks
from workbench.measure.experiments.comparison import Comparison, Look
from workbench.measure.experiments.planning import difference_in_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def sequence_chart(comparison: Comparison, *, guard: bool = False, theme: Theme = "light") -> Any:
    """The confidence sequence of a difference, day by day.

    A goal has a band of differences that are too small to matter; a guard has the line at which it
    says stop.
    """
    title = f"{comparison.title}: {comparison.arm} minus control"
    figure = figure_of(theme, title, _alt(comparison, guard))
    _add_bounds(figure, [look for look in comparison.looks if _is_bounded(look)], theme)
    _add_estimates(figure, comparison, MAIN[theme])
    figure.add_hline(
        y=0,
        line={"width": 1.5, "dash": "dot"},
        annotation_text="no difference",
        annotation_position="top left",
    )
    if guard:
        _add_stop_line(figure, comparison)
    else:
        _add_small_band(figure, comparison)
    axis = ticks(comparison.unit, comparison.currency, sign=True)
    figure.update_yaxes(**axis, range=_range(comparison))
    return figure


def _is_bounded(look: Look) -> bool:
    return look.low is not None and look.high is not None


def _add_bounds(figure: Figure, looks: list[Look], theme: Theme) -> None:
    days = [look.day for look in looks]
    low, high = [look.low for look in looks], [look.high for look in looks]
    add_band(figure, days, low, high, theme, "always-valid interval")


def _add_estimates(figure: Figure, comparison: Comparison, colour: str) -> None:
    figure.add_scatter(
        x=[look.day for look in comparison.looks],
        y=[look.estimate for look in comparison.looks],
        mode="lines+markers",
        name="difference so far",
        line={"color": colour},
        customdata=[look.control + look.arm for look in comparison.looks],
        hovertemplate="%{y} (n = %{customdata})<extra></extra>",
    )


def _add_small_band(figure: Figure, comparison: Comparison) -> None:
    limit = comparison.limit
    figure.add_hrect(y0=-limit, y1=limit, fillcolor=GREEN, opacity=0.15, line_width=0)
    amount = difference_in_words(limit, comparison.unit, comparison.currency)
    words = f"too small to matter: less than {amount}"
    figure.add_annotation(
        xref="paper", x=1, y=limit, text=words, showarrow=False, xanchor="right", yanchor="bottom"
    )


def _add_stop_line(figure: Figure, comparison: Comparison) -> None:
    worse = -comparison.limit if comparison.direction == "up" else comparison.limit
    side = "below" if comparison.direction == "up" else "above"
    days = [look.day for look in comparison.looks]
    figure.add_scatter(
        x=days,
        y=[worse] * len(days),
        mode="lines",
        name=f"stop once the whole interval is {side}",
        line={"width": 2, "dash": "dash", "color": ORANGE},
        hoverinfo="skip",
    )


def _range(comparison: Comparison) -> list[float] | None:
    """Room for the later half of the looks; the first intervals may be as wide as they like."""
    looks = [look for look in comparison.looks if _is_bounded(look)]
    if not looks:
        return None
    late = looks[len(looks) // 2 :]
    ends = [abs(end) for look in late for end in (look.low, look.high) if end is not None]
    reach = 1.4 * max([*ends, comparison.limit])
    return [-reach, reach]


def _alt(comparison: Comparison, guard: bool) -> str:
    role = "Guard" if guard else "Goal"
    head = f"{role} {comparison.title}, {comparison.arm} minus control, day by day"
    return f"{head}: {comparison.words}."
