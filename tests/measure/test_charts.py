"""Charts: one template, alternative texts, values unchanged."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.measure.contact_rows import connection_with, random_contacts
from workbench.measure import charts
from workbench.measure.charts import (
    CalibrationBin,
    CurvePoint,
    Theme,
    calibration_chart,
    level_chart,
    sparkline,
    template,
    tradeoff_chart,
    trend_chart,
)
from workbench.measure.kpis import kpis
from workbench.measure.trend import Trend, trend

FACTS = connection_with(random_contacts(400))
EMPTY = connection_with([])
NOW = CurvePoint(threshold=0.8, automation=0.52, quality=0.97)
BETTER = CurvePoint(threshold=0.7, automation=0.61, quality=0.96)


@pytest.fixture(scope="module")
def containment() -> Trend:
    return trend(FACTS, "containment")


def test_a_trend_chart_shows_value_interval_baseline_and_target(containment: Trend) -> None:
    before = kpis(FACTS, phase="baseline", metrics=["containment"]).get("containment")
    figure = trend_chart(containment, before)
    line = figure.data[1]
    assert list(line.y) == [point.value for point in containment.points]
    assert {shape.type for shape in figure.layout.shapes} == {"rect", "line"}
    assert {note.text for note in figure.layout.annotations} == {"baseline", "target"}
    assert figure.layout.yaxis.tickformat == ".0%"


def test_a_gap_in_the_data_is_a_gap_in_the_line(containment: Trend) -> None:
    gap = containment.points[1].model_copy(update={"value": None, "low": None, "high": None})
    points = (containment.points[0], gap, *containment.points[2:])
    figure = trend_chart(containment.model_copy(update={"points": points}))
    assert figure.data[1].y[1] is None


@pytest.mark.parametrize("metric", ["cost_per_contact", "aht", "nps", "containment"])
def test_every_unit_and_no_data_can_be_drawn(metric: str) -> None:
    for facts in (FACTS, EMPTY):
        figure = trend_chart(trend(facts, metric))
        assert figure.to_json()
    assert figure.layout.meta["alt"].endswith("no data.")


def test_a_sparkline_has_no_axes_and_ends_in_a_mark(containment: Trend) -> None:
    figure = sparkline(containment)
    assert not figure.layout.xaxis.visible and not figure.layout.yaxis.visible
    assert list(figure.data[1].y) == [containment.points[-1].value]


def test_the_curve_names_where_we_are_and_what_is_proposed() -> None:
    figure = tradeoff_chart([BETTER, NOW], NOW, BETTER)
    assert [trace.name for trace in figure.data] == ["any threshold", "now", "proposed"]
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol
    assert figure.layout.meta["alt"] == (
        "Now 52.0% automated, 97.0% of it right; proposed 61.0% automated, 96.0% of it right."
    )


def test_levels_are_told_apart_without_colour() -> None:
    figure = level_chart({"automate": 5, "assist": 2, "escalate": 3}, {"automate": 7})
    assert [tuple(bar.x) for bar in figure.data] == [(7, 5), (0, 2), (0, 3)]
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 3


def test_calibration_states_its_error() -> None:
    bins = [
        CalibrationBin(confidence=0.9, accuracy=0.8, n=30),
        CalibrationBin(confidence=0.5, accuracy=0.5, n=10),
    ]
    assert "0.075 over 40 messages" in calibration_chart(bins).layout.meta["alt"]
    assert "over 0 messages" in calibration_chart([]).layout.meta["alt"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_are_defined_and_leave_the_background_to_the_page(theme: Theme) -> None:
    layout = template(theme).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color != layout.xaxis.gridcolor
    other: Theme = "dark" if theme == "light" else "light"
    assert layout.font.color != template(other).layout.font.color


def test_only_graph_objects_are_imported() -> None:
    tree = ast.parse(Path(charts.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {m for m in modules if m and m.startswith("plotly")} == {"plotly.graph_objects"}


def test_points_in_time_stay_dates(containment: Trend) -> None:
    assert all(isinstance(day, date) for day in trend_chart(containment).data[1].x)
