"""The policy as SQL decides exactly as the policy in Python does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.decide.situations import random_policy, random_situation
from workbench.decide import Policy
from workbench.decide.sql import policy_sql
from workbench.records.signals import Situation
from workbench.store.contact_columns import contact_schema

Outcome = tuple[Any, ...]


def in_python(policy: Policy, situations: Sequence[Situation]) -> list[Outcome]:
    decisions = [policy.decide(situation) for situation in situations]
    rules = {rule.id: number for number, rule in enumerate(policy.rules, 1)}
    return [(d.level, d.rule_id, d.reason, rules.get(d.rule_id, 0)) for d in decisions]


def in_duckdb(
    policy: Policy, situations: Sequence[Situation], confident: bool | None = None
) -> list[Outcome]:
    schema = pa.schema([contact_schema().field(name) for name in Situation.model_fields])
    rows = [situation.model_dump() for situation in situations]
    with duckdb.connect() as connection:
        connection.register("situation", pa.Table.from_pylist(rows, schema=schema))
        sql = policy_sql(policy, confident=confident)
        return connection.execute(
            f"SELECT {sql.level}, {sql.rule_id}, {sql.reason}, {sql.position} FROM situation"
        ).fetchall()


def differences(policy: Policy, situations: Sequence[Situation]) -> int:
    pairs = zip(in_python(policy, situations), in_duckdb(policy, situations), strict=True)
    return sum(here != there for here, there in pairs)


def test_ten_thousand_random_situations_get_the_same_decision_from_both(sample: Policy) -> None:
    random = Random(11)
    situations = [random_situation(random, sample) for _ in range(10_000)]
    found = differences(sample, situations)
    reached = {outcome[1] for outcome in in_python(sample, situations)}
    print(f"sample policy: {found} differences in {len(situations)} situations,")
    print(f"  {len(reached)} of {len(sample.rules) + 1} outcomes reached")
    assert found == 0
    assert reached == {"no-match", *(rule.id for rule in sample.rules)}


def test_random_policies_decide_the_same_in_both() -> None:
    random = Random(12)
    found = rules = total = 0
    for _ in range(100):
        policy = random_policy(random)
        situations = [random_situation(random, policy) for _ in range(100)]
        found += differences(policy, situations)
        rules, total = rules + len(policy.rules), total + len(situations)
    print(f"100 random policies, {rules} rules: {found} differences in {total} situations")
    assert found == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0))
def test_whatever_the_seed_both_agree(seed: int) -> None:
    random = Random(seed)
    policy = random_policy(random)
    assert differences(policy, [random_situation(random, policy) for _ in range(40)]) == 0


@pytest.mark.parametrize(
    "situation",
    [
        Situation(confidence=0.9, stakes="high", intent="invoice_dispute"),
        Situation(confidence=0.8999999999999999, stakes="high", intent="invoice_dispute"),
        Situation(confidence=0.75, intent="invoice_dispute"),
        Situation(confidence=0.4, intent="greeting", stakes="high"),
        Situation(action="credit.issue", amount=Decimal(50), currency="EUR", identity_proven=True),
        Situation(
            action="credit.issue", amount=Decimal("50.001"), currency="EUR", identity_proven=True
        ),
        Situation(action="credit.issue", amount=Decimal(0), currency="BTC", identity_proven=True),
        Situation(),
    ],
)
def test_values_at_a_boundary_fall_on_the_same_side(sample: Policy, situation: Situation) -> None:
    assert differences(sample, [situation]) == 0


def test_taking_confidence_for_granted_is_a_confidence_beyond_every_threshold(
    sample: Policy,
) -> None:
    random = Random(13)
    situations = [random_situation(random, sample) for _ in range(2_000)]
    sure = [
        s.model_copy(update={"confidence": 1.0}) if s.confidence is not None else s
        for s in situations
    ]
    unsure = [
        s.model_copy(update={"confidence": -1.0}) if s.confidence is not None else s
        for s in situations
    ]
    assert in_duckdb(sample, situations, confident=True) == in_python(sample, sure)
    assert in_duckdb(sample, situations, confident=False) == in_python(sample, unsure)


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres"])
def test_the_sql_is_valid_in_every_dialect(sample: Policy, dialect: str) -> None:
    sql = policy_sql(sample, dialect)
    for expression in (sql.level, sql.rule_id, sql.reason, sql.position):
        parsed = sqlglot.parse_one(f"SELECT {expression} FROM contact", read=dialect)
        columns = {column.name for column in parsed.find_all(sqlglot.exp.Column)}
        assert columns <= set(Situation.model_fields)


def test_a_policy_without_rules_sends_everything_to_a_person(small: Policy) -> None:
    empty = small.with_settings({f"rule.{rule.id}": "off" for rule in small.rules})
    assert empty.rules == ()
    assert differences(empty, [Situation()]) == 0


def test_a_situation_holds_no_number_that_engines_compare_differently() -> None:
    for strange in (float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            Situation(confidence=strange)
