"""The KPI page of the documentation is what the metrics say today."""

from __future__ import annotations

from pathlib import Path

from workbench.measure.document import kpi_page
from workbench.measure.metrics import load_metrics

PAGE = Path(__file__).parents[2] / "docs" / "kpis.md"


def test_the_kpi_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == kpi_page(), (
        "write it again: python -m workbench.measure.document > docs/kpis.md"
    )


def test_every_metric_is_on_the_kpi_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in load_metrics().metrics if f"`{name}`:" not in page] == []
