"""A conversation kept as a scenario plays again to the same end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from front_door import SAMPLE

from workbench.bootstrap import open_workbench
from workbench.errors import InputError
from workbench.front import Workbench
from workbench.scenarios.play import run_folder

TALKS = {
    "short-delivery": ("C-1001", ["Line 2 of INV-1001: only 28 of 40 arrived", "thanks"]),
    "copy-then-person": ("C-1006", ["Please send me a copy of INV-1015", "a person, please"]),
    "status-of-cases": ("C-1014", ["What is the status of my case?"]),
}


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("poc") / "poc"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(".workbench", "scenarios"))
    return folder


@pytest.fixture(scope="module")
def workbench(poc: Path) -> Workbench:
    return open_workbench(poc)


@pytest.mark.parametrize("name", TALKS)
def test_a_saved_conversation_passes_as_a_scenario(
    workbench: Workbench, poc: Path, name: str
) -> None:
    customer, messages = TALKS[name]
    talk = workbench.ids.new("conv")
    for text in messages:
        workbench.converse(customer, text, conversation_id=talk, channel="portal")
    path = workbench.save_scenario(talk, name, "What was said leads to the same end again")
    assert path.parent.name == "saved"
    report = run_folder(poc, open_workbench, only=(name,))
    assert report.passed, str(report)


@pytest.mark.parametrize("name", ["", "../outside", "Has Spaces", "x"])
def test_a_bad_name_is_refused_and_nothing_is_written(
    workbench: Workbench, poc: Path, name: str
) -> None:
    talk = workbench.converse("C-1001", "How much is INV-1001?", channel="portal").conversation_id
    before = sorted(poc.rglob("*.toml"))
    with pytest.raises(InputError, match="cannot be saved"):
        workbench.save_scenario(talk, name, "A title")
    assert sorted(poc.rglob("*.toml")) == before
