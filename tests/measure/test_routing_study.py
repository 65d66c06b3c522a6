"""Routing rules against plain ways of routing on the same arrivals; differences between groups."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from front_door import SAMPLE, sample_workbench

from workbench import Workbench
from workbench.config import load_settings
from workbench.errors import InputError
from workbench.measure.routing_bias import LEVEL, WAIT, routing_bias
from workbench.measure.routing_study import FIFO, OTHERS, RULES, SKILL, URGENT, routing_study
from workbench.measure.staffing.simulation import Crew

SETTINGS = load_settings(SAMPLE, environ={})


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("routing")) as opened:
        yield opened


def made_history(contacts: str) -> duckdb.DuckDBPyConnection:
    """A relation `contact` of 900 contacts by the SELECT list over `i`."""
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW contact AS SELECT {contacts} FROM range(900) t(i)")
    return connection


HANDLED = """
    CASE WHEN i % 9 = 0 THEN 'care' ELSE 'billing' END AS queue, 1 + (i % 10 = 0)::INT AS human_agents,
    300 + 100 * (i % 10 = 0)::INT AS talk_s, 0 AS hold_s, 0 AS wrap_s,
    TIMESTAMPTZ '2026-05-04 07:00:00+00' + to_seconds(i * 31) AS started_at
"""  # noqa: E501


def test_routing_rules_help_the_urgent_without_making_others_break_their_promise(
    workbench: Workbench,
) -> None:
    study = workbench.routing.study()
    print(f"\n{study}")
    gains = {(gain.than, gain.group): gain for gain in study.gains}
    for than in (FIFO, SKILL):
        urgent, others = gains[than, URGENT], gains[than, OTHERS]
        assert urgent.interval and urgent.interval.low > 0
        assert others.interval and others.interval.high >= 0 and others.met > -0.002
    assert {f.contacts for f in study.findings if f.group == URGENT} == {
        next(f.contacts for f in study.findings if f.group == URGENT)
    }, "every way gets the same contacts"


def test_the_same_seed_gives_the_same_study(workbench: Workbench) -> None:
    assert workbench.routing.study(days=2, seed=5) == workbench.routing.study(days=2, seed=5)
    assert workbench.routing.study(days=2, seed=5) != workbench.routing.study(days=2, seed=6)


def test_without_urgent_queues_rules_are_worth_exactly_nothing_over_skill() -> None:
    crews = [Crew(2, frozenset({"billing"})), Crew(1, frozenset({"billing", "care"}))]
    study = routing_study(made_history(HANDLED), SETTINGS, crews, {}, days=3)
    met = {(f.routing, f.group): (f.met, f.wait_minutes) for f in study.findings}
    assert set(met) == {(way, OTHERS) for way in (FIFO, SKILL, RULES)}
    assert met[RULES, OTHERS] == met[SKILL, OTHERS]


def test_where_everybody_can_do_everything_skill_is_worth_exactly_nothing() -> None:
    crews = [Crew(3, frozenset({"billing", "care"}))]
    study = routing_study(made_history(HANDLED), SETTINGS, crews, {"care": "P1"}, days=3)
    met = {(f.routing, f.group): (f.met, f.wait_minutes) for f in study.findings}
    assert study.unskilled_factor == pytest.approx(400 / 300)
    for group in (URGENT, OTHERS):
        assert met[FIFO, group] == met[SKILL, group]
    assert met[RULES, URGENT][1] < met[SKILL, URGENT][1]


def test_a_queue_without_people_and_a_history_without_contacts_are_refused() -> None:
    with pytest.raises(InputError, match="Nobody works for care"):
        routing_study(made_history(HANDLED), SETTINGS, [Crew(1, frozenset({"billing"}))], {})
    nobody = made_history(HANDLED.replace("1 + (i % 10 = 0)::INT AS", "0 AS"))
    with pytest.raises(InputError, match="No contact"):
        routing_study(nobody, SETTINGS, [Crew(1, frozenset({"billing"}))], {})


def decided(level: str, wait: str) -> str:
    """900 decided contacts: three segments of equal size, two intents that differ."""
    return f"""
        ['a', 'b', 'c'][1 + i % 3] AS segment, CASE WHEN i % 2 = 0 THEN 'en' ELSE 'de' END AS language,
        CASE WHEN i % 5 < 2 THEN 'easy' ELSE 'hard' END AS intent, {level} AS level,
        false AS handed_off, false AS entered_automation, 1 AS human_agents,
        {wait} AS first_response_work_s
    """  # noqa: E501


CHANCE = "CASE WHEN hash(i) % 2 = 0 THEN 'automate' ELSE 'escalate' END"


def test_a_group_that_is_treated_alike_is_not_flagged() -> None:
    report = routing_bias(made_history(decided(CHANCE, "600 + hash(i * 7) % 600")))
    assert len(report.differences) == 10 and report.flagged == ()


def test_a_group_that_waits_longer_is_flagged_with_how_much() -> None:
    slow = "600 + hash(i * 7) % 600 + CASE WHEN i % 3 = 2 THEN 600 ELSE 0 END"
    flagged = routing_bias(made_history(decided(CHANCE, slow))).flagged
    [worst] = [each for each in flagged if each.value > 0]
    assert (worst.measure, worst.dimension, worst.group) == (WAIT, "segment", "c")
    assert worst.interval.low < 10 < worst.interval.high
    assert {each.group for each in flagged if each.value < 0} <= {"a", "b"}


def test_a_group_is_not_flagged_for_what_it_asks() -> None:
    """Easy matters are automated for all alike, and one language asks more of them."""
    asks = decided("CASE WHEN intent = 'easy' THEN 'automate' ELSE 'escalate' END", "600")
    asks = asks.replace("i % 5 < 2", "i % 2 = 0 AND i % 5 < 4 OR i % 5 < 1")
    connection = made_history(asks)
    [easy] = connection.execute(
        "SELECT avg((intent = 'easy')::INT) FILTER (language = 'en')"
        " - avg((intent = 'easy')::INT) FILTER (language = 'de') FROM contact"
    ).fetchone() or [0]
    assert easy > 0.3
    assert not [each for each in routing_bias(connection).flagged if each.measure == LEVEL]


def test_the_sample_is_checked(workbench: Workbench) -> None:
    report = workbench.routing.check()
    print(f"\n{report}")
    assert {each.dimension for each in report.differences} == {"segment", "language"}
    assert all(each.n >= 30 for each in report.differences)
