"""A wrong policy file is refused with file, line, key and what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decide.texts import SMALL
from workbench.decide import load_policy
from workbench.errors import ConfigError

RULE = """
[[rule]]
id = "extra"
owner = "Bo"
since = 2026-01-01
level = "automate"
why = "One more."
when = [{ field = "hops", op = ">", value = 1 }]
"""


def line(text: str, part: str) -> int:
    """The number of the first line that holds `part`."""
    return next(n for n, each in enumerate(text.splitlines(), 1) if part in each)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('op = ">", value = 1', 'op = ">>", value = 1', ["rule[5].when[1].op", "'is_null'"]),
        ('"hops"', '"hop"', ["'hop' is not a field", "clarifications", "hops"]),
        ('op = ">", value = 1', 'op = "is_true"', ["does not fit `hops`", "not_null"]),
        ("value = 1 }", 'value = "one" }', ["`hops` is compared with a whole number", "'one'"]),
        ("value = 1 }", "value = 1.5 }", ["a whole number"]),
        ("value = 1 }", "value = true }", ["a whole number"]),
        ("value = 1 }", 'value = "@limit" }', ["'@limit' goes with `amount`", "<="]),
        ("value = 1 }", 'value = "@limits" }', ["'@limits' is not known", "@threshold, @limit"]),
        ("value = 1 }", "value = 1, not = 2 }", ["unknown key", "field, op, value"]),
        ("{ field", "{ anny", ["unknown key", "field, op, value"]),
        (', op = ">", value = 1', "", ["rule[5].when[1].op", "is missing"]),
        ('op = ">", value = 1', 'op = ">"', ["`hops` is compared with a whole number"]),
        ('op = ">", value = 1', 'op = "in", value = 1', ["a list"]),
        ('op = ">", value = 1', 'op = "in", value = []', ["at least one value"]),
        ('op = ">", value = 1', 'op = "is_null", value = 1', ["takes no value"]),
        (
            '"hops", op = ">", value = 1',
            '"stakes", op = "==", value = "big"',
            ["low, medium, high"],
        ),
        ('"hops", op = ">", value = 1', '"sensitive", op = "in", value = ["x"]', ["self_harm"]),
        (
            '"hops", op = ">", value = 1',
            '"confidence", op = ">", value = "@threshold"',
            ["'@threshold' goes with `confidence` and allowed: >=, <"],
        ),
        ('level = "automate"', 'level = "auto"', ["rule[5].level", "'assist' or 'escalate'"]),
        ('level = "automate"', 'level = "assist"', ["`reason` is required", "customer_request"]),
        (
            'level = "automate"',
            'level = "assist"\nreason = "mood"',
            ["rule[5].reason", "'customer_request'"],
        ),
        ('level = "automate"', 'level = "automate"\nreason = "other"', ["leave it out"]),
        ('why = "One more."', "", ["rule[5].why", "is missing"]),
        ('why = "One more."', 'why = "One more."\nnote = "x"', ["unknown key", "owner, since"]),
        ("since = 2026-01-01", 'since = "soon"', ["rule[5].since"]),
        ('id = "extra"', 'id = "sure"', ["'sure' is the id of an earlier rule"]),
        ('id = "extra"', 'id = "no-match"', ["no rule made"]),
        ("when = [{ field", "when = [{ any = [] }, { field", ["rule[5].when[1].any"]),
        (
            '{ field = "hops"',
            '{ any = [{ any = [] }] }, { field = "hops"',
            ["rule[5].when[1].any[1]", "field, op, value"],
        ),
    ],
)
def test_a_broken_rule_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str, words: list[str]
) -> None:
    assert before in RULE
    path = tmp_path / "policy.toml"
    path.write_text(SMALL + RULE.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    text = str(caught.value)
    print(text)
    assert str(path) in text
    first = SMALL.count("\n") + 2
    assert first <= int(text.partition("line ")[2].partition(":")[0]) <= first + RULE.count("\n")
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('name = "small"', 'nam = "small"', "nam ="),
        ("high = 0.9", "high = 9", "high ="),
        ("high = 0.9", "huge = 0.9", "huge ="),
        ("invoice_copy = 0.6", 'invoice_copy = "much"', "invoice_copy ="),
        ("EUR = 49.99", "EUR = -1", "EUR ="),
        ("default = 0.75", "", "[thresholds]"),
        ('value = ["threat", "self_harm"]', 'value = ["threat", "yelling"]', "yelling"),
        ('value = "@limit"', 'value = "@limt"', "@limt"),
        ('op = ">", value = 2', 'op = ">", value = 2.5', "2.5"),
    ],
)
def test_the_error_names_the_very_line(tmp_path: Path, before: str, after: str, place: str) -> None:
    text = SMALL.replace(before, after)
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"line {line(text, place)}:"):
        load_policy(path)


@pytest.mark.parametrize(
    "when",
    [
        '[{ field = "sensitive", op = "in", value = ["threat", "self_harm"] }]',
        '[{ field = "hops", op = "==", value = 1 }, '
        '{ field = "sensitive", op = "in", value = ["threat", "self_harm"] }]',
    ],
)
def test_a_rule_that_can_never_decide_is_refused(tmp_path: Path, when: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        SMALL + RULE.replace('[{ field = "hops", op = ">", value = 1 }]', when), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="'extra' can never decide: 'threats' matches first"):
        load_policy(path)


def test_nothing_may_follow_an_unconditional_rule(tmp_path: Path) -> None:
    always = RULE.replace('[{ field = "hops", op = ">", value = 1 }]', "[]")
    path = tmp_path / "policy.toml"
    path.write_text(SMALL + always, encoding="utf-8")
    assert load_policy(path).rules[-1].when == ()
    path.write_text(SMALL + always + RULE.replace("extra", "late"), encoding="utf-8")
    with pytest.raises(ConfigError, match="'late' can never decide: 'extra' matches first"):
        load_policy(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[policy\n", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (
            b"",
            "line 1: key `policy`: is missing; allowed: policy, thresholds, limits, people, "
            "competence, promise, ceiling, adapting, rule",
        ),
        (b"rule = 3", "line 1"),
        (b"[policy]\nname = 'x'\nowner = 'y'\nsince = 2026-01-01\n[rules]\n", "thresholds"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_policy(path)


def test_a_missing_file_says_where_to_find_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="sample POC"):
        load_policy(tmp_path / "absent.toml")


def test_a_policy_written_without_tables_still_gets_a_line(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('rule = [{ id = "a", when = [{ field = "x" }] }]', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1: key"):
        load_policy(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_damaged_anywhere_loads_or_is_refused_with_its_line(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    hit = lines[number]
    cut = data.draw(st.integers(0, len(hit)))
    noise = data.draw(st.sampled_from(["", "x", "1", '"', "[", "{", "=", ".", "\x00", "#", " = 9"]))
    lines[number] = hit[:cut] + noise + hit[cut + data.draw(st.integers(0, 3)) :]
    refusal = ""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        try:
            load_policy(path)
        except ConfigError as error:
            refusal = str(error)
    assert not refusal or "not valid TOML" in refusal or re.search(r"line \d+: key `", refusal)
