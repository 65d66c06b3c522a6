"""Flows that a POC brings: found by their settings, refused with what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from front_door import ROOT

from workbench.bootstrap import open_workbench
from workbench.errors import ConfigError
from workbench.flows import FLOWS
from workbench.flows.own import all_flows
from workbench.poc import PocFolder

EXAMPLE = ROOT / "examples" / "appointments"
FLOW = EXAMPLE / "flows" / "appointment.py"


def copied(folder: Path) -> PocFolder:
    copy = shutil.copytree(EXAMPLE, folder / "poc", ignore=shutil.ignore_patterns(".workbench"))
    return PocFolder.at(copy)


def flows_of(poc: PocFolder) -> set[str]:
    return set(all_flows(poc, poc.settings().flows, poc.intent_rows()))


def test_a_poc_has_the_flows_of_the_package_and_its_own(tmp_path: Path) -> None:
    assert flows_of(copied(tmp_path)) == {*FLOWS, "appointment"}
    assert set(FLOWS) == {"invoice_inquiry", "case_management", "escalation", "general"}


def test_the_new_flow_is_one_file_of_at_most_60_lines() -> None:
    lines = len(FLOW.read_text(encoding="utf-8").splitlines())
    print(f"\nappointment flow: {lines} lines")
    assert lines <= 60


WRONG = {
    "no file": ('["flows/nowhere.py"]', None, "`flows`: there is no flows/nowhere.py"),
    "outside": ('["../flow.py"]', None, r"`flows`: there is no \.\./flow\.py"),
    "broken": ('["flows/appointment.py"]', "def appointment(:", "does not run: SyntaxError"),
    "no function": ('["flows/appointment.py"]', "x = 1", "its flow is missing.*def appointment"),
    "no turn": ('["flows/appointment.py"]', "def appointment():\n    ...", "its flow is missing"),
    "taken": ('["flows/general.py"]', None, "there is a flow 'general' already"),
    "not named": ("[]", None, "names the flow 'appointment', which is not there"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_flow_is_refused_when_the_poc_is_opened(tmp_path: Path, wrong: str) -> None:
    files, text, problem = WRONG[wrong]
    poc = copied(tmp_path)
    settings = (poc.root / "poc.toml").read_text(encoding="utf-8")
    settings = settings.replace('flows = ["flows/appointment.py"]', f"flows = {files}")
    (poc.root / "poc.toml").write_text(settings, encoding="utf-8")
    if text is not None:
        (poc.root / "flows" / "appointment.py").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        open_workbench(poc.root, records=False)


def test_another_flow_file_is_another_run(tmp_path: Path) -> None:
    poc = copied(tmp_path)
    with open_workbench(poc.root) as workbench:
        first = workbench.evaluations.run(scenarios="visit-of-*")
    with (poc.root / "flows" / "appointment.py").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    with open_workbench(poc.root) as workbench:
        second = workbench.evaluations.run(scenarios="visit-of-*")
        found = workbench.evaluations.compare(first.id, second.id)
    assert list(found.versions) == ["flows"]
    assert first.summary.total("scenario_passed").value == 1
