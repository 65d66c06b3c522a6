"""A promise about wrong answers that sets the thresholds, and what became of it in words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import bench
from ui.thresholds import Proposal, changes_between
from ui.untrusted import as_label
from workbench import Promise
from workbench.decide.policy import Policy
from workbench.decide.rules import Thresholds
from workbench.measure.trust.guarantee import PromiseReport, PromiseResult
from workbench.measure.trust.label_shift import LATELY, ShiftReport

EVERY = "Every class of stakes"


def ask_promise(policy: Policy, off: tuple[str, ...], restrict: Any, history: Any) -> Proposal:
    """What is promised, and the thresholds that keep it."""
    error = st.slider(
        "Wrong answers at most, %", 0.5, 20.0, 5.0, 0.5, "%.1f", key="error", bind="query-params"
    )
    sure = st.slider("How sure, %", 80, 99, 95, 1, key="sure", bind="query-params")
    about = st.selectbox(
        "Promise for",
        [EVERY, *(f"{stakes} stakes" for stakes in policy.thresholds.stakes), *policy.intents],
        key="about",
        bind="query-params",
        help="Each is a statement of its own. Rules that are switched off do not count here.",
    )
    report = _kept(round(error / 100, 4), sure / 100, about, restrict, (policy.version, history))
    for result in report.results:
        _tell(result)
    _warn_of_shift(history)
    thresholds = _thresholds(policy, report)
    settings = changes_between(policy.thresholds, thresholds)
    return Proposal(thresholds, settings | {f"rule.{rule}": "off" for rule in off})


@st.cache_resource(max_entries=100, show_spinner="Testing every threshold ...")
def _kept(error: float, sure: float, about: str, restrict: Any, state: Any) -> PromiseReport:
    promises, where = bench().promises, dict(restrict)
    if about == EVERY:
        return promises.keep(*promises.each(error, sure), where=where)
    stakes = about.removesuffix(" stakes")
    scope = {"stakes": stakes} if stakes != about else {"intent": about}
    wanted = Promise.model_validate({"error": error, "confidence": sure, **scope})
    return promises.keep(wanted, where=where)


def _thresholds(policy: Policy, report: PromiseReport) -> Thresholds:
    """The policy's thresholds with those that a promise has found."""
    kept = {one.promise: one.threshold for one in report.results if one.threshold is not None}
    return policy.thresholds.changed(
        next((found for one, found in kept.items() if one.setting == "confidence"), None),
        stakes={one.stakes: found for one, found in kept.items() if one.stakes},
        intent={one.intent: found for one, found in kept.items() if one.intent},
    )


def _tell(result: PromiseResult) -> None:
    """One promise: the threshold that keeps it, or what is missing."""
    subject = f"**{as_label(result.promise.subject)}**"
    if result.kept:
        st.markdown(f":green[:material/verified:] {subject}: threshold {result.threshold:g}")
    elif result.contacts:
        st.markdown(f":orange[:material/help:] {subject}: not enough evidence")
    else:
        st.markdown(f":gray[:material/block:] {subject}: nothing to promise")
    st.caption(as_label(result.words))


def _warn_of_shift(history: Any) -> None:
    """Whether the contacts of late are still like those that were judged."""
    shift = _shift(history)
    if shift.found:
        st.warning(
            as_label(f"The last {LATELY.days} days: {shift}"), icon=":material/sync_problem:"
        )


@st.cache_resource(max_entries=4, show_spinner=False)
def _shift(history: Any) -> ShiftReport:
    return bench().promises.shift()
