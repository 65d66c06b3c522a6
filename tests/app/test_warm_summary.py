"""Review: the summary in a model's words, where the settings name a model and somebody asks."""

from __future__ import annotations

import shutil
from pathlib import Path

from workbench import open_workbench

NOBODY_SERVES = '\n[model]\nbase_url = "http://127.0.0.1:9/v1"\nname = "local"\n'


def summary_of(shown) -> str:
    return " ".join(one.value for one in (*shown.markdown, *shown.text))


def handed_off(folder: Path) -> tuple[str, str]:
    """A conversation that waits for a person, and its summary by the template."""
    with open_workbench(folder) as workbench:
        wish = "Something is wrong with INV-1001, I want to talk to a person"
        talk = workbench.converse("C-1001", wish, channel="portal").conversation_id
        return talk, workbench.desk.summary(talk).text


def test_without_a_model_there_is_nothing_to_ask_for(open_page, workbench):
    wish = "Something is wrong with INV-1001, I want to talk to a person"
    talk = workbench.converse("C-1001", wish, channel="portal").conversation_id
    shown = open_page("review", talk=talk)
    assert not [one for one in shown.toggle if one.key == f"warm-{talk}"]
    assert "the identity is proven" in summary_of(shown)


def test_a_model_that_does_not_answer_leaves_the_template_and_says_so(open_on, poc, tmp_path):
    folder = tmp_path / "poc"
    shutil.copytree(poc, folder)
    with (folder / "poc.toml").open("a", encoding="utf-8") as file:
        file.write(NOBODY_SERVES)
    talk, template = handed_off(folder)
    shown = open_on(folder, "review", talk=talk)
    asked = shown.toggle(key=f"warm-{talk}").set_value(True).run()
    assert not asked.exception
    assert template.partition(";")[0] in summary_of(asked)
    assert any("did not come" in one.value for one in asked.caption)
