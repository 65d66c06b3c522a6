"""The same policy as SQL, so that it decides millions of past situations as it decides one.

Every rule becomes a branch of a CASE over columns named as the fields of `Situation`. No condition
is ever negated, so SQL's unknown behaves as Python's None here: it fails the comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from workbench.decide.conditions import (
    FIELDS,
    LIMIT,
    THRESHOLD,
    AnyOf,
    Condition,
    Kind,
    Operator,
)
from workbench.decide.policy import Policy
from workbench.decide.rules import NO_MATCH, UNCOVERED_REASON, Limits, Rule, Thresholds
from workbench.records.decisions import Level

_COMPARISONS: dict[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ,
    Operator.UNEQUAL: exp.NEQ,
    Operator.BELOW: exp.LT,
    Operator.AT_MOST: exp.LTE,
    Operator.ABOVE: exp.GT,
    Operator.AT_LEAST: exp.GTE,
}


@dataclass(frozen=True)
class PolicySql:
    """SQL expressions over columns named as the fields of `Situation`."""

    level: str
    rule_id: str
    reason: str
    """NULL for automate."""
    position: str
    """Which rule decided, counted from 1; 0 when none did. Cheaper to group by than its id."""


def policy_sql(
    policy: Policy, dialect: str = "duckdb", *, confident: bool | None = None
) -> PolicySql:
    """The policy as expressions of a dialect: `duckdb`, `spark` or `postgres`.

    Args:
        confident: what to take for granted of every known confidence: that it passes its
            threshold, that it does not; None compares.
    """

    conditions = [_all_of(rule, policy, confident).sql(dialect) for rule in policy.rules]

    def column(outcomes: Iterable[exp.Expr], otherwise: exp.Expr) -> str:
        pairs = zip(conditions, outcomes, strict=True)
        branches = [f"WHEN {when} THEN {outcome.sql(dialect)}" for when, outcome in pairs]
        last = otherwise.sql(dialect)
        return f"CASE {' '.join(branches)} ELSE {last} END" if branches else last

    rules = policy.rules
    return PolicySql(
        level=column((_text(rule.level) for rule in rules), _text(Level.ESCALATE)),
        rule_id=column((_text(rule.id) for rule in rules), _text(NO_MATCH)),
        reason=column(
            (_text(rule.reason) if rule.reason else exp.null() for rule in rules),
            _text(UNCOVERED_REASON),
        ),
        position=column(
            (exp.Literal.number(number) for number in range(1, len(rules) + 1)),
            exp.Literal.number(0),
        ),
    )


def level_at(policy: Policy, position: str) -> str:
    """The level as SQL, from a column that holds the position of the rule that decided."""
    by_level = {
        level: [n for n, rule in enumerate(policy.rules, 1) if rule.level is level]
        for level in (Level.AUTOMATE, Level.ASSIST)
    }
    branches = [
        f"WHEN {position} IN ({', '.join(map(str, numbers))}) THEN '{level}'"
        for level, numbers in by_level.items()
        if numbers
    ]
    return (
        f"CASE {' '.join(branches)} ELSE '{Level.ESCALATE}' END"
        if branches
        else (f"'{Level.ESCALATE}'")
    )


def _all_of(rule: Rule, policy: Policy, confident: bool | None) -> exp.Expr:
    clauses = [
        exp.paren(exp.or_(*(_condition(each, policy, confident) for each in clause.any)))
        if isinstance(clause, AnyOf)
        else _condition(clause, policy, confident)
        for clause in rule.when
    ]
    return exp.and_(*clauses) if clauses else exp.true()


def _condition(condition: Condition, policy: Policy, confident: bool | None) -> exp.Expr:
    column = exp.column(condition.field)
    match condition.op:
        case Operator.IS_NULL:
            return column.is_(exp.null())
        case Operator.NOT_NULL:
            return column.is_(exp.null()).not_()
        case Operator.IS_TRUE:
            return column.is_(exp.true())
        case Operator.IS_FALSE:
            return column.is_(exp.false())
        case Operator.IN | Operator.NOT_IN:
            found = column.isin(*(_literal(condition.field, each) for each in condition.value))
            return found if condition.op is Operator.IN else found.not_()
    if condition.value == THRESHOLD and confident is not None:
        holds = confident is (condition.op is Operator.AT_LEAST)
        return column.is_(exp.null()).not_() if holds else exp.false()
    return _COMPARISONS[condition.op](this=column, expression=_operand(condition, policy))


def _operand(condition: Condition, policy: Policy) -> exp.Expr:
    if condition.value == THRESHOLD:
        return _threshold(policy.thresholds)
    if condition.value == LIMIT:
        return _limit(policy.limits)
    return _literal(condition.field, condition.value)


def _threshold(thresholds: Thresholds) -> exp.Expr:
    case = exp.Case(default=_number(thresholds.default))
    for field, values in (("intent", thresholds.intent), ("stakes", thresholds.stakes)):
        for name, value in values.items():
            case = case.when(exp.column(field).eq(_text(name)), _number(value), copy=False)
    return case if case.args.get("ifs") else _number(thresholds.default)


def _limit(limits: Limits) -> exp.Expr:
    case = exp.Case(default=_decimal(Decimal(0)))
    for action, amounts in limits.items():
        for currency, amount in amounts.items():
            both = exp.column("action").eq(_text(action)) & exp.column("currency").eq(
                _text(currency)
            )
            case = case.when(both, _decimal(amount), copy=False)
    return case if case.args.get("ifs") else _decimal(Decimal(0))


def _literal(field: str, value: Any) -> exp.Expr:
    match FIELDS[field]:
        case Kind.TEXT:
            return _text(value)
        case Kind.SHARE:
            return _number(value)
        case Kind.AMOUNT:
            return _decimal(value)
    return exp.Literal.number(value)


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(str(value))


def _number(value: float) -> exp.Expr:
    # Through text: `0.1` alone is a decimal in most dialects, and not the same number.
    return exp.cast(exp.Literal.string(repr(value)), "double")


def _decimal(value: Decimal) -> exp.Expr:
    return exp.Literal.number(f"{value:f}")
