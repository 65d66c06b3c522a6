"""What the policy of the sample POC says about the situations its owners care for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.config import read_toml
from workbench.decide import Policy
from workbench.records.decisions import HandOffReason, Level
from workbench.records.signals import SensitiveTopic, Situation, Stakes

INTENTS = Path(__file__).parents[2] / "sample_data" / "intents.toml"

SURE: dict[str, Any] = {
    "intent": "invoice_copy",
    "flow": "invoice_inquiry",
    "confidence": 0.97,
    "stakes": "low",
    "complexity": 1,
    "out_of_scope": 0.01,
    "language_supported": True,
    "identity_proven": True,
    "clarifications": 0,
    "segment": "standard",
}
CREDIT: dict[str, Any] = SURE | {"action": "credit.issue", "currency": "EUR"}

AUTOMATE, ASSIST, ESCALATE = Level.AUTOMATE, Level.ASSIST, Level.ESCALATE
Reason = HandOffReason


@pytest.mark.parametrize(
    ("what", "change", "level", "reason"),
    [
        ("plain and sure", {}, AUTOMATE, None),
        ("angry and simple", {"sentiment": -1.0, "urgency": 1.0}, AUTOMATE, None),
        ("abuse, first time", {"abusive": True, "boundary_set": False}, AUTOMATE, None),
        (
            "abuse after the boundary",
            {"abusive": True, "boundary_set": True},
            ESCALATE,
            Reason.ABUSIVE_CUSTOMER,
        ),
        (
            "calm and high stakes",
            {"intent": "bank_details_change", "stakes": "high", "sentiment": 0.5},
            ESCALATE,
            Reason.FRAUD_OR_SECURITY_CONCERN,
        ),
        (
            "calm cancellation",
            {"intent": "contract_cancel", "stakes": "high", "sentiment": 0.5},
            ASSIST,
            Reason.POLICY_RESTRICTION,
        ),
        (
            "a key account's dispute",
            {"segment": "key_account", "stakes": "high"},
            ASSIST,
            Reason.POLICY_RESTRICTION,
        ),
        ("a key account's copy", {"segment": "key_account"}, AUTOMATE, None),
        ("a person, please", {"wants_person": True}, ESCALATE, Reason.CUSTOMER_REQUEST),
        (
            "a person, hardly understood",
            {"intent": "ask_person", "confidence": 0.2},
            ESCALATE,
            Reason.CUSTOMER_REQUEST,
        ),
        (
            "a lawyer and a person",
            {"wants_person": True, "sensitive": "legal"},
            ESCALATE,
            Reason.LEGAL_OR_REGULATORY_MATTER,
        ),
        ("vulnerable", {"vulnerable": True}, ESCALATE, Reason.VULNERABLE_CUSTOMER),
        ("identity missed once", {"identity_failures": 1}, AUTOMATE, None),
        (
            "identity missed twice",
            {"identity_failures": 2},
            ESCALATE,
            Reason.IDENTITY_NOT_PROVEN,
        ),
        ("one foreign invoice", {"foreign_attempts": 1}, AUTOMATE, None),
        (
            "two foreign invoices",
            {"foreign_attempts": 2},
            ESCALATE,
            Reason.FRAUD_OR_SECURITY_CONCERN,
        ),
        ("a colleague asks", {"third_party": True}, ESCALATE, Reason.THIRD_PARTY_INQUIRY),
        ("an instruction inside", {"suspicious": True}, AUTOMATE, None),
        (
            "a language nobody tested",
            {"language_supported": False},
            ESCALATE,
            Reason.LANGUAGE_NOT_SUPPORTED,
        ),
        ("the weather", {"out_of_scope": 0.9}, ESCALATE, Reason.OUT_OF_SCOPE),
        ("no article", {"knowledge_found": False}, ASSIST, Reason.MISSING_KNOWLEDGE),
        ("billing is down", {"tool_failed": True}, ASSIST, Reason.TOOL_FAILURE),
        ("unsure", {"confidence": 0.05}, ASSIST, Reason.LOW_CONFIDENCE),
        (
            "asked once, still unsure",
            {"confidence": 0.05, "clarifications": 1},
            ESCALATE,
            Reason.LOW_CONFIDENCE,
        ),
        (
            "back within a week, not understood",
            {"confidence": 0.05, "repeat_contact": True},
            ESCALATE,
            Reason.REPEAT_CONTACT,
        ),
        ("back within a week, clear", {"repeat_contact": True}, AUTOMATE, None),
        ("asked twice", {"clarifications": 2}, ESCALATE, Reason.LOW_CONFIDENCE),
        ("confidence unknown", {"confidence": None}, ESCALATE, Reason.POLICY_RESTRICTION),
        ("an intent unheard of", {"intent": "fly"}, ESCALATE, Reason.POLICY_RESTRICTION),
    ],
)
def test_who_takes_a_request(
    sample: Policy, what: str, change: dict[str, Any], level: Level, reason: HandOffReason | None
) -> None:
    decision = sample.decide(Situation.model_validate(SURE | change))
    assert (decision.level, decision.reason) == (level, reason), what


@pytest.mark.parametrize("stakes", [*Stakes, None])
def test_confidence_suffices_exactly_at_its_threshold(
    sample: Policy, stakes: Stakes | None
) -> None:
    _, threshold = sample.thresholds.resolve("invoice_copy", stakes)
    at = sample.decide(Situation.model_validate(SURE | {"stakes": stakes, "confidence": threshold}))
    below = sample.decide(
        Situation.model_validate(SURE | {"stakes": stakes, "confidence": threshold - 1e-12})
    )
    assert (at.rule_id, below.rule_id) == ("confident", "ask-back")


@pytest.mark.parametrize(
    ("change", "level", "reason"),
    [
        ({"amount": Decimal("50.00")}, AUTOMATE, None),
        ({"amount": Decimal("50.01")}, ASSIST, Reason.AUTHORITY_LIMIT),
        ({"amount": Decimal("45.01"), "currency": "GBP"}, ASSIST, Reason.AUTHORITY_LIMIT),
        ({"amount": Decimal("0.01"), "currency": "BRL"}, ASSIST, Reason.AUTHORITY_LIMIT),
        ({"amount": None}, ASSIST, Reason.AUTHORITY_LIMIT),
        ({"amount": Decimal(1), "identity_proven": False}, ESCALATE, Reason.IDENTITY_NOT_PROVEN),
        ({"amount": Decimal(1), "identity_proven": None}, ESCALATE, Reason.IDENTITY_NOT_PROVEN),
        ({"amount": Decimal(1), "sensitive": "fraud"}, ESCALATE, Reason.FRAUD_OR_SECURITY_CONCERN),
        ({"action": "dispute.open"}, AUTOMATE, None),
        ({"action": "copy.send"}, AUTOMATE, None),
        ({"action": "copy.send", "confidence": 0.1, "clarifications": 2}, AUTOMATE, None),
        ({"action": "detail_change.request", "intent": "address_change"}, AUTOMATE, None),
        (
            {"action": "detail_change.request", "intent": "bank_details_change"},
            ESCALATE,
            Reason.FRAUD_OR_SECURITY_CONCERN,
        ),
        ({"action": "case.open", "identity_proven": None, "tool_failed": True}, AUTOMATE, None),
        ({"action": "callback.request", "sensitive": "legal"}, AUTOMATE, None),
        ({"action": "erasure.run"}, ESCALATE, Reason.POLICY_RESTRICTION),
    ],
)
def test_who_decides_on_an_act(
    sample: Policy, change: dict[str, Any], level: Level, reason: HandOffReason | None
) -> None:
    decision = sample.decide(Situation.model_validate(CREDIT | change))
    assert (decision.level, decision.reason) == (level, reason)


def test_no_sensitive_matter_is_ever_automated(sample: Policy) -> None:
    for topic in SensitiveTopic:
        decision = sample.decide(Situation.model_validate(SURE | {"sensitive": topic}))
        assert decision.level is Level.ESCALATE, topic


def test_the_flows_can_rely_on_the_rule_that_asks_back(sample: Policy) -> None:
    decision = sample.decide(Situation.model_validate(SURE | {"confidence": 0.05}))
    assert (decision.rule_id, decision.level) == ("ask-back", Level.ASSIST)


def test_the_policy_names_every_declared_intent_and_no_other(sample: Policy) -> None:
    assert set(sample.intents) == set(read_toml(INTENTS)["intents"])
