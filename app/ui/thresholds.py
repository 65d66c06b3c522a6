"""The controls of the what-if: thresholds, rules switched off, and the cubes that answer them."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from ui.bench import bench
from workbench.decide.policy import Policy
from workbench.decide.rules import Thresholds
from workbench.measure.charts import CurvePoint
from workbench.measure.cube import Point, ThresholdCube
from workbench.measure.intervals import clopper_pearson


class Proposal(NamedTuple):
    """What the controls say: thresholds for the cube, and all changes as settings of the policy."""

    thresholds: Thresholds
    changes: dict[str, Any]

    @property
    def command(self) -> str:
        """The same question on the command line."""
        settings = [f"--set {name}={value}" for name, value in self.changes.items()]
        return " ".join(["workbench replay", *settings])


def ask(policy: Policy, off: tuple[str, ...]) -> Proposal:
    """Sliders for the default, the stakes and chosen intents."""
    own = policy.thresholds
    default = _slider("Default", "confidence", own.default)
    stakes = {
        name: _slider(f"{name.value.capitalize()} stakes", name.value, value)
        for name, value in own.stakes.items()
    }
    with st.expander("Thresholds of single intents", icon=":material/label:"):
        chosen = st.multiselect(
            "Intents with their own threshold",
            policy.intents,
            default=list(own.intent),
            key="own",
            bind="query-params",
            help="They keep it, whatever the sliders above say.",
        )
        intents = {n: _slider(n, f"own-{n}", own.intent.get(n, own.default)) for n in chosen}
    changed = Thresholds(default=default, stakes=stakes, intent={**own.intent, **intents})
    settings = changes_between(own, changed)
    return Proposal(changed, settings | {f"rule.{rule}": "off" for rule in off})


def _slider(label: str, key: str, value: float) -> float:
    moved = st.slider(label, 0.0, 1.0, value, 0.01, key=key, bind="query-params")
    return round(float(moved), 2)


def changes_between(own: Thresholds, proposed: Thresholds) -> dict[str, Any]:
    """Only what differs from the policy, by the names of its settings."""
    before, after = (_settings(one) for one in (own, proposed))
    return {name: value for name, value in after.items() if before.get(name) != value}


def _settings(thresholds: Thresholds) -> dict[str, float]:
    return {
        "confidence": thresholds.default,
        **{f"threshold.stakes.{name.value}": at for name, at in thresholds.stakes.items()},
        **{f"threshold.intent.{name}": at for name, at in thresholds.intent.items()},
    }


def rules_off(policy: Policy) -> tuple[str, ...]:
    """Hard rules that the reader switches off; those of the thresholds stay."""
    hard = [rule.id for rule in policy.rules if not rule.values_of("confidence")]
    chosen = st.multiselect(
        "Rules switched off",
        hard,
        key="off",
        bind="query-params",
        help="Hard rules decide whatever the confidence. Each has an owner; see Govern.",
        placeholder="All rules apply",
    )
    return tuple(sorted(chosen))


@st.cache_resource(max_entries=16, show_spinner="Reading all of history once ...")
def cube_of(off: tuple[str, ...], restrict: Any, state: Any) -> ThresholdCube:
    """Exact sums for every threshold, with some rules switched off; kept until history changes."""
    workbench = bench()
    policy = workbench.proposed({f"rule.{rule}": "off" for rule in off})
    return workbench.threshold_cube(policy, where=dict(restrict))


def curve_point(point: Point, threshold: float) -> CurvePoint | None:
    """A point with its exact interval as the chart takes it; None where nothing was judged."""
    if point.automation_share is None or point.wrong_share is None:
        return None
    right = clopper_pearson(point.judged - point.wrong, point.judged)
    return CurvePoint(
        threshold=threshold,
        automation=point.automation_share,
        quality=1 - point.wrong_share,
        low=right.low,
        high=right.high,
    )
