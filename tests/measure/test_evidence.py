"""Evidence of a promise: the judged answers that its own threshold decides on, and no others."""

from __future__ import annotations

from datetime import date

import pytest

from tests.measure.contact_rows import Row, connection_with
from tests.measure.decided_contacts import decidable_contacts, sample_policy
from workbench.decide import Policy
from workbench.decide.promise import Promise
from workbench.measure.trust.evidence import FEW_SCOUTS, Evidence, evidence_for
from workbench.records.decisions import Level
from workbench.records.signals import Situation

POLICY = sample_policy()
SETTINGS = [{}, {"stakes": "low"}, {"stakes": "high"}, {"intent": "invoice_copy"}]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return decidable_contacts(2_000)


def evidence(rows: list[Row], policy: Policy = POLICY, since: date | None = None, **scope: str):
    with connection_with(rows) as connection:
        return evidence_for(connection, policy, Promise(error=0.1, **scope), since=since)


def in_scope(row: Row, promise: Promise) -> bool:
    """Decided one by one, as the policy in Python would if it were sure."""
    if row["confidence"] is None:
        return False
    name, _ = POLICY.thresholds.resolve(row["intent"], row["stakes"])
    known = {field: row[field] for field in Situation.model_fields} | {"confidence": 1.0}
    level = POLICY.decide(Situation.model_validate(known)).level
    mine = row["intent"] == promise.intent if promise.intent else name == promise.setting
    return mine and level is Level.AUTOMATE


@pytest.mark.parametrize("scope", SETTINGS)
def test_it_holds_what_the_policy_in_python_would_automate_if_sure(rows, scope) -> None:
    promise = Promise(error=0.1, **scope)
    expected = [row for row in rows if in_scope(row, promise)]
    judged = [row for row in expected if row["judged"]]
    found = evidence(rows, **scope)
    assert found.contacts == len(expected)
    assert len(found.confidence) + len(found.scouts) == len(expected)
    if len(expected) - len(judged) >= FEW_SCOUTS:
        assert sorted(found.confidence) == sorted(row["confidence"] for row in judged)
        assert found.wrong.sum() == sum(row["wrong"] for row in judged)


def test_scopes_do_not_overlap(rows) -> None:
    counts = [evidence(rows, **scope).contacts for scope in ({}, *SETTINGS[1:3])]
    own = [evidence(rows, intent=name).contacts for name in POLICY.thresholds.intent]
    every = sum(in_scope(row, Promise(error=0.1, intent=row["intent"])) for row in rows)
    without_intent = sum(
        in_scope(row, Promise(error=0.1)) or in_scope(row, Promise(error=0.1, stakes="low"))
        for row in rows
        if row["intent"] is None
    )
    assert sum(counts) + sum(own) == every + without_intent


def test_the_same_answers_have_the_same_digest_and_others_another(rows) -> None:
    first = evidence(rows)
    turned = [dict(row) for row in rows]
    judged = next(row for row in turned if row["judged"] and in_scope(row, Promise(error=0.1)))
    judged["wrong"] = not judged["wrong"]
    assert evidence(list(reversed(rows))).digest == first.digest != evidence(turned).digest


def test_where_all_are_judged_every_fifth_only_says_where_to_begin(rows) -> None:
    judged = [row | {"judged": True} for row in rows]
    found = evidence(judged)
    assert len(found.scouts) == found.contacts // 5
    assert len(found.confidence) == found.contacts - len(found.scouts)


def test_days_are_those_of_the_judged_answers(rows) -> None:
    found = evidence(rows, since=date(2026, 3, 20))
    assert found.since and found.until
    assert date(2026, 3, 20) <= found.since <= found.until


def test_two_times_together_hold_both(rows) -> None:
    both = evidence(rows)
    late = evidence(rows, since=date(2026, 3, 20))
    joined: Evidence = both.and_also(late)
    assert len(joined.confidence) == len(both.confidence) + len(late.confidence)
    assert joined.since == both.since and joined.contacts == both.contacts + late.contacts
