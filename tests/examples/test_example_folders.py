"""Every example is a POC folder that opens by itself and whose scenarios pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_pocs import ROOT

from workbench.bootstrap import open_workbench
from workbench.errors import ConfigError
from workbench.intake import load_mapping
from workbench.scenarios.play import run_folder

NAMES = ("online_retail", "chinook", "helpdesk", "appointments")
WITH_MAPPINGS = NAMES[:3]


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_itself(name: str) -> None:
    assert (ROOT / "examples" / name / "README.md").is_file()


@pytest.mark.parametrize("name", WITH_MAPPINGS)
def test_its_mappings_are_sound(name: str) -> None:
    folder = ROOT / "examples" / name
    assert [load_mapping(path).kind for path in sorted((folder / "mappings").glob("*.toml"))]


@pytest.mark.parametrize("name", NAMES)
def test_its_scenarios_pass_in_every_wording(name: str) -> None:
    report = run_folder(ROOT / "examples" / name, open_workbench)
    failed = [result.scenario.id for result in report.results if not result.passed]
    assert not failed, report


def test_opening_an_example_builds_its_store_from_its_sources(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_REAL_DATA", str(real_data))
    with open_workbench(ROOT / "examples/chinook", state=tmp_path) as workbench:
        assert len(workbench.store.customers(workbench.service)) == 59
    monkeypatch.delenv("WORKBENCH_REAL_DATA")
    with open_workbench(ROOT / "examples/chinook", state=tmp_path) as workbench:
        assert len(workbench.store.accounts(workbench.service, "2")) == 7


def test_opening_an_example_without_its_data_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_REAL_DATA", raising=False)
    with pytest.raises(ConfigError, match="WORKBENCH_REAL_DATA is not set"):
        open_workbench(ROOT / "examples/chinook", state=tmp_path)
