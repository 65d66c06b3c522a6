"""Evaluations: two runs held against each other, their cases, and where confidence lies."""

from __future__ import annotations

import pytest

from workbench import Workbench


@pytest.fixture(scope="module")
def runs(workbench: Workbench) -> tuple[str, str]:
    """A run in force and one of a stricter proposal, over the same labelled contacts."""
    stricter = {"threshold.stakes.low": 0.9, "confidence": 0.9}
    now = workbench.evaluations.run(contacts=150)
    return now.id, workbench.evaluations.run(contacts=150, changes=stricter).id


def tables(shown):
    return {next(iter(one.value.columns)): one.value for one in shown.dataframe}


def test_the_page_counts_cases_as_the_front_door_does(open_page, workbench, runs):
    found = workbench.evaluations.compare(*runs)
    shown = open_page("evaluations", before=runs[0], after=runs[1])
    told = {one.label: one.value for one in shown.metric}
    for change in ("worse", "better", "same"):
        assert told[change.capitalize()] == f"{found.count(change):,}"
    assert found.count("better") > 0
    assert len(tables(shown)["change"]) == found.count("worse") + found.count("better")
    assert any(workbench.policy.version in one.value for one in shown.caption)
    assert not shown.exception and not shown.error


def test_the_order_of_the_runs_turns_better_into_worse(open_page, workbench, runs):
    shown = open_page("evaluations", before=runs[1], after=runs[0])
    assert set(tables(shown)["change"]["change"]) == {"▼ worse"}
    assert workbench.evaluations.compare(runs[1], runs[0]).worse is bool(shown.error)


def test_cases_are_chosen_by_how_they_changed(open_page, workbench, runs):
    shown = open_page("evaluations", before=runs[0], after=runs[1], kinds="same")
    listed = tables(shown)["change"]
    assert len(listed) == workbench.evaluations.compare(*runs).count("same")
    assert listed["change"].str.startswith("= same").all()
    assert listed["change"].str.contains("acts otherwise").any()


def test_confident_mistakes_are_those_of_the_second_run(open_page, workbench, runs):
    shown = open_page("evaluations", before=runs[0], after=runs[1], sure="0.9")
    found = workbench.evaluations.confident_mistakes(runs[1], 0.9)
    assert list(tables(shown)["confidence"]["case"]) == [one.case_id for one in found]


def test_runs_over_other_cases_are_not_compared_and_the_page_says_so(open_page, workbench, runs):
    other = workbench.evaluations.run(contacts=20)
    shown = open_page("evaluations", before=other.id, after=runs[1])
    assert any("20 are the same" in one.value for one in shown.warning)
    assert not shown.exception


def test_the_page_names_the_intent_whose_confidence_lies(open_page, runs):
    shown = open_page("evaluations")
    named = [one.value for one in shown.warning if "announced" in one.value]
    assert len(named) == 1 and r"payment\_not\_shown" in named[0]
