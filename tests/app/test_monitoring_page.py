"""The monitoring page: the verdict first, everything behind it, alerts that people close."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import page

from workbench import open_workbench
from workbench.records.alerts import Alert


def alerts(poc: Path) -> tuple[Alert, ...]:
    with open_workbench(poc) as workbench:
        return workbench.monitoring.alerts(every=True)


@pytest.fixture(scope="module")
def own(poc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A POC of its own: alerts that are closed here are open elsewhere."""
    made = tmp_path_factory.mktemp("monitored") / "poc"
    shutil.copytree(poc, made)
    return made


def test_the_verdict_stands_first_with_cause_words_and_day(own: Path) -> None:
    shown = page(own, "monitoring")
    assert not shown.exception
    told = shown.error[0].value.replace("\\", "")
    assert told.startswith("The model drifted") and "nordlicht pay" in told
    assert "16 March 2026" in told
    titles = [one.label.replace("\\", "") for one in shown.expander]
    assert [title.partition(" ·")[0] for title in titles] == [
        "Triage reads messages with less confidence", "A tool fails", "Customers come more often",
    ]  # fmt: skip


def test_features_stand_with_their_expected_range(own: Path) -> None:
    shown = page(own, "monitoring")
    table = next(one.value for one in shown.dataframe if "PSI" in one.value)
    assert set(table[table["PSI"] > table["limit"]]["feature"]) == {"confidence"}


def test_an_alert_is_closed_by_a_name_with_a_reason_only(own: Path) -> None:
    shown = page(own, "monitoring")
    shown = next(one for one in shown.button if one.label == "Check now").click().run()
    (alert,) = alerts(own)
    assert alert.open
    close = next(one for one in shown.button if one.label == "Close alert")
    assert close.disabled
    shown.text_input(key=f"by-{alert.id}").set_value("sam").run()
    shown.text_input(key=f"why-{alert.id}").set_value("Labelled until Friday").run()
    close = next(one for one in shown.button if one.label == "Close alert")
    assert not close.disabled
    shown = close.click().run()
    assert not shown.exception
    (closed,) = alerts(own)
    assert (closed.closed_by, closed.reason) == ("supervisor:sam", "Labelled until Friday")
    assert not [one for one in shown.button if one.label == "Close alert"]
