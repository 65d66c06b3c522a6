"""The daily pre-aggregate answers exactly as single contacts do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.measure.contact_rows import START, connection_with, random_contacts
from workbench.config import CostSettings, Settings
from workbench.measure.aggregate import ROLLUPS, Daily, build_daily
from workbench.measure.kpis import kpis
from workbench.measure.trend import trend

QUESTIONS: list[dict[str, Any]] = [
    {},
    {"by": ("intent",)},
    {"by": ("flow", "intent")},
    {"by": ("intent", "level"), "phase": "pilot"},
    {"by": ("week", "channel"), "where": {"language": "de"}},
    {"by": ("month",), "where": {"segment": [None, "standard"]}},
    {"by": ("queue", "policy_version"), "since": date(2026, 3, 10), "until": date(2026, 3, 20)},
    {"by": ("channel", "intent", "level", "day")},
    {"by": ("rule_id",)},
    {"by": ("intent",), "where": {"handed_off": True}},
    {"by": ("intent",), "since": START + timedelta(hours=5)},
]


@pytest.fixture(scope="module")
def facts() -> duckdb.DuckDBPyConnection:
    return connection_with(random_contacts(1_500, seed=21))


@pytest.fixture(scope="module")
def daily(facts: duckdb.DuckDBPyConnection) -> Daily:
    return build_daily(facts)


@pytest.mark.parametrize("question", QUESTIONS)
def test_days_recombine_to_exactly_what_contacts_give(
    facts: duckdb.DuckDBPyConnection, daily: Daily, question: dict[str, Any]
) -> None:
    assert kpis(daily, **question) == kpis(facts, **question)


def test_a_trend_is_the_same_from_days(facts: duckdb.DuckDBPyConnection, daily: Daily) -> None:
    for metric in ("containment", "cost_per_contact", "first_response_p90", "repeat_contact"):
        assert trend(daily, metric, "week") == trend(facts, metric, "week")


def is_answered_by(daily: Daily, columns: set[str], as_of: datetime | None = None) -> str:
    source = daily.source(columns, daily.settings, as_of)
    return source.sql if source else "contacts"


def test_a_question_goes_to_the_smallest_table_that_knows_its_columns(daily: Daily) -> None:
    last = len(ROLLUPS) - 1
    assert is_answered_by(daily, {"day", "phase"}) == "daily_0"
    assert is_answered_by(daily, {"week", "intent"}) == "daily_1"
    assert is_answered_by(daily, {"intent", "channel"}) == f"daily_{last}"
    assert is_answered_by(daily, {"rule_id"}) == "contacts"


def test_another_time_or_other_costs_are_computed_from_contacts(
    facts: duckdb.DuckDBPyConnection, daily: Daily
) -> None:
    later = daily.as_of + timedelta(days=3)
    dear = Settings(cost=CostSettings(human_hour=Decimal(90)))
    assert is_answered_by(daily, set(), later) == "contacts"
    assert kpis(daily, as_of=later) == kpis(facts, as_of=later)
    assert kpis(daily, settings=dear) == kpis(facts, settings=dear)


def test_no_contacts_make_empty_days() -> None:
    empty = connection_with([])
    assert kpis(build_daily(empty), by=("intent",)) == kpis(empty, by=("intent",))
