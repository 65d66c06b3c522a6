"""A replay tells exactly what two policies decide, and bounds what history cannot know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean

import pytest

from tests.measure.contact_rows import Row, connection_with, random_contacts
from tests.measure.decided_contacts import (
    Oracle,
    by_person,
    decidable_contacts,
    decide,
    is_resolved,
    people_seconds,
    sample_policy,
    share,
)
from workbench.config import Settings
from workbench.decide import Policy
from workbench.errors import InputError
from workbench.measure.cube import Point
from workbench.measure.replay import FEW, REPLAYED_METRICS, replay, thin_evidence
from workbench.measure.replay_report import Range, ReplayReport
from workbench.measure.sums import newest_mature_day
from workbench.records.decisions import Level


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return decidable_contacts(2_000)


@pytest.fixture(scope="module")
def before() -> Policy:
    return sample_policy()


@pytest.fixture(scope="module")
def after(before: Policy) -> Policy:
    return before.with_settings({"confidence": 0.4, "threshold.stakes.high": 0.5})


@pytest.fixture(scope="module")
def report(rows: list[Row], before: Policy, after: Policy) -> ReplayReport:
    with connection_with(rows) as connection:
        return replay(connection, before, after, changes=10_000)


def test_levels_are_what_the_policy_in_python_decides(
    report: ReplayReport, rows: list[Row], before: Policy, after: Policy
) -> None:
    expected_before = Counter(decide(before, row) for row in rows)
    expected_after = Counter(decide(after, row) for row in rows)
    assert {c.level: c.before for c in report.levels} == expected_before
    assert {c.level: c.after for c in report.levels} == expected_after
    assert report.contacts == len(rows)


def test_the_contacts_that_change_are_listed_with_rule_and_words(
    report: ReplayReport, rows: list[Row], before: Policy, after: Policy
) -> None:
    moved = {
        row["contact_id"]: (decide(before, row), decide(after, row))
        for row in rows
        if decide(before, row) != decide(after, row)
    }
    assert report.changed == len(moved) > 50
    assert {c.contact_id: (c.level_before, c.level_after) for c in report.changes} == moved
    times = [change.started_at for change in report.changes]
    assert times == sorted(times, reverse=True)
    opened = next(c for c in report.changes if c.level_after is Level.AUTOMATE)
    assert (opened.rule_before, opened.rule_after, opened.reason) == (
        opened.rule_before,
        "confident",
        "",
    )
    assert opened.summary == "<b>where is my invoice?</b>"


def kpi_by_hand(metric: str, rows: Sequence[Row], settings: Settings) -> float | None:
    """The KPI's words in Python."""
    last = max(row["ended_at"] or row["started_at"] for row in rows)
    mature = newest_mature_day(last, 2)
    match metric:
        case "automation_share":
            return share(rows, lambda r: r["level"] == "automate", lambda r: r["level"])
        case "containment":
            return share(
                rows,
                lambda r: not (r["handed_off"] or r["called_back"] or r["abandoned"]),
                lambda r: r["entered_automation"],
            )
        case "deflection":
            return share(
                rows,
                lambda r: is_resolved(r) and not by_person(r) and not r["repeated_48h"],
                lambda r: r["eligible"] and mature and r["started_at"].date() <= mature,
            )
        case "resolution_assumed":
            return share(rows, is_resolved, lambda r: True)
        case "wrong_automation":
            return share(
                rows, lambda r: r["wrong"], lambda r: r["level"] == "automate" and r["judged"]
            )
        case "escalation":
            return share(
                rows,
                lambda r: r["handed_off"],
                lambda r: r["entered_automation"] and r["engaged"],
            )
        case "human_time":
            return fmean(people_seconds(row) for row in rows)
    hour = settings.cost.human_hour * (1 + settings.cost.supervision_share)
    other = ("model_cost_micros", "tool_cost_micros", "telephony_cost_micros")
    return fmean(
        float(hour) / 3600 * people_seconds(row) + sum(row[name] for name in other) / 1e6
        for row in rows
    )


