"""Trends have no gaps, and every number leads to the contacts behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import pytest

from tests.measure.contact_rows import connection_with, random_contacts
from tests.measure.second_opinion import SECOND_OPINIONS
from workbench.errors import InputError
from workbench.measure.aggregate import build_daily
from workbench.measure.kpis import kpis
from workbench.measure.metrics import load_metrics
from workbench.measure.trend import Step, conversations_behind, trend

ROWS = random_contacts(900, seed=13)
AS_OF = datetime(2026, 4, 10, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def facts() -> duckdb.DuckDBPyConnection:
    return connection_with(ROWS)


def test_a_week_of_a_trend_is_the_kpi_of_that_week(facts: duckdb.DuckDBPyConnection) -> None:
    points = trend(facts, "containment", "week").points
    assert [point.start for point in points][:2] == [date(2026, 3, 2), date(2026, 3, 9)]
    for point in points:
        rows = [row for row in ROWS if week_of(row["started_at"]) == point.start]
        assert point.value == pytest.approx(SECOND_OPINIONS["containment"].of(rows, AS_OF))


def week_of(moment: datetime) -> date:
    return date.fromisocalendar(*moment.isocalendar()[:2], 1)


@pytest.mark.parametrize(("step", "points"), [("day", 13), ("week", 3), ("month", 1)])
def test_periods_without_contacts_are_shown_without_a_value(step: Step, points: int) -> None:
    ends = [
        {**ROWS[0], "contact_id": f"c{i}", "started_at": datetime(2026, 3, day, tzinfo=UTC)}
        for i, day in enumerate((5, 17))
    ]
    found = trend(connection_with(ends), "resolution_contained", step).points
    assert len(found) == points
    assert [point.n for point in found if point.value is None] == [0] * max(points - 2, 0)


def test_a_trend_of_nothing_is_empty() -> None:
    assert trend(connection_with([]), "containment").points == ()


def test_a_step_that_does_not_exist_is_refused(facts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(InputError, match="day, week or month"):
        trend(facts, "containment", "hour")  # type: ignore[arg-type]


def test_as_many_contacts_lie_behind_a_number_as_it_counts(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    report = kpis(facts, by=("week",), as_of=AS_OF)
    shares = {m.name for m in load_metrics().pick() if m.kind == "share"}
    for kpi in report.rows:
        if kpi.metric in shares:
            behind = conversations_behind(facts, kpi.metric, kpi.slice, as_of=AS_OF)
            hits = conversations_behind(facts, kpi.metric, kpi.slice, True, as_of=AS_OF)
            assert (len(behind), len(hits)) == (kpi.n, kpi.numerator or 0), kpi
            assert set(hits) <= set(behind)


def test_contacts_behind_a_time_are_those_that_have_one(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    kpi = kpis(facts, as_of=AS_OF).get("resolution_time_median")
    assert len(conversations_behind(facts, "resolution_time_median", as_of=AS_OF)) == kpi.n


def test_contacts_come_newest_first_and_only_as_many_as_asked_for(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    newest = sorted(ROWS, key=lambda row: row["started_at"], reverse=True)
    found = conversations_behind(build_daily(facts), "resolution_contained", limit=3)
    assert found == tuple(row["contact_id"] for row in newest[:3])


def test_nothing_lies_behind_a_metric_from_elsewhere(facts: duckdb.DuckDBPyConnection) -> None:
    assert conversations_behind(facts, "pass_k") == ()


def test_a_week_says_how_many_of_its_contacts_are_still_open(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    for metric in ("resolution_assumed", "still_open"):
        for point in trend(facts, metric, "week").points:
            rows = [row for row in ROWS if week_of(row["started_at"]) == point.start]
            assert point.still_open == sum(row["ended_at"] is None for row in rows)
