"""Tune: what if the thresholds were others? All of history decided again while a slider moves."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench
from ui.competent import calibration, competence
from ui.figures import show, theme
from ui.measures import Key, state_of_history
from ui.promised import ask_promise
from ui.proposed import show_proposals
from ui.replayed import changed_contacts, numbers, warn
from ui.thresholds import ask, cube_of, curve_point, rules_off
from workbench.measure.charts import level_chart, tradeoff_chart
from workbench.measure.cube import Point

workbench = bench()
policy = workbench.policy
PARTS: dict[str, Key] = {"All history": (), "Since launch": (("phase", "pilot"),)}
THRESHOLDS, PROMISE = "Thresholds", "A promise"


def levels(point: Point) -> dict[str, int]:
    return {"automate": point.automate, "assist": point.assist, "escalate": point.escalate}


def tradeoff(curve: tuple[Point, ...], now: Point, then: Point, threshold: float) -> None:
    """Automation against quality, where some automated answer was judged."""
    before = curve_point(now, policy.thresholds.default)
    if before is None:
        st.info("No automated answer was judged yet, so quality is not known.")
        return
    proposed = curve_point(then, threshold) if then != now else None
    known = [at for point in curve if (at := curve_point(point, point.threshold or 0))]
    show(tradeoff_chart(known, before, proposed, theme()), 330, "tradeoff")


def choice(label: str, key: str, options: list[str]) -> str:
    """One of a few options, kept in the address."""
    chosen = st.segmented_control(
        label, options, key=key, default=options[0], required=True, bind="query-params"
    )
    return chosen or options[0]


@st.fragment
def what_if(history: Key) -> None:
    """Everything that a slider moves; the page around it stays as it is."""
    controls, answer = st.columns([1, 2.6], gap="large")
    with controls:
        restrict = PARTS[choice("Replay over", "over", list(PARTS))]
        by_promise = choice("Set by", "by", [THRESHOLDS, PROMISE]) == PROMISE
        off = rules_off(policy)
        proposal = ask_promise(policy, off, restrict, history) if by_promise else ask(policy, off)
    now = cube_of((), restrict, history).at()
    cube = cube_of(off, restrict, history)
    then = cube.at(proposal.thresholds)
    with answer:
        if not now.contacts:
            nothing_yet()
            return
        numbers(now, then, workbench.settings.cost.currency)
        warn(now, then)
        left, right = st.columns(2)
        with left:
            curve = cube.curve(keep=proposal.thresholds)
            tradeoff(curve, now, then, proposal.thresholds.default)
        with right:
            show(level_chart(levels(now), levels(then), theme()), 330, "levels")
    changed_contacts(proposal, restrict, history)


def nothing_yet() -> None:
    st.info(
        "Import history with `workbench import contacts FILE`, or talk to the assistant in "
        "**Try it**; then see here what another policy would have done.",
        title="Nothing to replay yet",
        icon=":material/inbox:",
    )


st.title("Tune")
st.caption(
    "What if the assistant needed more, or less, confidence to act alone? Every past contact is "
    "decided again while a slider moves. Nothing here changes the policy that is in force."
)
state = state_of_history()
what_if(state)
honest, earned, changes = st.tabs(
    ["Is the confidence honest?", "Competence and stakes", "Proposed changes"]
)
with honest:
    calibration((), state)
with earned:
    competence(state)
with changes:
    show_proposals()
