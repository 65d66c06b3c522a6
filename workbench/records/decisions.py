"""A decision is a value with a level, a rule and a reason."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.base import Record


class Level(StrEnum):
    """Who acts: the assistant alone, the assistant with a person, or a person."""

    AUTOMATE = "automate"
    ASSIST = "assist"
    ESCALATE = "escalate"


class HandOffReason(StrEnum):
    """The closed list of reasons for a hand-off."""

    CUSTOMER_REQUEST = "customer_request"
    LOW_CONFIDENCE = "low_confidence"
    OUT_OF_SCOPE = "out_of_scope"
    POLICY_RESTRICTION = "policy_restriction"
    AUTHORITY_LIMIT = "authority_limit"
    IDENTITY_NOT_PROVEN = "identity_not_proven"
    MISSING_KNOWLEDGE = "missing_knowledge"
    TOOL_FAILURE = "tool_failure"
    MODEL_FAILURE = "model_failure"
    DISPUTED_AMOUNT = "disputed_amount"
    FRAUD_OR_SECURITY_CONCERN = "fraud_or_security_concern"
    LEGAL_OR_REGULATORY_MATTER = "legal_or_regulatory_matter"
    VULNERABLE_CUSTOMER = "vulnerable_customer"
    ABUSIVE_CUSTOMER = "abusive_customer"
    SAFETY_CONCERN = "safety_concern"
    THIRD_PARTY_INQUIRY = "third_party_inquiry"
    SLA_AT_RISK = "sla_at_risk"
    REPEAT_CONTACT = "repeat_contact"
    SENSITIVE_TOPIC = "sensitive_topic"
    LANGUAGE_NOT_SUPPORTED = "language_not_supported"
    OTHER = "other"


class Alternative(Record):
    """A rule that nearly decided: one condition short."""

    rule_id: str
    level: Level
    missing: str
    """The condition that did not hold, readable: `confidence >= 0.80 (was 0.76)`."""


class Decision(Record):
    """What the policy said about one situation."""

    level: Level
    rule_id: str
    """`no-match` when no rule matched; the level is then escalate."""
    reason: HandOffReason | None = None
    """Why a person is involved; None when automated."""
    why: str = ""
    """The rule's own sentence for its owner."""
    policy_version: str
    threshold: float | None = None
    """The confidence threshold that applied."""
    thresholds: dict[str, float] = {}
    """Every threshold that the rule compared with, by name."""
    alternatives: tuple[Alternative, ...] = ()
