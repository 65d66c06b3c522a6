"""The charts of experiments show every look, the zero line, and tell it in words too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from workbench.measure.charts_experiments import sequence_chart
from workbench.measure.experiments.comparison import Comparison, Look
from workbench.records.experiments import Method

LOOKS = tuple(
    Look(
        day=date(2026, 3, 1) + timedelta(days=n), control=50 * n, arm=48 * n, estimate=-0.1,
        low=None if n < 3 else -0.1 - 1 / n, high=None if n < 3 else -0.1 + 1 / n,
    )
    for n in range(1, 20)
)  # fmt: skip


def comparison(**given: Any) -> Comparison:
    return Comparison.model_validate(
        {
            "metric": "automation_share", "title": "Automation share", "unit": "share",
            "currency": "EUR", "direction": "up", "arm": "bold", "method": Method.ASYMPTOTIC,
            "confidence": 0.95, "limit": 0.05, "control_value": 0.6, "arm_value": 0.5,
            "looks": LOOKS, **given,
        }
    )  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_shows_every_look_and_bounds_only_where_there_are_any(theme: Any) -> None:
    figure = sequence_chart(comparison(), theme=theme)
    bounds, estimates = figure.data
    assert len(estimates.x) == 19 and len(bounds.x) == 2 * 17
    assert {shape.y0 for shape in figure.layout.shapes} == {0, -0.05}


@pytest.mark.parametrize(("direction", "line", "side"), [("up", -0.05, "below"),
                                                         ("down", 0.05, "above")])  # fmt: skip
def test_a_guards_chart_has_the_line_at_which_it_says_stop(
    direction: str, line: float, side: str
) -> None:
    stop = sequence_chart(comparison(direction=direction), guard=True).data[-1]
    assert set(stop.y) == {line} and stop.name.endswith(side)


def test_the_chart_is_told_in_words() -> None:
    alt = sequence_chart(comparison()).layout.meta["alt"]
    assert "60.0 % -> 50.0 %, difference -15.3 % to -4.7 %, n = 1,862" in alt
    nothing = sequence_chart(comparison(looks=LOOKS[:2])).layout.meta["alt"]
    assert "too few contacts for an interval" in nothing
