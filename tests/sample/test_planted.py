"""The planted truths can be found again, by queries that know nothing of the generator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.decide.assignment import arm_of
from workbench.sample import TRUTHS
from workbench.sample.experiment import past_experiment
from workbench.sample.planted import (
    CONFIDENT_BUT_WRONG,
    COPY_TOOL_FAULT,
    MONDAYS,
    MONTH_START,
    MORE_CAREFUL,
    NEW_WORDING,
    PRICE_CHANGE,
)

WEEK = "date_diff('day', DATE '2025-11-03', started_at::DATE) // 7 + 1"
HOLIDAYS = "('2025-12-25','2025-12-26','2026-01-01','2026-04-03','2026-04-06','2026-05-01')"


@pytest.fixture(params=["large", "small"])
def ask(request: pytest.FixtureRequest) -> Any:
    """Both sizes: a truth that is only visible in a large history is of no use in the demo."""
    return request.getfixturevalue(request.param)


def test_a_monday_brings_half_as_much_again_as_a_wednesday(ask: Any) -> None:
    ((ratio,),) = ask(f"""
        WITH day AS (
            SELECT started_at::DATE AS d, count(*) AS n FROM contact
            WHERE {WEEK} NOT IN (8, 9, 22, 23) AND day(started_at) > 5
              AND started_at::DATE NOT IN {HOLIDAYS}
            GROUP BY 1)
        SELECT avg(n) FILTER (isodow(d) = 1) / avg(n) FILTER (isodow(d) = 3) FROM day""")
    print(f"\nMonday / Wednesday = {ratio:.2f}")
    assert ratio == pytest.approx(MONDAYS.size, rel=0.2)


def test_the_first_days_of_a_month_are_busier(ask: Any) -> None:
    ((ratio,),) = ask(f"""
        WITH day AS (
            SELECT started_at::DATE AS d, count(*) AS n FROM contact
            WHERE {WEEK} NOT IN (8, 9, 22, 23) AND started_at::DATE NOT IN {HOLIDAYS}
            GROUP BY 1),
        weekday AS (
            SELECT isodow(d) AS w, avg(n) FILTER (day(d) <= 5) AS early,
                   avg(n) FILTER (day(d) > 5) AS late
            FROM day WHERE isodow(d) <= 5 GROUP BY 1)
        SELECT avg(early / late) FROM weekday""")
    print(f"\nfirst five days / others = {ratio:.2f}")
    assert ratio == pytest.approx(MONTH_START.size, rel=0.15)


def test_week_nine_asks_about_prices(ask: Any) -> None:
    names = ", ".join(f"'{intent}'" for intent in PRICE_CHANGE.intents)
    ((in_week, before),) = ask(f"""
        SELECT avg((intent IN ({names}))::INT) FILTER ({WEEK} = 9),
               avg((intent IN ({names}))::INT) FILTER ({WEEK} < 9) FROM contact""")
    ((busiest,),) = ask(f"SELECT {WEEK} FROM contact GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    print(f"\nprice questions: {before:.0%} before week 9, {in_week:.0%} in it")
    assert in_week > before + 0.25
    assert busiest == 9


def test_one_intent_is_confident_and_wrong_whatever_the_threshold(ask: Any) -> None:
    (intent,) = CONFIDENT_BUT_WRONG.intents
    rows = ask("""
        SELECT intent, avg(wrong::INT), count(*) FROM contact
        WHERE judged AND confidence >= 0.9 AND phase = 'pilot' AND level = 'automate'
        GROUP BY 1 HAVING count(*) >= 20 ORDER BY 2 DESC""")
    (worst, share, n), (_, second, _) = rows[:2]
    print(f"\n{worst}: {share:.0%} of {n} wrong above 0.9; next {second:.0%}")
    assert worst == intent
    assert share == pytest.approx(CONFIDENT_BUT_WRONG.size, abs=0.13)
    assert share > 1.5 * second


def test_confidence_is_calibrated_before_and_after_the_drift(large: Any) -> None:
    rows = large(f"""
        SELECT {WEEK} >= 20, floor(confidence * 10), avg(confidence),
               avg((true_intent = intent)::INT), count(*)
        FROM contact WHERE true_intent <> 'something_else' GROUP BY 1, 2 HAVING count(*) > 400""")
    assert len(rows) > 6
    for _, _, stated, found, _ in rows:
        assert found == pytest.approx(stated, abs=0.05)


def test_confidence_falls_from_week_twenty_on_the_intents_with_new_words(ask: Any) -> None:
    names = ", ".join(f"'{intent}'" for intent in NEW_WORDING.intents)
    ((fell, others),) = ask(f"""
        SELECT avg(confidence) FILTER (touched AND NOT late)
                 - avg(confidence) FILTER (touched AND late),
               avg(confidence) FILTER (NOT touched AND NOT late)
                 - avg(confidence) FILTER (NOT touched AND late)
        FROM (SELECT confidence, true_intent IN ({names}) AS touched, {WEEK} >= 20 AS late
              FROM contact WHERE true_intent IS NOT NULL)""")
    print(f"\nconfidence fell by {fell:.3f} on the intents touched, by {others:.3f} on the others")
    assert fell == pytest.approx(0.6 * NEW_WORDING.size, abs=0.05)
    assert abs(others) < 0.025


def test_the_new_words_are_not_seen_before_week_twenty(ask: Any) -> None:
    ((first,),) = ask(f"SELECT min({WEEK}) FROM contact WHERE summary LIKE '%Nordlicht%Pay%'")
    assert first == 20


def test_the_copy_tool_fails_on_four_days_and_triage_does_not(ask: Any) -> None:
    during = f"DATE '{COPY_TOOL_FAULT.first_day}' AND DATE '{COPY_TOOL_FAULT.last_day}'"
    ((failed, usual, confident, confident_before),) = ask(f"""
        SELECT avg(tool_failed::INT) FILTER (started_at::DATE BETWEEN {during}),
               avg(tool_failed::INT) FILTER (started_at::DATE NOT BETWEEN {during}),
               avg(confidence) FILTER (started_at::DATE BETWEEN {during}),
               avg(confidence) FILTER ({WEEK} < 16)
        FROM contact WHERE intent = 'invoice_copy'""")
    print(f"\ncopies failed: {failed:.0%} on the four days, {usual:.1%} otherwise")
    assert failed == pytest.approx(COPY_TOOL_FAULT.size, abs=0.2)
    assert usual < 0.03
    assert confident == pytest.approx(confident_before, abs=0.06)


def test_the_careful_arm_answers_far_fewer_chats_alone_and_is_hardly_less_often_wrong(
    ask: Any, large: Any
) -> None:
    question = """
        SELECT avg((level = 'automate')::INT),
               avg(wrong::INT) FILTER (judged AND level = 'automate'),
               count(*)
        FROM contact WHERE arm = 'more-careful/{}'"""
    (control,), (careful,) = (ask(question.format(arm)) for arm in ("control", "careful"))
    wrong = [large(question.format(arm))[0][1] for arm in ("control", "careful")]
    print(
        f"\nautomated: {control[0]:.0%} of {control[2]}, careful {careful[0]:.0%} of {careful[2]}"
    )
    assert control[0] - careful[0] == pytest.approx(0.4, abs=0.12)
    assert abs(wrong[0] - wrong[1]) < 0.03


def test_the_experiment_ran_in_chat_and_in_its_weeks_only(ask: Any) -> None:
    rows = ask(f"""
        SELECT min({WEEK}), max({WEEK}), count(DISTINCT channel), min(channel),
               min(confidence) FILTER (arm = 'more-careful/careful' AND level = 'automate')
        FROM contact WHERE arm IS NOT NULL""")
    assert rows[0][:4] == (17, 19, 1, "chat")
    assert rows[0][4] >= MORE_CAREFUL.size


def test_every_customer_of_the_experiment_has_the_arm_that_the_hash_deals(ask: Any) -> None:
    experiment = past_experiment()
    rows = ask("SELECT DISTINCT customer_id, arm FROM contact WHERE arm IS NOT NULL")
    for customer, label in rows:
        arm = arm_of(experiment, customer)
        assert arm is not None and experiment.label(arm.name) == label


def test_the_baseline_was_handled_by_people_alone(ask: Any) -> None:
    rows = ask("""
        SELECT phase, min(date_diff('day', DATE '2025-11-03', started_at::DATE) // 7 + 1),
               max(date_diff('day', DATE '2025-11-03', started_at::DATE) // 7 + 1),
               sum(entered_automation::INT), min(human_agents), count(level)
        FROM contact GROUP BY 1 ORDER BY 1""")
    assert rows[0] == ("baseline", 1, 12, 0, 1, 0)
    assert rows[1][:3] == ("pilot", 13, 26) and rows[1][3] > 0


def test_every_truth_is_written_down_in_the_sample(sample_data: Path) -> None:
    page = (sample_data / "TRUTHS.md").read_text()
    for truth in TRUTHS:
        assert truth.claim in page
        assert str(truth.first_day) in page and str(truth.size) in page
