"""The experiments page says what to do first, and every act has a name and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from demo_poc import played_poc

from workbench import open_workbench

SHADOW = """
name = "ask-less"
hypothesis = "A *higher* threshold hands more over."
owner = "Ana"
kind = "shadow"
[[arm]]
name = "control"
[[arm]]
name = "strict"
settings = { confidence = 1.0, "threshold.stakes.low" = 1.0 }
[primary]
metric = "solved"
direction = "up"
smallest_effect = 0.05
"""


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A POC whose shadow has looked at some conversations."""
    poc = played_poc(tmp_path_factory, "experiments")
    (poc / "experiments" / "ask-less.toml").write_text(SHADOW)
    return poc


def test_the_answer_comes_first_and_is_the_reports(open_page, workbench):
    shown = open_page("experiments", experiment="more-careful")
    assert not shown.exception
    words = workbench.experiments.report("more-careful").words
    told = shown.error[0].value.replace("\\", "")
    assert told == words
    assert "Stop: guard automation share" in told


def test_the_arms_are_shown_with_their_customers_and_the_check_of_the_split(open_page):
    shown = open_page("experiments")
    table = shown.dataframe[0].value
    assert list(table["customers"]) == [46, 52]
    assert any("As planned" in caption.value for caption in shown.caption)


def test_goal_and_guards_have_a_chart_each_with_words(open_page, workbench):
    shown = open_page("experiments")
    charts = shown.get("plotly_chart")
    assert len(charts) == 3


def test_a_finished_experiment_can_be_neither_started_nor_stopped(open_page):
    shown = open_page("experiments")
    disabled = {button.label: button.disabled for button in shown.button}
    assert disabled["Start"] and disabled["Stop"] and not disabled["Keep as learned"]


def test_without_experiments_the_page_says_how_to_write_one(open_on, tmp_path_factory):
    poc = played_poc(tmp_path_factory, "none")
    (poc / "experiments" / "more-careful.toml").unlink()
    shown = open_on(poc, "experiments")
    assert "experiments/NAME.toml" in shown.info[0].value


def test_a_shadow_is_planned_started_watched_and_stopped(open_on, shadowed):
    shown = open_on(shadowed, "experiments", experiment="ask-less")
    assert "Not started yet" in shown.info[0].value
    press(shown, "Start", by="", reason="to see")
    assert "Nobody is named" in shown.error[0].value.replace("\\", "")
    press(shown, "Start", by="Ana", reason="to <b>see</b>")
    assert not shown.exception and not shown.error
    with open_workbench(shadowed) as workbench:
        for number in range(3):
            workbench.converse("C-1001", "Is INV-1002 paid?", channel="portal",
                               conversation_id=f"conv-shadow-{number}")  # fmt: skip
    shown = open_on(shadowed, "experiments", experiment="ask-less")
    assert "Shadow" in shown.info[0].value and "3 of 3 decisions" in shown.info[0].value
    assert shown.dataframe[0].value["in the shadow"][0] == 0
    assert shown.dataframe[1].value["before -> after"][0].startswith("automate -> ")
    press(shown, "Stop", by="Ana", reason="seen enough")
    told = [m.value.replace("\\", "") for m in shown.markdown]
    assert any("stopped by supervisor:Ana" in text and "seen enough" in text for text in told)


def press(shown, button: str, by: str, reason: str) -> None:
    shown.text_input(key="by").input(by)
    shown.text_input(key="reason").input(reason)
    next(each for each in shown.button if each.label == button).click()
    shown.run()


def test_govern_leads_to_the_experiments(open_page):
    links = [each.proto.label for each in open_page("govern").get("page_link")]
    assert any(label.startswith("Experiments") for label in links)
