"""Pieces of the experiments page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.bench import bench, go
from ui.figures import show, theme
from ui.measures import Key
from ui.tables import chosen_row, download
from ui.untrusted import as_label
from workbench.errors import WorkbenchError
from workbench.measure.charts_experiments import sequence_chart
from workbench.measure.experiments.report import ExperimentReport
from workbench.measure.experiments.shadow import ShadowComparison
from workbench.records.experiments import ExperimentState, Status


@st.cache_resource(max_entries=20, show_spinner="Comparing the arms ...")
def report_of(name: str, state: Key, story: int) -> ExperimentReport:
    """The report, worked out again when history or the experiment's own story has grown."""
    return bench().experiments.report(name)


def headline(report: ExperimentReport) -> None:
    """What to do and why, before any figure."""
    text = as_label(report.words)
    if report.stop_rule or report.words.startswith("Stop"):
        st.error(text, icon=":material/front_hand:")
    elif report.words.startswith("Ship"):
        st.success(text, icon=":material/rocket_launch:")
    else:
        st.info(text, icon=":material/hourglass_top:")


def definition(state: ExperimentState) -> None:
    experiment = state.experiment
    st.markdown(as_label(experiment.hypothesis))
    st.caption(
        as_label(
            f"{experiment.kind.words}, {state.status.value}; owned by {experiment.owner}; for "
            f"{experiment.eligible}; {experiment.share * 100:g} % of them; "
            f"{experiment.planned_days} days planned."
        )
    )


def arms(report: ExperimentReport) -> None:
    rows = [
        {
            "arm": arm.name,
            "decides by": arm.changes,
            "customers": arm.customers,
            "contacts": arm.contacts,
        }
        for arm in report.arms
    ]
    st.subheader("Arms")
    st.dataframe(rows, hide_index=True, height="content", alt="Who was in which arm")
    if report.split:
        icon = ":material/warning:" if report.split.alarm else ":material/check:"
        st.caption(f"{icon} Split: {as_label(report.split.words)}")
    download(rows, "arms")


def differences(report: ExperimentReport) -> None:
    """The goal first, then what must not become worse."""
    st.subheader("Goal")
    for goal in report.primary:
        show(sequence_chart(goal, theme=theme()), 330, f"goal-{goal.arm}")
        st.caption(as_label(goal.words))
    if report.guards:
        st.subheader("Guards")
        for column, guard in zip(st.columns(len(report.guards)), report.guards, strict=True):
            with column:
                chart = sequence_chart(guard, guard=True, theme=theme())
                show(chart, 300, f"guard-{guard.arm}-{guard.metric}")
                st.caption(as_label(guard.words))


def shadow(found: ShadowComparison) -> None:
    """Decisions that would have been others, with conversations to read."""
    st.subheader("What would have been decided")
    st.dataframe(
        [
            {"level": level, "as it was": before, "in the shadow": after}
            for level, (before, after) in found.levels.items()
        ],
        hide_index=True,
        height="content",
        alt="Decisions per level, as they were and in the shadow",
    )
    if found.shifts:
        _shifts(found)


def _shifts(found: ShadowComparison) -> None:
    """Each way in which decisions would have moved; a row leads to a conversation."""
    rows = [
        {
            "requests": shift.requests,
            "before -> after": f"{shift.before} -> {shift.after}",
            "by rule": f"{shift.rule_before} -> {shift.rule_after}",
            "conversation": shift.conversations[0],
        }
        for shift in found.shifts
    ]
    place = chosen_row(
        rows,
        key="shifts",
        alt="Requests whose decision would have been another one",
        height="content",
    )
    if place is not None:
        go("conversation", id=found.shifts[place].conversations[0])


def story(state: ExperimentState) -> None:
    st.subheader("What happened, and what was learned")
    if not state.story:
        st.caption("Nothing is recorded yet.")
    for each in state.story:
        who = f"{each.at:%Y-%m-%d}, {each.change.value} by {each.by}"
        st.markdown(f"**{as_label(who)}**: {as_label(each.text)}")


def acts(state: ExperimentState) -> None:
    """Start, stop and learn: each with a name and a reason."""
    experiments, name = bench().experiments, state.experiment.name
    with st.form("act", clear_on_submit=True, border=True):
        who, why = st.columns([1, 2])
        by = who.text_input("Your name", key="by")
        text = why.text_input("Reason, or what was learned", key="reason")
        with st.container(horizontal=True):
            start = st.form_submit_button(
                "Start",
                disabled=state.status in (Status.RUNNING, Status.IMPORTED),
                icon=":material/play_arrow:",
            )
            stop = st.form_submit_button(
                "Stop", disabled=state.status is not Status.RUNNING, icon=":material/stop:"
            )
            learn = st.form_submit_button("Keep as learned", icon=":material/school:")
    pressed = ((start, experiments.start), (stop, experiments.stop), (learn, experiments.learn))
    for is_pressed, act in pressed:
        if is_pressed:
            _do(act, name, by, text)


def _do(act: Callable[[str, str, str], object], name: str, by: str, text: str) -> None:
    try:
        act(name, by, text)
    except WorkbenchError as error:
        st.error(as_label(str(error)))
    else:
        st.rerun()
