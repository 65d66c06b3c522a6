"""KPIs against a second computation, by slice, empty, immature, and against a baseline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.measure.contact_rows import START, Row, connection_with, random_contacts
from tests.measure.second_opinion import SECOND_OPINIONS, is_grown
from workbench.config import CostSettings, Settings
from workbench.errors import InputError
from workbench.measure.intervals import clopper_pearson_upper
from workbench.measure.kpis import kpis
from workbench.measure.metrics import load_metrics
from workbench.measure.report import Baseline, Kpi, Status, Verdict

AS_OF = datetime(2026, 4, 10, 15, tzinfo=UTC)
ROWS = random_contacts(2_000)


@pytest.fixture(scope="module")
def facts() -> duckdb.DuckDBPyConnection:
    return connection_with(ROWS)


def agrees(kpi: Kpi, rows: list[Row]) -> bool:
    expected = SECOND_OPINIONS[kpi.metric].of(rows, AS_OF)
    return kpi.value == (None if expected is None else pytest.approx(expected, rel=1e-6))


def test_every_metric_over_contacts_has_a_second_opinion() -> None:
    computed = {m.name for m in load_metrics().pick() if m.from_contacts}
    in_business_hours = {name for name in computed if "_work_" in name}
    assert computed - in_business_hours == set(SECOND_OPINIONS)


def test_every_metric_agrees_with_its_second_opinion(facts: duckdb.DuckDBPyConnection) -> None:
    report = kpis(facts, as_of=AS_OF, metrics=SECOND_OPINIONS)
    assert [kpi.metric for kpi in report.totals if not agrees(kpi, ROWS)] == []


@pytest.mark.parametrize("by", [("intent",), ("channel", "segment"), ("level",), ("rule_id",)])
def test_every_slice_agrees_with_its_second_opinion(
    facts: duckdb.DuckDBPyConnection, by: tuple[str, ...]
) -> None:
    report = kpis(facts, by=by, as_of=AS_OF, metrics=SECOND_OPINIONS)
    slices = {tuple(row[name] for name in by) for row in ROWS}
    assert {tuple(k.slice.values()) for k in report.rows if k.slice} == slices
    for kpi in report.rows:
        rows = [row for row in ROWS if all(row[name] == kpi.slice[name] for name in kpi.slice)]
        assert agrees(kpi, rows), kpi


SCOPES: list[tuple[dict[str, Any], Callable[[Row], bool]]] = [
    ({"since": date(2026, 3, 9)}, lambda row: row["started_at"].date() >= date(2026, 3, 9)),
    ({"until": date(2026, 3, 9)}, lambda row: row["started_at"].date() < date(2026, 3, 9)),
    (
        {"since": START + timedelta(hours=30), "until": START + timedelta(hours=300)},
        lambda row: timedelta(hours=30) <= row["started_at"] - START < timedelta(hours=300),
    ),
    ({"phase": "baseline"}, lambda row: row["phase"] == "baseline"),
    (
        {"where": {"channel": ("chat", "email"), "segment": None}},
        lambda row: row["channel"] in ("chat", "email") and row["segment"] is None,
    ),
    (
        {"where": {"intent": [None, "case_status"]}},
        lambda row: row["intent"] in (None, "case_status"),
    ),
    ({"where": {"handed_off": True}}, lambda row: row["handed_off"]),
    (
        {"where": {"week": date(2026, 3, 9)}},
        lambda row: date(2026, 3, 9) <= row["started_at"].date() < date(2026, 3, 16),
    ),
]


@pytest.mark.parametrize(("scope", "belongs"), SCOPES)
def test_a_scope_counts_exactly_the_contacts_that_belong_to_it(
    facts: duckdb.DuckDBPyConnection, scope: dict[str, Any], belongs: Callable[[Row], bool]
) -> None:
    rows = [row for row in ROWS if belongs(row)]
    report = kpis(facts, as_of=AS_OF, metrics=SECOND_OPINIONS, **scope)
    assert report.contacts == len(rows)
    assert [kpi.metric for kpi in report.totals if not agrees(kpi, rows)] == []


def test_periods_start_on_the_day_on_the_monday_and_on_the_first(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    first = {
        step: min(k.slice[step] for k in kpis(facts, by=(step,)).rows if k.slice)
        for step in ("day", "week", "month")
    }
    assert first == {
        "day": date(2026, 3, 2),
        "week": date(2026, 3, 2),
        "month": date(2026, 3, 1),
    }


def test_counts_are_exact_whole_numbers_behind_every_ratio(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    kpi = kpis(facts, metrics=["cost_per_contact"]).get("cost_per_contact")
    seconds = sum(row["talk_s"] + row["hold_s"] + row["wrap_s"] for row in ROWS)
    micros = sum(
        row["model_cost_micros"] + row["tool_cost_micros"] + row["telephony_cost_micros"]
        for row in ROWS
    )
    assert kpi.numerator == seconds * 12_600_000 + micros * 1_000
    assert kpi.denominator == kpi.n == len(ROWS)


def test_the_share_of_all_slices_adds_up_to_the_total(facts: duckdb.DuckDBPyConnection) -> None:
    report = kpis(facts, by=("intent", "channel"), as_of=AS_OF)
    for total in report.totals:
        parts = report.slices(total.metric)
        if total.numerator is not None:
            assert sum(part.numerator or 0 for part in parts) == total.numerator
            assert sum(part.denominator or 0 for part in parts) == total.denominator
        assert sum(part.n for part in parts) == total.n


def test_a_kpi_without_data_has_no_value_and_says_so() -> None:
    report = kpis(connection_with([]), by=("intent",))
    assert report.contacts == 0
    assert {(kpi.value, kpi.low, kpi.n, kpi.status) for kpi in report.rows} == {
        (None, None, 0, Status.NO_DATA)
    }
    assert "no data" in repr(report)


def test_a_metric_from_elsewhere_says_where_it_comes_from(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    kpi = kpis(facts, metrics=["pass_k"]).get("pass_k")
    assert (kpi.value, kpi.note) == (None, "comes from scenario runs, not from contacts")


def test_contacts_of_the_last_days_do_not_count_as_durable() -> None:
    rows = [
        {**ROWS[0], "contact_id": f"c{day}", "started_at": AS_OF - timedelta(days=day)}
        for day in range(12)
    ]
    report = kpis(connection_with(rows), as_of=AS_OF)
    grown = sum(is_grown(row, AS_OF, 7) for row in rows)
    assert grown == 4
    assert report.get("resolution_durable").n == report.get("repeat_contact").n == grown
    assert report.get("resolution_assumed").n == 12


def test_a_cohort_that_is_too_young_says_from_when_contacts_count() -> None:
    rows = [{**ROWS[0], "started_at": AS_OF}]
    kpi = kpis(connection_with(rows), as_of=AS_OF).get("repeat_contact")
    assert (kpi.value, kpi.note) == (None, "counts contacts up to 2026-04-02, the last mature day")


def test_without_a_time_days_mature_by_the_last_known_time() -> None:
    rows = [{**ROWS[0], "started_at": START, "ended_at": START + timedelta(days=8)}]
    report = kpis(connection_with(rows))
    assert report.as_of == START + timedelta(days=8)
    assert report.get("repeat_contact").n == 1


def test_wrong_automation_carries_its_exact_upper_bound(
    facts: duckdb.DuckDBPyConnection,
) -> None:
    kpi = kpis(facts, metrics=["wrong_automation"]).get("wrong_automation")
    assert kpi.upper_bound == clopper_pearson_upper(kpi.numerator or 0, kpi.n, 0.95)
    assert kpi.upper_bound > (kpi.value or 0)


def test_a_promise_is_met_only_by_its_upper_bound() -> None:
    def judged(count: int) -> Kpi:
        rows = [
            {**ROWS[0], "contact_id": f"c{i}", "level": "automate", "judged": True, "wrong": False}
            for i in range(count)
        ]
        return kpis(connection_with(rows)).get("wrong_automation")

    assert judged(90).status is Status.UNCLEAR
    assert judged(120).status is Status.MET


@pytest.mark.parametrize(
    ("solved", "of", "status"),
    [(95, 100, Status.MET), (75, 100, Status.UNCLEAR), (20, 100, Status.MISSED)],
)
def test_a_target_is_judged_by_the_whole_interval(solved: int, of: int, status: Status) -> None:
    rows = [
        {**ROWS[0], "contact_id": f"c{i}", "resolution": "assumed" if i < solved else None}
        for i in range(of)
    ]
    assert kpis(connection_with(rows)).get("resolution_assumed").status is status


def test_costs_follow_the_settings(facts: duckdb.DuckDBPyConnection) -> None:
    def per_contact(**cost: Any) -> float:
        settings = Settings(cost=CostSettings(**cost))
        value = kpis(facts, metrics=["cost_per_contact"], settings=settings).totals[0].value
        assert value is not None
        return value

    machines = per_contact(human_hour=0)
    people = per_contact() - machines
    assert per_contact(concurrency=2) - machines == pytest.approx(people / 2, rel=1e-6)
    assert per_contact(supervision_share=0) - machines == pytest.approx(people / 1.08, rel=1e-6)


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ({"by": ("colour",)}, "no column 'colour'"),
        ({"where": {"1=1; DROP TABLE x": 1}}, "no column"),
        ({"metrics": ["happiness"]}, "no metric 'happiness'"),
    ],
)
def test_unknown_names_are_refused_with_those_that_exist(
    facts: duckdb.DuckDBPyConnection, question: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        kpis(facts, **question)


def test_a_filter_value_is_data_and_never_sql(facts: duckdb.DuckDBPyConnection) -> None:
    assert kpis(facts, where={"intent": "x' OR '1'='1"}).contacts == 0


def test_a_report_shows_itself_as_text_html_and_json(facts: duckdb.DuckDBPyConnection) -> None:
    report = kpis(facts, by=("intent",), metrics=["containment", "cost_per_contact", "aht"])
    assert "Containment rate" in repr(report) and "case_status" in repr(report)
    assert report._repr_html_().count("<tr>") == 1 + 3 * 5
    assert report.to_dict()["rows"][0]["metric"] == "containment"


def test_html_escapes_what_customers_could_have_written() -> None:
    rows = [{**ROWS[0], "intent": "<script>alert(1)</script>"}]
    html = kpis(connection_with(rows), by=("intent",))._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_a_clear_improvement_over_the_baseline_is_called_better() -> None:
    def report_with(solved: int) -> Any:
        rows = [
            {**ROWS[0], "contact_id": f"c{i}", "resolution": "assumed" if i < solved else None}
            for i in range(400)
        ]
        return connection_with(rows)

    before = kpis(report_with(200), metrics=["resolution_assumed"])
    fields = before.model_dump(include=set(Baseline.model_fields)) | {"rows": before.rows}
    baseline = Baseline.model_validate(fields)
    now = kpis(report_with(280), metrics=["resolution_assumed"], baseline=baseline)
    kpi = now.get("resolution_assumed")
    assert (kpi.baseline, kpi.verdict) == (0.5, Verdict.BETTER)
    assert kpi.change == pytest.approx(0.2)
    same = kpis(report_with(205), metrics=["resolution_assumed"], baseline=baseline)
    assert same.get("resolution_assumed").verdict is Verdict.UNCLEAR
