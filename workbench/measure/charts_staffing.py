"""People on the roster over the day, as a picture: one band a policy, hopeful to cautious."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.measure.charts import MAIN, ORANGE, Theme, figure_of
from workbench.measure.staffing.plan import StaffingPlan

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def staffing_chart(plans: Mapping[str, StaffingPlan], theme: Theme = "light") -> Figure:
    """People on the roster per interval of one day.

    Args:
        plans: what the reader calls a policy -> its plan; two at most.
    """
    figure = figure_of(theme, "People on the roster", _words(plans))
    lines = ((MAIN[theme], "solid"), (ORANGE, "dash"))
    for (name, plan), (colour, dash) in zip(plans.items(), lines, strict=False):
        _add(figure, name, plan, colour, dash)
    figure.update_xaxes(title="from", type="category", categoryorder="category ascending")
    figure.update_yaxes(title="people", rangemode="tozero")
    return figure


def _add(figure: Any, name: str, plan: StaffingPlan, colour: str, dash: str) -> None:
    starts = [one.starts for one in plan.intervals]
    line = {"color": colour, "dash": dash, "shape": "hvh"}
    figure.add_scatter(
        x=starts,
        y=[one.hopeful.rostered for one in plan.intervals],
        name=f"{name}, at least",
        line=line | {"width": 1},
        showlegend=False,
    )
    figure.add_scatter(
        x=starts,
        y=[one.cautious.rostered for one in plan.intervals],
        name=name,
        fill="tonexty",
        line=line,
    )


def _words(plans: Mapping[str, StaffingPlan]) -> str:
    told = [f"{name}: {plan.sentence}" for name, plan in plans.items()]
    return " ".join(["People on the roster over the day.", *told])
