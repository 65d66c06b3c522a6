"""A policy keeps its promises: the number that decides is the number that was promised."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.decide.texts import SMALL
from workbench.decide import Policy, load_policy
from workbench.decide.promise import GivenPromise, Promise, PromiseEvidence
from workbench.errors import ConfigError

PROMISED = """
[[promise]]
owner = "Ana"
since = 2026-05-04
stakes = "high"
error = 0.02
threshold = 0.9
evidence = { judged = 240, wrong = 1, digest = "9f2b61c07d44", since = 2026-01-01, until = 2026-05-03 }
"""  # noqa: E501


def load(folder: Path, text: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def given(threshold: float, **scope: str) -> GivenPromise:
    seen = PromiseEvidence(
        judged=240, wrong=1, digest="9f2b", since=date(2026, 1, 1), until=date(2026, 5, 3)
    )
    return GivenPromise(
        error=0.02, threshold=threshold, owner="Ana", since=date(2026, 5, 4), evidence=seen, **scope
    )


def test_a_reader_sees_where_a_threshold_came_from(tmp_path: Path) -> None:
    told = load(tmp_path, SMALL + PROMISED).explain()
    assert (
        "Promise about high stakes: at most 2 % of the automated answers wrong, 95 % sure: "
        "threshold 0.9 (1 of 240 judged answers wrong; Ana)"
    ) in told


def test_a_promise_belongs_to_the_version_and_no_promise_changes_nothing(tmp_path: Path) -> None:
    plain, promised = load(tmp_path, SMALL).version, load(tmp_path, SMALL + PROMISED).version
    assert plain != promised
    assert load(tmp_path, SMALL + PROMISED.replace("240", "241")).version != promised
    assert load(tmp_path, SMALL).version == plain


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("threshold = 0.9", "threshold = 0.8", ["0.8 is not what [thresholds] says", "0.9"]),
        ('stakes = "high"', 'stakes = "low"', ["about low stakes: nothing"]),
        ('stakes = "high"', 'stakes = "high"\nintent = "x"', ["make two of it"]),
        ("error = 0.02", "error = 2", ["promise[1].error"]),
        ("error = 0.02", "eror = 0.02", ["unknown key", "intent, stakes, error, confidence"]),
        ("judged = 240", "juged = 240", ["unknown key", "judged, wrong, digest"]),
        ('owner = "Ana"\n', "", ["promise[1].owner", "is missing"]),
        (PROMISED, PROMISED * 2, ["an earlier promise is about high stakes already"]),
    ],
)
def test_a_broken_promise_is_refused_with_its_place(tmp_path, before, after, words) -> None:
    text = SMALL + PROMISED.replace(before, after)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    print(caught.value)
    line = int(str(caught.value).partition("line ")[2].partition(":")[0])
    assert line > SMALL.count("\n")
    assert [word for word in words if word not in str(caught.value)] == []


def test_promises_set_the_thresholds_that_decide(small: Policy) -> None:
    policy = small.with_promises(
        [given(0.8), given(0.95, stakes="high"), given(0.7, intent="invoice_copy")]
    )
    assert policy.thresholds.default == 0.8
    assert policy.thresholds.stakes["high"] == 0.95
    assert policy.thresholds.intent["invoice_copy"] == 0.7
    assert len(policy.promises) == 3


def test_a_newer_promise_takes_the_place_of_the_older(small: Policy) -> None:
    policy = small.with_promises([given(0.8)]).with_promises([given(0.85)])
    assert [promise.threshold for promise in policy.promises] == [0.85]


def test_a_threshold_that_moves_leaves_its_promise_behind(small: Policy) -> None:
    policy = small.with_promises([given(0.8), given(0.95, stakes="high")])
    moved = policy.with_settings({"confidence": "0.75"})
    assert [promise.subject for promise in moved.promises] == ["high stakes"]
    assert moved.thresholds.default == 0.75


def test_the_entry_for_the_file_is_read_back_as_it_was(tmp_path: Path, small: Policy) -> None:
    promise = given(0.9, stakes="high")
    assert load(tmp_path, SMALL + "\n" + promise.toml()).promises == (promise,)


@pytest.mark.parametrize("scope", [{}, {"intent": "greeting"}, {"stakes": "high"}])
def test_a_promise_names_the_setting_that_keeps_it(small: Policy, scope) -> None:
    setting = Promise(error=0.1, **scope).setting
    assert setting in small.with_thresholds(intent={"greeting": 0.5}).setting_keys
