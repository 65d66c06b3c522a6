"""Tune: what if the thresholds were others? All of history decided again while a slider moves."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench, link
from ui.competent import calibration, competence
from ui.measures import Key, state_of_history
from ui.promised import ask_promise
from ui.proposed import show_proposals
from ui.replayed import changed_contacts, charts, numbers, warn
from ui.staffed import people_needed
from ui.thresholds import ask, cube_of, rules_off

workbench = bench()
policy = workbench.policy
PARTS: dict[str, Key] = {"All history": (), "Since launch": (("phase", "pilot"),)}
THRESHOLDS, PROMISE = "Thresholds", "A promise"


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
        curve = cube.curve(keep=proposal.thresholds)
        charts(curve, now, then, policy.thresholds.default, proposal.thresholds.default)
    changed_contacts(proposal, restrict, history)
    people_needed(proposal, history)


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
    link("label", "Label the messages that teach the most", ":material/label:")
with earned:
    competence(state)
with changes:
    show_proposals()
