"""A threshold follows the load within its owner's limits, and decides alike in Python and SQL."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decide.situations import random_situation
from tests.decide.test_promises import PROMISED
from tests.decide.test_sql import differences
from tests.decide.texts import SMALL
from workbench.decide import Policy, load_policy
from workbench.decide.adapting import Adapting, Measure, Span
from workbench.errors import ConfigError, InputError
from workbench.records.adapting import Stage
from workbench.records.signals import Situation

LIMITS = """
[[adapting]]
owner = "Ana"
since = 2026-05-04
why = "Waiting costs as well."
measure = "waiting_per_person"
lowest = 0.6
busy = { begins = 6, ends = 3 }
highest = 0.8
quiet = { begins = 0.5, ends = 1 }

[[adapting]]
intent = "invoice_copy"
owner = "Bo"
since = 2026-05-04
why = "A copy does no harm."
measure = "occupancy"
lowest = 0.4
busy = { begins = 0.95, ends = 0.8 }
"""
CEILING = """
[[ceiling]]
intent = "invoice_copy"
level = "assist"
owner = "Bo"
since = 2026-05-04
why = "For now."
"""


def load(folder: Path, text: str = SMALL + LIMITS) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def walk(one: Adapting, loads: Sequence[float | None]) -> list[Stage]:
    stages = [Stage.USUAL]
    for each in loads:
        stages.append(one.next_stage(stages[-1], each))
    return stages[1:]


def test_the_number_of_a_stage_is_the_one_that_decides(tmp_path: Path) -> None:
    policy = load(tmp_path)
    busy = policy.under_load({"confidence": Stage.BUSY})
    quiet = policy.under_load({"confidence": Stage.QUIET})
    unsure = Situation(confidence=0.65, intent="other", complexity=1)
    likely = Situation(confidence=0.78, intent="other", complexity=1)
    assert [p.decide(unsure).rule_id for p in (policy, busy, quiet)] == ["no-match", "sure"] + [
        "no-match"
    ]
    assert [p.decide(likely).rule_id for p in (policy, busy, quiet)] == ["sure", "sure", "no-match"]
    assert busy.decide(unsure).policy_version == busy.version
    assert len({policy.version, busy.version, quiet.version}) == 3


def test_usual_stages_are_the_policy_itself_and_stages_add_up(tmp_path: Path) -> None:
    policy = load(tmp_path)
    both = {"confidence": Stage.QUIET, "threshold.intent.invoice_copy": Stage.BUSY}
    one_by_one = policy.with_settings(
        {"load.confidence": "quiet", "load.intent.invoice_copy": "busy"}
    )
    assert policy.under_load({}) is policy
    assert policy.under_load({"confidence": Stage.USUAL}) is policy
    assert policy.under_load(both).version == one_by_one.version
    assert one_by_one.thresholds.default == 0.8
    assert one_by_one.thresholds.intent["invoice_copy"] == 0.4
    assert one_by_one.thresholds.stakes == policy.thresholds.stakes


def test_a_stage_lasts_until_its_load_has_clearly_passed(tmp_path: Path) -> None:
    one, _ = load(tmp_path).adapting
    loads = [2, 5.9, 6, 5, 3.1, 3, 5, 0.6, 0.5, 0.9, 1, 0.6, None, 7, None]
    usual, busy, quiet = Stage.USUAL, Stage.BUSY, Stage.QUIET
    assert walk(one, loads) == [
        *(usual, usual, busy, busy, busy, usual, usual, usual),
        *(quiet, quiet, usual, usual, usual, busy, usual),
    ]


LOADS = st.lists(st.none() | st.floats(0, 50), min_size=1, max_size=60)
SHARES = st.floats(0, 1)


@settings(max_examples=300, deadline=None)
@given(SHARES, SHARES, SHARES, st.tuples(*[st.floats(0, 20)] * 4), LOADS)
def test_whatever_the_load_the_threshold_is_within_its_limits(
    a: float, b: float, c: float, marks: tuple[float, ...], loads: list[float | None]
) -> None:
    lowest, usual, highest = sorted((a, b, c))
    marks = tuple(sorted(marks))
    if len({lowest, usual, highest}) < 3 or len(set(marks)) < 4:
        return
    one = Adapting(
        owner="Ana",
        since="2026-05-04",
        why="-",
        measure=Measure.WAITING,
        lowest=lowest,
        busy=Span(begins=marks[3], ends=marks[2]),
        highest=highest,
        quiet=Span(begins=marks[0], ends=marks[1]),
    )
    thresholds = {"default": usual}
    policy = Policy.model_validate(
        {
            "policy": {"name": "p", "owner": "o", "since": "2026-01-01"},
            "thresholds": thresholds,
            "adapting": [one],
            "rule": [],
        }
    )
    for stage, load in zip(walk(one, loads), loads, strict=True):
        moved = policy.under_load({"confidence": stage}).thresholds.default
        assert lowest <= moved <= highest
        assert (moved == lowest) == (stage is Stage.BUSY)
        if load is not None and marks[1] <= load <= marks[2]:
            assert moved == usual, "between the two levels nothing is out of the ordinary"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(3.01, 5.99), min_size=2, max_size=60), st.sampled_from(list(Stage)))
def test_a_load_between_the_ends_of_a_span_changes_the_stage_once_at_most(
    loads: list[float], start: Stage
) -> None:
    one = Adapting(
        owner="Ana",
        since="2026-05-04",
        why="-",
        measure=Measure.WAITING,
        lowest=0.5,
        busy=Span(begins=6, ends=3),
    )
    stages = [start]
    for load in loads:
        stages.append(one.next_stage(stages[-1], load))
    assert sum(a is not b for a, b in pairwise(stages)) <= 1


def test_sql_and_python_decide_alike_at_every_stage(tmp_path: Path) -> None:
    policy, random = load(tmp_path), Random(5)
    names = [one.setting for one in policy.adapting]
    found = total = 0
    for chosen in product(Stage, repeat=len(names)):
        adapted = policy.under_load(dict(zip(names, chosen, strict=True)))
        situations = [random_situation(random, adapted) for _ in range(600)]
        found, total = found + differences(adapted, situations), total + len(situations)
    print(f"{len(Stage) ** len(names)} combinations of stages: {found} differences in {total}")
    assert found == 0


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("lowest = 0.6\n", "lowest = 0.75\n", "lowest", "not below the usual 0.75"),
        ("highest = 0.8\n", "highest = 0.7\n", "highest", "not above the usual 0.75"),
        ("highest = 0.8\n", "", "adapting", "`highest` is for `quiet` times"),
        ("begins = 6, ends = 3", "begins = 3, ends = 6", "adapting", "or it would flap"),
        ("begins = 0.5, ends = 1", "begins = 0.5, ends = 4", "adapting", "must have ended"),
        ('"occupancy"', '"mood"', "measure", "'waiting_per_person', 'occupancy'"),
        ('intent = "invoice_copy"\n', "", "adapting", "limits for everything else already"),
        ('"invoice_copy"\nowner', '"unheard"\nowner', "adapting", "no number for unheard"),
        ("lowest = 0.4\n", "lowest = 4\n", "lowest", "less than or equal to 1"),
        ("ends = 0.8", "end = 0.8", "busy", "unknown key; allowed: begins, ends"),
    ],
)
def test_limits_that_cannot_be_are_refused_by_line(
    tmp_path: Path, before: str, after: str, line: str, words: str
) -> None:
    text = SMALL + LIMITS
    assert text.count(before) == 1
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text.replace(before, after))
    assert words in str(caught.value) and line in str(caught.value)


def test_no_limit_goes_below_what_was_promised(tmp_path: Path) -> None:
    high = LIMITS.replace('measure = "waiting', 'stakes = "high"\nmeasure = "waiting', 1)
    bounds = high.replace("lowest = 0.6", "lowest = 0.89").replace(
        "highest = 0.8", "highest = 0.95"
    )
    assert load(tmp_path, SMALL + bounds).adapting
    with pytest.raises(ConfigError, match=r"0\.89 is below 0\.9, which was promised"):
        load(tmp_path, SMALL + PROMISED + bounds)
    only_up = bounds.replace("lowest = 0.89\nbusy = { begins = 6, ends = 3 }\n", "")
    policy = load(tmp_path, SMALL + PROMISED + only_up)
    for stage in Stage:
        moved = policy.under_load({"threshold.stakes.high": stage})
        assert moved.thresholds.stakes["high"] >= 0.9


def test_no_load_gives_back_what_a_ceiling_took(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a ceiling grants invoice_copy assist at most"):
        load(tmp_path, SMALL + LIMITS + CEILING)
    capped = load(tmp_path).with_settings({"ceiling.intent.invoice_copy": "assist"})
    busy = capped.under_load({"confidence": Stage.BUSY})
    sure = Situation(confidence=1.0, intent="invoice_copy", complexity=1)
    assert [one.setting for one in capped.adapting] == ["confidence"]
    assert busy.decide(sure).level == "assist"


def test_limits_that_a_change_leaves_without_ground_are_gone(tmp_path: Path) -> None:
    policy = load(tmp_path)
    assert [o.setting for o in policy.with_settings({"confidence": 0.55}).adapting] == [
        "threshold.intent.invoice_copy"
    ]
    assert len(policy.with_settings({"confidence": 0.7}).adapting) == 2


def test_limits_belong_to_the_version_and_are_told(tmp_path: Path) -> None:
    policy = load(tmp_path)
    assert policy.version != load(tmp_path, SMALL).version
    assert (
        "Follows the load, everything else: down to 0.6 from waiting_per_person 6 until 3, "
        "up to 0.8 from waiting_per_person 0.5 until 1 (Ana)"
    ) in policy.explain()


def test_a_stage_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="quiet, usual or busy"):
        load(tmp_path).with_settings({"load.confidence": "frantic"})
