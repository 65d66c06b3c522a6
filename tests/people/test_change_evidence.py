"""Whoever decides on a change sees what it does to answers and to the people needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.records.decisions import Level

CHANGE = {"confidence": 0.9}


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with sample_workbench(tmp_path) as opened:
        yield opened


def test_the_approver_sees_answers_and_people_before_and_after(workbench: Workbench) -> None:
    people = workbench.staffing.compare(CHANGE, "Monday")
    workbench.proposals.propose(CHANGE, "Pia", "Fewer wrong answers", people=people)
    (kept,) = workbench.proposals.list()
    assert kept.evidence is not None and kept.evidence.people == people
    now, then = (workbench.staffing.plan(each, "Monday") for each in ({}, CHANGE))
    assert (people.before.people, people.after.people) == (now.peak, then.peak)
    assert (people.before.hours, people.after.hours) == (now.hours, then.hours)
    assert people.after.hours[1] > people.before.hours[1], "more is left to people"
    print(f"confidence 0.9 on a Monday: {people}")


def test_the_counts_of_the_evidence_are_those_of_a_whole_replay(workbench: Workbench) -> None:
    workbench.proposals.propose(CHANGE, "Pia", "Fewer wrong answers")
    evidence = workbench.proposals.list()[0].evidence
    report = workbench.replay(CHANGE)
    assert evidence is not None and evidence.people is None
    assert evidence.before.contacts == evidence.after.contacts == report.contacts
    for level in Level:
        counts = report.level(level)
        assert getattr(evidence.before, level) == counts.before
        assert getattr(evidence.after, level) == counts.after