@pytest.mark.parametrize("metric", REPLAYED_METRICS)
def test_every_range_is_what_a_second_account_by_hand_gives(
    metric: str, report: ReplayReport, rows: list[Row], before: Policy, after: Policy
) -> None:
    oracle = Oracle(rows)

    def by_hand(policy: Policy, *, hopeful: bool) -> float | None:
        told = [oracle.outcome(r, decide(policy, r), hopeful=hopeful) for r in rows]
        return kpi_by_hand(metric, told, Settings())

    found = report.kpi(metric)
    for policy, measured in ((before, found.before), (after, found.after)):
        accounts = [by_hand(policy, hopeful=hopeful) for hopeful in (False, True)]
        expected = Range.of(accounts)
        assert measured.low == pytest.approx(expected.low, abs=1e-9)
        assert measured.high == pytest.approx(expected.high, abs=1e-9)


def test_nothing_changes_between_a_policy_and_itself(rows: list[Row], before: Policy) -> None:
    with connection_with(rows) as connection:
        same = replay(connection, before, before)
    assert same.changed == 0
    assert same.changes == ()
    assert {(kpi.change.low, kpi.change.high) for kpi in same.kpis} == {(0.0, 0.0)}


def test_history_decided_by_the_policy_itself_is_known_exactly(
    rows: list[Row], before: Policy
) -> None:
    recorded = [{**row, "level": str(decide(before, row))} for row in rows]
    with connection_with(recorded) as connection:
        same = replay(connection, before, before)
    assert all(kpi.before.low == kpi.before.high for kpi in same.kpis)
    assert not any("another level" in warning for warning in same.warnings)


def test_switching_off_a_rule_is_replayed_too(rows: list[Row], before: Policy) -> None:
    with connection_with(rows) as connection:
        report = replay(connection, before, before.with_settings({"rule.confident": "off"}))
    assert report.level(Level.AUTOMATE).before > report.level(Level.AUTOMATE).after == 0
    assert report.kpi("wrong_automation").after == Range(low=None, high=None)
    assert any("No automated answer was judged" in warning for warning in report.warnings)


def test_few_contacts_are_warned_of(before: Policy, after: Policy) -> None:
    with connection_with(decidable_contacts(FEW - 1)) as connection:
        report = replay(connection, before, after)
    assert any(f"Only {FEW - 1} contacts" in warning for warning in report.warnings)
    assert any("were judged" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("judged", "automate", "words"),
    [
        ((FEW, FEW), (200, 200), None),
        ((FEW, FEW + 1), (200, 300), None),
        ((FEW, FEW), (200, 300), "None of the newly automated answers was judged"),
        ((FEW, FEW - 1), (200, 150), f"Only {FEW - 1} automated answers were judged"),
        ((0, 0), (FEW - 1, FEW - 1), f"Only {FEW - 1} contacts"),
    ],
)
def test_thin_evidence_for_a_proposal_is_said(
    judged: tuple[int, int], automate: tuple[int, int], words: str | None
) -> None:
    now, then = (
        Point(0.5, automated, 0, 0, checked, 0, 0, 0, 0, 0)
        for automated, checked in zip(automate, judged, strict=True)
    )
    said = thin_evidence(now, then)
    assert said is None if words is None else words in str(said)


def test_an_empty_history_has_no_data_and_no_zeros(before: Policy, after: Policy) -> None:
    with connection_with(random_contacts(1)) as connection:
        report = replay(connection, before, after, where={"customer_id": "nobody"})
    assert report.contacts == 0
    assert {kpi.before.low for kpi in report.kpis} == {None}
    assert "-" in repr(report)


def test_a_part_of_history_is_replayed_by_time_and_columns(
    rows: list[Row], before: Policy, after: Policy
) -> None:
    start = min(row["started_at"] for row in rows) + timedelta(days=10)
    with connection_with(rows) as connection:
        report = replay(connection, before, after, since=start, where={"channel": "email"})
        with pytest.raises(InputError, match="no column"):
            replay(connection, before, after, where={"weather": "fine"})
    part = [row for row in rows if row["started_at"] >= start and row["channel"] == "email"]
    assert report.contacts == len(part)


def test_the_report_shows_itself_as_text_html_and_json(report: ReplayReport) -> None:
    assert f"{report.changed:,} change level" in repr(report)
    assert "Containment rate" in report._repr_html_()
    as_json = json.loads(json.dumps(report.to_dict()))
    assert as_json["changed"] == report.changed
    assert as_json["levels"][0].keys() == {"level", "before", "after"}


def test_a_replay_leaves_nothing_behind(rows: list[Row], before: Policy, after: Policy) -> None:
    with connection_with(rows) as connection:
        replay(connection, before, after)
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)
