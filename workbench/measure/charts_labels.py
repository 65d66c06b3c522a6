"""Charts of labelling: accuracy over the number of labels, and competence per intent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from workbench.measure.charts import GREEN, MAIN, ORANGE, Theme, figure_of, whiskers
from workbench.measure.label_gain import NEXT, Estimate, Gain
from workbench.measure.tables import format_value

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def learning_chart(gain: Gain, theme: Theme = "light") -> Figure:
    """Accuracy on unseen messages by number of labels, each point with its interval."""
    points = gain.curve
    figure = figure_of(theme, "Accuracy by number of labels", _curve_words(gain))
    figure.add_scatter(
        x=[point.labels for point in points],
        y=[point.accuracy.value for point in points],
        error_y=_whiskers([point.accuracy for point in points]),
        mode="lines+markers",
        name="measured",
        line={"color": MAIN[theme]},
        hovertemplate="%{x:,} labels: %{y:.1%}<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title="labels", rangemode="tozero")
    figure.update_yaxes(tickformat=".0%")
    return figure


def change_chart(gain: Gain, theme: Theme = "light") -> Figure | None:
    """Accuracy on the messages that people labelled, before and after; None: there are none."""
    if gain.before is None or gain.after is None:
        return None
    both = (gain.before, gain.after)
    figure = figure_of(theme, "On the messages labelled here", _change_words(*both))
    figure.add_bar(
        x=["before", "after"],
        y=[one.value for one in both],
        error_y=_whiskers(both),
        marker={"color": [ORANGE, GREEN], "pattern": {"shape": ["/", ""]}},
        text=[format_value(one.value, "share") for one in both],
        textposition="inside",
        hovertemplate="%{x}: %{y:.1%}<extra></extra>",
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1])
    return figure


def _whiskers(estimates: Iterable[Estimate]) -> dict[str, Any]:
    return whiskers((one.value, one.low, one.high) for one in estimates)


def _curve_words(gain: Gain) -> str:
    told = ", ".join(
        f"{format_value(point.accuracy.value, 'share')} with {point.labels:,}"
        for point in gain.curve
    )
    return (
        f"Accuracy by number of labels: {told}; {NEXT} more would bring about "
        f"{format_value(gain.next_labels.value, 'share')}."
    )


def _change_words(before: Estimate, after: Estimate) -> str:
    told = [format_value(one.value, "share") for one in (before, after)]
    return f"Of {after.n:,} messages labelled here, {told[0]} right before, {told[1]} after."
