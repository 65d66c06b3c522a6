"""Comparing two runs: case by case, then totals, and only over the same cases."""

from __future__ import annotations

import numpy as np
import pytest
from cases_made import case, heard, outcome, run_of
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.evaluation.compare import compare
from workbench.evaluation.scorers import intent_right, scorer_of

RIGHT, WRONG = "invoice_copy", "case_open"
readings = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30)


def told(*right: bool) -> dict[str, str]:
    return {f"case {n}": RIGHT if held else WRONG for n, held in enumerate(right)}


def test_each_case_is_better_worse_or_the_same_and_worse_ones_come_first() -> None:
    found = compare(run_of(told(True, True, False)), run_of(told(True, False, True), policy="p-2"))
    assert [(c.case_id, c.change) for c in found.cases] == [
        ("case 1", "worse"), ("case 2", "better"), ("case 0", "same"),
    ]  # fmt: skip
    worse = found.cases[0]
    assert worse.says == ("message case 1",)
    assert (worse.before, worse.after) == (
        "invoice_copy 0.90: automate (confident)",
        "case_open 0.90: automate (confident)",
    )
    assert "read as case_open" in worse.why
    assert found.versions == {"policy": ("p-1", "p-2")}
    assert found.verdict.startswith("3 cases: 1 worse, 1 better, 1 same; not worse")


def test_an_outcome_may_differ_where_no_score_does() -> None:
    later = {"one": outcome(heard(level="assist"))}
    (found,) = compare(run_of({"one": RIGHT}), run_of(later, policy="p-2")).cases
    assert (found.change, found.differs) == ("same", True)


@pytest.mark.parametrize(("lost", "beyond"), [(1, False), (5, False), (7, True), (20, True)])
def test_worse_beyond_noise_needs_more_than_a_few_lost_cases(lost: int, beyond: bool) -> None:
    before = run_of(told(*[True] * 60))
    after = run_of(told(*[False] * lost, *[True] * (60 - lost)), policy="p-2")
    assert compare(before, after).worse is beyond
    assert not compare(after, before).worse


@given(readings)
def test_turning_a_comparison_round_turns_its_answers_round(rows: list[tuple[bool, bool]]) -> None:
    scorers = (scorer_of(intent_right),)
    first = run_of(told(*(a for a, _ in rows)), scorers=scorers)
    second = run_of(told(*(b for _, b in rows)), scorers=scorers, policy="p-2")
    there, back = compare(first, second), compare(second, first)
    assert there.count("better") == back.count("worse") == sum(b > a for a, b in rows)
    assert there.count("worse") == back.count("better") == sum(a > b for a, b in rows)
    (one,), (other,) = there.totals, back.totals
    assert one.change == pytest.approx(-other.change)
    assert one.p == other.p


def test_cases_of_one_group_count_once() -> None:
    names = [f"wording {n}" for n in range(8)]
    together = {name: case(name, group="one scenario") for name in names}
    before = run_of(dict.fromkeys(names, RIGHT), cases=together)
    after = run_of(dict.fromkeys(names, WRONG), cases=together, policy="p-2")
    found = compare(before, after)
    assert found.count("worse") == 8
    assert {total.groups for total in found.totals} == {1}
    assert not found.worse  # one scenario is one observation, in however many wordings it is told


@pytest.mark.parametrize(
    "other",
    [told(True), told(True, True, True), {"case 0": RIGHT, "another": RIGHT}],
    ids=["fewer", "more", "others"],
)
def test_runs_over_other_cases_are_refused_and_the_overlap_is_named(other: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"has 2 cases and run-.* has \d; \d are the same"):
        compare(run_of(told(True, True)), run_of(other))


def test_the_same_id_with_another_content_is_another_case() -> None:
    changed = {"one": case("one", digest="another")}
    with pytest.raises(InputError, match="0 are the same"):
        compare(run_of({"one": RIGHT}), run_of({"one": RIGHT}, cases=changed))


def test_two_runs_without_any_difference_are_seldom_called_worse() -> None:
    """Half of the cases waver by chance alone; a false alarm is a verdict `worse`."""
    chance, alarms, runs = np.random.default_rng(11), 0, 300
    scorers = (scorer_of(intent_right),)
    for _ in range(runs):
        before, after = (chance.random(40) < 0.7 for _ in range(2))
        first = run_of(told(*before), scorers=scorers)
        alarms += compare(first, run_of(told(*after), scorers=scorers, policy="p-2")).worse
    print(f"\nfalse alarms of `compare`: {alarms} of {runs}")
    assert alarms / runs <= 0.05
