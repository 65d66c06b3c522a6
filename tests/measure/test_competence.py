"""Competence meets stakes: automation is recommended where errors are proven to be borne."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scipy.stats import beta

from tests.measure.contact_rows import Row, connection_with
from tests.measure.decided_contacts import sample_policy
from workbench.errors import InputError
from workbench.measure.charts_competence import competence_chart
from workbench.measure.trust.calibration import reliability
from workbench.measure.trust.competence import CompetenceReport, competence
from workbench.records.contacts import Contact
from workbench.records.decisions import Level
from workbench.records.signals import Stakes

POLICY = sample_policy()


def answers(intent: str, judged: int, wrong: int, confidence: float = 0.9, **more) -> list[Row]:
    return [
        Contact(
            contact_id=f"{intent}-{confidence}-{number:04}",
            customer_id="C-1",
            started_at=datetime(2026, 3, 2, tzinfo=UTC),
            intent=intent,
            confidence=confidence,
            judged=number < judged,
            wrong=number < wrong,
            **more,
        ).model_dump()
        for number in range(max(judged, 1))
    ]


def measured(rows: list[Row], stakes: Stakes = Stakes.MEDIUM) -> CompetenceReport:
    assert POLICY.competence
    intents = {row["intent"]: stakes for row in rows}
    with connection_with(rows) as connection:
        return competence(connection, POLICY, intents, POLICY.competence)


@pytest.mark.parametrize(
    ("judged", "wrong", "stakes", "level", "words"),
    [
        (400, 4, "medium", "automate", "at most 2.27 % wrong; medium stakes bear 3 %"),
        (400, 4, "high", "assist", "label 513 more, all of them right"),
        (60, 1, "low", "automate", "low stakes bear 10 %"),
        (20, 0, "low", "assist", "not enough evidence, low stakes bear 10 %: label 9 more"),
        (100, 30, "medium", "assist", "no threshold makes it safe to automate"),
        (100, 60, "medium", "escalate", "even suggestions would mislead"),
        (0, 0, "medium", "assist", "label 99 more"),
    ],
)
def test_the_level_follows_the_bounds_and_says_why(judged, wrong, stakes, level, words) -> None:
    row = measured(answers("topic", judged, wrong), Stakes(stakes)).of("topic")
    assert (row.recommended, row.judged, row.wrong) == (Level(level), judged, wrong)
    assert words in row.reason


def test_bounds_are_exact() -> None:
    row = measured(answers("topic", 80, 5)).of("topic")
    assert row.error_high == pytest.approx(beta.ppf(0.95, 6, 75))
    assert row.error_low == pytest.approx(beta.ppf(0.05, 5, 76))
    assert row.accuracy == pytest.approx(75 / 80)


def test_answers_below_the_threshold_do_not_count() -> None:
    rows = [*answers("topic", 100, 0), *answers("topic", 50, 50, confidence=0.3)]
    assert measured(rows).of("topic").judged == 100


def test_errors_at_low_confidence_ask_for_a_higher_threshold() -> None:
    rows = [*answers("topic", 100, 0, 0.95), *answers("topic", 60, 30, 0.6)]
    row = measured(rows).of("topic")
    assert row.recommended is Level.ASSIST and "try a higher threshold" in row.reason


def test_labels_can_refuse_automation_but_never_grant_it() -> None:
    misread = answers("topic", 0, 0, 0.9, true_intent="other")
    misread = [row | {"contact_id": f"m-{n}"} for n, row in enumerate(misread * 60)]
    right = [row | {"true_intent": "topic"} for row in misread]
    refused = measured(misread).of("topic")
    assert (refused.labelled, refused.misread) == (60, 60)
    assert refused.recommended is Level.ASSIST and "is misread" in refused.reason
    assert measured(right).of("topic").recommended is Level.ASSIST


def test_intents_with_the_most_at_stake_come_first_and_unknown_ones_are_refused() -> None:
    assert POLICY.competence
    stakes = {"a": Stakes.LOW, "b": Stakes.HIGH, "c": Stakes.MEDIUM, "d": Stakes.HIGH}
    with connection_with(answers("a", 10, 0)) as connection:
        report = competence(connection, POLICY, stakes, POLICY.competence)
    assert [row.intent for row in report.rows] == ["b", "d", "c", "a"]
    with pytest.raises(InputError, match="'nothing' is not a declared intent"):
        report.of("nothing")


def test_reliability_adds_up_to_the_judged_answers() -> None:
    rows = [*answers("a", 50, 5, 0.95), *answers("b", 40, 20, 0.55), *answers("c", 10, 9, 0.2)]
    with connection_with(rows) as connection:
        bins = reliability(connection)
    assert [(one.n, round(one.accuracy, 9)) for one in bins] == [(10, 0.1), (40, 0.5), (50, 0.9)]
    assert all(one.low < one.accuracy < one.high for one in bins)


def test_the_chart_names_every_intent_and_tells_its_levels_in_words() -> None:
    report = measured([*answers("a", 200, 0), *answers("b", 100, 50)])
    figure = competence_chart(report)
    named = {name for trace in figure.data for name in trace.y}
    assert named == {"a (medium)", "b (medium)"}
    assert figure.layout.meta["alt"] == ("Recommended levels: automate 1, assist 0, escalate 1.")
