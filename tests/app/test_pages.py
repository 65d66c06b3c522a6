"""Every page opens: on the played sample, and where there is nothing yet."""

from __future__ import annotations

import re

import pytest
from demo_poc import ROOT

SCREENS = sorted(path.stem for path in (ROOT / "app" / "screens").glob("*.py"))
SAYS_WHAT_TO_DO = (
    "outcome", "try_it", "review", "tune", "contacts", "conversation", "case",
    "evaluations",
)  # fmt: skip
TELLS_BAD_NEWS = ("experiments", "monitoring")
"""The sample's experiment ended by a stop rule, and its history holds a drift."""
FORBIDDEN = re.compile(
    r"unsafe_allow|st\.(html|iframe|components|link_button)\b|LinkColumn|ImageColumn|MarkdownColumn"
)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_opens_on_the_played_sample(open_page, screen):
    shown = open_page(screen)
    assert not shown.exception
    assert screen in TELLS_BAD_NEWS or not shown.error


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_opens_where_there_is_nothing_yet(open_empty, screen):
    shown = open_empty(screen)
    assert not shown.exception and not shown.error
    if screen in SAYS_WHAT_TO_DO:
        assert shown.info, "an empty page says what to do"


def test_the_bar_names_poc_policy_and_kind_of_data(open_page, workbench):
    shown = open_page("govern")
    words = [one.value for one in (*shown.markdown, *shown.caption)]
    assert any(workbench.settings.name in each for each in words)
    assert any(workbench.policy.version in each for each in words)
    assert any("sample data" in each for each in words)
    assert any("no sign-in" in each for each in words)


def test_govern_lists_every_rule_with_its_owner_and_proves_the_ledger(open_page, workbench):
    shown = open_page("govern")
    rules = shown.dataframe[0].value
    assert list(rules["rule"]) == [rule.id for rule in workbench.policy.rules]
    assert all(rules["owner"])
    checked = shown.button[0].click().run()
    assert checked.success and not checked.error


def test_govern_tells_which_thresholds_follow_the_load_and_how_far(open_page):
    shown = open_page("govern")
    assert any("allowed by Head of Customer Service" in c.value for c in shown.caption)
    assert any("watches the load" in c.value for c in shown.caption)


def test_about_defines_every_kpi(open_page, workbench):
    shown = open_page("about")
    assert list(shown.dataframe[0].value["KPI"]) == [m.title for m in workbench.metrics()]


def test_no_page_uses_what_would_interpret_text_from_outside():
    for path in (ROOT / "app").rglob("*.py"):
        assert not FORBIDDEN.search(path.read_text(encoding="utf-8")), path
