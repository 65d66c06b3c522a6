"""The daily pre-aggregate answers exactly as single contacts do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.measure.contact_rows import START, connection_with, random_contacts
from tests.measure.ledger_story import SetClock, Story, open_store
from workbench.config import CostSettings, Settings
from workbench.measure.aggregate import (
    QUANTILE_ROLLUPS,
    ROLLUPS,
    Daily,
    KeptDaily,
    build_daily,
)
from workbench.measure.facts import open_history
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
    {"by": ("channel", "intent", "level", "month")},
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


def rows_read(daily: Daily, columns: set[str], as_of: datetime | None = None) -> int | None:
    """How many rows of the pre-aggregate a question reads; None: it goes to the contacts."""
    source = daily.source(columns, daily.settings, as_of)
    if source is None:
        return None
    ((rows,),) = source.connection.execute(f"SELECT count(*) FROM {source.sql}").fetchall()
    return int(rows)


def test_a_question_reads_the_smallest_roll_up_that_knows_its_columns(
    facts: duckdb.DuckDBPyConnection, daily: Daily
) -> None:
    def groups(*columns: str) -> int:
        keys = ", ".join(("started_at::DATE", "phase", *columns))
        return len(facts.execute(f"SELECT DISTINCT {keys} FROM contact").fetchall())

    assert rows_read(daily, {"day", "phase"}) == groups()
    assert rows_read(daily, {"week", "intent"}) == groups("flow", "intent")
    assert rows_read(daily, {"intent", "channel"}) == groups("flow", "intent", "channel")
    assert rows_read(daily, {"channel", "level"}) is None
    assert rows_read(daily, {"rule_id"}) is None


def test_another_time_or_other_costs_are_computed_from_contacts(
    facts: duckdb.DuckDBPyConnection, daily: Daily
) -> None:
    later = daily.as_of + timedelta(days=3)
    dear = Settings(cost=CostSettings(human_hour=Decimal(90)))
    assert rows_read(daily, set(), later) is None
    assert kpis(daily, as_of=later) == kpis(facts, as_of=later)
    assert kpis(daily, settings=dear) == kpis(facts, settings=dear)


def test_threads_may_ask_the_same_days_at_once(daily: Daily) -> None:
    expected = kpis(daily, by=("intent",))
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: kpis(daily, by=("intent",)), range(16)))
    assert all(report == expected for report in asked)


def test_days_leave_nothing_behind_when_they_are_dropped(facts: duckdb.DuckDBPyConnection) -> None:
    def tables() -> list[tuple[str]]:
        return facts.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()

    before = tables()
    days = build_daily(facts)
    assert len(tables()) == len(before) + len(ROLLUPS) + len(QUANTILE_ROLLUPS)
    days.drop()
    assert tables() == before


def test_no_contacts_make_empty_days() -> None:
    empty = connection_with([])
    assert kpis(build_daily(empty), by=("intent",)) == kpis(empty, by=("intent",))


def test_kept_days_are_built_again_after_a_change_but_not_too_often(tmp_path: Path) -> None:
    clock, url = SetClock(), f"sqlite:///{tmp_path / 'store.db'}"
    with (
        open_store(url, clock) as store,
        open_history(tmp_path / "history", Settings(), store_url=url, clock=clock) as history,
    ):
        kept = KeptDaily(history, clock=clock, at_most_every=timedelta(minutes=5))
        counts = []
        for number in range(4):
            Story(store, f"conv-{number}").begin()
            counts.append(kpis(kept.get()).contacts)
            clock.pass_time(minutes=3)
        assert counts == [1, 1, 3, 3]
        assert kept.get() is kept.get()


def test_without_a_change_kept_days_stay(tmp_path: Path) -> None:
    clock = SetClock()
    with open_history(tmp_path / "history", Settings(), clock=clock) as history:
        kept = KeptDaily(history, clock=clock, at_most_every=timedelta(0))
        first = kept.get()
        clock.pass_time(days=1)
        assert kept.get() is first
