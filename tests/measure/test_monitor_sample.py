"""The sample's planted truths, found week by week without a look at the future."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from front_door import ROOT

from workbench.config import MonitoringSettings, Settings, load_settings
from workbench.measure.monitoring.report import MonitorReport, drift, monitor
from workbench.sample.planted import COPY_TOOL_FAULT, NEW_WORDING, PRICE_CHANGE

FIRST = date(2025, 11, 3)
END = date(2026, 5, 4)
PARQUET = ROOT / "sample_data" / "history" / "contacts.parquet"
FOUND = {
    "model_unsure": (NEW_WORDING.first_day, None),
    "tool_failing": (COPY_TOOL_FAULT.first_day, COPY_TOOL_FAULT.last_day),
    "demand_changed": (PRICE_CHANGE.first_day, PRICE_CHANGE.last_day),
}
KINDS = {"model_unsure": "model", "tool_failing": "process", "demand_changed": "customers"}


def opened(parquet: Path, condition: str = "TRUE") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"CREATE VIEW contact AS SELECT * FROM read_parquet('{parquet}') WHERE {condition}"
    )
    return connection


@pytest.fixture(scope="module")
def sample_settings() -> Settings:
    return load_settings(ROOT / "sample_data", {})


@pytest.fixture(scope="module")
def report(sample_settings: Settings) -> MonitorReport:
    return monitor(opened(PARQUET), sample_settings, END)


def test_every_planted_change_is_found_with_cause_and_days_and_nothing_else(
    report: MonitorReport, capsys
) -> None:
    with capsys.disabled():
        print(f"\n{report}")
    assert {one.cause: (one.since, one.until) for one in report.diagnoses} == FOUND
    assert {one.cause: one.kind for one in report.diagnoses} == KINDS


def test_each_is_named_at_the_end_of_its_first_week(report: MonitorReport) -> None:
    for one in report.diagnoses:
        sunday = one.since + timedelta(days=6 - one.since.weekday())
        assert one.found_on == sunday, one.cause


def test_the_drift_names_its_intents_its_words_and_the_fall_of_confidence(
    report: MonitorReport,
) -> None:
    (one,) = report.open
    assert set(one.intents) == set(NEW_WORDING.intents)
    assert one.terms[0].term == "nordlicht pay"
    confidence = next(each for each in one.evidence if each.name == "confidence")
    assert confidence.usual - confidence.now == pytest.approx(0.6 * NEW_WORDING.size, abs=0.05)
    assert report.verdict.startswith("The model drifted") and "16 March 2026" in report.verdict


def test_the_fault_names_the_tool_s_intent_and_its_contacts(report: MonitorReport) -> None:
    one = next(each for each in report.diagnoses if each.cause == "tool_failing")
    assert one.intents == COPY_TOOL_FAULT.intents
    rows = opened(PARQUET).execute(
        "SELECT intent, tool_failed FROM contact WHERE list_contains($ids, contact_id)",
        {"ids": list(one.contacts)},
    ).fetchall()  # fmt: skip
    assert rows and set(rows) == {("invoice_copy", True)}


def test_the_price_change_is_a_change_of_demand_and_no_fault(report: MonitorReport) -> None:
    one = next(each for each in report.diagnoses if each.cause == "demand_changed")
    assert one.title == "Customers come more often"
    assert set(one.intents) <= set(PRICE_CHANGE.intents) and "price_change" in one.intents
    busiest = max(report.weeks, key=lambda week: week.contacts)
    assert busiest.start == PRICE_CHANGE.first_day and busiest.kinds == ("customers",)
    assert busiest.expected is not None and busiest.contacts > 1.6 * busiest.expected


@pytest.mark.parametrize("week", [9, 16, 20, 25])
def test_an_alert_for_a_week_knows_nothing_of_what_came_later(
    sample_settings: Settings, report: MonitorReport, week: int
) -> None:
    """A history that ends there, without what was learned later of its last contacts."""
    end = FIRST + timedelta(weeks=week)
    ended = duckdb.connect()
    ended.execute("SET TimeZone = 'UTC'")
    ended.execute(f"""
        CREATE VIEW contact AS SELECT * REPLACE (
            repeated_7d AND started_at < DATE '{end - timedelta(days=7)}' AS repeated_7d,
            reopened AND started_at < DATE '{end - timedelta(days=14)}' AS reopened)
        FROM read_parquet('{PARQUET}') WHERE started_at < DATE '{end}'""")
    then = monitor(ended, sample_settings, end)
    assert then == monitor(opened(PARQUET), sample_settings, end)
    named = {one.cause: one.since for one in then.diagnoses}
    assert named == {o.cause: o.since for o in report.diagnoses if o.found_on < end}
    assert then.weeks == tuple(
        one.model_copy(update={"kinds": then.weeks[place].kinds})
        for place, one in enumerate(report.weeks[:week])
    )


def test_the_middle_of_a_week_ends_nothing_and_judges_only_what_has_passed(
    sample_settings: Settings,
) -> None:
    """On Wednesday the drift is still there although two days alone prove little."""
    wednesday = monitor(opened(PARQUET), sample_settings, date(2026, 4, 8))
    assert [one.cause for one in wednesday.open] == ["model_unsure"]
    assert wednesday.weeks[-1].contacts < 120


def test_features_move_where_the_drift_is_and_nowhere_else(
    report: MonitorReport, sample_settings: Settings, capsys
) -> None:
    assert [one.feature for one in report.drift if one.drifted] == ["confidence"]
    weekly = drift(opened(PARQUET), sample_settings, END, "week")
    quiet = [
        one
        for one in weekly
        if not any(week.start == one.start and week.kinds for week in report.weeks)
    ]
    alarms = sum(one.drifted for one in quiet)
    with capsys.disabled():
        print(
            f"\nfeatures over their limit in quiet weeks: {alarms} of {len(quiet)} (1 % promised)"
        )
    assert alarms <= 0.04 * len(quiet)
    daily = drift(opened(PARQUET), sample_settings, END, "day")
    assert len({one.start for one in daily}) > 100


def test_a_reference_period_of_one_s_own_is_kept_to(sample_settings: Settings) -> None:
    own = MonitoringSettings(
        reference_since=date(2026, 1, 26), reference_until=date(2026, 2, 16), reference_weeks=3
    )
    told = monitor(opened(PARQUET), sample_settings.model_copy(update={"monitoring": own}), END)
    causes = {one.cause for one in told.diagnoses}
    assert {"tool_failing", "model_unsure"} <= causes
    assert not any(week.judged for week in told.weeks[:15])


def test_there_is_nothing_to_say_without_contacts_or_with_too_few_weeks(
    sample_settings: Settings,
) -> None:
    assert "no contacts yet" in monitor(opened(PARQUET), sample_settings, FIRST).verdict
    few = monitor(opened(PARQUET), sample_settings, FIRST + timedelta(weeks=3))
    assert few.verdict.startswith("Not enough history yet") and not few.diagnoses


def test_the_check_of_the_sample_takes_at_most_two_seconds(
    sample_settings: Settings, capsys
) -> None:
    began = time.perf_counter()
    monitor(opened(PARQUET), sample_settings, END)
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n6,000 contacts, 26 weeks: {took:.2f} s")
    assert took <= 2
