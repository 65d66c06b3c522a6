"""Rows of history are complete, agree with themselves and with each other, and can be repeated."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.config import read_toml
from workbench.errors import InputError
from workbench.records.contacts import Contact
from workbench.records.signals import SOMETHING_ELSE, Situation
from workbench.sample import generate_contacts
from workbench.sample.arrays import pick, pick_by_row, sample_exactly
from workbench.sample.experiment import CAREFUL, arm_labels
from workbench.sample.needs import needs
from workbench.sample.outcomes import echoes
from workbench.sample.past_policy import launch_policy
from workbench.store.history import contact_schema

NEVER = "SELECT count(*) FROM contact WHERE "


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    written = [
        generate_contacts(3_000, seed, tmp_path / name).path.read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert written[0] == written[1] != written[2]


@pytest.mark.parametrize("n", [1, 7, 500])
def test_exactly_as_many_contacts_are_written_as_asked_for(tmp_path: Path, n: int) -> None:
    generated = generate_contacts(n, 3, tmp_path)
    table = pq.read_table(generated.path)
    assert table.num_rows == n == generated.contacts
    assert table.schema.equals(contact_schema())


def test_no_contacts_at_all_is_a_wrong_number(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 contacts"):
        generate_contacts(0, 1, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_row_is_a_contact(sample_data: Path) -> None:
    rows = pq.read_table(sample_data / "history" / "contacts.parquet").slice(2_500, 800).to_pylist()
    assert all(Contact.model_validate(row) for row in rows)


def test_contacts_have_one_identity_and_numbers_in_order_of_time(large: Any) -> None:
    ((rows, ids, ordered),) = large("""
        SELECT count(*), count(DISTINCT contact_id), bool_and(started_at >= previous)
        FROM (SELECT *, lag(started_at, 1, started_at) OVER (
                  ORDER BY contact_id[3:]::INT) AS previous FROM contact)""")
    assert rows == ids == 120_000
    assert ordered


@pytest.mark.parametrize(
    "impossible",
    [
        "ended_at < started_at",
        "ended_at IS NULL AND (solved OR resolution IS NOT NULL OR csat IS NOT NULL)",
        "(resolution IS NOT NULL) <> solved",
        "reopened AND NOT solved",
        "reopened AND resolution = 'durable'",
        "repeated_48h AND NOT repeated_7d",
        "resolution = 'durable' AND repeated_7d",
        "wrong AND NOT judged",
        "overridden AND NOT decision_seen",
        "csat IS NOT NULL AND NOT csat_asked",
        "csat NOT BETWEEN 1 AND 5",
        "nps NOT BETWEEN 0 AND 10",
        "sla_met > sla_due",
        "sla_due <> first_response_due + next_response_due + resolution_due",
        "sla_met <> first_response_met + next_response_met + resolution_met",
        "first_response_met > first_response_due OR next_response_met > next_response_due",
        "resolution_met > resolution_due",
        "first_response_work_s > first_response_s OR resolution_work_s > resolution_s",
        "suggestions_shown <> suggestions_accepted + suggestions_edited + suggestions_ignored",
        "handed_off AND NOT entered_automation",
        "handed_off <> (handoff_kind IS NOT NULL)",
        "handed_off AND abandoned",
        "engaged AND NOT entered_automation",
        "human_agents = 0 AND talk_s + hold_s + wrap_s > 0",
        "human_agents > 0 AND talk_s = 0",
        "human_agents = 0 AND NOT entered_automation",
        "(human_agents > 0) <> (queue IS NOT NULL)",
        "channel = 'phone' AND entered_automation",
        "channel = 'phone' AND isodow(started_at) > 5",
        "level = 'automate' AND reason IS NOT NULL",
        "level <> 'automate' AND reason IS NULL",
        "level IS NOT NULL AND (rule_id IS NULL OR policy_version IS NULL)",
        "phase = 'baseline' AND (level IS NOT NULL OR model_cost_micros > 0)",
        "(amount IS NULL) <> (currency IS NULL)",
        "flow = 'invoice_inquiry' AND (amount IS NULL OR amount <= 0)",
        "currency = 'JPY' AND amount <> round(amount)",
        "currency IN ('EUR', 'GBP', 'USD') AND amount <> round(amount, 2)",
        "turns = 1 AND sentiment_change IS NOT NULL",
        "confidence NOT BETWEEN 0 AND 1 OR sentiment NOT BETWEEN -1 AND 1",
        "urgency NOT BETWEEN 0 AND 1 OR out_of_scope NOT BETWEEN 0 AND 1",
        "resolution_s < first_response_s",
        "identity_failures > 1 AND identity_proven",
        "telephony_cost_micros > 0 AND channel <> 'phone'",
        "summary = '' OR summary LIKE '%{%'",
        "intent = 'something_else'",
    ],
)
def test_nothing_impossible_is_in_a_row(large: Any, impossible: str) -> None:
    assert large(NEVER + f"({impossible})") == [(0,)]


def test_repeats_are_what_the_other_contacts_of_the_customer_say(large: Any) -> None:
    ((wrong, repeats, earlier),) = large("""
        WITH neighbour AS (
            SELECT *, lead(started_at) OVER same - started_at AS next_gap,
                   started_at - lag(started_at) OVER same AS last_gap
            FROM contact WINDOW same AS (PARTITION BY customer_id, intent ORDER BY started_at))
        SELECT count(*) FILTER (
                   repeated_48h <> coalesce(next_gap <= INTERVAL 48 HOURS, false)
                   OR repeated_7d <> coalesce(next_gap <= INTERVAL 7 DAYS, false)
                   OR repeat_contact <> coalesce(last_gap <= INTERVAL 7 DAYS, false)),
               avg(repeated_7d::INT), avg(repeat_contact::INT)
        FROM neighbour
        -- Around the change of clocks, a week at the desk is an hour shorter than one in UTC.
        WHERE started_at::DATE NOT BETWEEN DATE '2026-03-21' AND DATE '2026-04-06'""")
    assert wrong == 0
    assert 0.05 < repeats < 0.2 and 0.05 < earlier < 0.2


def test_a_reopened_contact_has_a_later_one_on_the_same_topic(large: Any) -> None:
    ((without, share),) = large("""
        WITH neighbour AS (
            SELECT *, lead(started_at) OVER same - started_at AS next_gap
            FROM contact WINDOW same AS (PARTITION BY customer_id, intent ORDER BY started_at))
        SELECT count(*) FILTER (next_gap IS NULL OR next_gap > INTERVAL '14 days 1 hour'),
               (SELECT sum(reopened::INT) / sum(solved::INT) FROM contact)
        FROM neighbour WHERE reopened""")
    assert without == 0
    assert 0.02 < share < 0.12


def test_what_the_policy_of_the_time_says_is_what_the_rows_say(sample_data: Path) -> None:
    policy = launch_policy()
    table = pq.read_table(sample_data / "history" / "contacts.parquet")
    fields = list(Situation.model_fields)
    decided = ("phase", "level", "rule_id", "reason", "policy_version", "arm")
    rows = [row for row in table.select([*fields, *decided]).to_pylist() if row["level"]]
    # The careful arm of the experiment had a policy of its own.
    rows = [row for row in rows if row["arm"] != arm_labels()[CAREFUL]]
    for row in rows[::3]:
        decision = policy.decide(Situation.model_validate({name: row[name] for name in fields}))
        assert (decision.level, decision.rule_id, decision.reason, decision.policy_version) == (
            row["level"],
            row["rule_id"],
            row["reason"],
            row["policy_version"],
        )


def test_intents_are_declared_as_in_the_samples_own_list(sample_data: Path) -> None:
    declared = read_toml(sample_data / "intents.toml")["intents"]
    tables = needs()
    assert {*tables.intents} - {SOMETHING_ELSE} == set(declared)
    for name, flow, stakes, hard in zip(
        tables.intents, tables.flows, tables.stakes, tables.complexity, strict=True
    ):
        if name != SOMETHING_ELSE:
            row = declared[name]
            assert (flow, stakes, hard) == (row["flow"], row["stakes"], row["complexity"])


def test_people_handle_contacts_of_an_intent_in_lognormal_time(large: Any) -> None:
    ((skewed, spread),) = large("""
        SELECT avg(talk_s) / median(talk_s), stddev(ln(talk_s)) FROM contact
        WHERE phase = 'baseline' AND intent = 'invoice_explain' AND true_intent = intent
          AND channel = 'phone' AND human_agents = 1 AND requests = 1""")
    assert skewed == pytest.approx(np.exp(0.45**2 / 2), rel=0.04)
    assert spread == pytest.approx(0.45, abs=0.04)


def test_customers_whose_cash_waits_unapplied_ask_where_it_is(
    small: Any, sample_data: Path
) -> None:
    small(f"""CREATE OR REPLACE TABLE waiting AS
        SELECT customer_id, received_on::DATE AS since
        FROM read_json('{sample_data}/records/payments.jsonl') WHERE state = 'unapplied'""")
    ((after, usual),) = small("""
        SELECT avg((intent = 'payment_not_shown')::INT) FILTER (started_at::DATE >= since),
               avg((intent = 'payment_not_shown')::INT) FILTER (since IS NULL)
        FROM contact LEFT JOIN waiting USING (customer_id)""")
    print(f"\nasked where the payment is: {after:.0%} of contacts after it, {usual:.0%} otherwise")
    assert after > 2.5 * usual


def test_amounts_have_the_digits_of_their_currency(large: Any) -> None:
    rows = dict(large("SELECT currency, min(amount) FROM contact GROUP BY 1"))
    assert set(rows) == {"EUR", "GBP", "USD", "JPY", "KWD", None}
    ((thousandths,),) = large(NEVER + "currency = 'KWD' AND amount <> round(amount, 2)")
    assert thousandths > 0
    assert isinstance(rows["KWD"], Decimal)


@pytest.mark.full
def test_a_million_contacts_take_less_than_a_minute(tmp_path: Path) -> None:
    start = time.perf_counter()
    generated = generate_contacts(1_000_000, 1, tmp_path)
    seconds = time.perf_counter() - start
    parts = pq.ParquetFile(generated.path)
    print(f"\n{generated} in {seconds:.1f} s, {parts.num_row_groups} row groups")
    assert parts.metadata.num_rows == 1_000_000
    assert seconds < 60


def test_contacts_are_generated_fast(tmp_path: Path) -> None:
    start = time.process_time()
    generate_contacts(100_000, 1, tmp_path)
    seconds = time.process_time() - start
    print(f"\n100,000 contacts in {seconds:.1f} s of computing")
    assert seconds < 12


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.floats(0, 10), min_size=2, max_size=30),
    count=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_drawing_without_replacement_gives_distinct_positions_of_positive_weight(
    weights: list[float], count: int, seed: int
) -> None:
    positive = [n for n, weight in enumerate(weights) if weight > 0]
    count = min(count, len(positive))
    if not count or count == len(weights):
        return
    drawn = sample_exactly(np.random.default_rng(seed), np.array(weights), count)
    assert len(set(drawn.tolist())) == count
    assert set(drawn.tolist()) <= set(positive)


def test_positions_are_drawn_in_proportion_to_their_weights() -> None:
    rng = np.random.default_rng(1)
    drawn = np.bincount(pick(rng, np.array([1.0, 0.0, 3.0]), 40_000), minlength=3) / 40_000
    assert drawn == pytest.approx([0.25, 0, 0.75], abs=0.01)
    weights = np.array([[1.0, 1.0, 0.0], [0.0, 0.2, 0.8]])
    columns = pick_by_row(rng, weights, np.repeat([0, 1], 20_000))
    assert np.mean(columns[:20_000]) == pytest.approx(0.5, abs=0.02)
    assert np.mean(columns[20_000:] == 2) == pytest.approx(0.8, abs=0.02)


def test_echoes_look_at_the_same_customer_and_topic_only() -> None:
    day = 86_400
    #                        a        a        b(other topic)  c(other customer)  a late
    customer = np.array([1, 1, 1, 2, 1])
    intent = np.array([5, 5, 6, 5, 5])
    started = np.array([0, 2 * day, 1 * day, 1 * day, 9 * day + 1])
    echo = echoes(customer, intent, started)
    assert echo.repeated_48h.tolist() == [True, False, False, False, False]
    assert echo.repeated_7d.tolist() == [True, False, False, False, False]
    assert echo.repeat_contact.tolist() == [False, True, False, False, False]
    assert echo.next_within_14d.tolist() == [True, True, False, False, False]
