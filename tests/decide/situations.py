"""Random situations and policies, with every value that a boundary could go wrong at."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from pydantic import ValidationError

from workbench.decide import Policy
from workbench.decide.conditions import FIELDS, LIMIT, THRESHOLD, Kind, Operator, operators_of
from workbench.records.decisions import HandOffReason, Level
from workbench.records.signals import SensitiveTopic, Situation, Stakes

TEXTS: dict[str, list[str]] = {
    "stakes": list(Stakes),
    "sensitive": list(SensitiveTopic),
    "intent": ["invoice_copy", "invoice_dispute", "greeting", "ask_person", "it's odd; --", "ä"],
    "action": ["credit.issue", "copy.send", "case.open", "unheard.of"],
    "currency": ["EUR", "GBP", "JPY", "KWD", "XXX"],
}
OTHER_TEXTS = ["key_account", "smb", "chat", "en", ""]
AMOUNTS = ["0", "0.01", "8000", "8000.001", "14.999", "15", "-1", "50", "50.01", "49.99", "55"]
HARMLESS_WHEN_TRUE = ("identity_proven", "language_supported", "knowledge_found")
EDGES = [0.0, 1.0, 0.4, 0.6, 0.7, 0.75, 0.9, 0.1 + 0.2, 0.3, 1 / 3]


def random_situation(random: Random, policy: Policy) -> Situation:
    """A situation with nulls, and with numbers exactly at and right beside a policy's own."""
    numbers = [*EDGES, policy.thresholds.default, *policy.thresholds.intent.values()]
    values = {
        name: None if random.random() < 0.25 else _value(random, name, kind, numbers, policy)
        for name, kind in FIELDS.items()
    }
    return Situation.model_validate(values)


def _value(random: Random, name: str, kind: Kind, numbers: list[float], policy: Policy) -> Any:
    match kind:
        case Kind.FLAG:
            # Mostly harmless, so that the rules further down are reached as well.
            return random.random() < (0.9 if name in HARMLESS_WHEN_TRUE else 0.1)
        case Kind.WHOLE:
            return random.choice([0, 0, 0, 0, 1, 1, 2, 3])
        case Kind.SHARE:
            edge = random.choice(numbers)
            return random.choice([edge, edge + 1e-16, edge - 1e-16, random.random()])
        case Kind.AMOUNT:
            limits = [str(amount) for row in policy.limits.values() for amount in row.values()]
            return Decimal(random.choice([*AMOUNTS, *limits]))
    if name in ("sensitive", "action") and random.random() < 0.6:
        return None
    return random.choice([*TEXTS.get(name, OTHER_TEXTS), *_named(policy, name)])


def _named(policy: Policy, field: str) -> list[str]:
    return sorted(value for rule in policy.rules for value in rule.values_of(field))


def random_policy(random: Random) -> Policy:
    """A policy of random rules; those that could never decide are left out."""
    rules: list[dict[str, Any]] = []
    document: dict[str, Any] = {}
    for number in range(random.randint(1, 12)):
        rule = _rule(random, number)
        document = {
            "policy": {"name": "random", "owner": "chance", "since": "2026-01-01"},
            "thresholds": {
                "default": random.choice(EDGES),
                "stakes": {stakes: random.random() for stakes in Stakes if random.random() < 0.5},
                "intent": {name: random.choice(EDGES) for name in TEXTS["intent"][:3]},
            },
            "limits": {"credit.issue": {"EUR": "50", "KWD": "14.999"}, "copy.send": {"JPY": 8000}},
            "rule": [*rules, rule],
        }
        try:
            Policy.model_validate(document)
            rules.append(rule)
        except ValidationError:
            document["rule"] = rules
    return Policy.model_validate(document)


def _rule(random: Random, number: int) -> dict[str, Any]:
    level = random.choice(list(Level))
    clauses: list[dict[str, Any]] = [_condition(random) for _ in range(random.randint(0, 3))]
    if random.random() < 0.4:
        clauses.append({"any": [_condition(random) for _ in range(random.randint(1, 3))]})
    reason = {} if level is Level.AUTOMATE else {"reason": random.choice(list(HandOffReason))}
    return {
        "id": f"rule-{number}",
        "owner": "chance",
        "since": "2026-01-01",
        "level": level,
        "why": "chance",
        "when": clauses,
        **reason,
    }


def _condition(random: Random) -> dict[str, Any]:
    if random.random() < 0.3:
        return random.choice(
            [
                {"field": "confidence", "op": random.choice([">=", "<"]), "value": THRESHOLD},
                {"field": "amount", "op": random.choice(["<=", ">"]), "value": LIMIT},
            ]
        )
    field = random.choice(list(FIELDS))
    op = random.choice(operators_of(FIELDS[field]))
    if op in (Operator.IS_NULL, Operator.NOT_NULL, Operator.IS_TRUE, Operator.IS_FALSE):
        return {"field": field, "op": op}
    if op in (Operator.IN, Operator.NOT_IN):
        values = [_operand(random, field) for _ in range(random.randint(1, 3))]
        return {"field": field, "op": op, "value": values}
    return {"field": field, "op": op, "value": _operand(random, field)}


def _operand(random: Random, field: str) -> Any:
    match FIELDS[field]:
        case Kind.WHOLE:
            return random.choice([0, 1, 2, 3, -1])
        case Kind.SHARE:
            return random.choice(EDGES)
        case Kind.AMOUNT:
            return Decimal(random.choice(AMOUNTS))
    return random.choice(TEXTS.get(field, OTHER_TEXTS))
