"""Tune shows what a proposal costs in people, as the workbench plans it."""

from __future__ import annotations


def test_the_people_of_a_day_are_those_of_the_plan(open_page, workbench):
    shown = open_page("tune", people="true", weekday="Tuesday", confidence="0.95")
    assert not shown.exception
    told = [one.value for one in shown.markdown]
    now = workbench.staffing.plan(weekday="Tuesday")
    proposed = workbench.staffing.plan({"confidence": 0.95}, weekday="Tuesday")
    assert f"**Now**: {now.sentence}" in told
    assert f"**Proposed**: {proposed.sentence}" in told
    assert now.sentence != proposed.sentence


def test_without_history_the_page_says_that_nobody_came(open_empty):
    shown = open_empty("tune")
    assert not shown.exception
    assert all(one.key != "people" for one in shown.toggle) or shown.info
