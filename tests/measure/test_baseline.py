"""The baseline: saved whole, loaded equal, compared only with what it can be compared with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.measure.contact_rows import connection_with, random_contacts
from workbench.config import CostSettings, Settings
from workbench.errors import Corrupt, NotFound
from workbench.measure.baseline import load_baseline, save_baseline
from workbench.measure.kpis import kpis
from workbench.measure.metrics import load_metrics


@pytest.fixture(scope="module")
def facts() -> duckdb.DuckDBPyConnection:
    return connection_with(random_contacts(800))


def test_a_baseline_is_loaded_as_it_was_saved(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "poc" / "baseline.json"
    saved = save_baseline(facts, path, since=date(2026, 3, 3), until=date(2026, 4, 1))
    assert load_baseline(path) == saved
    assert saved.period == "2026-03-03 to 2026-04-01"
    assert [file.name for file in path.parent.iterdir()] == ["baseline.json"]


def test_a_baseline_holds_every_metric_with_interval_n_and_definition(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    saved = save_baseline(facts, tmp_path / "baseline.json")
    assert set(saved.definitions) == set(load_metrics().metrics)
    (measured,) = (
        row
        for row in saved.rows
        if row.metric == "containment" and row.slice == {"intent": "case_status"}
    )
    assert measured.n and measured.low and measured.high


def test_only_the_phase_before_launch_is_measured(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    saved = save_baseline(facts, tmp_path / "baseline.json")
    assert saved.contacts == kpis(facts, phase="baseline").contacts


def test_a_report_shows_the_baseline_of_the_same_slice(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    baseline = save_baseline(facts, tmp_path / "baseline.json")
    report = kpis(facts, by=("intent",), phase="pilot", baseline=baseline)
    before = kpis(facts, by=("intent",), phase="baseline")
    for row in report.rows:
        if row.value is not None and before.get(row.metric, **row.slice).value is not None:
            assert row.baseline == before.get(row.metric, **row.slice).value
            assert row.change == pytest.approx(row.value - (row.baseline or 0))


def test_a_metric_whose_definition_changed_is_not_compared(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    baseline = save_baseline(facts, tmp_path / "baseline.json")
    dear = Settings(cost=CostSettings(human_hour=Decimal(99)))
    report = kpis(facts, settings=dear, baseline=baseline)
    cost = report.get("cost_per_contact")
    assert (cost.baseline, cost.verdict) == (None, None)
    assert cost.note == "not compared: the definition changed since the baseline"
    assert report.get("containment").baseline is not None


def test_a_metric_that_is_newer_than_the_baseline_has_none(
    facts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    saved = save_baseline(facts, tmp_path / "baseline.json")
    rows = tuple(row for row in saved.rows if row.metric != "aht")
    older = saved.model_copy(update={"rows": rows})
    assert kpis(facts, baseline=older).get("aht").note == "no baseline"


def test_an_empty_period_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no contacts of phase baseline"):
        save_baseline(connection_with([]), tmp_path / "baseline.json")
    assert not (tmp_path / "baseline.json").exists()


def test_no_file_is_no_baseline(tmp_path: Path) -> None:
    assert load_baseline(tmp_path / "baseline.json") is None


@pytest.mark.parametrize("content", [b"{", b'{"since": 1}', b"\xff\xfe"])
def test_a_broken_file_is_reported_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(content)
    with pytest.raises(Corrupt, match="Save the baseline again"):
        load_baseline(path)
